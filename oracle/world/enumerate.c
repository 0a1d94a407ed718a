/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small tables, all there are: each slot in one of a few states, in one of a few places. A number names a table:
 * shorter ones come first, then those of the first place, then by the states of the slots. What is set in a run of
 * the same folio is one bit at a time, from PTEs that are read-only, clean and old.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

enum state { NONE, PLAIN, DIRTY, YOUNG, SOFT, EXCLUSIVE, WRITABLE, WP, OTHER, SWAP, SWAP_ODD, MARKER, MARKER_WP, NSTATES };
enum place {
	INSIDE,	/* of a large anonymous folio, pages of which lie before and behind, out of the range */
	BEHIND,	/* a contpte block, folded and writable, of the same folio; the range starts at its last two entries */
	ACROSS,	/* two folios of a shared file that follow one another, at the end of the page table, under userfaultfd */
	NPLACES
};
#define SMALL_ORDER 3	/* of folios that hold the longest table and a page on both sides */
#define TAIL 2	/* entries of what lies before that are in the range, or in the same folio */

static unsigned char usable[NPLACES][NSTATES];	/* the states that a kernel can be in there */
static unsigned int nusable[NPLACES];

/* Others need more than a table: a page cache, a table full of one folio, folios on their way. */
static bool fits(const struct w_side *side)
{
	return w_trait(side, SMALL_TABLES) && !(side->wants & (W_WANT_TABLE | W_WANT_HUGE_FILE | W_WANT_NOTHING_ELSE));
}

static void put_folios(const struct w_side *side, enum place place, struct w_scenario *s)
{
	unsigned int anon = W_F_SWAPBACKED | (w_trait(side, FINDS_LOCKED) ? W_F_LOCKED | W_F_SWAPCACHE : 0), k, at = 0;
	unsigned int file = w_trait(side, FINDS_LOCKED) ? W_F_LOCKED : 0;

	s->nfolios = place == ACROSS ? 3 : 2;
	for (k = 0; k < s->nfolios; k++) {
		unsigned int order = place == BEHIND && !k ? W_BLOCK_ORDER + 1 : SMALL_ORDER, nr = 1U << order;

		at = at ? at : nr;
		s->folio[k] = (struct w_folio){ .kind = place == ACROSS ? W_FOLIO_FILE : W_FOLIO_ANON, .order = (unsigned char)order,
			.bits = (unsigned short)(place == ACROSS ? file : anon), .pfn = (unsigned short)at };
		at += nr;
	}
}

/* The k-th page of the run that starts in folio 0. */
static struct w_slot page(unsigned int k, unsigned int bits)
{
	return (struct w_slot){ .kind = W_SLOT_PAGE, .bits = (unsigned char)bits, .folio = 0, .index = (unsigned short)k };
}

/* Slots, of which n are left free to choose: returns the first of these. */
static unsigned int lay_out(const struct w_side *side, enum place place, unsigned int n, struct w_scenario *s)
{
	unsigned int k, before = place == BEHIND ? W_BLOCK : place == INSIDE;

	s->vma = W_V_WRITE | (place == ACROSS ? W_V_FILE | W_V_SHARED | W_V_UFFD_WP : W_V_ANON_VMA);
	s->first = (unsigned short)(place == ACROSS ? W_SLOTS - n : place == INSIDE ? W_BLOCK + 3 : 0);
	s->nslots = (unsigned short)(before + n + (place == INSIDE));
	s->start = (unsigned short)(s->first + (place == BEHIND ? W_BLOCK - TAIL : before));
	s->end = (unsigned short)(s->first + before + n);
	s->vma_first = s->first;
	s->vma_end = (unsigned short)(s->first + s->nslots);
	for (k = 0; k < before; k++)
		s->slot[k] = page(k, place == INSIDE ? 0 : W_WRITE | W_DIRTY | W_EXCL | (side->cont_ptes > 1 ? W_CONT : 0));
	if (place == INSIDE)
		s->slot[before + n] = page(before + n, 0);
	return before;
}

static void put_slot(struct w_scenario *s, enum place place, unsigned int before, unsigned int i, enum state state)
{
	static const unsigned char bits[] = { [DIRTY] = W_DIRTY, [YOUNG] = W_YOUNG, [SOFT] = W_SOFT, [EXCLUSIVE] = W_EXCL,
		[WRITABLE] = W_WRITE | W_DIRTY, [WP] = W_WP };
	unsigned int run = (place == ACROSS ? (1U << SMALL_ORDER) - TAIL : before) + i;
	struct w_slot *slot = &s->slot[before + i];

	switch (state) {
	case NONE: case NSTATES: *slot = (struct w_slot){ 0 }; break;
	case OTHER: *slot = page(i, 0); slot->folio = (unsigned short)(s->nfolios - 1); break;
	case SWAP: case SWAP_ODD:
		*slot = (struct w_slot){ .kind = W_SLOT_SWAP, .index = (unsigned short)(1 + i), .bits = state == SWAP ? 0 : W_EXCL };
		break;
	case MARKER: *slot = (struct w_slot){ .kind = W_SLOT_MARKER_POISON }; break;
	case MARKER_WP: *slot = (struct w_slot){ .kind = W_SLOT_MARKER_WP }; break;
	default:
		*slot = page(run, bits[state] | (state == WRITABLE && place != ACROSS ? W_EXCL : 0));
		if (place == ACROSS && run >> SMALL_ORDER) {
			slot->folio = 1;
			slot->index -= 1 << SMALL_ORDER;
		}
	}
}

static void choose_states(const struct w_side *side)
{
	static struct w_scenario one;
	unsigned int place, state;

	memset(nusable, 0, sizeof(nusable));
	for (place = 0; fits(side) && place < NPLACES; place++)
		for (state = 0; state < NSTATES; state++) {
			memset(&one, 0, offsetof(struct w_scenario, slot));
			put_folios(side, place, &one);
			put_slot(&one, place, lay_out(side, place, 1, &one), 0, state);
			if (w_valid(side, &one))
				usable[place][nusable[place]++] = (unsigned char)state;
		}
}

static unsigned long power(unsigned int base, unsigned int n)
{
	unsigned long all = 1;

	while (n--)
		all *= base;
	return all;
}

unsigned long w_tables(const struct w_side *side, unsigned int n, unsigned int *states, unsigned int *places)
{
	unsigned long all = 0;
	unsigned int k, place;

	choose_states(side);
	*states = *places = 0;
	for (place = 0; place < NPLACES; place++) {
		*places += nusable[place] != 0;
		*states = nusable[place] > *states ? nusable[place] : *states;
		for (k = 1; k <= n; k++)
			all += nusable[place] ? power(nusable[place], k) : 0;
	}
	return all;
}

bool w_table(const struct w_side *side, unsigned long index, const long option[W_OPTIONS], struct w_scenario *s)
{
	unsigned int n, place, before, i;

	for (n = 1; n <= W_TABLE_MOST; n++)
		for (place = 0; place < NPLACES; place++) {
			unsigned long here = nusable[place] ? power(nusable[place], n) : 0;

			if (index >= here) {
				index -= here;
				continue;
			}
			memset(s, 0, offsetof(struct w_scenario, folio));
			memcpy(s->option, option, sizeof(s->option));
			put_folios(side, place, s);
			before = lay_out(side, place, n, s);
			for (i = n; i--; index /= nusable[place])
				put_slot(s, place, before, i, usable[place][index % nusable[place]]);
			return w_valid(side, s);
		}
	return false;
}
