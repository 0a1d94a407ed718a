/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the split of a folio makes of the entries that map it, done by the world where a walk asks for one. */
#include "mmu.h"
#include "runtime.h"

/* A mapping of a file's folio goes, with so many of its pages: the next fault finds them in the page cache. */
static void leave(struct page *head, bool dirty, int pages)
{
	if (dirty)
		head->flags |= 1U << W_PG_dirty | (head->mapping == w_mapping_of(W_FOLIO_FILE) ? 1U << W_PG_tagged : 0);
	W.mm[0].rss[head->mapping == w_mapping_of(W_FOLIO_SHMEM) ? 3 : 0] -= pages;
	head->_large_mapcount.counter--;
	head->_refcount.counter--;
}

/* A file's huge page is unmapped where it should be split. */
static void zap_pmd(unsigned int t, unsigned int n)
{
	struct page *head = &W.pages[n];

	leave(head, w_start_dirty[n] & 2, W_HUGE_NR);
	if (W_HW_YOUNG(W.pmd[t]))
		head->flags |= 1UL << W_PG_referenced;
	head->_entire_mapcount.counter--;
	W.pmd[t] = (unsigned long)W.tab[t] | 3;
}

/* split_huge_pmd, mm/huge_memory.c: the entry becomes a table of entries that say the same, each a mapping of its page. */
static void split_pmd(unsigned int t)
{
	unsigned int n = (unsigned int)(W_HW_PFN(W.pmd[t]) - W_PFN_BASE), i;
	unsigned long raw = W_HW_FROM_LEAF(W.pmd[t]), exclusive = W.pages[n].flags & 1UL << W_PG_exclusive;

	if (!(W.pages[n].flags >> W_PG_anon & 1)) {
		zap_pmd(t, n);
		return;
	}

	for (i = 0; i < W_SLOTS; i++) {
		W.tab[t][i] = raw + ((unsigned long)i << 12);
		W.pages[n + i]._mapcount.counter++;
		W.pages[n + i].flags |= exclusive;
	}
	W.pages[n]._entire_mapcount.counter--;
	W.pages[n]._large_mapcount.counter += W_SLOTS - 1;
	W.pages[n]._refcount.counter += W_SLOTS - 1;
	W.pmd[t] = (unsigned long)W.tab[t] | 3;
	W.dirty_lo[t] = 0;
	W.dirty_hi[t] = W_SLOTS;
}

void w_split_pmds(unsigned int first)
{
	unsigned int t;

	for (t = 0; t < 2; t++)
		if (W_HW_LEAF(W.pmd[t]) && W_HW_PFN(W.pmd[t]) - W_PFN_BASE == first)
			split_pmd(t);
}

/* Accessed and dirty of a folded block, which all its entries say; clean on arm64 is a bit that is set (AP[2]). */
unsigned long w_block_says(const unsigned long *block)
{
	unsigned long seen = 0, all = ~0UL;
	unsigned int i;

	for (i = 0; i < W_BLOCK; i++) {
		seen |= block[i];
		all &= block[i];
	}
	return (seen & W_HW_AD_MASK & ~(1UL << 7)) | (all & W_HW_AD_MASK & (1UL << 7));
}

/* contpte_convert, arch/arm64/mm/contpte.c */
static void unfold(unsigned long *block)
{
	unsigned long bits = w_block_says(block);
	unsigned int i;

	for (i = 0; i < W_BLOCK; i++)
		block[i] = (block[i] & ~(W_HW_AD_MASK | W_HW_CONT_MASK)) | bits;
}

/* try_to_unmap, mm/rmap.c: what userfaultfd protected stays so. */
static void unmap(const struct w_side *side, const struct w_pte *was, unsigned int t, unsigned int i)
{
	const struct w_pte marker = { .kind = W_SLOT_MARKER_WP };
	struct page *page = &W.pages[was->pfn - W_PFN_BASE];

	leave(&W.pages[page->w_head], was->bits & W_DIRTY, 1);
	page->_mapcount.counter--;
	W.tab[t][i] = was->bits & W_WP && W.vma[0].w_bits & W_V_UFFD_WP ? side->encode(&marker) : 0;
	W.dirty_lo[t] = i < W.dirty_lo[t] ? i : W.dirty_lo[t];
	W.dirty_hi[t] = i >= W.dirty_hi[t] ? i + 1 : W.dirty_hi[t];
}

/* The unmapping that a split does: no contpte block is left, and the TLB was flushed. */
void w_split_tables(const struct w_side *side, unsigned int first, unsigned int nr)
{
	bool anon = W.pages[first].flags >> W_PG_anon & 1;
	unsigned int at, t, i;

	for (at = W.scn->first; at < (unsigned int)W.scn->first + W.scn->nslots; at++) {
		struct w_pte was;

		t = at / W_SLOTS;
		i = at % W_SLOTS;
		w_decode_fast(side, W.tab[t][i], &was);
		if (was.kind != W_SLOT_PAGE || was.pfn - W_PFN_BASE - first >= nr)
			continue;
		if (W_HW_CONT_MASK && W_HW_CONT(W.tab[t][i]))
			unfold(&W.tab[t][i & ~(W_BLOCK - 1)]);
		if (!anon)
			unmap(side, &was, t, i);
		w_forget(t, i);
	}
}
