/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that make scenarios up: chance, and what generate.c lends the others. */
#ifndef W_GENERATE_H
#define W_GENERATE_H

#include "runtime.h"

unsigned int w_rnd(unsigned int n);	/* below n */
unsigned int w_choose_order(const struct w_side *side, unsigned int left);
int w_add_folio(const struct w_side *side, struct w_scenario *s, unsigned int order, unsigned int slot);
unsigned int w_settled_bits(const struct w_scenario *s, const struct w_folio *f);	/* of a mapped page */

/* generate_cache.c */
void w_begin_cache(const struct w_scenario *s);
unsigned int w_fill_cache(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

/* A folio that is being reclaimed: some pages mapped, of others only the swap entry is left. 0: none fits. */
unsigned int w_fill_swapped(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left);

#endif
