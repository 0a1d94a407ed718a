/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hmm_vma_walk_pmd, mm/hmm.c: hmm_range_fault's page-table walk on one table, without its lock. It tells a device of each
 * page by a number: which one (B12), and what the device may do with it as the CPU may (E9); or that a fault comes first,
 * from which address on (L9).
 */
#define w_addr_of(at) (W_SRC_VA + (unsigned long)(at) * PAGE_SIZE)
#ifdef HAVE_HMM_PFN_DMA_MAPPED	/* since 6.16 the caller's own bits stay in a number */
#define W_OF_CALLER HMM_PFN_DMA_MAPPED
#else
#define W_OF_CALLER 0UL
#endif

static struct dev_pagemap w_ours, w_others;
static unsigned long w_asked[W_SLOTS], w_told[W_SLOTS];

/* What a number has to say of an entry: flags, and with VALID the page. own: it is of that device, which is told so. */
static unsigned long w_wanted_of(unsigned int at, bool *own)
{
	unsigned long huge = W.pmd[at / W_SLOTS];
	struct w_pte l;

	if (W_HW_LEAF(huge)) {
		w_decode(W_HW_FROM_LEAF(huge), &l);
		l.pfn += at % W_SLOTS;
	} else {
		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
	}
	*own = l.kind == W_SLOT_DEV_PRIV && W.pages[W.pages[(l.pfn - W_PFN_BASE) % W_NPAGES].w_head].pgmap == &w_ours;
	if (!*own && (l.bits & W_PROTNONE || (l.kind != W_SLOT_PAGE && l.kind != W_SLOT_ZERO)))
		return 0;
	return l.pfn | HMM_PFN_VALID | (l.bits & W_WRITE ? HMM_PFN_WRITE : 0);
}

/* Whether a number is enough for who asked. A device does as it likes with its own pages. */
static bool w_satisfied(const struct hmm_range *range, unsigned int i)
{
	unsigned long needs = (w_asked[i] & range->pfn_flags_mask) | range->default_flags;
	bool own;
	unsigned long has = w_wanted_of(W.scn->start + i, &own);

	return own || !(needs & HMM_PFN_REQ_FAULT) || (has & HMM_PFN_VALID && (!(needs & HMM_PFN_REQ_WRITE) || has & HMM_PFN_WRITE));
}

static void w_check_told(const struct hmm_range *range, unsigned int i)
{
	unsigned int at = W.scn->start + i;
	bool own;
	unsigned long wanted = w_wanted_of(at, &own), told = w_told[i];

	if (told & ~wanted & (HMM_PFN_VALID | HMM_PFN_WRITE))
		w_violate(E9, (int)at);
	else if (wanted & ~told & (HMM_PFN_VALID | HMM_PFN_WRITE) || !w_satisfied(range, i))
		w_violate(L9, (int)at);
	else if (wanted && (told ^ wanted) & ~HMM_PFN_FLAGS)
		w_violate(B12, (int)at);
}

/* done: the numbers that were filled in. */
static void w_check_all(const struct hmm_range *range, unsigned int done)
{
	unsigned int i, n = W.scn->end - W.scn->start;

	for (i = 0; i < done && i < n; i++)
		w_check_told(range, i);
	if (done > n || (done < n && w_satisfied(range, done)))
		w_violate(L9, -1);
	for (; i < n; i++)
		if (w_told[i] != w_asked[i])
			w_violate(L9, (int)(W.scn->start + i));
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static const unsigned long req[] = { 0, HMM_PFN_REQ_FAULT, HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE };
	unsigned long addr = w_addr_of(s->start), end = w_addr_of(s->end);
	struct hmm_range range = { .start = addr, .end = end, .hmm_pfns = w_told, .dev_private_owner = &w_ours };
	struct hmm_vma_walk told = { .range = &range, .last = addr };
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &told };
	unsigned int i, n = s->end - s->start;
	bool whole;

	range.default_flags = req[s->option[0] % 3];
	range.pfn_flags_mask = req[s->option[1] % 3];
	w_ours.owner = &w_ours;
	w_others.owner = &w_others;
	for (i = 0; i < s->nfolios; i++)
		if (s->folio[i].bits & W_F_DEVICE)
			W.pages[s->folio[i].pfn].pgmap = (s->option[3] + i) & 3 ? &w_ours : &w_others;
	for (i = 0; i < n; i++)
		w_told[i] = w_asked[i] = req[((unsigned long)s->option[2] >> (i & 7)) % 3] | (i & 1 ? W_OF_CALLER : 0);
	W.facts.ret = hmm_vma_walk_pmd((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = (long)((told.last - addr) >> PAGE_SHIFT);
	for (i = 0; i < n; i++) {
		W.facts.out[1] = W.facts.out[1] * 31 + (long)(w_told[i] & ~W_OF_CALLER);
		W.facts.out[2] += (w_told[i] & W_OF_CALLER) != 0;
	}
	/* A huge page waits for no fault of its parts, and an error says not where it is. */
	whole = W_HW_LEAF(W.pmd[s->start / W_SLOTS]) != 0;
	if (!W.facts.ret)
		w_check_all(&range, n);
	else if (W.facts.ret != -EFAULT && W.facts.ret != -EPERM && !whole)
		w_check_all(&range, (unsigned int)W.facts.out[0]);
}
#define W_FAMILY W_FAM_LOOK
#define W_WANTS W_WANT_DEVICE
