/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits of mapped pages, alone and in runs, as the kernel allows them. */
#undef bool
#include "hw.h"
#include "generate.h"

/* Makes a mapped page's bits a state the kernel allows. */
unsigned int w_settle(const struct w_scenario *s, const struct w_folio *f, unsigned int bits)
{
	bool shareable = f->bits & (W_F_EXTRA_MAP | W_F_KSM);

	if (f->kind != W_FOLIO_ANON || shareable)
		bits &= ~(unsigned int)W_EXCL;
	if (!(s->vma & (W_V_UFFD_WP | W_V_UFFD_RWP)))
		bits &= ~(unsigned int)W_WP;
	if (s->vma & W_V_UFFD_RWP && bits & W_WP)
		bits |= W_PROTNONE;
	if (!(s->vma & W_V_WRITE) || bits & (W_WP | W_PROTNONE))
		bits &= ~(unsigned int)W_WRITE;
	if (f->kind == W_FOLIO_ANON ? !(bits & W_EXCL) : !(s->vma & W_V_SHARED))
		bits &= ~(unsigned int)W_WRITE;
	if (w_stays_clean(s, f))
		bits &= ~(unsigned int)W_DIRTY;
	if (bits & W_WRITE && f->kind != W_FOLIO_ANON && !w_unnoticed(s))
		bits |= W_DIRTY;
	return bits;
}

unsigned int w_random_bits(void)
{
	unsigned int bits = w_rnd(256) & (W_WRITE | W_DIRTY | W_YOUNG | W_SOFT | W_EXCL);

	bits |= w_one_in(3) ? W_WP : 0;
	bits |= w_one_in(20) ? W_PROTNONE : 0;
	return w_one_in(3) ? bits | W_WRITE | W_EXCL | W_YOUNG : bits;
}

/* A private mapping never makes a page of its file dirty. */
unsigned int w_settled_bits(const struct w_scenario *s, const struct w_folio *f)
{
	return w_settle(s, f, w_random_bits() & (s->vma & W_V_SHARED ? ~0U : ~(unsigned int)W_DIRTY));
}

struct w_pattern w_choose_pattern(unsigned int first, unsigned int n)
{
	struct w_pattern p = { .kind = w_rnd(8), .base = w_random_bits(), .at = w_rnd(n), .first = first & (W_BLOCK - 1), .unit = w_one_in(2) ? W_BLOCK : 1 };

	p.other = w_one_in(2) ? p.base ^ 1U << w_rnd(5) : w_random_bits();
	return p;
}
unsigned int w_pattern_bits(const struct w_pattern *p, unsigned int k)
{
	switch (p->kind) {
	case 0: case 1: case 2: return p->base;
	case 3: case 4: return k == p->at ? p->other : p->base;
	case 5: return (p->first + k) / p->unit <= (p->first + p->at) / p->unit ? p->base : p->other;
	case 6: return (p->first + k) / p->unit & 1 ? p->other : p->base;
	default: return (p->base & ~31U) | (w_random_bits() & 31U);
	}
}

/*
 * The bits of so many mapped pages of a folio, from the first of its run on; keeps: those that may be set at all. But for
 * the last kind there are two sets of bits, which are settled once.
 */
void w_put_bits(const struct w_scenario *s, const struct w_folio *f, const struct w_pattern *p, unsigned int keeps, struct w_slot *slot,
		unsigned int n)
{
	unsigned char base = (unsigned char)w_settle(s, f, p->base & keeps), other = (unsigned char)w_settle(s, f, p->other & keeps);
	unsigned int k, at = p->kind == 3 || p->kind == 4 ? p->at : n;

	if (p->kind < 5) {
		for (k = 0; k < n; k++)
			slot[k].bits = base;
		if (at < n)
			slot[at].bits = other;
	} else if (p->kind == 5) {
		for (k = 0; k < n; k++)
			slot[k].bits = (p->first + k) / p->unit <= (p->first + p->at) / p->unit ? base : other;
	} else if (p->kind == 6) {
		for (k = 0; k < n; k++)
			slot[k].bits = (p->first + k) / p->unit & 1 ? other : base;
	} else {
		for (k = 0; k < n; k++)
			slot[k].bits = (unsigned char)w_settle(s, f, w_pattern_bits(p, k) & keeps);
	}
}
