/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for page-table walks and locks. One PTE table has one lock (USE_SPLIT_PTE_PTLOCKS). */
#ifndef W_K_LOCK_H
#define W_K_LOCK_H

#define SINGLE_DEPTH_NESTING 1
#define __cond_lock(lock, taken) (taken)

/* W_TABLES: none. A copy of a PMD on the stack is told by what it holds. */
W_UNCHECKED static inline unsigned int w_table_of_pmd(const void *pmd)
{
	unsigned long n = ((unsigned long)pmd - (unsigned long)W.pmd) / sizeof(W.pmd[0]);

	if (n >= W_TABLES)
		for (n = 0; n < W_TABLES && *(const unsigned long *)pmd != w_table_pmd(n);)
			n++;
	return (unsigned int)n;
}

/* Guards the list of mm that have swap entries, mm/swapfile.c. */
#define mmlist_lock W.mml

static inline void spin_lock(spinlock_t *l)
{
	w_count(lock);
	w_step();
	if (l->held)
		w_violate(L1, -1); /* a second lock of the same spinlock hangs */
	l->held++;
	W.atomic++;
}
void w_ptl_dropped(spinlock_t *l);
static inline void spin_unlock(spinlock_t *l)
{
	if (l->held <= 0)
		w_violate(L1, -1);
	l->held--;
	W.atomic--;
	if (l->id >= 0)
		w_ptl_dropped(l);
}
#define spin_lock_nested(l, n) spin_lock(l)
static inline bool spin_trylock(spinlock_t *l) { if (l->held || w_may_fail()) return false; spin_lock(l); return true; }

static inline pte_t *w_pte_of(const void *pmd, unsigned long addr)
{
	unsigned int t = w_table_of_pmd(pmd);

	return t < W_TABLES ? (pte_t *)W.tab[t] + ((addr >> PAGE_SHIFT) & (W_SLOTS - 1)) : NULL;
}
W_UNCHECKED static inline spinlock_t *w_ptl_of(const void *pmd) { return &W.ptl[w_table_of_pmd(pmd) & (W_TABLES - 1)]; }
static inline bool w_is_huge(unsigned long pmd) { return W_HW_LEAF(pmd) != 0; }

static inline pte_t *w_mapped(const void *pmd, unsigned long addr)
{
	if (W.facts.mapped >= 0 && W.facts.mapped < W_MAPS)
		W.maps[W.facts.mapped] = (unsigned char)w_table_of_pmd(pmd);
	W.facts.mapped++;
	return w_pte_of(pmd, addr);
}
/* pte_offset_map_lock, mm/pgtable-generic.c; that it may fail is a choice of the scenario. */
static inline pte_t *w_map(const void *pmd, unsigned long addr, spinlock_t **ptlp, bool lock)
{
	if (w_may_fail() || w_is_huge(*(const unsigned long *)pmd))
		return NULL;
	*ptlp = w_ptl_of(pmd);
	if (lock)
		spin_lock(*ptlp);
	return w_mapped(pmd, addr);
}
#define pte_offset_map_lock(mm, pmd, addr, ptlp) ((void)(mm), w_map(pmd, addr, ptlp, true))
#define pte_offset_map_nolock(mm, pmd, addr, ptlp) ((void)(mm), w_map(pmd, addr, ptlp, false))
#define pte_offset_map_ro_nolock(mm, pmd, addr, ptlp) pte_offset_map_nolock(mm, pmd, addr, ptlp)
#define pte_offset_map_rw_nolock(mm, pmd, addr, pmdvalp, ptlp) (*(pmdvalp) = *(pmd), pte_offset_map_nolock(mm, pmd, addr, ptlp))
/* The same without the lock; of a table that nobody else can reach, by a PMD on the stack, it does not fail. */
static inline pte_t *w_map_only(const void *pmd, unsigned long addr)
{
	spinlock_t *unused;

	if ((unsigned long)pmd - (unsigned long)W.pmd < sizeof(W.pmd))
		return w_map(pmd, addr, &unused, false);
	return w_mapped(pmd, addr);
}
#define pte_offset_map(pmd, addr) w_map_only(pmd, addr)
#define pte_offset_kernel(pmd, addr) w_pte_of(pmd, addr)
#define pte_alloc_map_lock(mm, pmd, addr, ptlp) pte_offset_map_lock(mm, pmd, addr, ptlp)
#define pte_alloc(mm, pmd) (w_may_fail() ? -ENOMEM : 0)
#define pte_lockptr(mm, pmd) w_ptl_of(pmd)
/* L3: what is unmapped points into the table that was mapped last, and whose lock goes with it; L2: and it was mapped. */
static inline void w_unmap(const volatile void *p, int table)
{
	long off = w_table_offset(p), t = off >> (W_PAGE_SHIFT + 1);
	int depth;

	if (!p) {
		w_violate(L2, -1);
		return;
	}
	depth = --W.facts.mapped; /* below 0: the caller has mapped it */
	if (off < 0 || (table >= 0 && t != table) || (depth >= 0 && depth < W_MAPS && W.maps[depth] != t))
		w_violate(L3, -1);
}
#define pte_unmap(p) w_unmap(p, -1)
#define pte_unmap_unlock(p, l) do { w_unmap(p, (l)->id); spin_unlock(l); } while (0)
#define pmd_lockptr(mm, pmd) (&W.pml)
#define pmd_lock(mm, pmd) ((void)(pmd), spin_lock(&W.pml), &W.pml)
void w_split_pmds(unsigned int first);
/* The first page of what a huge PMD maps. */
static inline unsigned int w_huge_page(const void *pmd) { return (unsigned int)(W_HW_PFN(*(const unsigned long *)pmd) - W_PFN_BASE); }
static inline spinlock_t *w_huge_lock(const void *pmd)
{
	if (!w_is_huge(*(const unsigned long *)pmd))
		return NULL;
	spin_lock(&W.pml);
	return &W.pml;
}
#define pmd_trans_huge_lock(pmd, vma) ((void)(vma), w_huge_lock(pmd))
#define pmd_trans_unstable(pmd) W_ALWAYS(0, pmd_trans_unstable, pmd)

/* Every PMD here points to a PTE table or maps a huge page. */
#define pmd_none(p) W_ALWAYS(0, pmd_none, p)
#define pmd_none_or_clear_bad(p) W_ALWAYS(0, pmd_none_or_clear_bad, p)
#define pmd_present(p) W_ALWAYS(1, pmd_present, p)
#define pmd_bad(p) W_ALWAYS(0, pmd_bad, p)
#define pmd_leaf(p) w_is_huge(w_word(p))
#define pmd_trans_huge(p) pmd_leaf(p)
#define pmd_devmap(p) W_ALWAYS(0, pmd_devmap, p)
#define pmd_is_huge(p) W_ALWAYS(0, pmd_is_huge, p)
#define pmd_is_migration_entry(p) W_ALWAYS(0, pmd_is_migration_entry, p)
#define is_pmd_migration_entry(p) W_ALWAYS(0, is_pmd_migration_entry, p)
#define pmd_is_valid_softleaf(p) W_ALWAYS(0, pmd_is_valid_softleaf, p)
#define is_swap_pmd(p) W_ALWAYS(0, is_swap_pmd, p)
#define pmd_same(a, b) ((void)(a), (void)(b), !w_may_fail()) /* asked whether the table is still the one looked up */
/* L7: a table that goes away is empty. */
static inline void w_free_table(void *pmd)
{
	unsigned int t = w_table_of_pmd(pmd), i;

	if (t >= W_TABLES)
		return;
	for (i = 0; i < W_SLOTS; i++)
		if (W.tab[t][i]) {
			w_violate(L7, (int)(t * W_SLOTS + i));
			break;
		}
	W.pmd[t] = 0;
}
#define pmd_clear(p) w_free_table(p)
#define pmdp_get(p) (*(p))
#define pmdp_get_lockless(p) (*(p))

#define pgd_offset(mm, a) ((pgd_t *)&W.upper)
#define pgd_offset_k(a) ((pgd_t *)&W.upper)
#define p4d_offset(p, a) ((p4d_t *)&W.upper)
#define pud_offset(p, a) ((pud_t *)&W.upper)
#define pte_alloc_kernel(p, a) w_pte_of(p, a)
#define pte_alloc_kernel_track(p, a, mask) w_pte_of(p, a)
#define pgdp_get(p) (*(p))
#define p4dp_get(p) (*(p))
#define pudp_get(p) (*(p))
#define pgd_none(p) W_ALWAYS(0, pgd_none, p)
#define p4d_none(p) W_ALWAYS(0, p4d_none, p)
#define pud_none(p) W_ALWAYS(0, pud_none, p)
#define pgd_bad(p) W_ALWAYS(0, pgd_bad, p)
#define p4d_bad(p) W_ALWAYS(0, p4d_bad, p)
#define pud_bad(p) W_ALWAYS(0, pud_bad, p)
#define p4d_leaf(p) W_ALWAYS(0, p4d_leaf, p)
#define pud_leaf(p) W_ALWAYS(0, pud_leaf, p)
#define pgd_leaf(p) W_ALWAYS(0, pgd_leaf, p)
#define pud_trans_huge(p) W_ALWAYS(0, pud_trans_huge, p)
#define pmd_offset(p, a) ((pmd_t *)&W.pmd[w_table_of_addr(a)])
#define mm_find_pmd(mm, a) pmd_offset(NULL, a)
#define pgd_present(p) W_ALWAYS(1, pgd_present, p)
#define p4d_present(p) W_ALWAYS(1, p4d_present, p)
#define pud_present(p) W_ALWAYS(1, pud_present, p)
#define pgd_none_or_clear_bad(p) W_ALWAYS(0, pgd_none_or_clear_bad, p)
#define p4d_none_or_clear_bad(p) W_ALWAYS(0, p4d_none_or_clear_bad, p)
#define pud_none_or_clear_bad(p) W_ALWAYS(0, pud_none_or_clear_bad, p)
#define pte_free_tlb(tlb, t, a) ((void)0)
#define mm_dec_nr_ptes(mm) ((void)0)
#define mm_inc_nr_ptes(mm) ((void)0)
#define pte_alloc_one(mm) NULL
#define pte_free(mm, t) ((void)0)
#define PGD_SIZE (1UL << 39)
#define P4D_SIZE (1UL << 39)
#define PUD_SHIFT (HPAGE_PMD_SHIFT + PAGE_SHIFT - 3)
#define PUD_SIZE (1UL << PUD_SHIFT)

static inline unsigned int w_table_of_addr(unsigned long a)
{
	return (a >= W_DST_VA ? 2 : 0) + ((a / W_PMD_SIZE) & 1);
}

/* arm64 puts the barriers of the kernel's own entries off to the end of a section, arch/arm64/include/asm/pgtable.h. */
static inline void emit_pte_barriers(void) { dsb(ishst); isb(); }
static inline void queue_pte_barriers(void)
{
	if (W.lazy)
		W.order.queued = true;
	else
		emit_pte_barriers();
}
static inline void w_emit_queued(void)
{
	if (W.order.queued)
		emit_pte_barriers();
	W.order.queued = false;
}

/* Lazy MMU mode, include/linux/pgtable.h: sections must balance; nesting is allowed from 6.19 on. */
static inline void w_lazy(int step)
{
	W.lazy += step;
	W.section += !W.lazy; /* what was queued is done */
	if (!W.lazy)
		w_emit_queued();
	if (W.lazy < 0)
		w_violate(L5, -1);
}
#define lazy_mmu_mode_enable() w_lazy(1)
#define lazy_mmu_mode_disable() w_lazy(-1)
#define lazy_mmu_mode_pause() ((void)W.section++)
#define lazy_mmu_mode_resume() ((void)0)
#define arch_enter_lazy_mmu_mode() w_lazy(1)
#define arch_leave_lazy_mmu_mode() w_lazy(-1)
#define arch_flush_lazy_mmu_mode() ((void)W.section++, w_emit_queued())
#define is_lazy_mmu_mode_active() (W.lazy > 0)

#define take_rmap_locks(vma) ((void)(vma))
#define drop_rmap_locks(vma) ((void)(vma))
#define mmap_assert_locked(mm) ((void)(mm))
#define mmap_assert_write_locked(mm) ((void)(mm))
#define mmap_assert_read_locked(mm) ((void)(mm))
#define vma_assert_locked(vma) ((void)(vma))
#define vma_assert_write_locked(vma) ((void)(vma))
#define anon_vma_lock_write(a) ((void)(a))
#define anon_vma_unlock_write(a) ((void)(a))
#define i_mmap_lock_write(a) ((void)(a))
#define i_mmap_unlock_write(a) ((void)(a))

#endif
