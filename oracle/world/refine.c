/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refinement, entry by entry: what of the second side's goes beyond what the first allows. WRITE_LOST, YOUNG,
 * *_GAINED, CONT, SOFT_UNSEEN, KEPT and EXTENT are harmless ones, WRITE_MERGED is where only the length of batches
 * differs.
 */
#undef bool
#include "hw.h"
#include "compare.h"

static bool started_dirty(unsigned long pfn)
{
	unsigned long n = pfn - W_PFN_BASE;

	/* A page that the run allocated has nothing to start from. */
	return n < W_NPAGES && (n >= W.spares || w_start_dirty[n] & 2);
}

/* A folded block is dirty where one entry is: which, nobody can tell, and a folio that is dirty has lost nothing. */
static bool painted(const struct w_pte *l, const struct w_snap *other)
{
	unsigned long n = l->pfn - W_PFN_BASE;

	return l->bits & W_CONT && n < other->npages &&
	       w_page_of(other, w_page_of(other, (unsigned int)n)->w_head)->flags >> W_PG_dirty & 1;
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
	w_differ(out, W.scn->vma & W_V_SOFTDIRTY ? W_DIFF_SOFT_UNSEEN : lost ? W_DIFF_SOFT_LOST : W_DIFF_SOFT_GAINED, slot);
}

/*
 * At fork a batch of a shared mapping is writable in the child where one of its entries is (FPB_MERGE_WRITE in
 * copy_present_ptes): a file's pages are made writable and dirty folio by folio.
 */
static bool merged(const struct w_side *side, const struct w_snap *first, int at)
{
	unsigned int t = (unsigned int)at / W_SLOTS, i, head;
	struct w_pte l;

	if (!w_trait(&W, MERGES_WRITE) || t < 2 || !(W.scn->vma & W_V_SHARED))
		return false;
	w_decode_fast(side, w_entry_of(first, t, (unsigned int)at % W_SLOTS), &l);
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

	w_decode_fast(side, w_entry_of(s, t, i), out);
	if (out->kind == W_SLOT_NONE || out->kind > W_SLOT_SPECIAL || !(out->bits & W_CONT))
		return;
	for (k = i & ~(W_BLOCK - 1); k <= (i | (W_BLOCK - 1)); k++) {
		struct w_pte member;

		w_decode_fast(side, w_entry_of(s, t, k), &member);
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
	bool follows = w_trait(side, PROTECTS) && merged_bits(side, b, at);

	if (a->pfn != b->pfn)
		w_differ(out, W_DIFF_PFN, at);
	if (gained & W_WRITE)
		w_differ(out, follows ? W_DIFF_DIRTY_GAINED : a->kind == W_SLOT_PAGE && merged(side, first, at) ? W_DIFF_WRITE_MERGED :
		       granted(side, second, b) ? W_DIFF_WRITE_GRANTED : W_DIFF_WRITE_GAINED, at);
	if (lost & W_WRITE)
		w_differ(out, W_DIFF_WRITE_LOST, at);
	if (a->exec != b->exec && !((lost | gained) & W_PROTNONE) && a->kernel_only == b->kernel_only)
		w_differ(out, b->exec ? W_DIFF_EXEC_GAINED : W_DIFF_OTHER_BITS, at);
	/* A page that starts clean can only have been marked by the folding of its contpte block: nothing is lost. */
	if (lost & W_DIRTY)
		w_differ(out, started_dirty(a->pfn) && !painted(a, second) ? W_DIFF_DIRTY_LOST : W_DIFF_DIRTY_GAINED, at);
	if (gained & W_DIRTY)
		w_differ(out, W_DIFF_DIRTY_GAINED, at);
	if ((lost | gained) & W_SOFT)
		differ_soft(out, lost & W_SOFT && !(merged_bits(side, a, at) & W_SOFT), at);
	if (lost & W_WP)
		w_differ(out, W_DIFF_WP_LOST, at);
	if (gained & W_WP)
		w_differ(out, W_DIFF_WP_GAINED, at);
	if ((lost | gained) & W_YOUNG)
		w_differ(out, W_DIFF_YOUNG, at);
	/* Neither to be used nor without access: a user access faults, and the kernel finds nothing to do about it. */
	if (a->kernel_only != b->kernel_only)
		w_differ(out, W_DIFF_KERNEL_ONLY, at);
	else if ((lost | gained) & W_PROTNONE)
		w_differ(out, W_DIFF_PROTNONE, at);
	if ((lost | gained) & W_CONT)
		w_differ(out, W_DIFF_CONT, at);
}

/*
 * How much a fault maps around the entry that it is for is a matter of taste: one side left this one as it was, the
 * other mapped what the next fault would.
 */
static bool around(unsigned int t, unsigned int i, const struct w_snap *left, const struct w_pte *mapped)
{
	unsigned int at = t * W_SLOTS + i, n = at - W.scn->first;
	const struct w_slot *slot = &W.scn->slot[n < W.scn->nslots ? n : 0];

	if (W.asked < 0 || (unsigned int)W.asked == at || mapped->kind != W_SLOT_PAGE || w_entry_of(left, t, i) != w_image[t][i])
		return false;
	if (!w_image[t][i])
		return true;
	return n < W.scn->nslots && slot->kind == W_SLOT_SWAPCACHED &&
	       mapped->pfn == W_PFN_BASE + W.scn->folio[slot->folio].pfn + slot->index;
}

/*
 * gave_up: both sides are an unmap that was not done. How many pages it unmapped before is not laid down: with a
 * batch, one page that must stay keeps its neighbours.
 */
void w_compare_entry(const struct w_side *side, const struct w_snap *sa, const struct w_snap *sb, unsigned int t,
		     unsigned int i, bool gave_up, struct w_differences *out)
{
	unsigned int total = out->total;
	int at = (int)(t * W_SLOTS + i);
	struct w_pte a, b, start;

	view(side, sa, t, i, &a);
	view(side, sb, t, i, &b);
	if (gave_up && (a.kind != b.kind ? kept(side, &a, t, i) || kept(side, &b, t, i) :
			kept(side, &a, t, i) && kept(side, &b, t, i))) {
		w_differ(out, W_DIFF_KEPT, at);
		return;
	}
	/* What the second side put back, changed, was not unmapped by it either: it answers for the entry of the start. */
	w_decode_fast(side, w_image[t][i], &start);
	if (gave_up && a.kind != b.kind && b.kind == W_SLOT_PAGE && start.kind == W_SLOT_PAGE && b.pfn == start.pfn) {
		w_differ(out, W_DIFF_KEPT, at);
		compare_present(side, sa, &start, sb, &b, at, out);
		return;
	}
	if (a.kind != b.kind && (around(t, i, sa, &b) || around(t, i, sb, &a))) {
		w_differ(out, W_DIFF_EXTENT, at);
		return;
	}
	if (a.kind != b.kind) {
		bool marker = a.kind == W_SLOT_MARKER_WP || b.kind == W_SLOT_MARKER_WP;
		/* Markers of other kinds are entries like others, of which there has to be the right one. */
		bool entry = a.kind == W_SLOT_MARKER_POISON || a.kind == W_SLOT_MARKER_GUARD || b.kind == W_SLOT_MARKER_POISON ||
			     b.kind == W_SLOT_MARKER_GUARD || (a.kind != W_SLOT_NONE && b.kind != W_SLOT_NONE);

		w_differ(out, marker ? W_DIFF_MARKER : entry ? W_DIFF_ENTRY : W_DIFF_PRESENCE, at);
		return;
	}
	if (a.kind <= W_SLOT_SPECIAL) {
		compare_present(side, sa, &a, sb, &b, at, out);
	} else {
		if (a.pfn != b.pfn || a.type != b.type)
			w_differ(out, W_DIFF_ENTRY, at);
		if (a.bits & ~b.bits & W_EXCL)
			w_differ(out, W_DIFF_SWAP_EXCL_LOST, at);
		if (b.bits & ~a.bits & W_EXCL)
			w_differ(out, W_DIFF_SWAP_EXCL_GAINED, at);
		if ((a.bits ^ b.bits) & W_SOFT)
			differ_soft(out, a.bits & W_SOFT, at);
		if ((a.bits ^ b.bits) & W_WP)
			w_differ(out, a.bits & W_WP ? W_DIFF_WP_LOST : W_DIFF_WP_GAINED, at);
	}
	/* Accessed and dirty have several encodings on arm64 (hardware dirty, software dirty): those were compared. */
	if (out->total == total && (w_entry_of(sa, t, i) ^ w_entry_of(sb, t, i)) & ~(W_HW_AD_MASK | W_HW_CONT_MASK))
		w_differ(out, W_DIFF_OTHER_BITS, at);
}

void w_compare_huge(const struct w_side *side, const struct w_snap *a, const struct w_snap *b, struct w_differences *out)
{
	unsigned int t;

	for (t = 0; t < 2; t++) {
		unsigned long x = a->facts.pmd[t], y = b->facts.pmd[t];
		struct w_pte first, second;

		if (!x != !y)
			w_differ(out, W_DIFF_ENTRY, (int)(t * W_SLOTS));
		if (!x || !y || x == y)
			continue;
		if (!W_HW_LEAF(x) || !W_HW_LEAF(y)) {
			w_differ(out, W_DIFF_ENTRY, (int)(t * W_SLOTS));
			continue;
		}
		w_decode_fast(side, W_HW_FROM_LEAF(x), &first);
		w_decode_fast(side, W_HW_FROM_LEAF(y), &second);
		compare_present(side, a, &first, b, &second, (int)(t * W_SLOTS), out);
	}
}
