/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules on what a walk made of an entry: going from present to swap or migration form and back it keeps what it says
 * (D5, E5, F7), and a walk that ages or looks leaves all but the young bit alone (S8).
 */
#undef bool
#include "hw.h"
#include "runtime.h"

static bool migrates(const struct w_pte *l) { return l->kind >= W_SLOT_MIG_READ && l->kind <= W_SLOT_MIG_WRITE; }
static bool swapped(const struct w_pte *l) { return l->kind == W_SLOT_SWAP && l->type < W_SWAP_TYPES; }

static bool exclusive(const struct page *page) { return page->flags >> W_PG_exclusive & 1; }
static bool anon(const struct page *pages, unsigned int n) { return pages[pages[n].w_head].flags >> W_PG_anon & 1; }

/*
 * Unmapped: a page to its swap or migration entry. A device-exclusive entry says neither young, dirty nor write. A
 * batch has the accessed and dirty bits of all, and x86's pte_mkdirty soft-dirty with them: more than there was does
 * no harm.
 */
static void check_left(const struct w_pte *start, const struct w_pte *end, int at)
{
	unsigned int n = (unsigned int)(start->pfn - W_PFN_BASE);
	bool was;

	if ((start->kind != W_SLOT_PAGE && start->kind != W_SLOT_DEV_EXCL) || (!migrates(end) && !swapped(end)))
		return;
	/* Of a page that was mapped as part of a huge one the head says it. */
	was = exclusive(&w_page_image[W_HW_LEAF(w_start.pmd[at / W_SLOTS & 1]) ? w_page_image[n].w_head : n]);
	if (start->bits & ~end->bits & W_SOFT || (start->bits ^ end->bits) & W_WP)
		violate(D5, at);
	if (swapped(end) ? was != !!(end->bits & W_EXCL) : was && anon(w_page_image, n) && end->kind == W_SLOT_MIG_READ)
		violate(E5, at);
	if (!migrates(end))
		return;
	if (start->pfn != end->pfn || (end->kind == W_SLOT_MIG_EXCL && !was) || (end->kind == W_SLOT_MIG_WRITE) != !!(start->bits & W_WRITE))
		violate(E5, at);
	if (start->bits & ~end->bits & (W_YOUNG | W_DIRTY))
		violate(F7, at);
}

/*
 * G8: a page that was to be freed lazily is given up only when nobody has written to it, unless the VMA is droppable,
 * and nobody else holds it; else it stays mapped (try_to_unmap_one, mm/rmap.c). Poison takes any page, and leaves an entry that says so.
 */
static void check_freed(const struct w_pte *start, const struct w_pte *end, int at)
{
	const struct page *was = &w_page_image[w_page_image[(start->pfn - W_PFN_BASE) % W_NPAGES].w_head];
	int maps = 1 + (was->w_order ? was->_large_mapcount.counter : was->_mapcount.counter);

	if (start->kind != W_SLOT_PAGE || !(was->flags >> W_PG_anon & 1) || was->flags >> W_PG_swapbacked & 1 ||
	    end->kind == W_SLOT_PAGE || end->kind == W_SLOT_SWAP)
		return;
	if ((!(W.scn->vma & W_V_DROPPABLE) && (start->bits & W_DIRTY || was->flags >> W_PG_dirty & 1)) || was->_refcount.counter != 1 + maps)
		violate(G8, at);
}

static void check_unmapped(const struct w_pte *start, const struct w_pte *end, int at)
{
	check_left(start, end, at);
	if (!migrates(end))
		check_freed(start, end, at);
}

/*
 * Mapped again: write where it was writable, or always is; young where it was, dirty where it was and the folio is. A
 * block that is folded then is young and dirty where one of its entries is.
 */
static void check_back(const struct w_pte *start, const struct w_pte *end, int at)
{
	unsigned int n = (unsigned int)(end->pfn - W_PFN_BASE);
	bool dirty = W.pages[W.pages[n % W_NPAGES].w_head].flags >> W_PG_dirty & 1;
	unsigned int had, has;

	if (!migrates(start) || (end->kind != W_SLOT_PAGE && end->kind != W_SLOT_ZERO))
		return;
	if ((start->bits ^ end->bits) & (W_SOFT | (start->kind == W_SLOT_MIG_WRITE ? 0U : W_WP)))
		violate(D5, at);
	if (end->kind == W_SLOT_ZERO)
		return;
	if (anon(W.pages, n) && exclusive(&W.pages[n]) && start->kind == W_SLOT_MIG_READ) /* E6: others may map it */
		violate(E6, at);
	if (anon(W.pages, n) && !exclusive(&W.pages[n]) && start->kind != W_SLOT_MIG_READ)
		violate(E5, at);
	if ((start->kind == W_SLOT_MIG_WRITE || w_unnoticed(W.scn)) != !!(end->bits & W_WRITE))
		violate(E5, at);
	had = start->bits & (dirty ? W_YOUNG | W_DIRTY : W_YOUNG);
	has = end->bits & (W_YOUNG | W_DIRTY);
	if (had & ~has || (has & ~had && !(end->bits & W_CONT)))
		violate(F7, at);
}

/* Of a block that was unfolded each entry says what all said. */
static void unfolded(const struct w_side *side, unsigned int t, unsigned int i, struct w_pte *start)
{
	w_decode_fast(side, (w_image[t][i] & ~W_HW_AD_MASK) | w_block_says(&w_image[t][i & ~(W_BLOCK - 1)]), start);
}

/* A large folio of a file was split meanwhile, and its pages are to be found in the page cache. */
static bool was_split(const struct w_pte *start, const struct w_pte *end)
{
	unsigned int n = (unsigned int)(start->pfn - W_PFN_BASE) % W_NPAGES;

	return start->kind == W_SLOT_PAGE && (end->kind == W_SLOT_NONE || end->kind == W_SLOT_MARKER_WP) &&
	       w_page_image[w_page_image[n].w_head].w_order && !W.pages[n].w_order && !anon(w_page_image, n);
}

/* Aged or looked at. A folio that is split on the way loses its contpte blocks. */
static void check_same(const struct w_pte *start, const struct w_pte *end, int at)
{
	unsigned int may = W_CONT | (w_trait(&W, AGES) ? W_YOUNG : 0);

	if (was_split(start, end))
		return;
	if (start->kind != end->kind || start->pfn != end->pfn || start->type != end->type ||
	    (start->bits ^ end->bits) & ~may || end->bits & ~start->bits & (W_YOUNG | W_CONT))
		violate(S8, at);
}

/* What the walk found: of a huge page that was split meanwhile, the part. */
static void decode_start(const struct w_side *side, unsigned int t, unsigned int i, struct w_pte *out)
{
	unsigned long huge = t < 2 ? w_start.pmd[t] : 0;

	w_decode_fast(side, W_HW_LEAF(huge) ? W_HW_FROM_LEAF(huge) + (i << 12) : w_image[t][i], out);
}

/* Its huge page is not mapped at all then. */
static bool file_was_split(unsigned int t)
{
	unsigned int n = (unsigned int)(W_HW_PFN(w_start.pmd[t & 1]) - W_PFN_BASE);

	return W_HW_LEAF(w_start.pmd[t & 1]) && !W_HW_LEAF(W.pmd[t & 1]) && !anon(w_page_image, n);
}

static void check_huge(const struct w_side *side, unsigned int t)
{
	struct w_pte start, end;

	if (!W_HW_LEAF(w_start.pmd[t]) || w_start.pmd[t] == W.pmd[t])
		return;
	w_decode_fast(side, W_HW_FROM_LEAF(w_start.pmd[t]), &start);
	if (W.scn->vma & W_V_HUGETLB && !W_HW_LEAF(W.pmd[t])) {
		w_decode_fast(side, W.pmd[t], &end);
		check_left(&start, &end, (int)(t * W_SLOTS));
	}
	if (!W_HW_LEAF(W.pmd[t]))
		return;
	w_decode_fast(side, W_HW_FROM_LEAF(W.pmd[t]), &end);
	check_same(&start, &end, (int)(t * W_SLOTS));
}

void w_check_walked(const struct w_side *side)
{
	unsigned int at;

	check_huge(side, 0);
	check_huge(side, 1);

	for (at = W.scn->first; at < (unsigned int)W.scn->first + W.scn->nslots; at++) {
		unsigned int t = at / W_SLOTS, i = at % W_SLOTS;
		struct w_pte start, end;

		if (w_image[t][i] == W.tab[t][i] || file_was_split(t))
			continue;
		decode_start(side, t, i, &start);
		w_decode_fast(side, W.tab[t][i], &end);
		if (start.bits & ~end.bits & W_CONT && end.kind == start.kind && w_trait(&W, LEAVES_ALONE))
			unfolded(side, t, i, &start);
		if (w_trait(&W, UNMAPS))
			check_unmapped(&start, &end, (int)at);
		else if (w_trait(&W, PUTS_BACK))
			check_back(&start, &end, (int)at);
		else
			check_same(&start, &end, (int)at);
	}
}
