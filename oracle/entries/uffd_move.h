/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * move_pages_ptes, mm/userfaultfd.c (move_pages_pte before 6.19, a page a call), as move_pages calls it. The
 * destination may go on in the next page table: anonymous VMAs with the same flags, mmap lock held for reading. Where it fails userspace asks
 * again for the rest, behind the page that it failed at.
 */
#if defined(W_ENTRY_move_pages_ptes)
#define w_move(src, dst, len, mode) \
	move_pages_ptes(&W.mm[0], w_pmd_at(dst), w_pmd_at(src), &W.vma[1], &W.vma[0], dst, src, len, mode)
#else
/* Zero for one page. */
#define w_move(src, dst, len, mode) \
	w_one_page(move_pages_pte(&W.mm[0], w_pmd_at(dst), w_pmd_at(src), &W.vma[1], &W.vma[0], dst, src, mode))
static long w_one_page(long ret) { return ret ? ret : (long)PAGE_SIZE; }
#endif

static pmd_t *w_pmd_at(unsigned long addr) { return (pmd_t *)&W.pmd[w_table_of_addr(addr)]; }

static struct swap_info_struct w_swap_device;
#ifdef HAVE_SWAP_HAS_CACHE
static unsigned char w_swap_map[W_SWAP_SLOTS];
#endif

/* What is in the way at the destination: nothing mostly, or a marker or zero page at one slot. */
static void w_obstruct(unsigned int to, unsigned int n, long option)
{
	const struct w_pte what = { .kind = option & 2 ? W_SLOT_ZERO : W_SLOT_MARKER_POISON, .pfn = W_PFN_ZERO };
	unsigned int at = to + (unsigned int)(option >> 2) % n;

	if (!(option & 1))
		return;
	W.tab[2 + at / W_SLOTS][at % W_SLOTS] = w_encode(&what);
	W.dirty_lo[2 + at / W_SLOTS] = at % W_SLOTS;
	W.dirty_hi[2 + at / W_SLOTS] = at % W_SLOTS + 1;
}

/* The page of one swap entry is in the swap cache, unmapped; someone may have it locked. */
static void w_cache_one(long option)
{
	const struct w_scenario *s = W.scn;
	unsigned int at = s->start - s->first + (unsigned int)(option >> 3) % (unsigned int)(s->end - s->start), k;

	w_cached = NULL;
	for (k = at; k < s->nslots && s->slot[k].kind != W_SLOT_SWAP;)
		k++;
	if (!(option & 1) || k == s->nslots || !(w_cached = w_alloc_folio()))
		return;
	w_cached->swap.val = (unsigned long)s->slot[k].folio << W_SWAP_TYPE_SHIFT | s->slot[k].index;
	w_cached->flags = 1U << W_PG_anon | 1U << W_PG_swapbacked | 1U << W_PG_swapcache | (option & 2 ? 1U << W_PG_locked : 0);
	w_cached->w_order = option & 4 ? 0 : (unsigned short)(option >> 9 & 1);
	w_cached->index = (unsigned int)(W_PGOFF + s->first + k);
}

/* B11: a page is found through its place in the VMA that it was moved to, and swapped in where its entry went. */
static void w_check_index(const struct folio *folio, int at)
{
	if (folio->index != W.vma[1].vm_pgoff + (unsigned int)at)
		w_violate(B11, 2 * W_SLOTS + at);
}
static void w_check_moved(unsigned int to, unsigned int n)
{
	struct w_pte l;
	unsigned int i;

	for (i = to; i < to + n; i++) {
		w_decode(W.tab[2 + i / W_SLOTS][i % W_SLOTS], &l);
		if (l.kind == W_SLOT_PAGE)
			w_check_index((struct folio *)&W.pages[W.pages[l.pfn - W_PFN_BASE].w_head], (int)i);
		else if (l.kind == W_SLOT_SWAP && w_cached && w_cached->swap.val == ((unsigned long)l.type << W_SWAP_TYPE_SHIFT | l.pfn))
			w_check_index(w_cached, (int)i);
	}
}

/* The first slot of the destination; odd: across the end of the first table. */
static unsigned int w_place(long option, unsigned int n)
{
	unsigned int to = option ? (unsigned int)option % (2 * W_SLOTS - n + 1) : W.scn->start % W_SLOTS;

	return option & 1 ? W_SLOTS - to % n : to;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = s->end - s->start, to = w_place(s->option[0], n);
	unsigned long src = W_SRC_VA + s->start * PAGE_SIZE, end = src + n * PAGE_SIZE, dst = W_DST_VA + to * PAGE_SIZE;

	W.dst_first = (int)to;
	W.vma[1].vm_start = W_DST_VA;
	W.vma[1].vm_end = W_DST_VA + 2 * HPAGE_PMD_SIZE;
	w_device = &w_swap_device;
#ifdef HAVE_SWAP_HAS_CACHE
	memset(w_swap_map, 0, sizeof(w_swap_map));
	w_swap_map[(unsigned int)s->option[2] % W_SWAP_SLOTS] = SWAP_HAS_CACHE;
	w_swap_device.swap_map = w_swap_map;
#endif
	w_obstruct(to, n, s->option[1]);
	w_cache_one(s->option[2]);
	w_fail_from(s->option[4] & 7);
	while (src < end) {
		long ret = w_move(src, dst, end - src, s->option[3] & 1 ? UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES : 0);

		W.facts.out[0] += ret > 0 ? ret / (long)PAGE_SIZE : 0;
		if (ret < 0) {
			W.facts.ret = ret;
			ret = PAGE_SIZE;
		}
		src += (unsigned long)ret;
		dst += (unsigned long)ret;
	}
	w_check_moved(to, n);
	if (w_cached) {
		w_cached->w_order = 0;
		folio_put(w_cached);
	}
}
#define W_FAMILY W_FAM_UFFD
#define W_WANTS (W_WANT_ANON | W_WANT_WRITE | W_WANT_LOCKS | W_WANT_SMALL)
