/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap entries as generic code sees them: type and offset, free of the architecture's layout. */
#ifndef _LINUX_SWAPOPS_H
#define _LINUX_SWAPOPS_H

#define SWP_TYPE_SHIFT	(BITS_PER_XA_VALUE - MAX_SWAPFILES_SHIFT)
#define SWP_OFFSET_MASK	((1UL << SWP_TYPE_SHIFT) - 1)

static inline swp_entry_t swp_entry(unsigned long type, pgoff_t offset)
{
	return (swp_entry_t) { .val = type << SWP_TYPE_SHIFT | (offset & SWP_OFFSET_MASK) };
}

static inline unsigned int swp_type(swp_entry_t entry)
{
	return entry.val >> SWP_TYPE_SHIFT;
}

static inline pgoff_t swp_offset(swp_entry_t entry)
{
	return entry.val & SWP_OFFSET_MASK;
}

/* The bits that ride along with an entry and are no part of it. */
static inline pte_t pte_swp_clear_flags(pte_t pte)
{
	return pte_swp_clear_exclusive(pte_swp_clear_soft_dirty(pte_swp_clear_uffd_wp(pte)));
}

static inline swp_entry_t pte_to_swp_entry(pte_t pte)
{
	swp_entry_t arch = __pte_to_swp_entry(pte_swp_clear_flags(pte));

	return swp_entry(__swp_type(arch), __swp_offset(arch));
}

static inline pte_t swp_entry_to_pte(swp_entry_t entry)
{
	return __swp_entry_to_pte(__swp_entry(swp_type(entry), swp_offset(entry)));
}

/* An entry rebuilt from another keeps what rode along with that. */
static inline pte_t pte_swp_copy_flags(pte_t to, pte_t from)
{
	if (pte_swp_soft_dirty(from))
		to = pte_swp_mksoft_dirty(to);
	if (pte_swp_exclusive(from))
		to = pte_swp_mkexclusive(to);
	if (pte_swp_uffd_wp(from))
		to = pte_swp_mkuffd_wp(to);
	return to;
}

static inline swp_entry_t make_readable_migration_entry(pgoff_t offset)
{
	return swp_entry(SWP_MIGRATION_READ, offset);
}

static inline swp_entry_t make_readable_exclusive_migration_entry(pgoff_t offset)
{
	return swp_entry(SWP_MIGRATION_READ_EXCLUSIVE, offset);
}

typedef unsigned long pte_marker;
#define PTE_MARKER_UFFD_WP	BIT(0)
#define PTE_MARKER_POISONED	BIT(1)
#define PTE_MARKER_GUARD	BIT(2)

static inline pte_t make_pte_marker(pte_marker marker)
{
	return swp_entry_to_pte(swp_entry(SWP_PTE_MARKER, marker));
}

#endif
