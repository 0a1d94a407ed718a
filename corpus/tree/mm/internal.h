/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared within mm/; above all batch detection: how many entries from here on can be handled as one. */
#ifndef __MM_INTERNAL_H
#define __MM_INTERNAL_H

/* A VMA that has the flag is dirty as a whole: writes to it need not be told apart. */
static inline bool vma_soft_dirty_enabled(struct vm_area_struct *vma)
{
	return pgtable_supports_soft_dirty() && !(vma->vm_flags & VM_SOFTDIRTY);
}

typedef int fpb_t;
/* Entries that differ in these are not one batch. */
#define FPB_RESPECT_DIRTY	((fpb_t)BIT(0))
#define FPB_RESPECT_SOFT_DIRTY	((fpb_t)BIT(1))
#define FPB_RESPECT_WRITE	((fpb_t)BIT(2))
/* The entry handed back has write, or young and dirty, if any entry of the batch has. */
#define FPB_MERGE_WRITE		((fpb_t)BIT(3))
#define FPB_MERGE_YOUNG_DIRTY	((fpb_t)BIT(4))

/* The entry without the bits in which the members of a batch may differ. */
static inline pte_t __pte_batch_clear_ignored(pte_t pte, fpb_t flags)
{
	pte = pte_mkold(pte);
	if (!(flags & FPB_RESPECT_WRITE))
		pte = pte_wrprotect(pte);
	if (!(flags & FPB_RESPECT_DIRTY))
		pte = pte_mkclean(pte);
	if (!(flags & FPB_RESPECT_SOFT_DIRTY))
		pte = pte_clear_soft_dirty(pte);
	return pte;
}

/**
 * folio_pte_batch_flags - entries that map the next pages of a large folio
 * @folio: the folio that *@ptentp maps a page of
 * @vma: needed to merge write, else NULL
 * @ptep: where the first entry is
 * @ptentp: a copy of that entry; merged bits go in here
 * @max_nr: at most so many, all in one page table and one VMA
 * @flags: FPB_*
 */
static inline unsigned int folio_pte_batch_flags(struct folio *folio, struct vm_area_struct *vma, pte_t *ptep,
						 pte_t *ptentp, unsigned int max_nr, fpb_t flags)
{
	bool write = false, young = false, dirty = false;
	pte_t first = *ptentp, wanted, next;
	unsigned int nr, step;

	VM_WARN_ON_FOLIO(!pte_present(first), folio);
	VM_WARN_ON_FOLIO(!folio_test_large(folio) || max_nr < 1, folio);

	/* No further than the folio goes. */
	max_nr = min_t(unsigned long, max_nr, folio_pfn(folio) + folio_nr_pages(folio) - pte_pfn(first));
	nr = pte_batch_hint(ptep, first);
	wanted = __pte_batch_clear_ignored(pte_advance_pfn(first, nr), flags);
	while (nr < max_nr) {
		next = ptep_get(ptep + nr);
		if (!pte_same(__pte_batch_clear_ignored(next, flags), wanted))
			break;
		write |= pte_write(next);
		young |= pte_young(next);
		dirty |= pte_dirty(next);
		step = pte_batch_hint(ptep + nr, next);
		wanted = pte_advance_pfn(wanted, step);
		nr += step;
	}

	if (flags & FPB_MERGE_WRITE && write)
		*ptentp = pte_mkwrite(*ptentp, vma);
	if (flags & FPB_MERGE_YOUNG_DIRTY && young)
		*ptentp = pte_mkyoung(*ptentp);
	if (flags & FPB_MERGE_YOUNG_DIRTY && dirty)
		*ptentp = pte_mkdirty(*ptentp);
	return min(nr, max_nr);
}

unsigned int folio_pte_batch(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int max_nr);

/* The same swap entry, so many offsets further on; what rides along stays. */
static inline pte_t pte_move_swp_offset(pte_t pte, long delta)
{
	swp_entry_t entry = pte_to_swp_entry(pte);
	pte_t moved = swp_entry_to_pte(swp_entry(swp_type(entry), swp_offset(entry) + delta));

	return pte_swp_copy_flags(moved, pte);
}

static inline pte_t pte_next_swp_offset(pte_t pte)
{
	return pte_move_swp_offset(pte, 1);
}

/* Entries from start on with consecutive offsets of one swap device and one control group, alike in all else. */
static inline int swap_pte_batch(pte_t *start, int max_nr, pte_t pte)
{
	const unsigned short memcg = lookup_swap_cgroup_id(pte_to_swp_entry(pte));
	pte_t wanted = pte;
	int nr;

	VM_WARN_ON(!softleaf_is_swap(softleaf_from_pte(pte)) || max_nr < 1);
	for (nr = 1; nr < max_nr; nr++) {
		wanted = pte_next_swp_offset(wanted);
		pte = ptep_get(start + nr);
		if (!pte_same(pte, wanted) || lookup_swap_cgroup_id(pte_to_swp_entry(pte)) != memcg)
			break;
	}
	return nr;
}

#endif
