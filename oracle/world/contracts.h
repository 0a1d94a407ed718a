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
/* The address that goes with an entry. */
static inline unsigned long w_addr_of(const pte_t *ptep) { return W_SRC_VA + (unsigned long)w_slot_of(ptep) * W_PAGE_SIZE; }
static inline unsigned long w_raw(const pte_t *ptep) { return *(const volatile unsigned long *)ptep; }
static inline pte_t w_at(const pte_t *ptep) { return __pte(w_raw(ptep)); }

/*
 * B1: nr entries from ptep lie in one table; nr 0 would loop four billion times in the kernel's do-while helpers.
 * B11: the address is that of the entry.
 */
static inline bool w_in_table(unsigned long addr, const pte_t *ptep, long nr)
{
	unsigned long slot = (unsigned long)ptep / sizeof(*ptep) & (W_SLOTS - 1); /* of its table */

	if (w_table_offset(ptep) < 0)
		return false; /* a local copy, or past the table: the access itself will tell */
	if ((addr >> PAGE_SHIFT & (W_SLOTS - 1)) != slot)
		w_violate(B11, w_slot_of(ptep));
	if (nr < 1 || (long)slot + nr > W_SLOTS) {
		w_violate(B1, w_slot_of(ptep));
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

/* L10: what a secondary MMU is to be asked of next, if any. */
static inline void w_ages(unsigned long addr, unsigned int nr)
{
	W.aged = addr;
	W.aged_end = addr + nr * PAGE_SIZE;
}

/* C3: an entry of a folded block says of accessed and dirty what the block does, contpte_ptep_get() in contpte.c of arm64. */
static inline pte_t w_gathered(const pte_t *ptep, pte_t got)
{
	const pte_t *block = ptep - (w_slot_of(ptep) & (W_BLOCK - 1));
	bool dirty = false, young = false;
	unsigned int i;

	if (pte_dirty(got) && pte_young(got))
		return got; /* no member can say more */
	for (i = 0; i < W_BLOCK; i++) {
		unsigned long member = W_HW_VALID(w_raw(block + i)) ? w_raw(block + i) : 0;

		dirty |= W_HW_ANY_DIRTY(member) != 0;
		young |= W_HW_YOUNG(member) != 0;
	}
	if ((dirty && !pte_dirty(got)) || (young && !pte_young(got)))
		w_violate(C3, w_slot_of(ptep));
	return got;
}
#ifdef HAVE_ptep_get
static inline pte_t w_ptep_get(pte_t *ptep)
{
	pte_t got = (ptep_get)(ptep);

	w_count(ptep_get);
	/* Hardware may have set one since. */
	return W_HW_VALID(w_raw(ptep)) && W_HW_CONT(w_raw(ptep)) && w_slot_of(ptep) >= 0 && !W.quiet && !W.race ? w_gathered(ptep, got) : got;
}
#define ptep_get(ptep) w_ptep_get(ptep)
#endif

/* C3: folding clears a block and sets it anew. What its caller took out itself and sets now is no such. */
static inline void w_set_anew(const pte_t *ptep, long nr)
{
	int slot = w_slot_of(ptep);

	for (; W_HW_CONT_MASK && slot >= 0 && nr > 0; nr--, slot++)
		W.cleared[slot / W_SLOTS][slot % W_SLOTS] = 0;
}

/*
 * What a fault of a file maps besides the page that it is for: D2, old where the architecture wants that (set_pte_range,
 * mm/memory.c); L8, not beyond the file's end, but for shmem (finish_fault).
 */
static inline void w_maps_ahead(const pte_t *ptep, pte_t pte, unsigned int nr)
{
	unsigned long n = pte_pfn(pte) - W_PFN_BASE;
	const struct page *head = &W.pages[n < W.npages ? W.pages[n].w_head : 0];
	int slot = w_slot_of(ptep);
	bool ahead = W.asked < slot || W.asked >= slot + (int)nr;

	if (n >= W.npages || head->flags >> W_PG_anon & 1)
		return;
	if (W_PREFAULTS_OLD && ahead == !!pte_young(pte))
		w_violate(D2, slot);
	if ((ahead || nr > 1) && !shmem_mapping(head->mapping) && head->index + n - W.pages[n].w_head + nr > W.file_pages)
		w_violate(L8, slot);
}

/*
 * F5: pfn and bits are asked of a present entry, swap bits of one that is not. They may be read before it is known which
 * it is, as get_pte_pfn() in mm/vmscan.c does, if that is the very next thing asked.
 */
static inline void w_asked_present(pte_t pte)
{
	if (__builtin_expect(pte_present(pte), 1))
		return;
	if (W.guessed && (W.guess != pte_val(pte) || W.guessed_at != W.steps))
		w_violate(F5, -1);
	W.guessed = true;
	W.guess = pte_val(pte);
	W.guessed_at = W.steps;
}
static inline void w_asked_if(pte_t pte)
{
	if (__builtin_expect(W.guessed, 0) && W.guess == pte_val(pte) && W.guessed_at == W.steps)
		W.guessed = false;
}
static inline void w_asked_away(pte_t pte)
{
	if (__builtin_expect(pte_present(pte), 0))
		w_violate(F5, -1);
}

/* What the callers of the batch primitives promise; the wrappers that ask it are made by the slicer. */
static inline void w_set_asked(unsigned long addr, const pte_t *ptep, pte_t pte, unsigned int nr)
{
	unsigned long last = pte_pfn(pte) + nr - 1;

	if (!w_in_table(addr, ptep, nr))
		return;
	w_set_anew(ptep, nr);
	if (W.asked >= 0 && w_trait(&W, OF_CACHE) && pte_present(pte))
		w_maps_ahead(ptep, pte, nr);
	if (nr < 2)
		return;
	if (!pte_present(pte))
		w_violate(S3, w_slot_of(ptep));
	else if (!w_all_present(ptep, nr, false))
		w_violate(S1, w_slot_of(ptep));
	else if (pte_pfn(pte) - W_PFN_BASE < W_NPAGES && last - W_PFN_BASE < W_NPAGES &&
		 W.pages[pte_pfn(pte) - W_PFN_BASE].w_head != W.pages[last - W_PFN_BASE].w_head)
		w_violate(S2, w_slot_of(ptep));
}
static inline void w_wrprotect_asked(unsigned long addr, const pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, true))
		w_violate(S7, w_slot_of(ptep));
}
static inline void w_empty_asked(unsigned long addr, const pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, false))
		w_violate(S12, w_slot_of(ptep));
}
/* S10, S11: what is taken out to be changed comes back, entry by entry, in the same hold of the lock. */
static inline void w_start_asked(unsigned long addr, const pte_t *ptep, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, true))
		w_violate(S10, w_slot_of(ptep));
	W.changing += (int)nr;
}
static inline void w_commit_asked(unsigned long addr, const pte_t *ptep, pte_t old_pte, pte_t pte, unsigned int nr)
{
	if (w_in_table(addr, ptep, nr) && !w_all_present(ptep, nr, false))
		w_violate(S10, w_slot_of(ptep));
	if (pte_pfn(old_pte) != pte_pfn(pte))
		w_violate(S11, w_slot_of(ptep));
	w_set_anew(ptep, nr);
	W.changing -= (int)nr;
	W.committing = true;
}
