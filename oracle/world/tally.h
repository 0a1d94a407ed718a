/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables hold at the end of a run, added up: what counts have to agree with. */
#ifndef W_TALLY_H
#define W_TALLY_H

#include "runtime.h"

struct w_tally {
	int rss[2][W_RSS];
	unsigned short maps[W_NPAGES];
	unsigned short refs[W_NPAGES];	/* by first page: references that PTEs hold beyond mappings */
	unsigned char dirty[W_NPAGES], young[W_NPAGES];
	unsigned short whole[W_NPAGES];	/* by first page: entries that map all of the folio */
	short swap[W_SWAP_TYPES][W_SWAP_SLOTS];
};
extern struct w_tally w_tallied;

/* Adds up the tables as they stand, and asks the rules on single entries and blocks. */
void w_tally(const struct w_side *side);

#endif
