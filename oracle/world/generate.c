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

unsigned long w_rng;
static bool plain;	/* W_WANT_PLAIN, and this scenario keeps to it */
static unsigned int next_pfn;
static struct w_pattern last;	/* of the folio before */

static void seed_with(unsigned long seed, unsigned long index)
{
	unsigned long z = seed * 0x9e3779b97f4a7c15UL + (index + 1) * 0xbf58476d1ce4e5b9UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	w_rng = (z ^ z >> 31) | 1;
}

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

/* Up to 2M, but that seldom: every page of a folio is state to restore and to compare. */
static unsigned int choose_order(const struct w_side *side, unsigned int left)
{
	unsigned int order = side->wants & W_WANT_SMALL && !w_one_in(4) ? 0 : w_one_in(4) ? 0 : w_one_in(2) ? W_BLOCK_ORDER :
		w_one_in(6) ? w_rnd(10) : w_rnd(W_BLOCK_ORDER + 3);

	return left < 8 && w_one_in(2) ? w_rnd(4) : order;
}

unsigned int w_choose_order(const struct w_side *side, unsigned int left) { return choose_order(side, left); }

/* slot: where its first page is mapped; a row of small folios may fill a contpte block together. */
static int add_folio(const struct w_side *side, struct w_scenario *s, unsigned int order, unsigned int slot)
{
	struct w_folio *f = &s->folio[s->nfolios];
	unsigned int nr = 1U << order, pfn = (next_pfn + nr - 1) & ~(nr - 1);

	if (order < W_BLOCK_ORDER && !(slot & (nr - 1)) && w_one_in(2))
		pfn += (slot - pfn) & (W_BLOCK - 1);

	if (s->nfolios >= W_MADE_FOLIOS || pfn + nr > W_NPAGES)
		return -1;
	next_pfn = pfn + nr;
	*f = (struct w_folio){ .order = (unsigned char)order, .pfn = (unsigned short)pfn, .kind = W_FOLIO_ANON };
	/* The folios of a file that is faulted in come from w_fill_cache(). */
	if (!w_trait(side, OF_CACHE) && s->vma & W_V_FILE && (s->vma & W_V_SHARED || w_one_in(2)))
		f->kind = w_choose_kind(s);
	f->bits = (unsigned short)((w_one_in(4) ? W_F_DIRTY : 0) | (w_one_in(6) ? W_F_EXTRA_MAP : 0) | (w_one_in(10) ? W_F_EXTRA_REF : 0) |
		(w_one_in(12) ? W_F_PINNED : 0) | (w_one_in(4) ? W_F_REFERENCED : 0));
	if (f->kind == W_FOLIO_SHMEM)
		f->bits |= W_F_SWAPBACKED;
	if (f->kind == W_FOLIO_ANON) {
		f->bits |= (unsigned short)(w_one_in(w_trait(side, FINDS_LOCKED) ? 2 : 6) && !(s->vma & W_V_FILE) ? 0 : W_F_SWAPBACKED);
		/* Before it is unmapped a folio gets swap space; but poison strikes a page at any time. */
		if (f->bits & W_F_SWAPBACKED && (w_trait(side, FINDS_LOCKED) ? order || !w_one_in(8) : w_one_in(6)))
			f->bits |= W_F_SWAPCACHE | (w_trait(side, FINDS_BUSY) && w_one_in(6) ? W_F_WRITEBACK : 0);
		if (order == 0 && w_one_in(16))
			f->bits |= W_F_KSM;
	}
	if (plain)
		f->bits &= (unsigned short)~(W_F_EXTRA_REF | W_F_PINNED);
	else if ((w_trait(side, FINDS_BUSY) || side->wants & W_WANT_LOCKS) && w_one_in(6))
		f->bits |= W_F_LOCKED;
	if (w_trait(side, FINDS_LOCKED))
		f->bits |= W_F_LOCKED;
	/* Swap entries of the swap cache can be faulted in: each has its own there. */
	if (w_trait(side, SWAPS_IN) && pfn + nr > W_SWAP_SLOTS / 2)
		f->bits &= (unsigned short)~W_F_SWAPCACHE;
	return s->nfolios++;
}

int w_add_folio(const struct w_side *side, struct w_scenario *s, unsigned int order, unsigned int slot)
{
	return add_folio(side, s, order, slot);
}

/* A migration entry for what the PTE said. Shared or pinned folios are not moved; the folio is locked meanwhile. */
static void migrate_run(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int n)
{
	struct w_folio *f = &s->folio[s->slot[at].folio];
	unsigned int k, target;

	f->bits = (unsigned short)((f->bits & ~(W_F_KSM | W_F_EXTRA_MAP | W_F_PINNED)) | W_F_LOCKED);
	for (k = 0; k < n; k++) {
		struct w_slot *slot = &s->slot[at + k];

		slot->kind = slot->bits & W_WRITE ? W_SLOT_MIG_WRITE : slot->bits & W_EXCL ? W_SLOT_MIG_EXCL : W_SLOT_MIG_READ;
		slot->bits &= W_YOUNG | W_DIRTY | W_SOFT | W_WP;
	}
	/* Where it goes, unless the move was given up. */
	if (w_one_in(2) && (target = (unsigned int)add_folio(side, s, f->order, 0)) < W_MADE_FOLIOS) {
		s->folio[target].bits = f->bits;
		s->folio[target].kind = f->kind;
	}
}

static unsigned int fill_folio(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	const struct w_folio *before = s->nfolios ? &s->folio[s->nfolios - 1] : NULL;
	unsigned int order = before && (before->order | 1) == 3 && w_one_in(2) ? before->order : choose_order(side, left);
	unsigned int nr = 1U << order, k, n, index, keeps;
	unsigned int slot = s->first + at;
	int f;

	f = add_folio(side, s, order, slot);
	if (f < 0)
		return w_skip(s, at, left);
	index = w_one_in(8) ? w_rnd(nr) : slot & (nr - 1);
	/* Memory moved by mremap() is not aligned with its folio, which can reach into the next table. */
	if (w_trait(side, FOLLOWS_FOLIO) && slot < W_SLOTS && slot + left > W_SLOTS && w_one_in(2))
		index = w_rnd(nr);
	n = nr - index < left ? nr - index : left;
	if (w_one_in(6))
		n = 1 + w_rnd(n);
	if (order >= W_BLOCK_ORDER || w_one_in(2)) /* else as its neighbour */
		last = w_choose_pattern(slot, n);
	if (w_trait(side, TAKES_HINTS) && w_one_in(4)) /* all, or all but the odd ones */
		last.base |= W_PROTNONE;
	keeps = w_trait(side, PRIVATE_CLEAN) && !(s->vma & W_V_SHARED) && s->folio[f].kind != W_FOLIO_ANON ? ~(unsigned int)W_DIRTY : ~0U;
	if (w_maps_clean(side, &s->folio[f]))
		keeps = ~(unsigned int)(W_WRITE | W_DIRTY);
	for (k = 0; k < n; k++)
		s->slot[at + k] = (struct w_slot){ .kind = W_SLOT_PAGE, .folio = (unsigned short)f, .index = (unsigned short)(index + k) };
	w_put_bits(s, &s->folio[f], &last, keeps, &s->slot[at], n);
	if (w_trait(side, PUTS_BACK) && !w_one_in(4))
		migrate_run(side, s, at, n);
	return n;
}

/* Blocks that a kernel may have folded, contpte_try_fold in arch/arm64/mm/contpte.c. */
static void fold_blocks(const struct w_side *side, struct w_scenario *s)
{
	unsigned int at, k;

	if (side->cont_ptes == 1 || s->mm & 1)
		return;
	for (at = -s->first & (W_BLOCK - 1); at + W_BLOCK <= s->nslots; at += W_BLOCK) {
		struct w_slot *b = &s->slot[at];

		if (b->kind != W_SLOT_PAGE || (s->folio[b->folio].pfn + b->index) & (W_BLOCK - 1) || w_one_in(4))
			continue;
		for (k = 1; k < W_BLOCK; k++)
			if (b[k].kind != W_SLOT_PAGE || b[k].folio != b->folio || b[k].index != b->index + k ||
			    (b[k].bits ^ b->bits) & (W_WRITE | W_SOFT | W_WP | W_PROTNONE) || b->bits & W_PROTNONE)
				break;
		if (k == W_BLOCK)
			while (k--)
				b[k].bits |= W_CONT;
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
	seed_with(~seed, index);
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

	seed_with(seed, index / 2);
	next_pfn = 1;
	plain = side->wants & W_WANT_PLAIN && !w_one_in(4);
	last = (struct w_pattern){ .base = w_random_bits(), .unit = 1 };
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
			at += fill_folio(side, s, at, left);
		} else if (what < 12) {
			at += w_skip(s, at, 1 + w_rnd(left < 20 ? left : 20));
		} else if (what < 14 && !(s->vma & W_V_SHARED)) {
			unsigned int n = w_trait(side, SWAPS_IN) && w_one_in(2) ? w_fill_swapped(side, s, at, left) : 0;

			at += n ? n : w_fill_swap(s, at, left);
		} else {
			at += w_fill_other(side, s, at, left);
		}
	}
	if (w_trait(side, SHARES_WITH_DEVICE) && w_one_in(4))
		w_give_to_device(side, s);
	if (w_trait(side, FINDS_DROPPABLE) && !(s->vma & W_V_FILE) && w_one_in(6))
		w_make_droppable(s);
	fold_blocks(side, s);
	choose_call(side, seed, index, s);
}
