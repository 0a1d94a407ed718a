/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for accessed bits beyond the page table: a secondary MMU (virt/kvm) has its own, which notifiers ask
 * for and clear. Some scenarios have one; a quarter of the pages was accessed through it. Semantics:
 * include/linux/mmu_notifier.h. Entries that ask call w_secondary_reset() first.
 */
#ifndef W_K_YOUNG_H
#define W_K_YOUNG_H

#define mm_has_notifiers(mm) (W.scn->salt >> 15 & 1)

static unsigned long w_secondary[2 * W_SLOTS / 64];	/* accessed, by slot */

static inline unsigned long w_secondary_word(unsigned int i)
{
	unsigned long h = (W.scn->salt + i + 1) * 0x9e3779b97f4a7c15UL;

	return mm_has_notifiers(NULL) ? h & (h << 23 | h >> 41) : 0;
}
static inline void w_secondary_reset(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w_secondary); i++)
		w_secondary[i] = w_secondary_word(i);
}
/* Whether it had accessed the page of a slot at the start, and whether that stands. */
static inline bool w_secondary_was(unsigned int slot) { return w_secondary_word(slot / 64) >> (slot & 63) & 1; }
static inline bool w_secondary_is(unsigned int slot) { return w_secondary[slot / 64] >> (slot & 63) & 1; }
/* L10: it is asked of the entries that were aged, all of them and no others, or of one that the CPU has no bits of. */
static inline void w_check_asked(unsigned long start, unsigned long end)
{
	int slot = (int)((start - W_SRC_VA) >> PAGE_SHIFT);

	if (W.aged_end ? start != W.aged || end != W.aged_end : start < W.vma[0].vm_start || end > W.vma[0].vm_end)
		w_violate(L10, slot);
	W.aged_end = 0;
}
static inline bool w_secondary_young(unsigned long start, unsigned long end, bool clear)
{
	unsigned long at;
	bool young = false;

	w_step();
	if (clear)
		w_check_asked(start, end);
	for (at = start; at < end; at += PAGE_SIZE) {
		unsigned long slot = (at - W_SRC_VA) >> PAGE_SHIFT, bit = 1UL << (slot & 63);

		if (slot >= 2 * W_SLOTS)
			continue;
		young |= (w_secondary[slot / 64] & bit) != 0;
		w_secondary[slot / 64] &= clear ? ~bit : ~0UL;
	}
	return young;
}
#define mmu_notifier_clear_flush_young(mm, s, e) ((void)(mm), w_secondary_young(s, e, true))
#define mmu_notifier_clear_young(mm, s, e) mmu_notifier_clear_flush_young(mm, s, e)
#define mmu_notifier_test_young(mm, a) w_secondary_young(a, (a) + PAGE_SIZE, false)

#endif
