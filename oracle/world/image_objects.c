/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the image of a scenario has besides entries: folios, and the VMAs around them. */
#include <string.h>
#undef bool
#include "runtime.h"

void w_put_folio(const struct w_side *side, const struct w_folio *f)
{
	struct page *head = &w_page_image[f->pfn];
	unsigned int i, nr = 1U << f->order;
	unsigned long flags = 1UL << W_PG_uptodate | 1UL << W_PG_lru;
	int extra = f->bits & W_F_EXTRA_MAP ? 1 : 0;

	head[0] = (struct page){ .w_head = f->pfn, .w_order = f->order, ._mapcount = { -1 + extra } };
	for (i = 1; i < nr; i += i)
		memcpy(&head[i], head, i * sizeof(*head));
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
	head->_refcount.counter = !(w_trait(side, COUNTS_ALONE) && f->kind == W_FOLIO_ANON) + extra * (int)nr + (f->bits & W_F_EXTRA_REF ? 1 : 0);
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
	if (w_trait(side, COPIES)) {
		vma->vm_mm = &W.mm[1];
		return;
	}
	vma->vm_start = W_DST_VA + s->vma_first * W_PAGE_SIZE;
	vma->vm_end = W_DST_VA + s->vma_end * W_PAGE_SIZE;
}

void w_put_vmas(const struct w_side *side, const struct w_scenario *s)
{
	put_vma(&w_start.vma[0], side, s);
	put_other_vma(side, s);
}
