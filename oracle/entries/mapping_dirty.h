/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wp_pte and clean_record_pte, mm/mapping_dirty_helpers.c: the page-table walk calls them for each entry of a shared
 * file VMA under the table's lock; the walk's end flushes what they say changed (wp_clean_post_vma). Afterwards no
 * entry is writable (rule S7), or none is dirty (S8) and each that was is recorded, for the caller to mark its page.
 */
static void w_check_entry(unsigned int at, bool recorded)
{
	const struct w_slot *slot = &W.scn->slot[at - W.scn->first];
	/* A block folded again takes the dirty bit of a neighbour beyond the range. */
	bool inside = at - at % W_BLOCK >= W.scn->start && (at | (W_BLOCK - 1)) < W.scn->end;
	struct w_pte now;

	if (slot->kind != W_SLOT_PAGE)
		return;
	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
#ifdef W_ENTRY_wp_pte
	if (now.bits & W_WRITE)
		w_violate(S7, (int)at);
	(void)recorded; (void)inside;
#else
	if ((now.bits & W_DIRTY && (inside || !(now.bits & W_CONT))) || (slot->bits & W_DIRTY && !recorded))
		w_violate(S8, (int)at);
#endif
	if (now.kind != slot->kind || (now.bits ^ slot->bits) & ~(W_WRITE | W_DIRTY | W_YOUNG | W_SOFT | W_CONT | W_EXCL))
		w_violate(S8, (int)at);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static unsigned long bitmap[W_MAX_SLOTS / 64];
	unsigned long start = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE, addr;
	struct clean_walk own = {
		.base = { .tlbflush_start = end, .tlbflush_end = start },
		.bitmap_pgoff = W_PGOFF, .bitmap = bitmap, .start = ~0UL,
	};
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &own.base };
	spinlock_t *ptl = &W.ptl[s->start / W_SLOTS];
	unsigned int at;

	if (!(W.vma[0].vm_flags & VM_SHARED))
		return;
	memset(bitmap, 0, sizeof(bitmap));
	spin_lock(ptl);
	for (addr = start, at = s->start; addr < end; addr += PAGE_SIZE, at++) {
		pte_t *pte = (pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS;

		if (s->slot[at - s->first].kind != W_SLOT_PAGE)
			continue; /* these mappings hold nothing else */
#ifdef W_ENTRY_wp_pte
		wp_pte(pte, addr, addr + PAGE_SIZE, &walk);
#else
		clean_record_pte(pte, addr, addr + PAGE_SIZE, &walk);
#endif
	}
	spin_unlock(ptl);
	if (own.base.tlbflush_end > own.base.tlbflush_start)
		flush_tlb_range(&W.vma[0], own.base.tlbflush_start, own.base.tlbflush_end);
	W.facts.ret = (long)own.base.total;
	W.facts.out[0] = (long)own.start;
	W.facts.out[1] = (long)own.end;
	for (at = s->start; at < s->end; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		bool recorded = bitmap[at / 64] >> (at & 63) & 1;

		w_check_entry(at, recorded);
		W.facts.out[2] = W.facts.out[2] * 31 + recorded;
		if (recorded && slot->kind == W_SLOT_PAGE)
			folio_mark_dirty((struct folio *)&W.pages[s->folio[slot->folio].pfn]);
	}
}
#define W_FAMILY W_FAM_NONE
