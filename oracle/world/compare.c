/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refinement: what of the second state goes beyond what the first allows. The judge decides what each
 * difference means; here each is only named and placed. WRITE_LOST, YOUNG, *_GAINED, CONT, SOFT_UNSEEN and KEPT are
 * harmless ones, WRITE_MERGED is where only the length of batches differs.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

/* Where mappings differ, counts follow them: that those are right for each side is for rules G2 to G4 and F4 to say. */
#define MAPPINGS (1UL << W_DIFF_KEPT | 1UL << W_DIFF_PRESENCE | 1UL << W_DIFF_EXTENT | 1UL << W_DIFF_ENTRY | 1UL << W_DIFF_PFN)

static void differ(struct w_differences *out, enum w_diff code, int slot)
{
	out->codes |= 1UL << code;
	out->total++;
	if (out->n < W_MAX_DIFFERENCES)
		out->d[out->n++] = (struct w_difference){ (unsigned char)code, slot };
}

static unsigned long entry_of(const struct w_snap *s, unsigned int t, unsigned int i)
{
	return i >= s->lo[t] && i < s->hi[t] ? s->tab[t][i] : w_image[t][i];
}

static bool started_dirty(unsigned long pfn)
{
	unsigned long n = pfn - W_PFN_BASE;

	/* A page that the run allocated has nothing to start from. */
	return n < W_NPAGES && (n >= W.spares || w_start_dirty[n] & 2);
}

/*
 * Dirty and soft-dirty of an entry that still maps its page, beyond those it started with: get_and_clear_full_ptes
 * gives a batch the dirty of all, x86's pte_mkdirty soft-dirty with it.
 */
static unsigned int merged_bits(const struct w_side *side, const struct w_pte *l, int at)
{
	struct w_pte start;

	w_decode_fast(side, w_image[at / W_SLOTS][at % W_SLOTS], &start);
	return start.kind == l->kind && start.pfn == l->pfn ? l->bits & ~start.bits & (W_DIRTY | W_SOFT) : 0;
}

/* Soft-dirty bits say nothing where the VMA has the flag: all of it counts as dirty (pagemap_pte, fs/proc/task_mmu.c). */
static void differ_soft(struct w_differences *out, bool lost, int slot)
{
	differ(out, W.scn->vma & W_V_SOFTDIRTY ? W_DIFF_SOFT_UNSEEN : lost ? W_DIFF_SOFT_LOST : W_DIFF_SOFT_GAINED, slot);
}

/*
 * At fork a batch of a shared mapping is writable in the child where one of its entries is (FPB_MERGE_WRITE in
 * copy_present_ptes): a file's pages are made writable and dirty folio by folio.
 */
static bool merged(const struct w_side *side, const struct w_snap *first, int at)
{
	unsigned int t = (unsigned int)at / W_SLOTS, i, head;
	struct w_pte l;

	if (W.family != W_FAM_FORK || t < 2 || !(W.scn->vma & W_V_SHARED))
		return false;
	w_decode_fast(side, entry_of(first, t, (unsigned int)at % W_SLOTS), &l);
	head = w_page_image[l.pfn - W_PFN_BASE].w_head;
	for (i = first->lo[t]; i < first->hi[t]; i++) {
		w_decode_fast(side, first->tab[t][i], &l);
		if (l.kind == W_SLOT_PAGE && l.bits & W_WRITE && w_page_image[l.pfn - W_PFN_BASE].w_head == head)
			return true;
	}
	return false;
}

/* C3: what the members of a contpte block say together is what each says. */
static void view(const struct w_side *side, const struct w_snap *s, unsigned int t, unsigned int i, struct w_pte *out)
{
	unsigned int k;

	w_decode_fast(side, entry_of(s, t, i), out);
	if (out->kind == W_SLOT_NONE || out->kind > W_SLOT_SPECIAL || !(out->bits & W_CONT))
		return;
	for (k = i & ~(W_BLOCK - 1); k <= (i | (W_BLOCK - 1)); k++) {
		struct w_pte member;

		w_decode_fast(side, entry_of(s, t, k), &member);
		if (member.kind == out->kind)
			out->bits |= member.bits & (W_DIRTY | W_YOUNG);
	}
}

/* Whether the entry still maps what it did at the start: accessed, dirty and soft-dirty may be added, write dropped. */
static bool kept(const struct w_side *side, const struct w_pte *now, unsigned int t, unsigned int i)
{
	struct w_pte start;

	w_decode_fast(side, w_image[t][i], &start);
	return now->kind == W_SLOT_PAGE && start.kind == W_SLOT_PAGE && now->pfn == start.pfn &&
	       !((now->bits ^ start.bits) & ~(W_WRITE | W_DIRTY | W_YOUNG | W_SOFT | W_CONT)) &&
	       !(start.bits & ~now->bits & (W_DIRTY | W_SOFT)) && !(now->bits & ~start.bits & W_WRITE);
}

/*
 * Whether that very page may be written, can_change_private_pte_writable in mm/mprotect.c: write is not gained without
 * right then, and it is a matter of taste whether the entry says so before a fault does.
 */
static bool granted(const struct w_side *side, const struct w_snap *s, const struct w_pte *l)
{
	unsigned long n = l->pfn - W_PFN_BASE;
	unsigned int vma = W.scn->vma;

	return l->kind == W_SLOT_PAGE && n < s->npages && w_page_of(s, (unsigned int)n)->flags >> W_PG_exclusive & 1 && vma & W_V_WRITE &&
	       !(vma & W_V_SHARED) && !(l->bits & (W_WP | W_PROTNONE)) && (l->bits & W_SOFT || !w_waits_for_soft(side));
}

static void compare_present(const struct w_side *side, const struct w_snap *first, const struct w_pte *a,
			    const struct w_snap *second, const struct w_pte *b, int at, struct w_differences *out)
{
	unsigned int lost = a->bits & ~b->bits, gained = b->bits & ~a->bits;
	/* A protection change decides on write from dirty and soft-dirty; D11 looks at the outcome. */
	bool follows = side->family == W_FAM_PROTECT && merged_bits(side, b, at);

	if (a->pfn != b->pfn)
		differ(out, W_DIFF_PFN, at);
	if (gained & W_WRITE)
		differ(out, follows ? W_DIFF_DIRTY_GAINED : a->kind == W_SLOT_PAGE && merged(side, first, at) ? W_DIFF_WRITE_MERGED :
		       granted(side, second, b) ? W_DIFF_WRITE_GRANTED : W_DIFF_WRITE_GAINED, at);
	if (lost & W_WRITE)
		differ(out, W_DIFF_WRITE_LOST, at);
	/* A page that starts clean can only have been marked by the folding of its contpte block: nothing is lost. */
	if (lost & W_DIRTY)
		differ(out, started_dirty(a->pfn) ? W_DIFF_DIRTY_LOST : W_DIFF_DIRTY_GAINED, at);
	if (gained & W_DIRTY)
		differ(out, W_DIFF_DIRTY_GAINED, at);
	if ((lost | gained) & W_SOFT)
		differ_soft(out, lost & W_SOFT && !(merged_bits(side, a, at) & W_SOFT), at);
	if (lost & W_WP)
		differ(out, W_DIFF_WP_LOST, at);
	if (gained & W_WP)
		differ(out, W_DIFF_WP_GAINED, at);
	if ((lost | gained) & W_YOUNG)
		differ(out, W_DIFF_YOUNG, at);
	if ((lost | gained) & W_PROTNONE)
		differ(out, W_DIFF_PROTNONE, at);
	if ((lost | gained) & W_CONT)
		differ(out, W_DIFF_CONT, at);
}

/*
 * gave_up: both sides are an unmap that was not done. How many pages it unmapped before is not laid down: with a
 * batch, one page that must stay keeps its neighbours.
 */
static void compare_entry(const struct w_side *side, const struct w_snap *sa, const struct w_snap *sb, unsigned int t,
			  unsigned int i, bool gave_up, struct w_differences *out)
{
	unsigned int total = out->total;
	int at = (int)(t * W_SLOTS + i);
	struct w_pte a, b, start;

	view(side, sa, t, i, &a);
	view(side, sb, t, i, &b);
	if (gave_up && (a.kind != b.kind ? kept(side, &a, t, i) || kept(side, &b, t, i) :
			kept(side, &a, t, i) && kept(side, &b, t, i))) {
		differ(out, W_DIFF_KEPT, at);
		return;
	}
	/* What the second side put back, changed, was not unmapped by it either: it answers for the entry of the start. */
	w_decode_fast(side, w_image[t][i], &start);
	if (gave_up && a.kind != b.kind && b.kind == W_SLOT_PAGE && start.kind == W_SLOT_PAGE && b.pfn == start.pfn) {
		differ(out, W_DIFF_KEPT, at);
		compare_present(side, sa, &start, sb, &b, at, out);
		return;
	}
	/* How much a fault maps around its address is a matter of taste as well. */
	if (a.kind != b.kind && a.kind <= W_SLOT_PAGE && b.kind <= W_SLOT_PAGE && (side->family == W_FAM_FAULT || side->family == W_FAM_FILE)) {
		differ(out, W_DIFF_EXTENT, at);
		return;
	}
	if (a.kind != b.kind) {
		bool marker = (a.kind >= W_SLOT_MARKER_WP && a.kind != W_SLOT_DEV_PRIV) ||
			      (b.kind >= W_SLOT_MARKER_WP && b.kind != W_SLOT_DEV_PRIV);

		differ(out, marker ? W_DIFF_MARKER : a.kind == W_SLOT_NONE || b.kind == W_SLOT_NONE ? W_DIFF_PRESENCE : W_DIFF_ENTRY, at);
		return;
	}
	if (a.kind <= W_SLOT_SPECIAL) {
		compare_present(side, sa, &a, sb, &b, at, out);
	} else {
		if (a.pfn != b.pfn || a.type != b.type)
			differ(out, W_DIFF_ENTRY, at);
		if (a.bits & ~b.bits & W_EXCL)
			differ(out, W_DIFF_SWAP_EXCL_LOST, at);
		if (b.bits & ~a.bits & W_EXCL)
			differ(out, W_DIFF_SWAP_EXCL_GAINED, at);
		if ((a.bits ^ b.bits) & W_SOFT)
			differ_soft(out, a.bits & W_SOFT, at);
		if ((a.bits ^ b.bits) & W_WP)
			differ(out, a.bits & W_WP ? W_DIFF_WP_LOST : W_DIFF_WP_GAINED, at);
	}
	/* Accessed and dirty have several encodings on arm64 (hardware dirty, software dirty): those were compared. */
	if (out->total == total && (entry_of(sa, t, i) ^ entry_of(sb, t, i)) & ~(W_HW_AD_MASK | W_HW_CONT_MASK))
		differ(out, W_DIFF_OTHER_BITS, at);
}

/*
 * Counts follow the tables, and so does what an unmap tells the folio (D1): where those may differ (counts: not laid
 * down; agree: do not) these do. To be split later means nothing for a folio that is no longer mapped.
 */
static void compare_pages(const struct w_snap *a, const struct w_snap *b, bool counts, bool agree, struct w_differences *out)
{
	const unsigned long dirty = 1UL << W_PG_dirty, exclusive = 1UL << W_PG_exclusive, soft = 1UL << W_PG_referenced;
	unsigned int i;

	static const struct page none = { ._mapcount = { -1 }, ._large_mapcount = { -1 } };

	for (i = 0; i < a->npages || i < b->npages; i++) {
		const struct page *p = i < a->npages ? w_page_of(a, i) : &none, *q = i < b->npages ? w_page_of(b, i) : &none;

		bool gone = p->_large_mapcount.counter < 0 && q->_large_mapcount.counter < 0;
		unsigned long harmless = dirty | exclusive | soft | (gone ? 1UL << W_PG_partially_mapped : 0);

		/* A page that one side unmapped and the other kept is exclusive where it is mapped. */
		if ((p->flags ^ q->flags) & exclusive && (counts || p->_mapcount.counter == q->_mapcount.counter))
			differ(out, W_DIFF_EXCLUSIVE, (int)i);
		if (!counts)
			continue;
		if (p->flags & ~q->flags & dirty)
			differ(out, W_DIFF_FOLIO_DIRTY_LOST, (int)i);
		/* Of a folio, to be set once, so however PTEs are batched; walks that age have other ways to tell it. */
		if (W.family == W_FAM_ZAP && p->flags & ~q->flags & soft)
			differ(out, W_DIFF_ACCESSED_LOST, (int)i);
		if ((p->flags ^ q->flags) & ~harmless)
			differ(out, W_DIFF_FOLIO_FLAGS, (int)i);
		if (agree && (p->_mapcount.counter != q->_mapcount.counter || p->_large_mapcount.counter != q->_large_mapcount.counter))
			differ(out, W_DIFF_MAPCOUNT, (int)i);
		if (agree && (p->_refcount.counter != q->_refcount.counter || p->_pincount.counter != q->_pincount.counter))
			differ(out, W_DIFF_REFCOUNT, (int)i);
	}
}

bool w_same(const struct w_snap *a, const struct w_snap *b)
{
	unsigned int t;

	if (a->ending != b->ending || a->violated != b->violated || memcmp(&a->facts, &b->facts, sizeof(a->facts)) ||
	    memcmp(a->lo, b->lo, sizeof(a->lo)) || memcmp(a->hi, b->hi, sizeof(a->hi)) || !w_pages_same(a, b))
		return false;
	for (t = 0; t < W_TABLES; t++)
		if (a->lo[t] < a->hi[t] && memcmp(&a->tab[t][a->lo[t]], &b->tab[t][a->lo[t]], (a->hi[t] - a->lo[t]) * 8))
			return false;
	for (t = 0; t < W_SWAP_TYPES; t++)
		if (memcmp(a->swap_count[t], b->swap_count[t], a->nswap * sizeof(short)))
			return false;
	return true;
}

static void compare_huge(const struct w_side *side, const struct w_snap *a, const struct w_snap *b, struct w_differences *out)
{
	unsigned int t;

	for (t = 0; t < 2; t++) {
		unsigned long x = a->facts.pmd[t], y = b->facts.pmd[t];
		struct w_pte first, second;

		if (!x != !y)
			differ(out, W_DIFF_ENTRY, (int)(t * W_SLOTS));
		if (!x || !y || x == y)
			continue;
		if (!W_HW_LEAF(x) || !W_HW_LEAF(y)) {
			differ(out, W_DIFF_ENTRY, (int)(t * W_SLOTS));
			continue;
		}
		w_decode_fast(side, W_HW_FROM_LEAF(x), &first);
		w_decode_fast(side, W_HW_FROM_LEAF(y), &second);
		compare_present(side, a, &first, b, &second, (int)(t * W_SLOTS), out);
	}
}

void w_compare(const struct w_side *side, const struct w_snap *a, const struct w_snap *b, struct w_differences *out)
{
	bool gave_up = side->family == W_FAM_UNMAP && !a->facts.ret && !b->facts.ret, counts, agree;
	unsigned int t, i;

	out->n = out->total = 0;
	out->codes = 0;
	if (a->ending == W_UNMODELLED || b->ending == W_UNMODELLED)
		return; /* says nothing */
	if (a->ending != b->ending) {
		differ(out, W_DIFF_ENDING, -1);
		return;
	}
	if (a->ending != W_RETURNED)
		return; /* neither came to an end: nothing further to compare */
	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = a->lo[t] < b->lo[t] ? a->lo[t] : b->lo[t], hi = a->hi[t] > b->hi[t] ? a->hi[t] : b->hi[t];

		for (i = lo; i < hi; i++)
			if (entry_of(a, t, i) != entry_of(b, t, i))
				compare_entry(side, a, b, t, i, gave_up, out);
	}
	compare_huge(side, a, b, out);
	counts = !(out->codes >> W_DIFF_KEPT & 1);
	agree = !(out->codes & MAPPINGS);
	compare_pages(a, b, counts, agree, out);
	if (a->facts.ret != b->facts.ret || memcmp(a->facts.out, b->facts.out, sizeof(a->facts.out)))
		differ(out, W_DIFF_RETURN, -1);
	if (agree && memcmp(a->facts.rss, b->facts.rss, sizeof(a->facts.rss)))
		differ(out, W_DIFF_RSS, -1);
	for (t = 0; agree && t < W_SWAP_TYPES; t++)
		if (memcmp(a->swap_count[t], b->swap_count[t], a->nswap * sizeof(short)))
			differ(out, W_DIFF_SWAP_COUNT, -1);
	if (a->facts.calls != b->facts.calls || a->facts.ncalls != b->facts.ncalls)
		differ(out, W_DIFF_CALLS, -1);
	if (a->facts.notify_start != b->facts.notify_start || a->facts.notify_end != b->facts.notify_end ||
	    a->facts.notify_open != b->facts.notify_open)
		differ(out, W_DIFF_NOTIFIER, -1);
	if (a->facts.mapped != b->facts.mapped)
		differ(out, W_DIFF_MAPPED, -1);
}
