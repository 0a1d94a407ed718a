/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smaps_pte_range, fs/proc/task_mmu.c: the walk of /proc/PID/smaps on one page table, which adds up what its entries map.
 * Rule L12: each page once, as what its own entry says it is; of a page that several map, each has its share.
 */
#include "lru_state.h"
#include "told.h"

/* smaps_page_accumulate(): a page that is there, this mm's alone or not, and its share. */
static void w_add_page(struct mem_size_stats *e, const struct folio *folio, unsigned long pss, bool dirty, bool alone)
{
	bool written = dirty || folio_test_dirty(folio);

	e->pss += pss;
	*(folio_test_anon(folio) ? &e->pss_anon : folio_test_swapbacked(folio) ? &e->pss_shmem : &e->pss_file) += pss;
	e->pss_locked += W.vma[0].vm_flags & VM_LOCKED ? pss : 0;
	e->pss_dirty += written ? pss : 0;
	*(written ? (alone ? &e->private_dirty : &e->shared_dirty) : alone ? &e->private_clean : &e->shared_clean) += PAGE_SIZE;
}

/* What the entry of one page adds. maps: 0 for what is on its way elsewhere, where the count says nothing. */
static void w_add(struct mem_size_stats *e, const struct folio *folio, int maps, bool young, bool dirty)
{
	bool anon = folio_test_anon(folio);

	e->resident += PAGE_SIZE;
	e->anonymous += anon ? PAGE_SIZE : 0;
	e->lazyfree += anon && !folio_test_swapbacked(folio) && !dirty && !folio_test_dirty(folio) ? PAGE_SIZE : 0;
	e->ksm += folio_test_ksm(folio) ? PAGE_SIZE : 0;
	e->referenced += young || folio_test_young(folio) || folio_test_referenced(folio) ? PAGE_SIZE : 0;
	w_add_page(e, folio, (PAGE_SIZE << PSS_SHIFT) / (unsigned int)(maps > 1 ? maps : 1), dirty, maps == 1);
}

static void w_add_entry(struct mem_size_stats *e, unsigned int at)
{
	const struct page *page;
	struct w_pte l;
	bool mapped;

	w_read(at, &l);
	page = w_page_of(&l);
	if (l.kind == W_SLOT_SWAP && l.type < W_SWAP_TYPES) {
		int count = W.swap_count[l.type][l.pfn];

		e->swap += PAGE_SIZE;
		e->swap_pss += (PAGE_SIZE << PSS_SHIFT) / (unsigned int)(count > 1 ? count : 1);
	}
	if (!page)
		return;
	mapped = l.kind == W_SLOT_PAGE || l.kind == W_SLOT_DEV_PRIV;
	w_add(e, w_head_of(page), mapped ? w_maps_of(page) : 0, l.kind == W_SLOT_PAGE && l.bits & W_YOUNG,
	      l.kind == W_SLOT_PAGE && l.bits & W_DIRTY);
}

static void w_add_huge(struct mem_size_stats *e, unsigned int at)
{
	struct w_pte l;
	const struct page *page;
	unsigned int i;

	w_read(at, &l);
	page = w_page_of(&l);
	*(folio_test_anon(w_head_of(page)) ? &e->anonymous_thp : folio_test_swapbacked(w_head_of(page)) ? &e->shmem_thp :
	  &e->file_thp) += HPAGE_PMD_SIZE;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		w_add(e, w_head_of(page), w_maps_of(page + i), l.bits & W_YOUNG, l.bits & W_DIRTY);
}

static void w_tell(const struct mem_size_stats *is)
{
	const unsigned long counts[] = {
		is->resident, is->shared_clean, is->shared_dirty, is->private_clean, is->private_dirty, is->referenced,
		is->anonymous, is->lazyfree, is->anonymous_thp, is->shmem_thp, is->file_thp, is->swap, is->ksm, is->pss,
		is->pss_anon, is->pss_file, is->pss_shmem, is->pss_dirty, is->pss_locked, is->swap_pss,
	};
	unsigned int i;

	W.facts.out[0] = (long)(is->resident / PAGE_SIZE);
	W.facts.out[1] = (long)(is->swap / PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		W.facts.out[2] = W.facts.out[2] * 31 + (long)counts[i];
}

/* A child holds every third swap entry, too. */
static void w_share_swap(short by)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;
	struct w_pte l;

	for (at = s->start; s->option[0] & 4 && !w_by_pmd() && at < s->end; at++) {
		w_read(at, &l);
		if (l.kind == W_SLOT_SWAP && l.type < W_SWAP_TYPES && l.pfn % 3 == 0)
			W.swap_count[l.type][l.pfn] = (short)(W.swap_count[l.type][l.pfn] + by);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	static const struct mm_walk_ops ops;
	struct mem_size_stats is, wanted;
	struct mm_walk walk = { .vma = vma, .mm = vma->vm_mm, .ops = &ops, .private = &is };
	unsigned int at;

	if (w_by_pmd() && s->end - s->start != W_SLOTS)
		return; /* a VMA's ends split huge pages */
	memset(&is, 0, sizeof(is));
	memset(&wanted, 0, sizeof(wanted));
	vma->vm_flags |= (s->option[0] & 3) == 3 ? VM_LOCKED : 0;
	w_lru_state((unsigned long)s->option[1]);
	w_share_swap(1);
	w_share_pages(s->option[0] & 8 ? 1 : 0);
	w_fail_from(s->option[2]);
	W.facts.ret = smaps_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[3] = walk.action;
	w_tell(&is);
	W.quiet++;
	for (at = s->start; !w_by_pmd() && at < s->end; at++)
		w_add_entry(&wanted, at);
	if (w_by_pmd())
		w_add_huge(&wanted, s->start);
	W.quiet--;
	w_share_swap(-1);
	w_share_pages(s->option[0] & 8 ? -1 : 0);
	if (walk.action != ACTION_AGAIN && memcmp(&is, &wanted, sizeof(is)))
		w_violate(L12, -1);
}
#define W_FAMILY W_FAM_LOOK
#define W_WANTS W_TOLD_OF
