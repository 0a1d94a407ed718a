/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard_remove_pte_entry, mm/madvise.c: MADV_GUARD_REMOVE's page-table walk calls it for each entry under the table's
 * lock. Guard markers go, everything else stays (rule S8).
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm };
	spinlock_t *ptl = &W.ptl[s->start / W_SLOTS];
	unsigned int at;

	spin_lock(ptl);
	for (at = s->start; at < s->end; at++) {
		unsigned long addr = W_SRC_VA + at * PAGE_SIZE;

		W.facts.ret |= guard_remove_pte_entry((pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS, addr, addr + PAGE_SIZE, &walk);
	}
	spin_unlock(ptl);
	for (at = s->start; at < s->end; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		struct w_pte now;

		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if (now.kind != (slot->kind == W_SLOT_MARKER_GUARD ? W_SLOT_NONE : slot->kind))
			w_violate(S8, (int)at);
	}
}
#define W_FAMILY W_FAM_NONE
