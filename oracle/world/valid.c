/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a scenario given in numbers is a state that a kernel can be in. Scenarios come from files and from the
 * shrinker too: what the generator promises is checked here, so that no finding rests on an impossible table.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

bool w_finds_huge(const struct w_side *side) { return W_SLOTS == W_HUGE_NR && w_trait(side, FINDS_HUGE); }

/* A VMA of hugetlb is of whole huge pages, and has no others. Nothing ages, swaps, locks or marks them here. */
static bool valid_hugetlb(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int f, at;

	if (!(s->vma & W_V_HUGETLB)) {
		if (side->wants & W_WANT_NOTHING_ELSE)
			return false;
		for (f = 0; f < s->nfolios; f++)
			if (s->folio[f].bits & W_F_HUGETLB)
				return false;
		return true;
	}
	if (!w_hugetlb_fits(side) || !(s->vma & W_V_FILE) || s->vma_first % W_SLOTS || s->vma_end % W_SLOTS ||
	    s->vma & ~(unsigned int)(W_V_WRITE | W_V_SHARED | W_V_SOFTDIRTY | W_V_ANON_VMA | W_V_FILE | W_V_HUGETLB))
		return false;
	for (f = 0; f < s->nfolios; f++)
		if (!(s->folio[f].bits & W_F_HUGETLB) || s->folio[f].order != 9 || s->folio[f].kind == W_FOLIO_SHMEM ||
		    s->folio[f].bits & ~(W_F_DIRTY | W_F_EXTRA_REF | W_F_PINNED | W_F_LOCKED | W_F_HUGETLB))
			return false;
	for (at = 0; at < s->nslots; at++)
		if (s->slot[at].kind != W_SLOT_PMD && s->slot[at].kind != W_SLOT_NONE)
			return false;
	return true;
}

/*
 * A file system with folios of 2M is told of the first write to a page (vma_wants_writenotify, mm/vma.c; do_wp_page,
 * mm/memory.c), which makes its folio dirty before the entry is, and folio_mkclean() takes both. Shmem is not: its entries
 * may be all that knows of a write, if it is shared.
 */
bool w_maps_clean(const struct w_side *side, const struct w_scenario *s, const struct w_folio *f)
{
	bool told = f->kind == W_FOLIO_FILE || (f->kind == W_FOLIO_SHMEM && !(s->vma & W_V_SHARED));

	return side->wants & W_WANT_HUGE_FILE && told && f->order == 9 && !(f->bits & W_F_DIRTY);
}

bool w_hugetlb_fits(const struct w_side *side) { return w_finds_huge(side) && side->wants & W_WANT_HUGETLB; }

/* The page cache: each folio aligned in its file, at one place, where no other is. */
static bool valid_cache(const struct w_scenario *s)
{
	static unsigned char taken[W_MAX_SLOTS + 2 * W_SLOTS];
	int place[W_MAX_FOLIOS];
	unsigned int at, k;

	memset(taken, 0, sizeof(taken));
	for (k = 0; k < s->nfolios; k++)
		place[k] = -1;
	for (at = 0; at < s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at];
		const struct w_folio *f = &s->folio[slot->folio];
		unsigned int first = W_SLOTS + w_skew(s->vma) + s->first + at - slot->index;

		if ((slot->kind != W_SLOT_PAGE && slot->kind != W_SLOT_CACHED) || f->kind == W_FOLIO_ANON)
			continue;
		if (slot->bits & W_DIRTY && !(s->vma & W_V_SHARED))
			return false;
		if (first & ((1U << f->order) - 1) || (place[slot->folio] >= 0 && place[slot->folio] != (int)first))
			return false;
		for (k = 0; place[slot->folio] < 0 && k < 1U << f->order; k++)
			if (taken[first + k]++)
				return false;
		place[slot->folio] = (int)first;
	}
	return true;
}

/* MAP_DROPPABLE (do_mmap, mm/mmap.c): private anonymous memory without userfaultfd or mlock that is never swapped. */
static bool valid_droppable(const struct w_side *side, const struct w_scenario *s)
{
	const unsigned int not = W_V_FILE | W_V_SHARED | W_V_UFFD_WP | W_V_UFFD_RWP | W_V_UFFD_REMAP | W_V_LOCKED | W_V_HUGETLB;
	unsigned int i;

	if (!(s->vma & W_V_DROPPABLE))
		return true;
	if (!w_trait(side, FINDS_DROPPABLE) || s->vma & not)
		return false;
	for (i = 0; i < s->nfolios; i++)
		if (s->folio[i].bits & (W_F_SWAPBACKED | W_F_KSM))
			return false;
	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind == W_SLOT_SWAP || s->slot[i].kind == W_SLOT_SPECIAL)
			return false;
	return true;
}

/* A contpte block is aligned, whole, of one folio, and alike but for accessed, dirty and AnonExclusive. */
static bool valid_blocks(const struct w_side *side, const struct w_scenario *s)
{
	const unsigned int last = W_BLOCK - 1;
	unsigned int at, k;

	for (at = 0; at < s->nslots; at++) {
		unsigned int slot = s->first + at;
		const struct w_slot *b;

		if (!(s->slot[at].bits & W_CONT) || s->slot[at].kind != W_SLOT_PAGE)
			continue;
		if (side->cont_ptes == 1 || at < (slot & last) || at - (slot & last) + W_BLOCK > s->nslots)
			return false;
		b = &s->slot[at - (slot & last)];
		if ((s->folio[b->folio].pfn + b->index) & last)
			return false;
		for (k = 0; k < W_BLOCK; k++)
			if (b[k].kind != W_SLOT_PAGE || b[k].folio != b->folio || b[k].index != b->index + k ||
			    (b[k].bits ^ b->bits) & (W_WRITE | W_SOFT | W_WP | W_PROTNONE | W_CONT))
				return false;
	}
	return true;
}

static bool valid_folios(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int f, end = 1;

	for (f = 0; f < s->nfolios; f++) {
		const struct w_folio *o = &s->folio[f];

		if (o->order > 9 || o->kind > W_FOLIO_SHMEM || o->pfn & ((1U << o->order) - 1) || o->pfn < end)
			return false;
		end = o->pfn + (1U << o->order);
		if (end > W_NPAGES || (o->kind != W_FOLIO_ANON && (!(s->vma & W_V_FILE) || o->kind != w_file_kind(s))) ||
		    (o->kind == W_FOLIO_ANON && s->vma & W_V_SHARED))
			return false;
		/* GUP cannot come at it. */
		if (o->bits & W_F_DEVICE && (o->kind != W_FOLIO_ANON || o->bits & (W_F_PINNED | W_F_KSM | W_F_SWAPCACHE) ||
		    !(side->wants & W_WANT_DEVICE || w_trait(side, FINDS_DEVICE_PAGES))))
			return false;
		/* Else reclaim would drop it (try_to_merge_one_page, mm/ksm.c). */
		if (o->bits & W_F_KSM && (o->order || o->kind != W_FOLIO_ANON || !(o->bits & (W_F_DIRTY | W_F_SWAPCACHE))))
			return false;
		if (o->bits & W_F_SWAPCACHE && (o->kind != W_FOLIO_ANON || !(o->bits & W_F_SWAPBACKED)))
			return false;
		/* What try_to_unmap() asks for: a locked folio, with swap space unless small, as poisoned pages are. */
		if (w_trait(side, FINDS_LOCKED) && (!(o->bits & W_F_LOCKED) || (o->order && o->kind == W_FOLIO_ANON &&
		    o->bits & W_F_SWAPBACKED && !(o->bits & W_F_SWAPCACHE))))
			return false;
		if (w_trait(side, SWAPS_IN) && o->bits & W_F_SWAPCACHE && end > W_SWAP_SLOTS / 2)
			return false;
		/* MADV_FREE is for anonymous VMAs (madvise_free_single_vma, mm/madvise.c). */
		if (o->kind == W_FOLIO_ANON && (s->vma & (W_V_FILE | W_V_HUGETLB)) == W_V_FILE && !(o->bits & W_F_SWAPBACKED))
			return false;
		if (o->kind != W_FOLIO_ANON && (o->kind == W_FOLIO_SHMEM) != !!(o->bits & W_F_SWAPBACKED))
			return false;
	}
	return true;
}

bool w_valid(const struct w_side *side, const struct w_scenario *s)
{
	static unsigned char mapped[W_NPAGES];
	static short seen[2][W_SWAP_SLOTS];
	int place[W_MAX_FOLIOS];	/* of a folio's first page, from the first slot given; a VMA maps it in one */
	unsigned int at;

	if (!valid_folios(side, s) || s->start >= s->end || s->start / W_SLOTS != (s->end - 1) / W_SLOTS ||
	    s->vma_first > s->start || s->vma_end < s->end || s->first > s->start || s->first + s->nslots < s->end)
		return false;
	if ((s->vma & W_V_FILE_OFFSET && !w_trait(side, OF_CACHE)) || (s->vma & W_V_SHARED && !(s->vma & W_V_FILE)) ||
	    (s->vma & W_V_UFFD_RWP && (!side->rwp || s->vma & (W_V_UFFD_WP | W_V_UFFD_REMAP))))
		return false;
	if (s->mm & W_MM_AGENT && (!w_agent_fits(side) || s->mm & W_MM_EXITS))
		return false;
	if ((w_trait(side, ANONYMOUS) || side->wants & W_WANT_ANON) && s->vma & W_V_FILE)
		return false;
	if ((side->wants & W_WANT_WRITE && !(s->vma & W_V_WRITE)) ||
	    (side->wants & W_WANT_TABLE && (s->vma_first > (s->start & ~(W_SLOTS - 1)) || s->vma_end < ((s->end - 1) | (W_SLOTS - 1)) + 1)))
		return false;
	for (at = 0; at < W_OPTIONS; at++)
		if (s->option[at] < 0 || s->option[at] > 65535)
			return false;
	if (side->wants & W_WANT_HUGE_FILE && (!s->nfolios || s->folio[0].order != 9 || s->folio[0].kind == W_FOLIO_ANON))
		return false;
	if (w_trait(side, ONE_HUGE) && (s->start % W_SLOTS || s->end != s->start + 1 || s->nslots != 1 || s->slot[0].kind != W_SLOT_NONE ||
	    s->nfolios != 1 || s->folio[0].order != 9 || (s->vma & W_V_FILE && s->folio[0].kind == W_FOLIO_ANON) ||
	    s->vma_end < s->start + W_SLOTS))
		return false;
	memset(mapped, 0, sizeof(mapped));
	memset(seen, 0, sizeof(seen));
	for (at = 0; at < s->nfolios; at++)
		place[at] = W_MAX_SLOTS;
	for (at = 0; at < s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at];

		if (!w_valid_slot(side, s, slot) || (slot->kind == W_SLOT_PMD && !w_finds_huge(side)) ||
		    (slot->kind == W_SLOT_CACHED && !w_trait(side, OF_CACHE)) ||
		    (slot->kind == W_SLOT_SWAPCACHED && !w_trait(side, SWAPS_IN)))
			return false;
		if (slot->kind == W_SLOT_PMD && mapped[s->folio[slot->folio].pfn]++)
			return false;
		if (w_uses_folio(slot)) {
			int here = (int)at - slot->index;

			if (mapped[s->folio[slot->folio].pfn + slot->index]++ || (place[slot->folio] != W_MAX_SLOTS && place[slot->folio] != here))
				return false;
			place[slot->folio] = here;
		}
		if (w_trait(side, PRIVATE_CLEAN) && slot->kind == W_SLOT_PAGE && slot->bits & W_DIRTY && !(s->vma & W_V_SHARED) &&
		    s->folio[slot->folio].kind != W_FOLIO_ANON)
			return false;
		if (slot->kind == W_SLOT_PAGE && slot->bits & W_DIRTY && w_maps_clean(side, s, &s->folio[slot->folio]))
			return false;
		/* Several hold it only where none is exclusive. */
		if (slot->kind == W_SLOT_SWAP && seen[slot->folio][slot->index] + (slot->bits & W_EXCL ? 2 : 1) > 2)
			return false;
		if (slot->kind == W_SLOT_SWAP)
			seen[slot->folio][slot->index] = slot->bits & W_EXCL ? 2 : 1;
	}
	return valid_droppable(side, s) && valid_blocks(side, s) && valid_hugetlb(side, s) && (!w_trait(side, OF_CACHE) || valid_cache(s));
}
