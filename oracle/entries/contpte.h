/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contpte operations of arch/arm64/mm/contpte.c, called as asm/pgtable.h calls them: under the PTL, on present
 * PTEs that map consecutive pages of one folio in one VMA. Forced to one, each is the plain operation on each PTE
 * of tables where no block is folded: the state that the blocks stand for must come out the same.
 */
#include "contpte_run.h"

/* What a zap does with a cleared run. */
static inline void w_drop(const struct w_run *r)
{
	flush_tlb_range(&W.vma[0], r->addr, r->addr + r->nr * PAGE_SIZE);
	add_mm_counter(&W.mm[0], mm_counter(r->folio), -(long)r->nr);
	folio_remove_rmap_ptes(r->folio, r->page, (int)r->nr, &W.vma[0]);
	folio_put_refs(r->folio, (int)r->nr);
}

#if defined(W_ENTRY_contpte_set_ptes)
#define W_NEEDS_FOLD false
/* Maps the run a second time, read-only, where nothing is mapped. */
static void w_act(struct w_run *r)
{
	bool anon = folio_test_anon(r->folio);
	pte_t pte = pte_wrprotect(pte_mknoncont(ptep_get(r->ptep)));
	unsigned int i, to;
	unsigned long addr;
	pte_t *ptep;

	for (i = 0; i < r->nr && !PageAnonExclusive(r->page + i); i++)
		;
	r->nr = i;
	if (r->nr < 2)
		return;
	to = W.scn->option[3] ? (unsigned int)W.scn->option[3] % (W_SLOTS - r->nr + 1) : r->slot % W_SLOTS;
	addr = W_DST_VA + to * PAGE_SIZE;
	ptep = (pte_t *)W.tab[2] + to;
	folio_ref_add(r->folio, (int)r->nr);
	if (anon)
		folio_add_anon_rmap_ptes(r->folio, r->page, (int)r->nr, &W.vma[1], addr, RMAP_NONE);
	else
		folio_add_file_rmap_ptes(r->folio, r->page, (int)r->nr, &W.vma[1]);
	add_mm_counter(&W.mm[0], mm_counter(r->folio), (long)r->nr);
	spin_lock(&W.ptl[2]);
	for (i = 0; W.force_one && i < r->nr; i++)
		__set_ptes(w_mm(), addr + i * PAGE_SIZE, ptep + i, pfn_pte(pte_pfn(pte) + i, pte_pgprot(pte)), 1);
	if (!W.force_one)
		contpte_set_ptes(w_mm(), addr, ptep, pte, r->nr);
	spin_unlock(&W.ptl[2]);
}
#elif defined(W_ENTRY_contpte_get_and_clear_full_ptes)
#define W_NEEDS_FOLD false
static void w_act(struct w_run *r)
{
	int full = W.scn->option[2] & 1;
	pte_t pte, next;
	unsigned int i;

	if (W.force_one) {
		pte = __ptep_get_and_clear(w_mm(), r->addr, r->ptep);
		for (i = 1; i < r->nr; i++) {
			next = __ptep_get_and_clear(w_mm(), r->addr + i * PAGE_SIZE, r->ptep + i);
			pte = pte_dirty(next) ? pte_mkdirty(pte) : pte;
			pte = pte_young(next) ? pte_mkyoung(pte) : pte;
		}
	} else {
		pte = contpte_get_and_clear_full_ptes(w_mm(), r->addr, r->ptep, r->nr, full);
	}
	w_result(pte);
	if (pte_dirty(pte))
		folio_mark_dirty(r->folio);
	w_drop(r);
}
#elif defined(W_ENTRY_contpte_clear_full_ptes)
#define W_NEEDS_FOLD false
/* Used where the accessed and dirty bits no longer count: a copied anon folio, say. */
static void w_act(struct w_run *r)
{
	unsigned int i;

	if (!folio_test_anon(r->folio))
		return;
	for (i = 0; W.force_one && i < r->nr; i++)
		__ptep_get_and_clear(w_mm(), r->addr + i * PAGE_SIZE, r->ptep + i);
	if (!W.force_one)
		contpte_clear_full_ptes(w_mm(), r->addr, r->ptep, r->nr, W.scn->option[2] & 1);
	w_drop(r);
}
#elif defined(W_ENTRY_contpte_wrprotect_ptes)
#define W_NEEDS_FOLD false
static void w_act(struct w_run *r)
{
	unsigned int i;

	for (i = 0; W.force_one && i < r->nr; i++)
		__ptep_set_wrprotect(w_mm(), r->addr + i * PAGE_SIZE, r->ptep + i);
	if (!W.force_one)
		contpte_wrprotect_ptes(w_mm(), r->addr, r->ptep, r->nr);
	flush_tlb_range(&W.vma[0], r->addr, r->addr + r->nr * PAGE_SIZE);
}
#elif defined(W_ENTRY_contpte_clear_young_dirty_ptes)
#define W_NEEDS_FOLD false
/* C7: the rest of a block goes along. Only MADV_FREE clears dirty bits, and only of anon folios. */
static void w_act(struct w_run *r)
{
	struct w_run all = w_whole_blocks(r);
	cydp_t flags = W.scn->option[2] & 1 ? CYDP_CLEAR_YOUNG : CYDP_CLEAR_YOUNG | CYDP_CLEAR_DIRTY;
	unsigned long around = w_around(&all);
	unsigned int i;

	if (!folio_test_anon(r->folio))
		flags = CYDP_CLEAR_YOUNG;
	for (i = 0; W.force_one && i < all.nr; i++)
		__clear_young_dirty_ptes(&W.vma[0], all.addr + i * PAGE_SIZE, all.ptep + i, 1, flags);
	if (!W.force_one)
		contpte_clear_young_dirty_ptes(&W.vma[0], r->addr, r->ptep, r->nr, flags);
	w_left_alone(&all, around);
	/* Invalidating one address takes the TLB entry of its whole block along. */
	flush_tlb_range(&W.vma[0], all.addr, all.addr + all.nr * PAGE_SIZE);
	for (i = 0; i < all.nr; i++)
		W.facts.out[0] += pte_young(w_at(all.ptep + i)) || (flags & CYDP_CLEAR_DIRTY && pte_dirty(w_at(all.ptep + i)));
}
#elif defined(W_ENTRY_contpte_ptep_set_access_flags)
#define W_NEEDS_FOLD true
/* C8: no PTE may be left with less than asked for, or a CPU that does not set A/D bits faults forever. */
static void w_has_flags(const struct w_run *r, pte_t entry)
{
	const unsigned long set = PTE_AF | PTE_WRITE | PTE_DIRTY;
	struct w_run all = pte_cont(w_at(r->ptep)) ? w_whole_blocks(r) : *r;
	unsigned int i;

	for (i = 0; i < all.nr; i++)
		if (pte_val(entry) & ~pte_val(w_at(all.ptep + i)) & set ||
		    pte_val(w_at(all.ptep + i)) & ~pte_val(entry) & PTE_RDONLY)
			w_violate(C8, (int)(all.slot + i));
}

/* A fault on one page: read, or write, with the right to write it or not. */
static void w_act(struct w_run *r)
{
	bool write = W.scn->option[2] & 1, may = W.scn->vma & W_V_WRITE;
	pte_t entry = pte_mknoncont(ptep_get(r->ptep));

	r->nr = 1;
	may &= folio_test_anon(r->folio) ? PageAnonExclusive(r->page) : !!(W.scn->vma & W_V_SHARED);
	may &= !w_pte_wp(entry);
	if (write && !pte_write(entry) && !may)
		return;
	if (!(W.scn->option[2] & 2))
		entry = pte_mkyoung(entry);
	if (write)
		entry = pte_mkwrite_novma(pte_mkdirty(entry));
	if (W.force_one) {
		__ptep_set_access_flags(&W.vma[0], r->addr, r->ptep, entry, write);
	} else {
		contpte_ptep_set_access_flags(&W.vma[0], r->addr, r->ptep, entry, write);
		w_has_flags(r, entry);
	}
}
#elif defined(W_ENTRY_contpte_ptep_get)
#define W_NEEDS_FOLD true
static void w_act(struct w_run *r)
{
	w_result(W.force_one ? w_at(r->ptep) : w_gathered(r->ptep, contpte_ptep_get(r->ptep, __ptep_get(r->ptep))));
}
#elif defined(W_ENTRY_contpte_ptep_get_lockless)
#define W_NEEDS_FOLD false
/* C10: read while another CPU changes the block, the answer is what it said before or says after. */
static void w_raced(struct w_run *r)
{
	pte_t before = ptep_get(r->ptep), got, start[W_BLOCK], *block = r->ptep - r->slot % W_BLOCK;

	memcpy(start, block, sizeof(start));
	W.race = (unsigned int)W.scn->option[4] % 24;
	W.race_slot = r->slot;
	W.watch = true;
	got = contpte_ptep_get_lockless(r->ptep);
	W.race = 0;
	if (pte_val(got) != pte_val(before) && pte_val(got) != pte_val(ptep_get(r->ptep)))
		w_violate(C10, (int)r->slot);
	memcpy(block, start, sizeof(start));
}

static void w_act(struct w_run *r)
{
	w_result(W.force_one ? w_at(r->ptep) : contpte_ptep_get_lockless(r->ptep));
	if (!W.force_one && pte_valid_cont(w_at(r->ptep)) && W.scn->option[4] % 24)
		w_raced(r);
}
#elif defined(W_ENTRY___contpte_try_fold)
#define W_NEEDS_FOLD false
/* After the last PTE of a block was set. */
static void w_act(struct w_run *r)
{
	unsigned int last = r->slot | (W_BLOCK - 1);
	const struct w_scenario *s = W.scn;

	if (last >= (unsigned int)s->first + s->nslots || s->slot[last - s->first].kind != W_SLOT_PAGE)
		return;
	w_run_at(r, last, 1);
	if (!W.force_one)
		contpte_try_fold(w_mm(), r->addr, r->ptep, __ptep_get(r->ptep));
}
#elif defined(W_ENTRY___contpte_try_unfold)
#define W_NEEDS_FOLD true
static void w_act(struct w_run *r)
{
	if (!W.force_one)
		contpte_try_unfold(w_mm(), r->addr, r->ptep, __ptep_get(r->ptep));
	if (pte_cont(w_at(r->ptep)))
		w_violate(C4, (int)r->slot); /* the caller goes on to change one PTE */
}
#else
/* Clearing young of the blocks' every PTE; the answer is whether any was. Before 7.0 for one PTE of a block. */
#if defined(W_ENTRY_contpte_test_and_clear_young_ptes)
#define W_NEEDS_FOLD false
#define w_young(r) contpte_test_and_clear_young_ptes(&W.vma[0], (r)->addr, (r)->ptep, (r)->nr)
#elif defined(W_ENTRY_contpte_clear_flush_young_ptes)
#define W_NEEDS_FOLD false
#define w_young(r) contpte_clear_flush_young_ptes(&W.vma[0], (r)->addr, (r)->ptep, (r)->nr)
#elif defined(W_ENTRY_contpte_ptep_test_and_clear_young)
#define W_NEEDS_FOLD true
#define w_young(r) contpte_ptep_test_and_clear_young(&W.vma[0], (r)->addr, (r)->ptep)
#else
#define W_NEEDS_FOLD true
#define w_young(r) contpte_ptep_clear_flush_young(&W.vma[0], (r)->addr, (r)->ptep)
#endif
static void w_act(struct w_run *r)
{
	struct w_run all;
	unsigned long around;
	unsigned int i;
	bool young = false;

	r->nr = W_NEEDS_FOLD ? 1 : r->nr;
	all = w_whole_blocks(r);
	around = w_around(&all);
	for (i = 0; W.force_one && i < all.nr; i++)
		young |= __ptep_test_and_clear_young(&W.vma[0], all.addr + i * PAGE_SIZE, all.ptep + i);
	if (!W.force_one)
		young = w_young(r);
	w_left_alone(&all, around);
	W.facts.ret = young;
	for (i = 0; i < all.nr; i++)
		W.facts.out[0] += pte_young(w_at(all.ptep + i));
}
#endif

static void w_entry(void)
{
	struct w_run r;

	if (!w_find_run(&r, W_NEEDS_FOLD))
		return;
	W.vma[0].vm_mm = w_mm();
	spin_lock(&W.ptl[r.slot / W_SLOTS]);
	if (W.force_one)
		w_unfold_all();
	w_act(&r);
	spin_unlock(&W.ptl[r.slot / W_SLOTS]);
}
#define W_FAMILY W_FAM_CONT
