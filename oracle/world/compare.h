/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between compare.c and refine.c. */
#ifndef W_COMPARE_H
#define W_COMPARE_H

#include "runtime.h"

static inline void w_differ(struct w_differences *out, enum w_diff code, int slot)
{
	out->codes |= 1UL << code;
	out->total++;
	if (out->n < W_MAX_DIFFERENCES)
		out->d[out->n++] = (struct w_difference){ (unsigned char)code, slot };
}

static inline unsigned long w_entry_of(const struct w_snap *s, unsigned int t, unsigned int i)
{
	return i >= s->lo[t] && i < s->hi[t] ? s->tab[t][i] : w_image[t][i];
}

void w_compare_entry(const struct w_side *side, const struct w_snap *first, const struct w_snap *second, unsigned int t,
		     unsigned int i, bool gave_up, struct w_differences *out);
/* What the PMDs map. */
void w_compare_huge(const struct w_side *side, const struct w_snap *first, const struct w_snap *second, struct w_differences *out);

#endif
