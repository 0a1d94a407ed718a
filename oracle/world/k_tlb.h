/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for TLB maintenance, mmu_gather and notifiers. Semantics: include/asm-generic/tlb.h, mm/mmu_gather.c. */
#ifndef W_K_TLB_H
#define W_K_TLB_H

void w_tlb_flush(struct mm_struct *mm, unsigned long start, unsigned long end);
#define flush_tlb_range(vma, s, e) w_tlb_flush((vma)->vm_mm, s, e)
#define flush_tlb_page(vma, a) w_tlb_flush((vma)->vm_mm, (a) & PAGE_MASK, ((a) & PAGE_MASK) + PAGE_SIZE)
#define flush_tlb_mm(mm) w_tlb_flush(mm, 0, ~0UL)
#define flush_tlb_mm_range(mm, s, e, ...) w_tlb_flush(mm, s, e)
/* On the CPU that faulted alone: others may hold on to what they have (TLBF_NOBROADCAST, since 7.x). */
void w_tlb_flush_here(void);
#define __flush_tlb_range(vma, s, e, stride, level, flags) \
	((long)(flags) & TLBF_NOBROADCAST ? w_tlb_flush_here() : w_tlb_flush((vma)->vm_mm, s, e))
/* Takes the mm, before 6.13 the VMA. */
#define __flush_tlb_range_nosync(x, s, e, ...) ((void)(x), w_tlb_flush(&W.mm[0], s, e))
#define __flush_tlb_page(vma, a, ...) flush_tlb_page(vma, a)
#define __flush_tlb_page_nosync(mm, a) w_tlb_flush(mm, (a) & PAGE_MASK, ((a) & PAGE_MASK) + PAGE_SIZE)
#define flush_tlb_page_nosync(vma, a) flush_tlb_page(vma, a)
#define local_flush_tlb_page(vma, a) flush_tlb_page(vma, a)
#define local_flush_tlb_page_nonotify(vma, a) flush_tlb_page(vma, a)
#define flush_tlb_fix_spurious_fault(vma, a, p) ((void)(a))
#define TLBF_NONE 0
#define TLBF_NOWALKCACHE 1
#define TLBF_NOSYNC 2
#define TLBF_NONOTIFY 4
#define TLBF_NOBROADCAST (1L << 40)	/* before 7.x the argument in its place is a level */
#define TLB_FLUSH_VMA(mm_, flags) { .vm_mm = (mm_), .vm_flags = (flags) }
#define flush_cache_range(vma, s, e) w_note(vma, s, e)
#define flush_cache_page(vma, a, p) w_note(vma, a, p)
/* T7: what reclaim put off is done in each hold of the lock before a translation changes, mm/rmap.c. */
#define flush_tlb_batched_pending(mm) ((void)(mm), (void)(W.owes_flush = false))
#define inc_tlb_flush_pending(mm) atomic_inc(&(mm)->tlb_flush_pending)
#define dec_tlb_flush_pending(mm) atomic_dec(&(mm)->tlb_flush_pending)
#define mm_tlb_flush_nested(mm) W_ALWAYS(0, mm_tlb_flush_nested, mm)
#define mm_tlb_flush_pending(mm) W_ALWAYS(0, mm_tlb_flush_pending, mm)
#define update_mmu_cache(vma, a, p) w_note(vma, a, p)
#define update_mmu_tlb(vma, a, p) w_note(vma, a, p)
#define update_mmu_cache_range(f, vma, a, p, n) w_note(f, vma, a, p, n)
#define update_mmu_tlb_range(vma, a, p, n) w_note(vma, a, p, n)

/*
 * Reclaim may put the flush off to try_to_unmap_flush(), which the caller of try_to_unmap does (mm/rmap.c). What
 * was put off is the range given: arm64 sends its invalidation then and only waits later.
 */
void w_tlb_defer(struct mm_struct *mm, unsigned long start, unsigned long end);
void w_tlb_deferred(void);
#define should_defer_flush(mm, flags) (((flags) & TTU_BATCH_FLUSH) != 0)
#define set_tlb_ubc_flush_pending(mm, pte, s, ...) w_tlb_defer(mm, s, w_nth((s) + PAGE_SIZE, ##__VA_ARGS__))
#define try_to_unmap_flush() w_tlb_deferred()

/* mmu_gather: the range grows, the flush comes in tlb_flush_mmu_tlbonly() or tlb_finish_mmu(). */
static inline void w_gather(struct mmu_gather *tlb, unsigned long start, unsigned long size)
{
	W.gather_used = 1;
	tlb->start = min(tlb->start, start);
	tlb->end = max(tlb->end, start + size);
	tlb->cleared_ptes = 1;
}
#define __tlb_adjust_range(tlb, a, n) w_gather(tlb, a, n)
static inline void __tlb_reset_range(struct mmu_gather *tlb)
{
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb->cleared_ptes = 0;
}
#define tlb_change_page_size(tlb, n) ((void)(tlb))
/* T5: a gather is told of as many entries as were changed, neither more nor less, by their number or as a range. */
static inline void w_tlb_told(struct mmu_gather *tlb, const void *ptep, unsigned long nr, unsigned long addr)
{
	if (ptep && ptep == W.batch && nr != W.batch_nr)
		w_violate(T5, -1);
	W.batch = NULL;
	w_gather(tlb, addr, nr * PAGE_SIZE);
}
static inline void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long start, unsigned long size)
{
	unsigned long off = (unsigned long)w_table_offset(W.batch), table = off >> (W_PAGE_SHIFT + 1);
	unsigned long addr = W_SRC_VA + table * W_PMD_SIZE + (off & (W_PAGE_SIZE - 1)) / 8 * PAGE_SIZE;

	w_tlb_told(tlb, W.batch && start == addr ? W.batch : NULL, size / PAGE_SIZE, start);
}
#define tlb_remove_tlb_entries(tlb, ptep, nr, addr) w_tlb_told(tlb, ptep, nr, addr)
#define tlb_remove_tlb_entry(tlb, ptep, addr) tlb_remove_tlb_entries(tlb, ptep, 1, addr)
#define tlb_start_vma(tlb, vma) ((void)(tlb))
#define tlb_end_vma(tlb, vma) ((void)(tlb))
#define tlb_needs_flush(tlb) ((tlb)->end != 0)
static inline bool tlb_delay_rmap(struct mmu_gather *tlb) { tlb->delayed_rmap = 1; return true; }
static inline void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	if (!tlb->end)
		return;
	/* The generic tlb_flush() takes the whole mm when it is torn down. */
	w_tlb_flush(tlb->mm, tlb->fullmm ? 0 : tlb->start, tlb->fullmm ? ~0UL : tlb->end);
	__tlb_reset_range(tlb);
}
static inline bool w_tlb_remove(struct mmu_gather *tlb, struct page *page, unsigned int nr, bool delay);
static inline void w_tlb_free(struct mmu_gather *tlb);
static inline void w_tlb_rmaps(struct mmu_gather *tlb, struct vm_area_struct *vma);
#define __tlb_remove_folio_pages(tlb, page, nr, delay) w_tlb_remove(tlb, page, nr, delay)
#define __tlb_remove_page(tlb, page, delay) w_tlb_remove(tlb, page, 1, delay)
#define tlb_remove_page(tlb, page) do { if (w_tlb_remove(tlb, page, 1, false)) tlb_flush_mmu(tlb); } while (0)
#define tlb_flush_rmaps(tlb, vma) do { if ((tlb)->delayed_rmap) w_tlb_rmaps(tlb, vma); } while (0)
#define tlb_flush_mmu(tlb) do { tlb_flush_mmu_tlbonly(tlb); w_tlb_free(tlb); } while (0)
#define tlb_finish_mmu(tlb) tlb_flush_mmu(tlb)
static inline void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	memset(tlb, 0, offsetof(struct mmu_gather, w_batch));
	__tlb_reset_range(tlb);
	tlb->mm = mm;
	tlb->w_room = W.tlb.w_room;
}
#define tlb_gather_mmu_vma(tlb, v) tlb_gather_mmu(tlb, (v)->vm_mm)

struct mmu_notifier_range { struct mm_struct *mm; unsigned long start, end; unsigned int flags; int event; void *owner; };
enum mmu_notifier_event { MMU_NOTIFY_UNMAP, MMU_NOTIFY_CLEAR, MMU_NOTIFY_PROTECTION_VMA, MMU_NOTIFY_PROTECTION_PAGE, MMU_NOTIFY_SOFT_DIRTY,
       MMU_NOTIFY_RELEASE, MMU_NOTIFY_MIGRATE, MMU_NOTIFY_EXCLUSIVE };
static inline void mmu_notifier_range_init(struct mmu_notifier_range *r, int event, unsigned int flags,
					   struct mm_struct *mm, unsigned long start, unsigned long end)
{
	*r = (struct mmu_notifier_range){ .mm = mm, .start = start, .end = end, .flags = flags, .event = event };
}
/* L4: listeners may sleep, include/linux/mmu_notifier.h. */
static inline void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *r)
{
	w_sleeps();
	W.facts.notify_start = r->start;
	W.facts.notify_end = r->end;
	W.facts.notify_open++;
}
static inline void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *r) { (void)r; w_sleeps(); W.facts.notify_open--; }
#define mmu_notifier_arch_invalidate_secondary_tlbs(mm, s, e) w_note(mm, s, e)

#endif
