/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries that are no pages of folios: swap, migration, devices, markers, the zero page and special ones. */
#include "generate.h"

static unsigned int next_offset[2];

void w_begin_swap(void) { next_offset[0] = next_offset[1] = 1; } /* offset 0 holds the swap header */

unsigned int w_fill_swap(struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int n = 1 + w_rnd(left < 24 ? left : 24), type = w_one_in(4), k;
	unsigned int mask = W_SOFT | W_EXCL | (s->vma & (W_V_UFFD_WP | W_V_UFFD_RWP) ? W_WP : 0);
	struct w_pattern p = w_choose_pattern(s->first + at, n);

	next_offset[type] += w_one_in(2);
	w_skip(s, at, n);
	for (k = 0; k < n && next_offset[type] < W_SWAP_SLOTS; k++) {
		next_offset[type] += w_one_in(24);
		s->slot[at + k] = (struct w_slot){ .kind = W_SLOT_SWAP, .folio = (unsigned short)type,
			.index = (unsigned short)(next_offset[type]++ % W_SWAP_SLOTS),
			.bits = (unsigned char)(w_pattern_bits(&p, k) & mask) };
	}
	return n;
}

/* Pages that a device has: no hardware bits, and the folio is on no list. */
unsigned int w_fill_device(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int order = side->wants & W_WANT_LARGE_DEVICE && left >= 4 && w_one_in(3) ? 2 : 0, k;
	unsigned int mask = W_WRITE | W_EXCL | W_SOFT | (s->vma & W_V_UFFD_WP ? W_WP : 0);
	int f = w_add_folio(side, s, order, s->first + at);

	if (f < 0)
		return w_skip(s, at, left);
	s->folio[f] = (struct w_folio){ .kind = W_FOLIO_ANON, .order = (unsigned char)order, .pfn = s->folio[f].pfn,
		.bits = W_F_DEVICE | W_F_SWAPBACKED | (w_one_in(6) ? W_F_EXTRA_MAP : 0) | (w_one_in(6) ? W_F_LOCKED : 0) };
	for (k = 0; k < 1U << order; k++)
		s->slot[at + k] = (struct w_slot){ .kind = W_SLOT_DEV_PRIV, .folio = (unsigned short)f, .index = (unsigned short)k,
			.bits = (unsigned char)(w_settle(s, &s->folio[f], w_random_bits() & ~(unsigned int)W_PROTNONE) & mask) };
	return k;
}

unsigned int w_fill_other(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int n = 1 + w_rnd(left < 6 ? left : 6), kind = w_rnd(8), k, soft = w_rnd(2) ? W_SOFT : 0;
	unsigned int wp = s->vma & W_V_UFFD_WP && w_one_in(2) ? W_WP : 0;
	struct w_slot slot = { .kind = W_SLOT_ZERO, .bits = (unsigned char)(soft | (w_rnd(2) ? W_YOUNG : 0) | wp) };

	if (side->wants & W_WANT_DEVICE && !(s->vma & W_V_SHARED) && w_one_in(w_trait(side, OF_DEVICES) ? 2 : 6))
		return w_fill_device(side, s, at, left);
	if ((kind == 0 && s->vma & W_V_FILE) || s->vma & W_V_SHARED)
		slot.kind = W_SLOT_SPECIAL;
	if (kind >= 2 && kind < 6 && w_trait(side, OF_CACHE) && s->vma & W_V_SHARED)
		return w_skip(s, at, 1);
	if (kind >= 2 && kind < 6) {
		int f = w_add_folio(side, s, 0, s->first + at);

		if (f < 0)
			return w_skip(s, at, left);
		n = 1;
		slot.kind = (unsigned char)(W_SLOT_MIG_READ + kind - 2);
		slot.folio = (unsigned short)f;
		slot.bits = (unsigned char)(soft | wp | (kind < 5 ? (s->first + at) * 5 & (W_YOUNG | W_DIRTY) : 0));
		s->folio[f].bits &= (unsigned short)~(W_F_KSM | W_F_EXTRA_MAP | W_F_PINNED);
		if (w_stays_clean(s, &s->folio[f]))
			slot.bits &= (unsigned char)~W_DIRTY;
		if (s->folio[f].kind != W_FOLIO_ANON && slot.kind == W_SLOT_MIG_EXCL)
			slot.kind = W_SLOT_MIG_READ;
		if (!(s->vma & W_V_WRITE) && slot.kind == W_SLOT_MIG_WRITE)
			slot.kind = W_SLOT_MIG_READ;
		if (slot.kind == W_SLOT_MIG_WRITE && (s->folio[f].kind != W_FOLIO_ANON && !(s->vma & W_V_SHARED)))
			slot.kind = W_SLOT_MIG_READ;
		if (slot.kind == W_SLOT_MIG_WRITE) /* was a writable PTE, try_to_migrate_one() in mm/rmap.c */
			slot.bits &= (unsigned char)~W_WP;
		if (slot.kind == W_SLOT_DEV_EXCL && s->folio[f].kind != W_FOLIO_ANON)
			slot.kind = W_SLOT_MIG_READ;
		if (slot.kind == W_SLOT_DEV_EXCL && !(s->folio[f].bits & W_F_SWAPBACKED))
			s->folio[f].bits |= W_F_DIRTY;
		if (slot.kind != W_SLOT_DEV_EXCL || (w_trait(side, RESTORES_EXCLUSIVE) && w_one_in(6)))
			s->folio[f].bits |= W_F_LOCKED;
	} else if (kind >= 6) {
		slot.kind = kind == 6 && s->vma & W_V_UFFD_WP ? W_SLOT_MARKER_WP :
			w_one_in(2) ? W_SLOT_MARKER_GUARD : W_SLOT_MARKER_POISON;
		slot.bits = 0;
	}
	for (k = 0; k < n; k++) {
		slot.index = (unsigned short)(slot.kind == W_SLOT_SPECIAL ? k : 0);
		s->slot[at + k] = slot;
	}
	return n;
}

/* A device has one page of a large folio for itself: a write fault made it exclusive, and the folio dirty (valid.c). */
void w_give_to_device(const struct w_side *side, struct w_scenario *s)
{
	unsigned int at = w_rnd(s->nslots);
	struct w_slot *slot = &s->slot[at];
	struct w_folio *f = &s->folio[slot->folio % W_MAX_FOLIOS];

	if (slot->kind != W_SLOT_PAGE || !w_shares_with_device(side, f) || !(s->vma & W_V_WRITE))
		return;
	f->bits |= W_F_DIRTY;
	slot->kind = W_SLOT_DEV_EXCL;
	slot->bits &= W_SOFT | W_WP;
}

/* MAP_DROPPABLE: no page of it has or gets swap space, nor is it merged by KSM. */
void w_make_droppable(struct w_scenario *s)
{
	unsigned int i;

	s->vma = (s->vma & ~(unsigned int)(W_V_UFFD_WP | W_V_UFFD_REMAP | W_V_UFFD_RWP | W_V_LOCKED)) | W_V_DROPPABLE;
	for (i = 0; i < s->nfolios; i++)
		s->folio[i].bits &= (unsigned short)~(W_F_SWAPBACKED | W_F_SWAPCACHE | W_F_WRITEBACK | W_F_KSM);
	for (i = 0; i < s->nslots; i++) {
		s->slot[i].bits &= (unsigned char)~W_WP;
		if (s->slot[i].kind == W_SLOT_DEV_EXCL)
			s->folio[s->slot[i].folio].bits |= W_F_DIRTY;
		if (s->slot[i].kind == W_SLOT_SWAP || s->slot[i].kind == W_SLOT_MARKER_WP)
			s->slot[i] = (struct w_slot){ 0 };
	}
}
