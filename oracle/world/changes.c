/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on what became of an entry: the start against the end, slot by slot, where its family lays that down. */
#undef bool
#include "hw.h"
#include "runtime.h"

static bool protects(const struct w_pte *l)
{
	return l->kind == W_SLOT_MARKER_WP || ((l->kind < W_SLOT_MARKER_WP || l->kind == W_SLOT_DEV_PRIV) && l->bits & W_WP);
}

/* D7: of a file entry that userfaultfd protected, a marker stays, and no other entry leaves one. */
static void check_marker(const struct w_pte *start, const struct w_pte *end, int at)
{
	const unsigned int both = W_V_FILE | W_V_UFFD_WP;
	bool wanted = protects(start) && (W.vma[0].w_bits & both) == both && !W.drops_markers;

	if (end->kind == W_SLOT_NONE && wanted)
		violate(D7, at);
	if (end->kind == W_SLOT_MARKER_WP && start->kind != W_SLOT_MARKER_WP && !wanted)
		violate(D7, at);
}

/* D2: a page of a file that was accessed through the entry that went. */
static void check_accessed(const struct w_pte *start, const struct w_pte *end, int at)
{
	const struct page *head = &W.pages[W.pages[(start->pfn - W_PFN_BASE) % W_NPAGES].w_head];

	if (start->kind == W_SLOT_PAGE && start->bits & W_YOUNG && end->kind != W_SLOT_PAGE &&
	    !(head->flags >> W_PG_anon & 1) && !(head->flags >> W_PG_referenced & 1))
		violate(D2, at);
}

static bool tracks_soft(const struct w_side *side)
{
	const struct w_pte clean = { .kind = W_SLOT_PAGE, .pfn = W_PFN_BASE }, soft = { .kind = W_SLOT_PAGE, .bits = W_SOFT, .pfn = W_PFN_BASE };
	static const struct w_side *asked;
	static unsigned long forgotten;
	static bool tracks;

	if (side != asked || forgotten != w_forgotten)
		tracks = side->encode(&clean) != side->encode(&soft);
	asked = side;
	forgotten = w_forgotten;
	return tracks;
}

/* Whether the VMA wants to hear of the first write. */
bool w_waits_for_soft(const struct w_side *side) { return !(W.vma[0].w_bits & W_V_SOFTDIRTY) && tracks_soft(side); }

/* D11, L8: write comes only where this VMA and this very entry allow it (E2 and D6 look at the page and uffd-wp). */
static void check_write(const struct w_side *side, const struct w_pte *start, const struct w_pte *end, int at)
{
	unsigned long write = side->vma_flags(W_V_WRITE) & ~side->vma_flags(0), prot;
	const struct page *page = &W.pages[(end->pfn - W_PFN_BASE) % W_NPAGES];
	bool anon = W.pages[page->w_head].flags >> W_PG_anon & 1;

	__builtin_memcpy(&prot, &W.vma[0].vm_page_prot, sizeof(prot));
	if (end->kind != W_SLOT_PAGE || !(end->bits & W_WRITE))
		return;
	if (!(W.vma[0].vm_flags & write)) {
		violate(L8, at);
		return;
	}
	if (start->kind != W_SLOT_PAGE || start->bits & W_WRITE || W_HW_WRITE(prot))
		return;
	if (end->bits & W_PROTNONE || (!(end->bits & W_SOFT) && w_waits_for_soft(side)) ||
	    (W.vma[0].w_bits & W_V_SHARED ? !(end->bits & W_DIRTY) : !anon))
		violate(D11, at);
}

/*
 * D7, L8: a fault keeps what userfaultfd protects, and gives write only where the VMA does. Of a page that is lost
 * to poison nothing is left to protect.
 */
static void check_fault(const struct w_side *side, const struct w_pte *start, const struct w_pte *end, int at)
{
	unsigned long write = side->vma_flags(W_V_WRITE) & ~side->vma_flags(0);

	bool lives = end->kind <= W_SLOT_SPECIAL || (end->kind == W_SLOT_SWAP && end->type < W_SWAP_TYPES);

	if (W.vma[0].w_bits & W_V_UFFD_WP && protects(start) && lives && !protects(end))
		violate(D7, at);
	if (end->kind == W_SLOT_PAGE && end->bits & W_WRITE && !(W.vma[0].vm_flags & write))
		violate(L8, at);
}

/* L8: a fault is one of its VMA; but for folding, what lies beyond stays as it was. */
static void check_beyond(const struct w_side *side)
{
	unsigned int t, i;

	for (t = 0; t < 2; t++)
		for (i = W.dirty_lo[t]; i < W.dirty_hi[t]; i++) {
			unsigned int at = t * W_SLOTS + i;
			struct w_pte start, end;

			if ((at >= W.scn->vma_first && at < W.scn->vma_end) || w_image[t][i] == W.tab[t][i])
				continue;
			w_decode_fast(side, w_image[t][i], &start);
			w_decode_fast(side, W.tab[t][i], &end);
			if (start.kind != end.kind || start.pfn != end.pfn || (start.bits ^ end.bits) & (W_WRITE | W_PROTNONE))
				violate(L8, (int)at);
		}
}

/* F6: a migration entry keeps its exclusivity, and what it says of soft-dirty and uffd-wp unless that is asked for. */
static void check_migration(const struct w_pte *start, const struct w_pte *end, int at)
{
	bool anon;

	if (start->kind < W_SLOT_MIG_READ || start->kind > W_SLOT_MIG_WRITE)
		return;
	anon = W.pages[W.pages[(start->pfn - W_PFN_BASE) % W_NPAGES].w_head].flags >> W_PG_anon & 1;
	if (end->kind < W_SLOT_MIG_READ || end->kind > W_SLOT_MIG_WRITE || end->pfn != start->pfn ||
	    (start->kind != W_SLOT_MIG_READ && anon) != (end->kind != W_SLOT_MIG_READ && anon) ||
	    (end->kind == W_SLOT_MIG_WRITE && start->kind != W_SLOT_MIG_WRITE) || start->bits & ~end->bits & W_SOFT)
		violate(F6, at);
}

/* D4, D5, D8: what an entry that was moved to a slot of table 2 says of soft-dirty and userfaultfd. */
void w_check_moved(const struct w_side *side, const struct w_pte *end, unsigned int to)
{
	bool guarded = W.vma[0].w_bits & (W_V_UFFD_WP | W_V_UFFD_RWP), drops = guarded && !(W.vma[0].w_bits & W_V_UFFD_REMAP);
	unsigned int k = to - (unsigned int)W.dst_first, at = W.scn->start + k;
	struct w_pte start;

	if (k >= (unsigned int)(W.scn->end - W.scn->start))
		return;
	if (end->kind <= W_SLOT_SWAP && !(end->bits & W_SOFT) && tracks_soft(side))
		violate(D4, (int)(2 * W_SLOTS + to));
	if (drops && protects(end))
		violate(D8, (int)(2 * W_SLOTS + to));
	if (!guarded || drops)
		return;
	w_decode_fast(side, w_image[at / W_SLOTS][at % W_SLOTS], &start);
	if (start.kind == end->kind && start.bits & ~end->bits & W_WP)
		violate(D5, (int)(2 * W_SLOTS + to));
}

/*
 * L10: what the entry unmapped or made read-only it told secondary MMUs about, if it tells them at all. That a call
 * went missing is a difference of the two sides.
 */
static void check_told(const struct w_side *side)
{
	unsigned int at;

	if (W.facts.notify_open)
		violate(L10, -1);
	if (!W.facts.notify_end)
		return;
	for (at = W.scn->first; at < (unsigned int)W.scn->first + W.scn->nslots; at++) {
		unsigned long va = W_SRC_VA + at * W_PAGE_SIZE;
		struct w_pte start, end;

		if (va >= W.facts.notify_start && va < W.facts.notify_end)
			continue;
		w_decode_fast(side, w_image[at / W_SLOTS][at % W_SLOTS], &start);
		w_decode_fast(side, W.tab[at / W_SLOTS][at % W_SLOTS], &end);
		if (start.kind == W_SLOT_PAGE && (end.kind != start.kind || end.pfn != start.pfn || start.bits & ~end.bits & W_WRITE))
			violate(L10, (int)at);
	}
}

void w_check_changes(const struct w_side *side)
{
	unsigned int at;

	if (w_trait(side, FAULTS))
		check_beyond(side);
	if (w_trait(side, TELLS_NOTIFIERS))
		check_told(side);
	if (w_trait(side, UNMAPS) || w_trait(side, PUTS_BACK) || w_trait(side, LEAVES_ALONE))
		w_check_walked(side);
	if (!w_trait(side, FAULTS) && !w_trait(side, PROTECTS) && !w_trait(side, LEAVES_MARKERS))
		return;
	for (at = W.scn->start; at < W.scn->end; at++) {
		unsigned int t = at / W_SLOTS, i = at % W_SLOTS;
		struct w_pte start, end;

		w_decode_fast(side, w_image[t][i], &start);
		w_decode_fast(side, W.tab[t][i], &end);
		if (w_trait(side, PROTECTS)) {
			check_write(side, &start, &end, (int)at);
			check_migration(&start, &end, (int)at);
		} else if (w_trait(side, FAULTS)) {
			check_fault(side, &start, &end, (int)at);
		} else {
			check_marker(&start, &end, (int)at);
			if (w_trait(side, TELLS_ACCESSED))
				check_accessed(&start, &end, (int)at);
		}
	}
}
