/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a scenario into the image that every run starts from: tables, pages, counts, VMAs. */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

unsigned long w_image[W_TABLES][W_SLOTS];
struct page w_page_image[W_NPAGES];
unsigned char w_start_dirty[W_NPAGES];
int w_start_maps[W_NPAGES];
struct world w_start;
unsigned int w_window_lo[W_TABLES], w_window_hi[W_TABLES];

/* The bits of a present PTE do not depend on its pfn, except for x86's inverted PROT_NONE entries. */
static unsigned long encode_cached(const struct w_side *side, const struct w_pte *l)
{
	static unsigned long cache[2][4][256];
	static unsigned char known[2][4][256];
	static const struct w_side *whose;
	struct w_pte plain = *l;

	if (l->kind > W_SLOT_SPECIAL || l->kind == W_SLOT_NONE || l->bits & W_PROTNONE)
		return side->encode(l);
	if (whose != side) {
		memset(known, 0, sizeof(known));
		whose = side;
	}
	if (!known[l->exec][l->kind][l->bits]) {
		plain.pfn = 0;
		plain.bits &= (unsigned char)~W_EXCL;
		cache[l->exec][l->kind][l->bits] = side->encode(&plain);
		known[l->exec][l->kind][l->bits] = 1;
	}
	return cache[l->exec][l->kind][l->bits] | l->pfn << W_PAGE_SHIFT;
}

void w_decode_fast(const struct w_side *side, unsigned long raw, struct w_pte *out)
{
	static struct { unsigned long key; struct w_pte pte; } cache[256];
	unsigned long key = raw & ~W_HW_PFN_MASK, h = (key ^ key >> 7 ^ key >> 45) & 255, pfn = W_HW_PFN(raw);

	if (!raw) {
		*out = (struct w_pte){ 0 };
		return;
	}
	if (!(raw & 1) || pfn - W_PFN_BASE >= W_NPAGES) {
		side->decode(raw, out);
		return;
	}
	if (cache[h].key != key) {
		side->decode(raw, &cache[h].pte);
		cache[h].key = key;
	}
	*out = cache[h].pte;
	out->pfn = pfn;
}

static void put_folio(const struct w_side *side, const struct w_folio *f)
{
	struct page *head = &w_page_image[f->pfn];
	unsigned int i, nr = 1U << f->order;
	unsigned long flags = 1UL << W_PG_uptodate | 1UL << W_PG_lru;
	int extra = f->bits & W_F_EXTRA_MAP ? 1 : 0;

	for (i = 0; i < nr; i++)
		head[i] = (struct page){ .w_head = f->pfn, .w_order = f->order, ._mapcount = { -1 + extra } };
	memset(&w_start_dirty[f->pfn], f->bits & W_F_DIRTY ? 1 : 0, nr);
	w_start_maps[f->pfn] = extra * (int)nr;
	flags |= f->kind == W_FOLIO_ANON ? 1UL << W_PG_anon : 0;
	flags |= f->bits & W_F_DIRTY ? 1UL << W_PG_dirty | (f->kind == W_FOLIO_FILE ? 1UL << W_PG_tagged : 0) : 0;
	flags |= f->bits & W_F_SWAPBACKED ? 1UL << W_PG_swapbacked : 0;
	flags |= f->bits & W_F_SWAPCACHE ? 1UL << W_PG_swapcache : 0;
	flags |= f->bits & W_F_LOCKED ? 1UL << W_PG_locked : 0;
	flags |= f->bits & W_F_REFERENCED ? 1UL << W_PG_referenced : 0;
	flags |= f->bits & W_F_MLOCKED ? 1UL << W_PG_mlocked : 0;
	flags |= f->bits & W_F_WRITEBACK ? 1UL << W_PG_writeback : 0;
	flags |= f->bits & W_F_KSM ? 1UL << W_PG_ksm : 0;
	if (f->bits & W_F_DEVICE)
		flags = (flags | 1UL << W_PG_device) & ~(1UL << W_PG_lru);
	flags |= f->bits & W_F_HUGETLB ? 1UL << W_PG_hugetlb : 0;
	flags |= extra ? 1UL << W_PG_maybe_shared : 0;
	head->flags = flags;
	head->mapping = w_mapping_of(f->kind);
	if (f->bits & W_F_SWAPCACHE) {
		unsigned int offset = f->pfn % (W_SWAP_SLOTS / 2);

		head->private = 2UL << W_SWAP_TYPE_SHIFT | offset;
		if (w_start.nswap < offset + nr)
			w_start.nswap = offset + nr;
	}
	head->_large_mapcount.counter = -1 + extra * (int)nr;
	/* Somebody holds it; a fault has to see of an anon folio that nobody else does. */
	head->_refcount.counter = !(side->family == W_FAM_FAULT && f->kind == W_FOLIO_ANON) + extra * (int)nr + (f->bits & W_F_EXTRA_REF ? 1 : 0);
	/* The page cache and the swap cache hold a reference for each page. */
	if (f->kind != W_FOLIO_ANON || f->bits & W_F_SWAPCACHE)
		head->_refcount.counter += (int)nr;
	if (f->bits & W_F_PINNED) {
		head->_pincount.counter = f->order ? 1 : 0;
		head->_refcount.counter += f->order ? 1 : 1024;
	}
	if (f->pfn + nr > w_start.npages)
		w_start.npages = f->pfn + nr;
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
		if (side->family == W_FAM_FAULT && f->kind == W_FOLIO_ANON && slot->kind != W_SLOT_DEV_EXCL)
			head->_refcount.counter++; /* who migrates it */
		l.pfn = W_PFN_BASE + f->pfn + slot->index;
		w_start.mm[0].rss[rss_of(f)]++;
		break;
	}
	w_image[at / W_SLOTS][at % W_SLOTS] = encode_cached(side, &l);
}

/* Pages without a struct page are in VMAs that say so only. */
static bool has_special(const struct w_scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind == W_SLOT_SPECIAL)
			return true;
	return false;
}

static void put_vma(struct vm_area_struct *vma, const struct w_side *side, const struct w_scenario *s)
{
	memset(vma, 0, sizeof(*vma));
	vma->vm_start = W_SRC_VA + s->vma_first * W_PAGE_SIZE;
	vma->vm_end = W_SRC_VA + s->vma_end * W_PAGE_SIZE;
	vma->vm_mm = &W.mm[0];
	vma->w_bits = s->vma | (w_unnoticed(s) ? W_V_UNNOTICED : 0);
	vma->vm_flags = side->vma_flags(s->vma | (has_special(s) ? W_V_MIXED : 0));
	vma->vm_page_prot = side->prot(vma->w_bits);
	vma->vm_pgoff = vma->__vm_anon_pgoff_lo = (unsigned int)W_PGOFF + w_skew(s->vma) + s->vma_first;
	vma->vm_file = s->vma & W_V_FILE ? (struct file *)0x2000 : NULL;
	vma->anon_vma = s->vma & W_V_ANON_VMA ? (struct anon_vma *)0x3000 : NULL;
}

/* A child's lies where its parent's does, else it is where entries go. */
static void put_other_vma(const struct w_side *side, const struct w_scenario *s)
{
	struct vm_area_struct *vma = &w_start.vma[1];

	*vma = w_start.vma[0];
	if (side->family == W_FAM_FORK) {
		vma->vm_mm = &W.mm[1];
		return;
	}
	vma->vm_start = W_DST_VA + s->vma_first * W_PAGE_SIZE;
	vma->vm_end = W_DST_VA + s->vma_end * W_PAGE_SIZE;
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
	memset(w_start.mm, 0, sizeof(w_start.mm));
	w_start.mm[1].mm_id = 1;
	w_start.mm[0].mmlist.next = w_start.mm[0].mmlist.prev = &w_list;
	w_start.scn = s;
	for (t = 0; t < W_TABLES; t++)
		w_start.pmd[t] = (unsigned long)W.tab[t] | 3;
	for (i = 0; i < s->nfolios; i++)
		put_folio(side, &s->folio[i]);
	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind != W_SLOT_NONE)
			put_slot(side, s, s->first + i, &s->slot[i]);
	for (t = 0; t < 2; t++) {
		unsigned int lo = t * W_SLOTS, end = s->first + s->nslots;

		if (s->first < lo + W_SLOTS && end > lo) {
			w_window_lo[t] = s->first > lo ? s->first - lo : 0;
			w_window_hi[t] = end - lo < W_SLOTS ? end - lo : W_SLOTS;
		}
	}
	put_vma(&w_start.vma[0], side, s);
	put_other_vma(side, s);
	w_pages_build();
	w_start.tlb.mm = &W.mm[0];
	w_start.tlb.start = ~0UL;
	w_start.tlb.end = 0;
	w_build_call(s);
}

void w_build_call(const struct w_scenario *s)
{
	w_start.mm[0].mm_users.counter = w_start.mm[1].mm_users.counter = 1 + (s->salt >> 5 & 1);
	w_start.bbml2 = s->salt & 1;
	w_start.tlb.fullmm = (s->mm & W_MM_EXITS) != 0;
}
