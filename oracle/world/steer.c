/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios near those that came far: one to three things changed in one that is kept. campaign.c keeps those that reach
 * a statement that none did before; valid.c says which of all these a kernel can be in.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "generate.h"

#define MOST_KEPT 256
#define MOST_TRIES 16
#define LATE 4

static struct w_scenario kept[MOST_KEPT];
static unsigned int nkept;

/* The call that fails, if any does. */
static void change_failing(struct w_scenario *s)
{
	if (w_may_fail_somewhere() && w_one_in(2))
		s->mm = (s->mm & ((1U << W_MM_FAILS) - 1)) | w_rnd(8) << W_MM_FAILS;
}

static void change_option(struct w_scenario *s)
{
	unsigned int k = w_rnd(W_OPTIONS), how = w_rnd(4);

	s->option[k] = how == 0 ? (long)w_rnd(65536) : how == 1 ? 0 : how == 2 ? (long)w_rnd(16) : (long)(1U << w_rnd(16));
}

/* The same to a run of slots: of one, of a few, or of a contpte block. */
static void change_slots(struct w_scenario *s)
{
	unsigned int at = w_rnd(s->nslots), n = w_one_in(2) ? 1 : w_one_in(2) ? 1 + w_rnd(6) : W_BLOCK, k;
	unsigned int how = w_rnd(4), bit = 1U << w_rnd(8), kind = w_rnd(W_NSLOT_KINDS), bits = w_random_bits(), from = w_rnd(s->nslots);
	unsigned int folio = s->nfolios ? w_rnd(s->nfolios) : 0;

	for (k = at; k < at + n && k < s->nslots; k++) {
		struct w_slot *slot = &s->slot[k];

		if (how == 0)
			slot->bits ^= (unsigned char)bit;
		else if (how == 1)
			slot->kind = (unsigned char)kind;
		else if (how == 2)
			*slot = s->slot[(from + k - at) % s->nslots];
		else
			*slot = (struct w_slot){ .kind = (unsigned char)kind, .bits = (unsigned char)(w_one_in(2) ? 0 : bits),
				.folio = (unsigned short)folio, .index = (unsigned short)(k - at + w_rnd(4)) };
		if (how == 1 && w_one_in(2))
			slot->bits = 0;
	}
}

static void change_range(struct w_scenario *s)
{
	unsigned int last = (unsigned int)s->first + s->nslots;

	switch (w_rnd(4)) {
	case 0: s->start = (unsigned short)(s->first + w_rnd(s->nslots)); break;
	case 1: s->end = (unsigned short)(s->first + 1 + w_rnd(s->nslots)); break;
	case 2: s->vma_first = (unsigned short)(w_one_in(2) ? s->start : w_rnd(s->start + 1U)); break;
	default: s->vma_end = (unsigned short)(w_one_in(2) ? s->end : s->end + w_rnd(W_MAX_SLOTS - s->end + 1U)); break;
	}
	if (s->end > last)
		s->end = (unsigned short)last;
}

static void change(struct w_scenario *s)
{
	struct w_folio *f = &s->folio[s->nfolios ? w_rnd(s->nfolios) : 0];

	switch (w_rnd(8)) {
	case 0: case 1: change_option(s); break;
	case 2: s->vma ^= 1U << w_rnd(W_NVMA_BITS); break;
	case 3: s->salt = (unsigned short)w_rnd(65536); s->mm ^= w_one_in(4) ? 2 : 0; change_failing(s); break;
	case 4: f->bits ^= (unsigned short)(1U << w_rnd(W_NFOLIO_BITS)); break;
	case 5: change_range(s); break;
	default: change_slots(s);
	}
}

void w_keep_none(void) { nkept = 0; }

bool w_keep(const struct w_scenario *s)
{
	if (nkept == MOST_KEPT)
		return false;
	kept[nkept++] = *s;
	return true;
}

bool w_near(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s)
{
	unsigned int tries, n;

	w_rng = (seed + 1) * 0x9e3779b97f4a7c15UL ^ (index + 1) * 0xbf58476d1ce4e5b9UL;
	w_rng = (w_rng ^ w_rng >> 31) | 1;
	for (tries = 0; tries < MOST_TRIES && nkept; tries++) {
		/* Often one of the last kept: what is reached late is seldom reached, or was got to from here. */
		*s = kept[nkept - 1 - w_rnd(nkept > LATE && w_one_in(2) ? LATE : nkept)];
		for (n = 1 + w_rnd(3); n; n--)
			change(s);
		s->mm &= ~(unsigned int)W_MM_AGENT;
		if (w_valid(side, s))
			return true;
	}
	return false;
}
