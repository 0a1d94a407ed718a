/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove_migration_pte, mm/migrate.c: the reverse-map walk of remove_migration_ptes() over what a folio was mapped by.
 * The folio itself is mapped again, or, when the move came off, another one of its size that has taken over its
 * index and flags. Both are locked. After a split the page may turn out to hold zeroes.
 */
#include "rmap_walk.h"

static bool w_is_migrating(const struct w_slot *slot)
{
	return slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_MIG_WRITE;
}

/* The folio after this one, if nothing maps it and it is alike. */
static struct folio *w_target(const struct w_slot *slot, struct folio *src)
{
	const struct w_scenario *s = W.scn;
	const struct w_folio *from = &s->folio[slot->folio], *to = from + 1;
	struct folio *dst;
	unsigned int at;

	if (slot->folio + 1 >= s->nfolios || to->order != from->order || to->kind != from->kind || to->bits != from->bits)
		return src;
	for (at = 0; at < s->nslots; at++)
		if (s->slot[at].folio == slot->folio + 1 && s->slot[at].kind != W_SLOT_SWAP &&
		    (s->slot[at].kind == W_SLOT_PAGE || w_is_migrating(&s->slot[at]) || s->slot[at].kind == W_SLOT_DEV_EXCL))
			return src;
	dst = (struct folio *)&W.pages[to->pfn];
	dst->index = src->index;
	return dst;
}

/* B11: every migration entry of the folio in this VMA is gone, and what came instead maps the same page of the target. */
static void w_check_restored(const struct w_slot *of, const struct folio *dst)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->first > s->vma_first ? s->first : s->vma_first; at < s->vma_end && at < (unsigned int)s->first + s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		struct w_pte now;

		if (!w_is_migrating(slot) || slot->folio != of->folio)
			continue;
		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if (now.kind != W_SLOT_ZERO && (now.kind != W_SLOT_PAGE || now.pfn != W_PFN_BASE + dst->w_head + slot->index))
			w_violate(B11, (int)at);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_slot_from((unsigned int)s->option[0], w_is_migrating);
	struct vm_area_struct *vma = &W.vma[0];
	struct rmap_walk_arg arg = { 0 };
	struct folio *src, *dst;

	if (!slot)
		return;
	src = w_folio_of(slot);
	dst = s->option[1] & 1 ? w_target(slot, src) : src;
	arg.folio = src;
	arg.map_unused_to_zeropage = s->option[1] & 2 && src == dst && folio_test_anon(src) && !folio_test_large(src);
	W.facts.ret = remove_migration_pte(dst, vma, w_address_in(vma, dst), &arg);
	w_check_restored(slot, dst);
}
#define W_FAMILY W_FAM_RESTORE
