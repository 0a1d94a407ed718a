/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the adapters of mm/khugepaged.c: nobody holds a folio but its mappings and caches, so the reference that the
 * scenario has on each is let go meanwhile.
 */
static struct collapse_control w_cc;

static void w_hold_all(int n)
{
	unsigned int f;

	for (f = 0; f < W.scn->nfolios; f++)
		atomic_add(n, &W.pages[W.scn->folio[f].pfn]._refcount);
}

/* The limits, as root may set them: mostly the defaults. */
static void w_limits(long option)
{
	khugepaged_max_ptes_none = option & 8 ? (unsigned int)(option >> 4) % 512 : 511;
	khugepaged_max_ptes_shared = option & 2 ? (unsigned int)(option >> 6) % 8 : 256;
	w_cc.is_khugepaged = !(option & 1);
}
