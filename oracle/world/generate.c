/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios from a seed and an index: runs of like PTEs, most large folios naturally aligned, bits uniform, with
 * one odd PTE, split or mixed. Only states that a kernel can be in: an anon PTE is writable only where its page
 * is exclusive, uffd-wp excludes write, a shared file PTE is writable only once dirty, but for shmem.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "generate.h"

/* Entries of a VMA are executable all or none, but for those without any access: few, since that matters to few. */
static bool executable(const struct w_side *side, unsigned long seed, unsigned long index)
{
	return !w_trait(side, BARE) && (index * 0x9e3779b97f4a7c15UL ^ seed << 60) >> 60 == 5;
}

static void choose_vma(const struct w_side *side, struct w_scenario *s)
{
	s->vma = w_one_in(8) ? 0 : W_V_WRITE;
	/* MADV_FREE is for anonymous VMAs only. */
	if (w_trait(side, OF_CACHE) || (!w_trait(side, ANONYMOUS) && !(side->wants & W_WANT_ANON) && w_one_in(3)))
		s->vma |= W_V_FILE | (w_one_in(2) ? W_V_SHARED : 0);
	if (w_trait(side, OF_CACHE) && w_one_in(4))
		s->vma |= W_V_FILE_OFFSET;
	if (w_one_in(5))
		s->vma |= W_V_UFFD_WP | (w_one_in(2) ? W_V_UFFD_REMAP : 0);
	if (side->rwp && w_trait(side, FINDS_RWP) && w_one_in(6))
		s->vma = (s->vma & ~(W_V_UFFD_WP | W_V_UFFD_REMAP)) | W_V_UFFD_RWP;
	s->vma |= (w_one_in(2) ? W_V_SOFTDIRTY : 0) | W_V_ANON_VMA;
	if (w_trait(side, FOLLOWS_FOLIO) && w_one_in(12))
		s->vma |= W_V_LOCKED;
	if (side->wants & W_WANT_HUGE_FILE)
		s->vma |= W_V_FILE | (w_one_in(2) ? W_V_SHARED : 0);
	if (side->wants & W_WANT_WRITE)
		s->vma |= W_V_WRITE;
}

/* Where the slots lie: often at a contpte block or table edge. The range is within one table. */
static void choose_range(const struct w_side *side, struct w_scenario *s)
{
	unsigned int n = w_one_in(4) ? 1 + w_rnd(8) : w_one_in(3) ? 1 + w_rnd(2 * W_BLOCK) : w_one_in(40) ? 1 + w_rnd(W_SLOTS) : W_BLOCK + w_rnd(3 * W_BLOCK + 1);
	unsigned int before = w_one_in(3) ? w_rnd(W_BLOCK + 1) : 0, after = w_one_in(3) ? w_rnd(W_BLOCK + 1) : 0, table = w_one_in(8);
	bool cross = w_trait(side, FOLLOWS_FOLIO) && w_one_in(5);
	unsigned int first;

	/* The larger, the dearer. */
	if (w_trait(side, EMPTIES_TABLES) && w_one_in(20 * (W_SLOTS / 512)))
		n = W_SLOTS;
	first = w_one_in(6) ? W_SLOTS - n : w_one_in(2) ? w_rnd(W_SLOTS - n + 1) & ~(W_BLOCK - 1) : w_rnd(W_SLOTS - n + 1);

	first += table * W_SLOTS;
	if (cross) {
		first = W_SLOTS - n;
		after = 1 + w_rnd(2 * W_BLOCK + 8);
	}
	s->start = (unsigned short)first;
	s->end = (unsigned short)(first + n);
	if (before > first)
		before = first;
	if (first + n + after > W_MAX_SLOTS)
		after = W_MAX_SLOTS - first - n;
	s->first = (unsigned short)(first - before);
	s->nslots = (unsigned short)(before + n + after);
	s->vma_first = w_one_in(2) ? s->start : w_one_in(2) ? s->first : 0;
	s->vma_end = w_one_in(2) ? s->end : w_one_in(2) ? (unsigned short)(s->first + s->nslots) : W_MAX_SLOTS;
	if (side->wants & W_WANT_TABLE) {
		s->vma_first = s->vma_first < table * W_SLOTS ? s->vma_first : (unsigned short)(table * W_SLOTS);
		s->vma_end = (unsigned short)((table + 1) * W_SLOTS);
	}
}

/* Each nothing or a number, by the toss of a coin that no branch waits for: it would be foreseen half the time. */
static void choose_options(struct w_scenario *s)
{
	unsigned long rng = w_rng, toss, number, taken;
	unsigned int k;

	for (k = 0; k < W_OPTIONS; k++) {
		toss = w_next_rng(rng);
		number = w_next_rng(toss);
		taken = -(toss >> 63);	/* as of w_one_in(2) */
		s->option[k] = (long)(number >> 48 & taken);	/* of w_rnd(65536) */
		rng = toss ^ ((toss ^ number) & taken);
	}
	w_rng = rng;
}

/* Two scenarios share a table and differ in how the function is called: the table is the dearer half. */
static void choose_call(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s)
{
	w_seed(~seed, index);
	s->mm = (s->mm & 1) | (w_one_in(8) ? W_MM_EXITS : 0);
	s->salt = (unsigned short)w_rnd(65536);
	choose_options(s);
	s->option[7] = w_one_in(4) ? 1 + w_rnd(4) : 0;
	/* Of those that are looked at thoroughly, so that the agent costs nothing: it takes the place of forced runs. */
	s->mm |= w_agent_fits(side) && !(index & 7) && w_one_in(8) && !(s->mm & W_MM_EXITS) ? W_MM_AGENT : 0;
	if (w_may_fail_somewhere() && !(s->mm & W_MM_AGENT) && w_one_in(12))
		s->mm |= (1 + w_rnd(7)) << W_MM_FAILS;
}

bool w_generate_next(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s)
{
	if (!(index & 1))
		return false;
	choose_call(side, seed, index, s);
	return true;
}

void w_generate(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s)
{
	unsigned int at = 0;
	bool plain;

	w_seed(seed, index / 2);
	plain = side->wants & W_WANT_PLAIN && !w_one_in(4);
	w_begin_folios(plain);
	w_begin_swap();
	memset(s, 0, offsetof(struct w_scenario, folio));
	choose_vma(side, s);
	s->vma |= executable(side, seed, index / 2) ? W_V_EXEC : 0;
	choose_range(side, s);
	if (w_trait(side, ONE_HUGE)) {
		w_choose_huge(side, s);
		choose_call(side, seed, index, s);
		return;
	}
	if (w_hugetlb_fits(side) && (index / 2 % 48 == 31 || side->wants & W_WANT_NOTHING_ELSE)) {
		w_fill_hugetlb(side, s);
		at = s->nslots;
	} else if (w_finds_huge(side) && index / 2 % 48 == 7) {
		w_fill_huge(side, s);
		at = s->nslots;
	}
	s->mm = w_trait(side, KERNEL_MAPPINGS) && w_one_in(12);
	if (w_trait(side, OF_CACHE))
		w_begin_cache();
	if (side->wants & W_WANT_HUGE_FILE)
		w_put_huge_file(side, s);
	while (at < s->nslots) {
		unsigned int left = s->nslots - at, what = w_rnd(plain ? 12 : 16);

		if (w_trait(side, OF_CACHE) && (what < 9 || (what < 10 && s->vma & W_V_SHARED))) {
			unsigned int n = w_fill_cache(side, s, at, left);

			at += n ? n : w_skip(s, at, left);
		} else if (side->wants & W_WANT_HUGE_FILE && !w_one_in(24)) {
			at += what < 10 ? w_fill_in_place(side, s, at, left) : w_skip(s, at, 1 + w_rnd(left < 20 ? left : 20));
		} else if (what < 10) {
			at += w_fill_folio(side, s, at, left);
		} else if (what < 12) {
			at += w_skip(s, at, 1 + w_rnd(left < 20 ? left : 20));
		} else if (what < 14 && !(s->vma & W_V_SHARED)) {
			unsigned int n = w_trait(side, SWAPS_IN) && w_one_in(2) ? w_fill_swapped(side, s, at, left) : 0;

			at += n ? n : w_fill_swap(s, at, left);
		} else {
			at += w_fill_other(side, s, at, left);
		}
	}
	if (w_trait(side, SHARES_WITH_DEVICE) && w_trait(side, UNMAPS) && w_one_in(4))
		w_give_to_device(side, s);
	if (w_trait(side, FINDS_DROPPABLE) && w_trait(side, UNMAPS) && !(s->vma & W_V_FILE) && w_one_in(6))
		w_make_droppable(s);
	w_make_seldom(side, seed, index / 2, s);
	w_fold_blocks(side, s);
	choose_call(side, seed, index, s);
}
