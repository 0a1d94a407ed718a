/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where accesses are looked at one by one: what other CPUs do between them, what lazy MMU mode queues, and the trace. */
#include "mmu.h"
#include "runtime.h"

/* C10: while a block is read without the lock it is zapped, mapped to other pages, unfolded, or used. */
static void race(void)
{
	unsigned long *block = &W.tab[W.race_slot / W_SLOTS][W.race_slot % W_SLOTS & ~(W_BLOCK - 1)], seen = w_block_says(block);
	unsigned int i;

	if (W.scn->salt >> 13 & 1) {
		i = W.scn->salt % W_BLOCK;
		block[i] = W_HW_WRITE(block[i]) ? W_HW_WRITTEN(block[i]) : W_HW_ACCESSED(block[i]);
		return;
	}
	for (i = 0; i < W_BLOCK; i++) {
		if (W.scn->salt >> 11 & 1)
			block[i] = (block[i] & ~(W_HW_AD_MASK | W_HW_CONT_MASK)) | seen;
		else if (W.scn->salt >> 12 & 1)
			block[i] = (block[i] & ~W_HW_AD_MASK) + ((unsigned long)W_BLOCK << W_PAGE_SHIFT);
		else
			block[i] = 0;
	}
}

static void meanwhile(const volatile void *p)
{
	if (W.quiet || !W.race || --W.race)
		return;
	if (W.agent)
		w_agent(p);
	else
		race();
}

static int slot_at(const volatile void *p)
{
	unsigned long off = (unsigned long)w_table_offset(p);

	return (int)((off >> (W_PAGE_SHIFT + 1)) * W_SLOTS + (off & (W_PAGE_SIZE - 1)) / 8);
}

/* L6: the lazy MMU section that wrote an entry last. */
static unsigned int queued[W_TABLES * W_SLOTS];

static bool was_device(int slot)
{
	unsigned int at = (unsigned int)slot - W.scn->first;

	return at < W.scn->nslots && W.scn->slot[at].kind == W_SLOT_DEV_EXCL;
}

/*
 * L6: where lazy MMU mode queues updates a read may still find the old entry; contpte code never runs there. Nor does
 * device memory: entries that were device-exclusive are set apart (docs/kernel-findings.md).
 */
void w_watch_read(const volatile void *p)
{
	int slot = slot_at(p);

	if (W.lazy && !W.quiet && !W_HW_CONT_MASK && queued[slot] == W.section && !was_device(slot))
		w_violate(L6, slot);
	meanwhile(p);
}

void w_watch_write(const volatile void *p, unsigned long new, bool plain)
{
	int slot = slot_at(p);

	if (plain)
		meanwhile(p);
	queued[slot] = W.section;
	if (W.trace_on)
		W.trace("pte", slot / W_SLOTS, slot % W_SLOTS, new);
}

void w_passed(int probe)
{
	if (W.trace_on && !W.quiet)
		W.trace("at", probe, 0, 0);
}
