/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

typedef unsigned int zap_flags_t;

/* Markers go as well: nobody will come back for them. */
#define ZAP_FLAG_DROP_MARKER	((zap_flags_t)BIT(0))

struct zap_details {
	struct folio *single_folio;	/* only what maps this one */
	bool even_cows;			/* private copies as well */
	bool reclaim_pt;
	zap_flags_t zap_flags;
};

/* Why change_protection() was called. */
#define MM_CP_TRY_CHANGE_WRITABLE	(1UL << 0)
#define MM_CP_PROT_NUMA			(1UL << 1)
#define MM_CP_UFFD_WP			(1UL << 2)
#define MM_CP_UFFD_WP_RESOLVE		(1UL << 3)
#define MM_CP_UFFD_WP_ALL		(MM_CP_UFFD_WP | MM_CP_UFFD_WP_RESOLVE)

static inline int mm_counter_file(struct folio *folio)
{
	return folio_test_swapbacked(folio) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static inline int mm_counter(struct folio *folio)
{
	return folio_test_anon(folio) ? MM_ANONPAGES : mm_counter_file(folio);
}

#endif
