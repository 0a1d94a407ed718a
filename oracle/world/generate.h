/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that make scenarios up: what each has for the ones after it. */
#ifndef W_GENERATE_H
#define W_GENERATE_H

#include <string.h>
#undef bool
#include "runtime.h"

#define W_MADE_FOLIOS 40	/* no scenario that is made up has more */

/* generate_chance.c */
extern unsigned long w_rng;
void w_seed(unsigned long seed, unsigned long index);
/* The state after one. */
static inline unsigned long w_next_rng(unsigned long rng)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	return rng ^ rng << 17;
}
/* Below n. */
static inline unsigned int w_rnd(unsigned int n)
{
	w_rng = w_next_rng(w_rng);
	return (unsigned int)((w_rng >> 32) * n >> 32);
}
static inline bool w_one_in(unsigned int n) { return w_rnd(n) == 0; }
/* So many slots from at on are none. */
static inline unsigned int w_skip(struct w_scenario *s, unsigned int at, unsigned int n)
{
	memset(&s->slot[at], 0, n * sizeof(s->slot[0]));
	return n;
}

/* generate_bits.c */
/*
 * Bits of the k-th PTE of a run: alike, with one odd, in two parts, alternating, or each its own. Parts often
 * begin at a contpte block, since only whole blocks stay folded; first is the slot the run begins at.
 */
struct w_pattern { unsigned int kind, base, other, at, first, unit; };
struct w_pattern w_choose_pattern(unsigned int first, unsigned int n);
unsigned int w_pattern_bits(const struct w_pattern *p, unsigned int k);
void w_put_bits(const struct w_scenario *s, const struct w_folio *f, const struct w_pattern *p, unsigned int keeps, struct w_slot *slot,
		unsigned int n);
unsigned int w_random_bits(void);
unsigned int w_settle(const struct w_scenario *s, const struct w_folio *f, unsigned int bits);
unsigned int w_settled_bits(const struct w_scenario *s, const struct w_folio *f);	/* of a mapped page */

/* generate_folio.c */
void w_begin_folios(bool plain);	/* plain: W_WANT_PLAIN, and this scenario keeps to it */
unsigned int w_choose_order(const struct w_side *side, unsigned int left);
unsigned char w_choose_kind(const struct w_scenario *s);
int w_add_folio(const struct w_side *side, struct w_scenario *s, unsigned int order, unsigned int slot);
unsigned int w_fill_folio(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);
void w_fold_blocks(const struct w_side *side, struct w_scenario *s);

/* generate_other.c */
void w_begin_swap(void);
unsigned int w_fill_swap(struct w_scenario *s, unsigned int at, unsigned int left);
unsigned int w_fill_device(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);
void w_give_to_device(const struct w_side *side, struct w_scenario *s);
void w_make_droppable(struct w_scenario *s);
unsigned int w_fill_other(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

/* generate_seldom.c */
void w_make_seldom(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s);

/* generate_huge.c */
void w_fill_hugetlb(const struct w_side *side, struct w_scenario *s);
void w_fill_huge(const struct w_side *side, struct w_scenario *s);
void w_choose_huge(const struct w_side *side, struct w_scenario *s);
void w_put_huge_file(const struct w_side *side, struct w_scenario *s);
unsigned int w_fill_in_place(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

/* generate_cache.c */
void w_begin_cache(void);
unsigned int w_fill_cache(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

/* A folio that is being reclaimed: some pages mapped, of others only the swap entry is left. 0: none fits. */
unsigned int w_fill_swapped(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

#endif
