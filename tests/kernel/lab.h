/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The adapter of the laboratory: a list of primitive operations given as numbers, each run on the tree's own code,
 * and after each the state that can be observed. tests/kernel/lab.py has the same list and the layout of the words.
 */
extern const int *lab_ops;
extern int lab_nops, lab_mode;
extern unsigned long *lab_out;
void lab_observe(void (*table)(void));

#define LAB_SLOTS 48
static unsigned long w_lab_word(pte_t pte)
{
	struct w_pte l;
	unsigned long bits, kind;

	w_decode(pte_val(pte), &l);
	bits = l.bits;
	kind = l.kind <= W_SLOT_SPECIAL ? !!l.kind : l.kind - 2UL + (l.kind >= W_SLOT_MARKER_WP);
	if (kind == 1) {
		bits = (bits & ~(unsigned long)W_EXCL) | (pte_special(pte) ? 256 : 0) | (l.kernel_only ? 2048 : 0);
#ifdef W_ARCH_ARM64
		if (bits & W_DIRTY && !(pte_val(pte) >> 55 & 1))
			bits = (bits & ~(unsigned long)W_DIRTY) | 1024;
		bits |= pte_val(pte) & W_HW_CONT_MASK ? W_CONT : 0; /* of an entry that is not valid, too */
#endif
	}
	return kind | bits << 4 | (unsigned long)(kind == 2 ? l.type : 0) << 16 | (kind > 7 ? 0 : l.pfn) << 24;
}

static pte_t w_lab_pte(int kind, int bits, int pfn, int type)
{
	static const unsigned char kinds[] = { W_SLOT_NONE, W_SLOT_PAGE, W_SLOT_SWAP, W_SLOT_MIG_READ, W_SLOT_MIG_EXCL,
		W_SLOT_MIG_WRITE, W_SLOT_DEV_EXCL, 0, W_SLOT_MARKER_WP, W_SLOT_MARKER_POISON, W_SLOT_MARKER_GUARD };
	struct w_pte l = { .kind = kinds[kind], .bits = (unsigned char)bits, .type = (unsigned short)type, .pfn = (unsigned long)pfn };

	if (kind == 1 && bits & 256)
		l.kind = W_SLOT_SPECIAL;
	return __pte(w_encode(&l));
}

static bool w_lab_hardware(unsigned long *p, bool write)
{
	if (!W_HW_VALID(*p) || !W_HW_USER(*p) || (write && !W_HW_WRITE(*p)))
		return false;
#ifdef W_ARCH_X86
	*p |= 1UL << 5 | (write ? 1UL << 6 : 0);
#else
	*p = (*p | 1UL << 10) & ~(write ? 1UL << 7 : 0);
#endif
	return true;
}

static void w_lab_poke(int slot, pte_t pte)
{
	W.tab[0][slot] = pte_val(pte);
	W.dirty_lo[0] = min(W.dirty_lo[0], (unsigned int)slot);
	W.dirty_hi[0] = max(W.dirty_hi[0], (unsigned int)slot + 1);
}

static unsigned long w_lab_batch(pte_t *ptep, unsigned int max_nr, int flags)
{
	pte_t pte = ptep_get(ptep);
	struct folio *folio = pfn_folio(pte_pfn(pte));
#ifdef HAVE_FPB_IGNORE_DIRTY
	bool write = false, young = false, dirty = false;
	unsigned long nr = (unsigned long)(folio_pte_batch)(folio, W_SRC_VA, ptep, pte, (int)max_nr, (fpb_t)flags, &write,
							    &young, &dirty);

	return nr | (unsigned long)write << 8 | (unsigned long)young << 9 | (unsigned long)dirty << 10;
#else
	unsigned long nr = flags ? (folio_pte_batch_flags)(folio, &W.vma[0], ptep, &pte, max_nr, (fpb_t)flags) :
		(folio_pte_batch)(folio, ptep, pte, max_nr);

	return nr | w_lab_word(pte) << 8;
#endif
}

static bool w_lab_young(unsigned long addr, pte_t *ptep, unsigned int nr, bool flush)
{
#ifdef HAVE_test_and_clear_young_ptes
	return flush ? clear_flush_young_ptes(&W.vma[0], addr, ptep, nr) : test_and_clear_young_ptes(&W.vma[0], addr, ptep, nr);
#else
	(void)nr;
	return flush ? ptep_clear_flush_young(&W.vma[0], addr, ptep) : ptep_test_and_clear_young(&W.vma[0], addr, ptep);
#endif
}

static unsigned long w_lab_protect(unsigned long addr, pte_t *ptep, unsigned int nr, int add, int drop)
{
	pte_t old, pte;
	unsigned int i;

#ifdef HAVE_modify_prot_start_ptes
	old = modify_prot_start_ptes(&W.vma[0], addr, ptep, nr);
#else
	old = ptep_modify_prot_start(&W.vma[0], addr, ptep);
#endif
	pte = drop & W_WRITE ? pte_wrprotect(old) : add & W_WRITE ? pte_mkwrite(old, &W.vma[0]) : old;
#ifdef HAVE_modify_prot_commit_ptes
	(void)i;
	modify_prot_commit_ptes(&W.vma[0], addr, ptep, old, pte, nr);
#else
	for (i = 0; i < nr; i++)
		ptep_modify_prot_commit(&W.vma[0], addr, ptep, old, pte);
#endif
	return w_lab_word(old);
}

static unsigned long w_lab_access(unsigned long addr, pte_t *ptep, int add, int dirty)
{
	pte_t entry = ptep_get(ptep);

	entry = add & W_YOUNG ? pte_mkyoung(entry) : entry;
	entry = add & W_DIRTY ? pte_mkdirty(entry) : entry;
	entry = add & W_WRITE ? pte_mkwrite(entry, &W.vma[0]) : entry;
	return (unsigned long)ptep_set_access_flags(&W.vma[0], addr, ptep, entry, dirty);
}

static unsigned long w_lab_pages(const int *op)
{
	struct page *page = w_pfn_to_page((unsigned long)op[1]);
	struct folio *folio = page_folio(page);
	struct vm_area_struct *vma = &W.vma[0];

	switch (op[0]) {
	case 20:
		if (folio_test_anon(folio))
			folio_add_anon_rmap_ptes(folio, page, op[2], vma, W_SRC_VA, op[3] ? RMAP_EXCLUSIVE : RMAP_NONE);
		else
			folio_add_file_rmap_ptes(folio, page, op[2], vma);
		return 0;
	case 21: folio_remove_rmap_ptes(folio, page, op[2], vma); return 0;
	case 22: return folio_try_dup_anon_rmap_ptes(folio, page, op[2], vma, vma) == 0;
	case 23: folio_dup_file_rmap_ptes(folio, page, op[2], vma); return 0;
	case 24: return folio_try_share_anon_rmap_pte(folio, page) == 0;
	case 25: folio_ref_add(folio, op[2]); return 0;
	default: folio_put_refs(folio, op[2]); return 0;
	}
}

static unsigned long w_lab_do(const int *op)
{
	int slot = op[1], nr = op[2];
	pte_t *ptep = (pte_t *)W.tab[0] + slot;
	unsigned long addr = W_SRC_VA + (unsigned long)slot * PAGE_SIZE;
	struct mm_struct *mm = W.vma[0].vm_mm;
	swp_entry_t swp = { (unsigned long)op[1] << W_SWAP_TYPE_SHIFT | (unsigned long)op[3] };

	switch (op[0]) {
	case 0: w_lab_poke(slot, w_lab_pte(nr, op[3], op[4], op[5])); return 0;
	case 1: set_ptes(mm, addr, ptep, w_lab_pte(op[5] & 15, op[3], op[4], op[5] >> 4), (unsigned int)nr); return 0;
	case 2: return w_lab_word(get_and_clear_full_ptes(mm, addr, ptep, (unsigned int)nr, op[3]));
	case 3: clear_full_ptes(mm, addr, ptep, (unsigned int)nr, op[3]); return 0;
	case 4: wrprotect_ptes(mm, addr, ptep, (unsigned int)nr); return 0;
	case 5:
		clear_young_dirty_ptes(&W.vma[0], addr, ptep, (unsigned int)nr,
				       (cydp_t)((op[3] & 1 ? CYDP_CLEAR_YOUNG : 0) | (op[3] & 2 ? CYDP_CLEAR_DIRTY : 0)));
		return 0;
	case 6: case 7: return w_lab_young(addr, ptep, (unsigned int)nr, op[0] == 7);
	case 8: return w_lab_access(addr, ptep, op[3], op[4]);
	case 9: return w_lab_word(ptep_get(ptep));
	case 10: return w_lab_word(ptep_get_lockless(ptep));
	case 11: return w_lab_hardware(&W.tab[0][slot], nr);
	case 12: return w_lab_protect(addr, ptep, (unsigned int)nr, op[3], op[4]);
	case 13: return (unsigned long)pte_batch_hint(ptep, ptep_get(ptep));
#ifdef HAVE_clear_nonpresent_ptes
	case 14: clear_nonpresent_ptes(mm, addr, ptep, (unsigned int)nr); return 0;
#else
	case 14: clear_not_present_full_ptes(mm, addr, ptep, (unsigned int)nr, 0); return 0;
#endif
	case 15: return w_lab_batch(ptep, (unsigned int)nr, op[3]);
	case 16: return (unsigned long)(swap_pte_batch)(ptep, nr, ptep_get(ptep));
	case 17: flush_tlb_range(&W.vma[0], addr, addr + (unsigned long)nr * PAGE_SIZE); return 0;
	case 27: add_mm_counter(&W.mm[0], op[1], nr); return 0;
	case 28: return (unsigned long)swap_duplicate_nr(swp, nr);
	case 29: swap_free_nr(swp, nr); return 0;
	default: return w_lab_pages(op);
	}
}

static void w_lab_table(void)
{
	int i;

	for (i = 0; i < LAB_SLOTS; i++)
		*lab_out++ = w_lab_word(__pte(W.tab[0][i]));
}

static void w_entry(void)
{
	const int *op = lab_ops, *end = lab_ops + 6 * lab_nops;
	int flags;

	W.vma[0].vm_mm = W.scn->mm & 1 ? &init_mm : &W.mm[0];
	spin_lock(&W.ptl[0]);
	for (; op < end; op += 6) {
		if (op[0] == 30) { /* batch detection with every set of flags, up to the given one */
			for (flags = 0; flags <= op[3]; flags++)
				*lab_out++ = w_lab_batch((pte_t *)W.tab[0] + op[1], (unsigned int)op[2], flags);
			continue;
		}
		*lab_out++ = w_lab_do(op);
		lab_observe(w_lab_table);
	}
	spin_unlock(&W.ptl[0]);
}
#define W_FAMILY W_FAM_NONE
