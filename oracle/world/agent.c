/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware agent: CPUs that go on using the memory while the code under test runs. Before an access to a table
 * (an atomic one is one access) a CPU may read or write a page through the PTE as it stands, which makes the hardware
 * set accessed and dirty there, or write through a translation that it still holds as dirty, which sets nothing.
 * A cached translation that is not dirty is looked up again for a write, so the PTE decides.
 *
 * Sides with different accesses meet different hardware: their states are not compared where the agent is on. What
 * is asked there holds for any interleaving: the rules, and B10, that what the hardware said is not forgotten.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

enum { SAW_READ = 1, SAW_WRITE = 2 };

static unsigned char saw[W_NPAGES];	/* what CPUs did with each page */
static unsigned int rng;

static unsigned int rnd(unsigned int n)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return (unsigned int)((unsigned long)rng * n >> 32);
}

/* The trait leaves out where nothing is promised about writes meanwhile (MADV_FREE), and what reads entries raw. */
bool w_agent_fits(const struct w_side *side)
{
	return side->live || w_trait(side, HARDWARE);
}

void w_agent_reset(void)
{
	W.agent = (W.scn->mm & W_MM_AGENT) != 0;
	if (!W.agent)
		return;
	memset(saw, 0, sizeof(saw));
	rng = (W.scn->salt + 1U) * 0x9e3779b9U | 1;
	W.race = 1 + rnd(4);
}

/* A CPU uses the page of a slot; hardware does not take locks and is no access of the code under test. */
static void use(unsigned int t, unsigned int i, bool write)
{
	unsigned long *pte = &W.tab[t][i], was = W.stale_pte[t][i], pfn;
	unsigned int did = 0;

	if (write && W.stale[t][i] && W_HW_DIRTY(was) && W_HW_USER(was)) {
		pfn = W_HW_PFN(was);
		did = SAW_WRITE;
	} else if (W_HW_VALID(*pte) && W_HW_USER(*pte)) {
		write = write && W_HW_WRITE(*pte);
		pfn = W_HW_PFN(*pte);
		*pte = write ? W_HW_WRITTEN(*pte) : W_HW_ACCESSED(*pte);
		did = SAW_READ | (write ? SAW_WRITE : 0);
		if (W.trace_on)
			W.trace("hardware", t, i, *pte);
	}
	if (did && pfn - W_PFN_BASE < W.npages)
		saw[pfn - W_PFN_BASE] |= (unsigned char)did;
}

/* Mostly where the code under test is at work, since that is where something can be missed. */
void w_agent(const volatile void *at)
{
	unsigned long off = (unsigned long)at - (unsigned long)W.region;
	unsigned int t = (unsigned int)(off >> (W_PAGE_SHIFT + 1)), i = (unsigned int)(off & (W_PAGE_SIZE - 1)) / 8;
	unsigned int where = rnd(4);

	W.race = 1 + rnd(4);
	if (where == 2)
		i = (i + rnd(W_BLOCK)) % W_SLOTS;
	if (where == 3)
		i = (i & ~(W_BLOCK - 1)) + rnd(W_BLOCK);
	/* A child does not run before its fork is over. */
	if (!w_trait(&W, COPIES) || t < 2)
		use(t, i, rnd(2));
}

/*
 * B10: what a CPU wrote is dirty in a PTE or in the folio; while pages stay mapped, what it read is young. dirty, young:
 * by page, whether a PTE says so at the end.
 */
void w_check_agent(const unsigned char *dirty, const unsigned char *young)
{
	bool stays = w_trait(&W, STAYS_MAPPED);
	unsigned int n;

	for (n = 1; W.agent && n < W.npages; n++) {
		const struct page *head = &W.pages[W.pages[n].w_head];
		bool keeps = !w_trait(&W, FREES) || !(head->flags >> W_PG_anon & 1);

		if ((saw[n] & SAW_WRITE && keeps && !dirty[n] && !(head->flags >> W_PG_dirty & 1)) ||
		    (saw[n] & SAW_READ && stays && !young[n]))
			w_violate_at(W_RULE_B10, -1, 0);
	}
}
