/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gup_fast_pte_range, mm/gup.c, as gup_fast_pmd_range calls it on the part of a range that lies in one table: no lock is
 * held, only interrupts are off. Other CPUs may have changed the entry, or taken the table away, before the reference
 * counts (G12). What it hands out it appends to pages[], and says whether that is all (L9).
 */
#include "gup.h"

enum { W_GOT_BEFORE = 4, W_NO_RACE = 0, W_ZAPPED, W_REPLACED, W_TABLE_GONE };
static struct page *w_pages[W_SLOTS + 2 * W_GOT_BEFORE];
static int w_got, w_lost;	/* how many there are; of these the one whose entry has changed, or -1 */
static unsigned int w_until;	/* references until then */
static unsigned long w_lost_ptes[W_BLOCK];

/* The entries that change with that one: a contpte block does as a whole. */
static unsigned long *w_changing(int got, unsigned int *nr)
{
	const struct w_scenario *s = W.scn;
	unsigned int at = s->start + (unsigned int)(got - (s->option[3] & 3));
	bool block = s->slot[at - s->first].bits & W_CONT;

	*nr = block ? W_BLOCK : 1;
	return &W.tab[at / W_SLOTS][(at - (block ? at % W_BLOCK : 0)) % W_SLOTS];
}

static void w_race(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long *pte;
	unsigned int nr, i;

	if (!w_until || --w_until || s->mm & W_MM_AGENT || w_got >= (s->option[3] & 3) + s->end - s->start)
		return;
	w_lost = w_got;
	pte = w_changing(w_lost, &nr);
	memcpy(w_lost_ptes, pte, nr * sizeof(*pte));
	for (i = 0; i < nr; i++)
		if ((s->option[1] & 3) == W_ZAPPED)
			pte[i] = 0;
		else if ((s->option[1] & 3) == W_REPLACED)
			pte[i] ^= PAGE_SIZE * W_BLOCK;
	if ((s->option[1] & 3) == W_TABLE_GONE)
		W.pmd[s->start / W_SLOTS] = 0;
}

/* What the other CPU did is undone, since it did not keep the counts. */
static void w_race_over(void)
{
	unsigned int nr, t = W.scn->start / W_SLOTS;
	unsigned long *pte;

	w_meanwhile = NULL;
	if (w_lost < 0)
		return;
	pte = w_changing(w_lost, &nr);
	memcpy(pte, w_lost_ptes, nr * sizeof(*pte));
	W.pmd[t] = w_table_pmd(t);
}

static void w_check_got(int at, const struct page *page, unsigned int flags)
{
	struct w_pte l;

	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
	if (page != w_mapped_by(&l)) {
		w_violate(B12, at);
		return;
	}
	if (l.bits & W_PROTNONE || (flags & FOLL_WRITE && !(l.bits & W_WRITE)))
		w_violate(E9, at);
	w_check_pinned(at, page, flags);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int flags = s->option[0] & 1 ? FOLL_PIN : FOLL_GET, t = s->start / W_SLOTS;
	unsigned long addr = w_addr_of(s->start), irq;
	int first = (int)s->option[3] & 3, k;

	flags |= (s->option[0] & 3) == 3 ? FOLL_LONGTERM : 0;
	flags |= s->option[0] & 4 ? FOLL_WRITE : 0;
	w_open_held();
	memset(w_pages, 0, sizeof(w_pages));
	w_got = first;
	w_lost = -1;
	w_until = s->option[1] & 3 ? 1 + (unsigned int)s->option[2] % 8 : 0;
	w_meanwhile = w_race;
	local_irq_save(irq);
	W.facts.ret = gup_fast_pte_range(*(pmd_t *)&W.pmd[t], (pmd_t *)&W.pmd[t], addr, w_addr_of(s->end), flags, w_pages, &w_got);
	local_irq_restore(irq);
	w_race_over();
	if (w_lost >= 0 && w_got > w_lost)
		w_violate(G12, (int)s->start + w_lost - first);
	if (w_got < first || w_got > first + s->end - s->start || (!W.failed && W.facts.ret != (w_got == first + s->end - s->start)))
		w_violate(L9, -1);
	for (k = first; k < w_got && k < first + s->end - s->start; k++) {
		W.facts.out[1] = W.facts.out[1] * 31 + (w_pages[k] ? w_pages[k] - W.pages : -1);
		if (!w_pages[k]) {
			w_violate(L9, -1);
			continue;
		}
		w_check_got((int)s->start + k - first, w_pages[k], flags);
		w_give_back(w_pages[k], flags);
	}
	W.facts.out[0] = w_got - first;
	w_check_held();
	w_count_pins();
}
#define W_FAMILY W_FAM_HOLD
