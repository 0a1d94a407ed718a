/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run says of its barriers: which accesses they put in order. How it is kept and compared: order.c. */
#ifndef W_ORDER_H
#define W_ORDER_H

#include "wire.h"

#define W_ORDER_ALL (1U << 31)	/* every access is looked at */

/* Pairs of accesses are a set: bit 8 * b + a for a before b. */
struct w_order {
	unsigned int ran;	/* barriers, by kind */
	unsigned int open;	/* those since the last access, and W_ORDER_ALL */
	struct { unsigned char any, table; } last;	/* access, and one to a table (CALLER: none yet) */
	unsigned char ever;	/* accesses made so far, by kind */
	bool queued;	/* barriers wait for the end of a lazy MMU section */
	unsigned long made;	/* pairs of accesses that were made */
	unsigned long near[W_NBARRIERS];	/* with a barrier between them and nothing else */
	unsigned long far[W_NBARRIERS];	/* with one anywhere between them */
	unsigned long bare[W_NBARRIERS];	/* with none as strong between the second and the last of the first */
	unsigned char until[W_NBARRIERS];	/* accesses made before the last of each kind */
	unsigned char since[W_NBARRIERS];	/* accesses made since the last that is as strong */
};

#endif
