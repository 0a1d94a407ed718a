/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one entry of a scenario can be, by its VMA and the folio it is for: of each bit and kind the line that makes it. */
#undef bool
#include "hw.h"
#include "runtime.h"

/*
 * A private mapping of a file has the file's own pages clean: writing to one copies it (do_cow_fault, mm/memory.c). Of
 * shmem UFFDIO_CONTINUE maps it dirty all the same (mfill_atomic_install_pte, mm/userfaultfd.c).
 */
bool w_stays_clean(const struct w_scenario *s, const struct w_folio *f)
{
	return f->kind == W_FOLIO_FILE && !(s->vma & W_V_SHARED);
}

static bool valid_page(const struct w_scenario *s, const struct w_slot *slot)
{
	const struct w_folio *f = &s->folio[slot->folio];
	unsigned int bits = slot->bits;
	bool anon = f->kind == W_FOLIO_ANON, shared = s->vma & W_V_SHARED;

	if (bits & W_DIRTY && w_stays_clean(s, f))
		return false;
	if (bits & W_EXCL && (!anon || f->bits & (W_F_EXTRA_MAP | W_F_KSM)))
		return false;
	if (bits & W_WP && !(s->vma & W_V_UFFD_WP) && !(s->vma & W_V_UFFD_RWP && bits & W_PROTNONE))
		return false;
	if (bits & W_WRITE && (!(s->vma & W_V_WRITE) || bits & (W_WP | W_PROTNONE)))
		return false;
	if (bits & W_WRITE && (anon ? !(bits & W_EXCL) : !shared))
		return false;
	if (bits & W_WRITE && !(bits & W_DIRTY) && !anon && !w_unnoticed(s))
		return false;
	return true;
}

/* A huge page has a table's place to itself. Private copies of files' pages are small; so are files' under uffd-wp. */
static bool valid_huge(const struct w_scenario *s, const struct w_slot *slot)
{
	unsigned int at = (unsigned int)(slot - s->slot), k;

	if (slot->folio >= s->nfolios || s->folio[slot->folio].order != 9 || s->folio[slot->folio].bits & W_F_DEVICE || slot->index || (s->first + at) % W_SLOTS ||
	    at + W_SLOTS > s->nslots || slot->bits & (W_PROTNONE | W_CONT) || !valid_page(s, slot) ||
	    (s->folio[slot->folio].kind == W_FOLIO_ANON ? (s->vma & (W_V_FILE | W_V_HUGETLB)) == W_V_FILE : slot->bits & W_WP) ||
	    s->vma_first > s->first + at || s->vma_end < s->first + at + W_SLOTS)
		return false;
	for (k = 1; k < W_SLOTS; k++)
		if (slot[k].kind != W_SLOT_NONE)
			return false;
	return true;
}

static bool valid_cached(const struct w_scenario *s, const struct w_slot *slot)
{
	const struct w_folio *f = &s->folio[slot->folio];
	unsigned int wp = s->vma & W_V_UFFD_WP ? W_WP : 0, swap_wp = s->vma & (W_V_UFFD_WP | W_V_UFFD_RWP) ? W_WP : 0;

	if (slot->kind == W_SLOT_CACHED)
		return f->kind != W_FOLIO_ANON && !(slot->bits & ~wp);
	if (slot->bits & W_EXCL && f->bits & (W_F_EXTRA_MAP | W_F_KSM | W_F_PINNED))
		return false;
	return f->kind == W_FOLIO_ANON && f->bits & W_F_SWAPCACHE && !(slot->bits & ~(W_SOFT | W_EXCL | swap_wp));
}

bool w_uses_folio(const struct w_slot *slot)
{
	return slot->kind == W_SLOT_PAGE || (slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_DEV_EXCL) ||
	       slot->kind == W_SLOT_CACHED || slot->kind == W_SLOT_SWAPCACHED || slot->kind == W_SLOT_DEV_PRIV;
}

/*
 * make_device_exclusive(), mm/rmap.c, takes any page of an anonymous folio, which is mapped there alone and was written
 * to. Large ones are for the unmapping that expects them: folio_referenced_one() does not (docs/kernel-findings.md).
 */
bool w_shares_with_device(const struct w_side *side, const struct w_folio *f)
{
	return f->kind == W_FOLIO_ANON && (!f->order || (w_trait(side, SHARES_WITH_DEVICE) && side->dev_excl_mapped)) &&
	       !(f->bits & (W_F_EXTRA_MAP | W_F_KSM | W_F_PINNED | W_F_DEVICE));
}

static bool valid_device(const struct w_side *side, const struct w_folio *f)
{
	return w_shares_with_device(side, f) && f->bits & (W_F_DIRTY | W_F_SWAPBACKED);
}

/* Whoever migrates a folio holds its lock and has replaced all mappings. */
static bool valid_moving(const struct w_folio *f)
{
	return f->bits & W_F_LOCKED && !(f->bits & (W_F_EXTRA_MAP | W_F_KSM | W_F_PINNED));
}

bool w_valid_slot(const struct w_side *side, const struct w_scenario *s, const struct w_slot *slot)
{
	bool cached = slot->kind == W_SLOT_CACHED || slot->kind == W_SLOT_SWAPCACHED;
	bool swap = slot->kind == W_SLOT_SWAP, folio = w_uses_folio(slot);

	if (slot->kind == W_SLOT_PMD)
		return valid_huge(s, slot);
	if (slot->kind > W_SLOT_SWAPCACHED)
		return false;
	if (folio && (slot->folio >= s->nfolios || slot->index >= 1U << s->folio[slot->folio].order))
		return false;
	if (folio && (slot->kind == W_SLOT_DEV_PRIV) != !!(s->folio[slot->folio].bits & W_F_DEVICE))
		return false;
	if (swap && (slot->folio > 1 || slot->index >= W_SWAP_SLOTS || !slot->index || s->vma & W_V_SHARED))
		return false;
	if (slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_MIG_WRITE && !valid_moving(&s->folio[slot->folio]))
		return false;
	if (slot->kind == W_SLOT_DEV_EXCL && !valid_device(side, &s->folio[slot->folio]))
		return false;
	if (slot->kind == W_SLOT_PAGE)
		return valid_page(s, slot);
	if (slot->kind == W_SLOT_DEV_PRIV)
		return s->folio[slot->folio].kind == W_FOLIO_ANON &&
		       !(slot->bits & (W_DIRTY | W_YOUNG | W_PROTNONE | W_CONT)) && valid_page(s, slot);
	if (cached)
		return valid_cached(s, slot);
	if (slot->bits & W_DIRTY && (slot->kind < W_SLOT_MIG_READ || slot->kind > W_SLOT_MIG_WRITE))
		return false;
	if (slot->bits & W_DIRTY && w_stays_clean(s, &s->folio[slot->folio]))
		return false;
	/* Only anonymous memory and what was copied have it (do_anonymous_page, mm/memory.c; replace_page, mm/ksm.c). */
	if (slot->kind == W_SLOT_ZERO && s->vma & W_V_SHARED)
		return false;
	if (slot->bits & (W_WRITE | W_PROTNONE | W_CONT) || (slot->bits & W_EXCL && !swap))
		return false;
	if (slot->bits & W_WP && !(s->vma & (swap || folio ? W_V_UFFD_WP | W_V_UFFD_RWP : W_V_UFFD_WP)))
		return false;
	if (slot->kind >= W_SLOT_MARKER_WP && slot->kind <= W_SLOT_MARKER_GUARD && slot->bits)
		return false;
	if (slot->kind == W_SLOT_MARKER_WP && !(s->vma & W_V_UFFD_WP))
		return false;
	if (slot->kind == W_SLOT_MIG_WRITE && (!(s->vma & W_V_WRITE) || slot->bits & W_WP))
		return false;
	if ((slot->kind == W_SLOT_MIG_EXCL || slot->kind == W_SLOT_DEV_EXCL) && s->folio[slot->folio].kind != W_FOLIO_ANON)
		return false;
	return true;
}
