/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries to logical PTEs by the tree's own accessors, each asked once: what was answered is kept, and looked up fast. */
#undef bool
#include "hw.h"
#include "runtime.h"

unsigned long w_forgotten;

/* What is no present entry of a page, by all its bits: a table has many of them, and scenarios share most. */
static void decode_odd(const struct w_side *side, unsigned long raw, struct w_pte *out)
{
	static struct { unsigned long raw; const struct w_side *side; unsigned long forgotten; struct w_pte pte; } known[1024];
	unsigned long h = raw * 0x9e3779b97f4a7c15UL >> 54;

	if (known[h].raw != raw || known[h].side != side || known[h].forgotten != w_forgotten) {
		side->decode(raw, &known[h].pte);
		known[h].raw = raw;
		known[h].side = side;
		known[h].forgotten = w_forgotten;
	}
	*out = known[h].pte;
}

void w_decode_fast(const struct w_side *side, unsigned long raw, struct w_pte *out)
{
	static struct { unsigned long key; struct w_pte pte; } cache[256];
	unsigned long key = raw & ~W_HW_PFN_MASK, h = (key ^ key >> 7 ^ key >> 45) & 255, pfn = W_HW_PFN(raw);

	if (!raw) {
		*out = (struct w_pte){ 0 };
		return;
	}
	if (!(raw & 1) || pfn - W_PFN_BASE >= W_NPAGES) {
		decode_odd(side, raw, out);
		return;
	}
	if (cache[h].key != key) {
		side->decode(raw, &cache[h].pte);
		cache[h].key = key;
	}
	*out = cache[h].pte;
	out->pfn = pfn;
}
