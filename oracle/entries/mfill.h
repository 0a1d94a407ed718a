/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mfill_atomic_install_pte, mfill_atomic_pte_zeropage and mfill_atomic_pte_poison, mm/userfaultfd.c: one page of a
 * userfaultfd VMA is filled, mmap lock held for reading. install_pte takes over the caller's reference if it succeeds.
 */
static struct inode w_inode;
static struct file w_file;

/* A file may be truncated up to the page, or it ends some pages behind. */
static void w_give_file(struct vm_area_struct *vma, unsigned long addr, long option)
{
	if (!vma->vm_file)
		return;
	W.file_pages = linear_page_index(vma, addr) + (unsigned long)(option % 8 != 1) + (unsigned long)(option & 4);
	w_file.f_inode = &w_inode;
	vma->vm_file = &w_file;
}

#if defined(W_ENTRY_mfill_atomic_install_pte)
/* A page of a file in the scenario that is not mapped here, or a new one for an anonymous mapping; NULL for neither. */
static struct page *w_page_for(const struct vm_area_struct *vma, long option)
{
	const struct w_scenario *s = W.scn;
	unsigned int f, i;

	for (f = 0; option & 1 && f < s->nfolios; f++)
		for (i = 0; s->folio[f].kind != W_FOLIO_ANON && i < 1U << s->folio[f].order; i++) {
			struct page *page = &W.pages[s->folio[f].pfn + (i + (unsigned int)option / 2) % (1U << s->folio[f].order)];

			if (atomic_read(&page->_mapcount) < 0) {
				get_page(page);
				return page;
			}
		}
	return vma->vm_flags & VM_SHARED ? NULL : (struct page *)w_alloc_folio();
}

static void w_check_filled(const struct vm_area_struct *vma, unsigned int slot, const struct page *page, uffd_flags_t flags)
{
	struct w_pte l;

	w_decode(W.tab[slot / W_SLOTS][slot % W_SLOTS], &l);
	if (l.kind != W_SLOT_PAGE || l.pfn != page_to_pfn(page))
		w_violate(B12, (int)slot);
	if (l.bits & W_WRITE && (!(vma->vm_flags & VM_WRITE) || (folio_mapping(w_head_of(page)) &&
	    !folio_test_anon(w_head_of(page)) && !(vma->vm_flags & VM_SHARED))))
		w_violate(L8, (int)slot);
	if (!(l.bits & W_WP) != !(flags & MFILL_ATOMIC_WP))
		w_violate(D5, (int)slot);
	if (!(l.bits & W_DIRTY))
		w_violate(D1, (int)slot); /* what was copied into it is nowhere else */
}

#ifdef HAVE_pte_is_uffd_marker
/* Naming the guard keeps it in the slice. */
#define w_install(pmd, vma, addr, page, new, flags) \
	((void)sizeof(pte_is_uffd_marker(__pte(0))), mfill_atomic_install_pte(pmd, vma, addr, page, flags))
#else
#define w_install(pmd, vma, addr, page, new, flags) mfill_atomic_install_pte(pmd, vma, addr, page, new, flags)
#endif
static int w_fill(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr, unsigned int slot)
{
	uffd_flags_t flags = W.scn->option[1] & 1 && userfaultfd_wp(vma) ? MFILL_ATOMIC_WP : 0;
	struct page *page = w_page_for(vma, W.scn->option[2]);
	bool file = page && folio_mapping(w_head_of(page));
	int ret;

	if (!page)
		return -ENOMEM;
	if (file)
		folio_lock(w_head_of(page));
	ret = w_install(pmd, vma, addr, page, false, flags);
	if (!ret)
		w_check_filled(vma, slot, page, flags);
	if (file && (ret || folio_test_locked(w_head_of(page))))
		folio_unlock(w_head_of(page));
	if (ret)
		put_page(page);
	return ret;
}
#elif defined(W_ENTRY_mfill_atomic_pte_zeropage)
static int w_fill(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr, unsigned int slot)
{
#ifdef HAVE_mfill_state
	struct mfill_state state = { .vma = vma, .pmd = pmd, .dst_addr = addr };
#endif

	(void)slot;
	if (vma->vm_flags & VM_SHARED)
		return 0; /* gets a page of the file instead */
#ifdef HAVE_mfill_state
	return mfill_atomic_pte_zeropage(&state);
#else
	return mfill_atomic_pte_zeropage(pmd, vma, addr);
#endif
}
#else
static int w_fill(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr, unsigned int slot)
{
#ifdef HAVE_mfill_state
	struct mfill_state state = { .vma = vma, .pmd = pmd, .dst_addr = addr };

	(void)slot;
	return mfill_atomic_pte_poison(&state);
#else
	(void)slot;
	return mfill_atomic_pte_poison(pmd, vma, addr, 0);
#endif
}
#endif

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int slot = s->start + (unsigned int)s->option[0] % (unsigned int)(s->end - s->start);
	unsigned long addr = W_SRC_VA + slot * PAGE_SIZE;
	struct vm_area_struct *vma = &W.vma[0];

	w_give_file(vma, addr, s->option[3]);
	w_fail_from(s->option[4] & 7);
	W.facts.ret = w_fill(vma, (pmd_t *)&W.pmd[slot / W_SLOTS], addr, slot);
}
#define W_FAMILY W_FAM_FILL
