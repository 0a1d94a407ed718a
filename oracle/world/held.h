/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of mmu.c, flush.c and dropped.c: which translations a CPU may hold, one after the other and eight at a time. */
#ifndef W_HELD_H
#define W_HELD_H

#include "runtime.h"

static inline void w_set_state(unsigned int t, unsigned int slot, enum w_stale state)
{
	static const unsigned char counts[] = { [W_STALE] = 1, [W_STALE_DEFERRED] = 1, [W_HELD] = 0 };
	enum w_stale was = W.stale[t][slot];

	W.stale[t][slot] = (unsigned char)state;
	W.nstale += (unsigned int)counts[state] - counts[was];
	if (__builtin_expect(was == W_HELD || state == W_HELD, 0))
		W.nheld += (unsigned int)(state == W_HELD) - (was == W_HELD);
}

/* The first slot from one on of which a CPU may hold something, but for the last seven, which are not looked at. */
static inline unsigned int w_next_held(unsigned int table, unsigned int slot, unsigned int end)
{
	unsigned long eight;

	for (; slot + 8 <= end; slot += 8) {
		memcpy(&eight, &W.stale[table][slot], 8);
		if (eight)
			return slot + (unsigned int)__builtin_ctzl(eight) / 8;
	}
	return slot;
}

#endif
