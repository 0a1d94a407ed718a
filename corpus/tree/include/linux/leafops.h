/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a leaf entry that is not present may be. */
#ifndef _LINUX_LEAFOPS_H
#define _LINUX_LEAFOPS_H

typedef swp_entry_t softleaf_t;

static inline softleaf_t softleaf_from_pte(pte_t pte)
{
	if (pte_none(pte) || pte_present(pte))
		return (softleaf_t) { .val = 0 };
	return pte_to_swp_entry(pte);
}

static inline bool softleaf_is_none(softleaf_t entry)
{
	return entry.val == 0;
}

static inline bool softleaf_is_swap(softleaf_t entry)
{
	return !softleaf_is_none(entry) && swp_type(entry) < MAX_SWAPFILES;
}

static inline bool softleaf_is_migration_write(softleaf_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_WRITE;
}

static inline bool softleaf_is_migration_read(softleaf_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_READ;
}

static inline bool softleaf_is_migration(softleaf_t entry)
{
	return swp_type(entry) >= SWP_MIGRATION_READ && swp_type(entry) <= SWP_MIGRATION_WRITE;
}

static inline bool softleaf_is_device_exclusive(softleaf_t entry)
{
	return swp_type(entry) == SWP_DEVICE_EXCLUSIVE;
}

static inline bool softleaf_is_marker(softleaf_t entry)
{
	return swp_type(entry) == SWP_PTE_MARKER;
}

static inline pte_marker softleaf_to_marker(softleaf_t entry)
{
	return swp_offset(entry);
}

static inline bool softleaf_is_uffd_wp_marker(softleaf_t entry)
{
	return softleaf_is_marker(entry) && softleaf_to_marker(entry) & PTE_MARKER_UFFD_WP;
}

static inline bool pte_is_uffd_wp_marker(pte_t pte)
{
	return softleaf_is_uffd_wp_marker(softleaf_from_pte(pte));
}

/* Entries that stand for a page which is there all the same, and the folio it is in. */
static inline bool softleaf_has_pfn(softleaf_t entry)
{
	return softleaf_is_migration(entry) || softleaf_is_device_exclusive(entry);
}

static inline struct page *softleaf_to_page(softleaf_t entry)
{
	return pfn_to_page(swp_offset(entry));
}

static inline struct folio *softleaf_to_folio(softleaf_t entry)
{
	return page_folio(softleaf_to_page(entry));
}

static inline bool pte_swp_uffd_wp_any(pte_t pte)
{
	softleaf_t entry = softleaf_from_pte(pte);

	if (softleaf_is_none(entry))
		return false;
	return pte_swp_uffd_wp(pte) || softleaf_is_uffd_wp_marker(entry);
}

#endif
