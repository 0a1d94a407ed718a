/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contracts of the batch primitives, checked where mm code calls them (include/linux/pgtable.h kerneldoc).
 * Included after the primitives and before the code under test: a parenthesised name is the tree's own function.
 */
static inline int w_slot_of(const pte_t *ptep)
{
	long off = w_table_offset(ptep);

	return off < 0 ? -1 : (int)((off >> (W_PAGE_SHIFT + 1)) * W_SLOTS + (off & (W_PAGE_SIZE - 1)) / 8);
}
static inline unsigned long w_raw(const pte_t *ptep) { return *(const volatile unsigned long *)ptep; }
static inline pte_t w_at(const pte_t *ptep) { return __pte(w_raw(ptep)); }

/*
 * B1: nr entries from ptep lie in one table; nr 0 would loop four billion times in the kernel's do-while helpers.
 * B11: the address is that of the entry.
 */
static inline bool w_in_table(unsigned long addr, const pte_t *ptep, long nr)
{
	int slot = w_slot_of(ptep);

	if (slot < 0)
		return false; /* a local copy, or past the table: the access itself will tell */
	if ((addr >> PAGE_SHIFT & (W_SLOTS - 1)) != (unsigned long)(slot & (W_SLOTS - 1)))
		w_violate(B11, slot);
	if (nr < 1 || (slot & (W_SLOTS - 1)) + nr > W_SLOTS) {
		w_violate(B1, slot);
		if (nr < 1)
			w_stop(W_BUG);
		return false;
	}
	return true;
}
static inline bool w_all_present(const pte_t *ptep, long nr, bool present)
{
	long i;

	for (i = 0; i < nr; i++)
		if (!!pte_present(w_at(ptep + i)) != present)
			return false;
	return true;
}

/* T5: what the gather is to be told of next. */
static inline void w_batch_changes(const pte_t *ptep, unsigned int nr)
{
	W.batch = ptep;
	W.batch_nr = nr;
}

#ifdef HAVE_ptep_get
#define ptep_get(ptep) (w_count(ptep_get), (ptep_get)(ptep))
#endif

#ifdef HAVE_set_ptes
static inline void w_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && nr > 1) {
		unsigned long last = pte_pfn(pte) + nr - 1;

		if (!pte_present(pte))
			w_violate(S3, w_slot_of(ptep));
		else if (!w_all_present(ptep, nr, false))
			w_violate(S1, w_slot_of(ptep));
		else if (pte_pfn(pte) - W_PFN_BASE < W_NPAGES && last - W_PFN_BASE < W_NPAGES &&
			 W.pages[pte_pfn(pte) - W_PFN_BASE].w_head != W.pages[last - W_PFN_BASE].w_head)
			w_violate(S2, w_slot_of(ptep));
	}
	(set_ptes)(mm, addr, ptep, pte, nr);
}
#define set_ptes(mm, addr, ptep, pte, nr) w_set_ptes(mm, addr, ptep, pte, nr)
#endif

#ifdef HAVE_wrprotect_ptes
static inline void w_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, true))
		w_violate(S7, w_slot_of(ptep));
	(wrprotect_ptes)(mm, addr, ptep, nr);
}
#define wrprotect_ptes(mm, addr, ptep, nr) w_wrprotect_ptes(mm, addr, ptep, nr)
#endif

#ifdef HAVE_get_and_clear_full_ptes
static inline pte_t w_get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	w_in_table(addr, ptep, nr);
	w_batch_changes(ptep, nr);
	return (get_and_clear_full_ptes)(mm, addr, ptep, nr, full);
}
#define get_and_clear_full_ptes(mm, addr, ptep, nr, full) w_get_and_clear_full_ptes(mm, addr, ptep, nr, full)
#endif

#ifdef HAVE_clear_full_ptes
static inline void w_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	w_in_table(addr, ptep, nr);
	w_batch_changes(ptep, nr);
	(clear_full_ptes)(mm, addr, ptep, nr, full);
}
#define clear_full_ptes(mm, addr, ptep, nr, full) w_clear_full_ptes(mm, addr, ptep, nr, full)
#endif

#ifdef HAVE_clear_young_dirty_ptes
static inline void w_clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr,
					    cydp_t flags)
{
	w_in_table(addr, ptep, nr);
	w_batch_changes(ptep, nr);
	(clear_young_dirty_ptes)(vma, addr, ptep, nr, flags);
}
#define clear_young_dirty_ptes(vma, addr, ptep, nr, flags) w_clear_young_dirty_ptes(vma, addr, ptep, nr, flags)
#endif

#ifdef HAVE_clear_not_present_full_ptes
static inline void w_clear_not_present(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, false))
		w_violate(S12, w_slot_of(ptep));
	(clear_not_present_full_ptes)(mm, addr, ptep, nr, full);
}
#define clear_not_present_full_ptes(mm, addr, ptep, nr, full) w_clear_not_present(mm, addr, ptep, nr, full)
#endif

#ifdef HAVE_clear_nonpresent_ptes
static inline void w_clear_nonpresent(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, false))
		w_violate(S12, w_slot_of(ptep));
	(clear_nonpresent_ptes)(mm, addr, ptep, nr);
}
#define clear_nonpresent_ptes(mm, addr, ptep, nr) w_clear_nonpresent(mm, addr, ptep, nr)
#endif

/* S10, S11: what is taken out to be changed comes back, entry by entry, in the same hold of the lock. */
#ifdef HAVE_modify_prot_start_ptes
static inline pte_t w_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, true))
		w_violate(S10, w_slot_of(ptep));
	W.changing += (int)nr;
	return (modify_prot_start_ptes)(vma, addr, ptep, nr);
}
#define modify_prot_start_ptes(vma, addr, ptep, nr) w_modify_prot_start(vma, addr, ptep, nr)
#endif
#ifdef HAVE_modify_prot_commit_ptes
static inline void w_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t old_pte,
					pte_t pte, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, false))
		w_violate(S10, w_slot_of(ptep));
	if (pte_pfn(old_pte) != pte_pfn(pte))
		w_violate(S11, w_slot_of(ptep));
	W.changing -= (int)nr;
	W.committing = true;
	(modify_prot_commit_ptes)(vma, addr, ptep, old_pte, pte, nr);
	W.committing = false;
}
#define modify_prot_commit_ptes(vma, addr, ptep, old, pte, nr) w_modify_prot_commit(vma, addr, ptep, old, pte, nr)
#endif
