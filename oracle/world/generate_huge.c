/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios with a folio of 2M: mapped by a PMD, about to be, or by a table's entries each in its place. */
#undef bool
#include "hw.h"
#include "generate.h"

/* One huge page in place of a table, all of which is walked or a part. */
void w_fill_huge(const struct w_side *side, struct w_scenario *s)
{
	unsigned int table = w_rnd(2), from = w_one_in(3) ? w_rnd(W_SLOTS) : 0, n = w_one_in(3) ? 1 + w_rnd(W_SLOTS - from) : W_SLOTS - from;
	int f = w_add_folio(side, s, 9, 0);

	s->first = (unsigned short)(table * W_SLOTS);
	s->nslots = W_SLOTS;
	s->start = (unsigned short)(s->first + from);
	s->end = (unsigned short)(s->start + n);
	s->vma_first = 0;
	s->vma_end = W_MAX_SLOTS;
	w_skip(s, 0, W_SLOTS);
	if (s->folio[f].kind == W_FOLIO_ANON)
		s->vma &= ~(unsigned int)(W_V_FILE | W_V_SHARED);
	s->slot[0] = (struct w_slot){ .kind = W_SLOT_PMD, .folio = (unsigned short)f,
		.bits = (unsigned char)w_settle(s, &s->folio[f], w_random_bits() & ~(unsigned int)W_PROTNONE) };
	if (s->folio[f].kind != W_FOLIO_ANON)
		s->slot[0].bits &= (unsigned char)~W_WP;
}

/* The same in a VMA of hugetlb, whose folios have no swap space and are not split, aged or marked by userfaultfd here. */
void w_fill_hugetlb(const struct w_side *side, struct w_scenario *s)
{
	struct w_folio *f;

	w_fill_huge(side, s);
	f = &s->folio[s->slot[0].folio];
	s->vma = (s->vma & (W_V_WRITE | W_V_SOFTDIRTY | W_V_ANON_VMA)) | W_V_FILE | W_V_HUGETLB |
		(f->kind == W_FOLIO_ANON ? 0 : w_one_in(2) ? W_V_SHARED : 0);
	if (f->kind == W_FOLIO_SHMEM)
		f->kind = W_FOLIO_FILE;
	f->bits = (unsigned short)((f->bits & (W_F_DIRTY | W_F_EXTRA_REF | W_F_PINNED)) | W_F_LOCKED | W_F_HUGETLB);
	s->slot[0].bits = (unsigned char)w_settle(s, f, w_random_bits() & ~(unsigned int)(W_PROTNONE | W_WP));
}

/* A folio of 2M that a PMD may map, as the entry's options say; the table beneath is empty. */
void w_choose_huge(const struct w_side *side, struct w_scenario *s)
{
	struct w_folio *f;

	s->first = s->start = (unsigned short)(w_one_in(4) ? W_SLOTS : 0);
	s->end = (unsigned short)(s->start + 1);
	s->nslots = 1;
	w_skip(s, 0, 1);
	s->vma_first = (unsigned short)(w_one_in(2) ? s->start : 0);
	s->vma_end = (unsigned short)(w_one_in(2) ? s->start + W_SLOTS : W_MAX_SLOTS);
	f = &s->folio[w_add_folio(side, s, 9, s->start)];
	if (s->vma & W_V_FILE && f->kind == W_FOLIO_ANON)
		*f = (struct w_folio){ .kind = W_FOLIO_FILE, .order = 9, .pfn = f->pfn, .bits = f->bits & W_F_DIRTY };
}

/* Folio 0 of 2M. */
void w_put_huge_file(const struct w_side *side, struct w_scenario *s)
{
	struct w_folio *f = &s->folio[w_add_folio(side, s, 9, 0)];

	f->kind = w_choose_kind(s);
	f->bits = (unsigned short)((f->bits & (W_F_EXTRA_MAP | W_F_EXTRA_REF | W_F_REFERENCED)) |
		(w_one_in(2) ? W_F_DIRTY : 0) | (f->kind == W_FOLIO_SHMEM ? W_F_SWAPBACKED : 0));
}
unsigned int w_fill_in_place(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int n = 1 + w_rnd(left), k;
	struct w_pattern p = w_choose_pattern(s->first + at, n);

	for (k = 0; k < n; k++) {
		unsigned int bits = w_settle(s, &s->folio[0], w_pattern_bits(&p, k)), slot = s->first + at + k;

		if (w_maps_clean(side, s, &s->folio[0]))
			bits &= ~(unsigned int)(W_WRITE | W_DIRTY);
		/* In the next table its pages would be at other places of the file. */
		s->slot[at + k] = slot / W_SLOTS != s->start / W_SLOTS ? (struct w_slot){ 0 } :
			(struct w_slot){ .kind = W_SLOT_PAGE, .bits = (unsigned char)bits, .index = (unsigned short)(slot % W_SLOTS) };
	}
	return n;
}
