/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a scenario into the image that every run starts from: tables, pages, counts; image_objects.c has folios and VMAs. */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

/* The bits of a present PTE do not depend on its pfn, except for x86's inverted PROT_NONE entries. */
static unsigned long cached[2][4][256];	/* 0: not known yet */

static unsigned long encode_cached(const struct w_side *side, const struct w_pte *l)
{
	static const struct w_side *whose;
	struct w_pte plain = *l;

	if (l->kind > W_SLOT_SPECIAL || l->kind == W_SLOT_NONE || l->bits & W_PROTNONE)
		return side->encode(l);
	if (whose != side) {
		memset(cached, 0, sizeof(cached));
		whose = side;
	}
	if (!cached[l->exec][l->kind][l->bits]) {
		plain.pfn = 0;
		plain.bits &= (unsigned char)~W_EXCL;
		cached[l->exec][l->kind][l->bits] = side->encode(&plain);
	}
	return cached[l->exec][l->kind][l->bits] | l->pfn << W_PAGE_SHIFT;
}

static int rss_of(const struct w_folio *f)
{
	return f->kind == W_FOLIO_ANON ? 1 : f->kind == W_FOLIO_FILE ? 0 : 3;
}

/* One entry maps the whole folio: it counts once for the folio, for none of its pages. */
static void put_huge(const struct w_side *side, const struct w_scenario *s, unsigned int at, const struct w_slot *slot)
{
	const struct w_folio *f = &s->folio[slot->folio];
	struct page *head = &w_page_image[f->pfn];
	struct w_pte l = { .kind = W_SLOT_PAGE, .bits = slot->bits, .pfn = W_PFN_BASE + f->pfn,
			   .exec = (w_start.scn->vma & W_V_EXEC) != 0 };

	head->_entire_mapcount.counter++;
	head->_large_mapcount.counter++;
	head->_refcount.counter++;
	w_start_maps[f->pfn]++;
	if (slot->bits & W_DIRTY)
		memset(&w_start_dirty[f->pfn], 3, W_HUGE_NR);
	if (slot->bits & W_EXCL)
		head->flags |= 1UL << W_PG_exclusive;
	w_start.mm[0].rss[f->bits & W_F_HUGETLB ? W_RSS_HUGETLB : rss_of(f)] += W_HUGE_NR;
	w_start.pmd[at / W_SLOTS] = W_HW_TO_LEAF(side->encode(&l));
}

static void put_slot(const struct w_side *side, const struct w_scenario *s, unsigned int at, const struct w_slot *slot)
{
	struct w_pte l = { .kind = slot->kind, .bits = slot->bits, .exec = (s->vma & W_V_EXEC) != 0 };
	const struct w_folio *f = &s->folio[slot->folio < W_MAX_FOLIOS ? slot->folio : 0];
	struct page *page = &w_page_image[(f->pfn + slot->index) % W_NPAGES], *head = &w_page_image[f->pfn];

	if (slot->kind == W_SLOT_PAGE || (slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_DEV_EXCL) || slot->kind >= W_SLOT_PMD)
		head->index = W_PGOFF + w_skew(s->vma) + at - slot->index;
	switch (slot->kind) {
	case W_SLOT_PAGE: case W_SLOT_DEV_PRIV:
		l.pfn = W_PFN_BASE + f->pfn + slot->index;
		page->_mapcount.counter++;
		if (f->order)
			head->_large_mapcount.counter++;
		head->_refcount.counter++;
		w_start_maps[f->pfn]++;
		w_start_dirty[f->pfn + slot->index] |= slot->bits & W_DIRTY ? 2 : 0;
		if (slot->bits & W_EXCL)
			page->flags |= 1UL << W_PG_exclusive;
		w_start.mm[0].rss[rss_of(f)]++;
		break;
	case W_SLOT_PMD:
		put_huge(side, s, at, slot);
		return;
	case W_SLOT_CACHED:
		l.kind = slot->bits & W_WP ? W_SLOT_MARKER_WP : W_SLOT_NONE;
		l.bits = 0;
		break;
	case W_SLOT_SWAPCACHED:
		l.kind = W_SLOT_SWAP;
		l.type = W_SWAP_TYPES - 1;
		l.pfn = (head->private & 0xffffff) + slot->index;
		w_start.swap_count[l.type][l.pfn]++;
		w_start.mm[0].rss[2]++;
		break;
	case W_SLOT_ZERO: l.pfn = W_PFN_ZERO; break;
	case W_SLOT_SPECIAL: l.pfn = W_PFN_SPECIAL + slot->index; break;
	case W_SLOT_SWAP:
		l.type = slot->folio;
		l.pfn = slot->index;
		w_start.swap_count[slot->folio % W_SWAP_TYPES][slot->index % W_SWAP_SLOTS]++;
		if (w_start.nswap <= slot->index)
			w_start.nswap = slot->index + 1U;
		w_start.mm[0].rss[2]++;
		break;
	case W_SLOT_DEV_EXCL:
		head->_refcount.counter++;
		w_start_maps[f->pfn]++;
		/* A write fault made the page exclusive (make_device_exclusive, mm/rmap.c); fork restores the PTE first. */
		page->flags |= 1UL << W_PG_exclusive;
		if (side->dev_excl_mapped) {
			page->_mapcount.counter++;
			head->_large_mapcount.counter += f->order ? 1 : 0;
		}
		/* fall through */
	case W_SLOT_MIG_READ: case W_SLOT_MIG_EXCL: case W_SLOT_MIG_WRITE:
		if (w_trait(side, COUNTS_ALONE) && f->kind == W_FOLIO_ANON && slot->kind != W_SLOT_DEV_EXCL)
			head->_refcount.counter++; /* who migrates it */
		l.pfn = W_PFN_BASE + f->pfn + slot->index;
		w_start.mm[0].rss[rss_of(f)]++;
		break;
	}
	w_image[at / W_SLOTS][at % W_SLOTS] = encode_cached(side, &l);
}

/* How many slots from one on map the pages of a folio that follow one another. */
static unsigned int run_of_pages(const struct w_slot *slot, unsigned int left)
{
	unsigned int n = 1;

	while (n < left && slot[n].kind == W_SLOT_PAGE && slot[n].folio == slot->folio && slot[n].index == slot->index + n)
		n++;
	return n;
}

/* As put_slot() does for each of them. */
static void put_pages(const struct w_side *side, const struct w_scenario *s, unsigned int at, const struct w_slot *slot, unsigned int n)
{
	const struct w_folio *f = &s->folio[slot->folio];
	struct page *head = &w_page_image[f->pfn], *page = head + slot->index;
	unsigned long *entry = (unsigned long *)w_image + at, pfn = W_PFN_BASE + f->pfn + slot->index;
	unsigned char *dirty = &w_start_dirty[f->pfn + slot->index];
	bool exec = (s->vma & W_V_EXEC) != 0;
	unsigned long raw = 0;	/* of the entry before, with the bits of like */
	unsigned int k, like = 0;

	head->index = W_PGOFF + w_skew(s->vma) + at - slot->index;
	head->_large_mapcount.counter += f->order ? (int)n : 0;
	head->_refcount.counter += (int)n;
	w_start_maps[f->pfn] += (int)n;
	w_start.mm[0].rss[rss_of(f)] += n;
	for (k = 0; k < n; k++) {
		unsigned int bits = slot[k].bits;

		page[k]._mapcount.counter++;
		dirty[k] |= bits & W_DIRTY ? 2 : 0;
		page[k].flags |= bits & W_EXCL ? 1UL << W_PG_exclusive : 0;
		if (bits != like || !raw || bits & W_PROTNONE)
			raw = encode_cached(side, &(struct w_pte){ .kind = W_SLOT_PAGE, .bits = slot[k].bits, .exec = exec, .pfn = pfn + k });
		else
			raw += 1UL << W_PAGE_SHIFT;
		like = bits;
		entry[k] = raw;
	}
}

static void put_slots(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int i, n;

	for (i = 0; i < s->nslots; i += n) {
		const struct w_slot *slot = &s->slot[i];

		n = 1;
		if (slot->kind == W_SLOT_PAGE) {
			n = run_of_pages(slot, s->nslots - i);
			put_pages(side, s, s->first + i, slot, n);
		} else if (slot->kind != W_SLOT_NONE) {
			put_slot(side, s, s->first + i, slot);
		}
	}
}

static void clear_windows(void)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		if (w_window_lo[t] < w_window_hi[t]) {
			memset(&w_image[t][w_window_lo[t]], 0, (w_window_hi[t] - w_window_lo[t]) * 8);
			memset(&W.tab[t][w_window_lo[t]], 0, (w_window_hi[t] - w_window_lo[t]) * 8);
		}
		w_window_lo[t] = W_SLOTS;
		w_window_hi[t] = 0;
	}
}

void w_build(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int i, t;

	clear_windows();
	w_start.npages = 1;
	for (t = 0; t < W_SWAP_TYPES; t++)
		memset(w_start.swap_count[t], 0, w_start.nswap * sizeof(short));
	w_start.nswap = 0;
	for (t = 0; t < 2; t++)
		memset(w_start.mm[t].rss, 0, sizeof(w_start.mm[t].rss));
	w_start.scn = s;
	for (t = 0; t < W_TABLES; t++)
		w_start.pmd[t] = (unsigned long)W.tab[t] | 3;
	for (i = 0; i < s->nfolios; i++)
		w_put_folio(side, &s->folio[i]);
	put_slots(side, s);
	for (t = 0; t < 2; t++) {
		unsigned int lo = t * W_SLOTS, end = s->first + s->nslots;

		if (s->first < lo + W_SLOTS && end > lo) {
			w_window_lo[t] = s->first > lo ? s->first - lo : 0;
			w_window_hi[t] = end - lo < W_SLOTS ? end - lo : W_SLOTS;
		}
	}
	w_put_vmas(side, s);
	w_start.spares = w_start.npages;
	w_pages_build();
	w_build_call(s);
}

void w_build_call(const struct w_scenario *s)
{
	struct list_head *list = s->salt & 6 ? &w_list : &W.mm[0].mmlist; /* else as before the first page is swapped out */

	w_start.mm[0].mmlist.next = w_start.mm[0].mmlist.prev = list;
	w_start.mm[0].mm_users.counter = w_start.mm[1].mm_users.counter = 1 + (s->salt >> 5 & 1);
	w_start.bbml2 = s->salt & 1;
	w_start.tlb.w_room = s->option[7] ? (unsigned int)s->option[7] : ~0U;
	w_start.tlb.fullmm = (s->mm & W_MM_EXITS) != 0;
}
