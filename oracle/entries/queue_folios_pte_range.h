/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue_folios_pte_range, mm/mempolicy.c: the page-table walk of mbind() and migrate_pages() on one page table. What
 * it has isolated is on a list, which the caller puts back. Rule L9: with leave to move pages that is each folio of
 * the range that lies on the wrong node, is on the LRU, and is not mapped elsewhere unless all may be moved.
 */
#include "lru_state.h"

static void w_check_queued(const struct queue_pages *qp, unsigned long isolated)
{
	const struct w_scenario *s = W.scn;
	static bool seen[W_MAX_FOLIOS];
	unsigned int at, f;

	memset(seen, 0, sizeof(seen));
	for (at = s->start; at < s->end; at++)
		if (s->slot[at - s->first].kind == W_SLOT_PAGE)
			seen[s->slot[at - s->first].folio] = true;
	if (s->slot[0].kind == W_SLOT_PMD)
		seen[s->slot[0].folio] = true;
	for (f = 0; f < s->nfolios; f++) {
		struct folio *folio = (struct folio *)&W.pages[s->folio[f].pfn];
		bool wrong = !!node_isset(folio_nid(folio), *qp->nmask) == !(qp->flags & MPOL_MF_INVERT);
		bool may = qp->flags & MPOL_MF_MOVE_ALL || (qp->flags & MPOL_MF_MOVE && !folio_maybe_mapped_shared(folio));
		bool wanted = seen[f] && wrong && may && vma_migratable(&W.vma[0]);

		if (w_is_listed(qp->pagelist, folio) != (wanted && !(isolated >> f & 1)))
			w_violate(L9, -1);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static const unsigned long wanted[] = {
		MPOL_MF_STRICT, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT | MPOL_MF_MOVE, MPOL_MF_STRICT | MPOL_MF_MOVE_ALL,
	};
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	nodemask_t nodes = { { (unsigned long)s->option[1] & 3 } };
	unsigned long isolated = 0;
	unsigned int f;
	LIST_HEAD(list);
	struct queue_pages qp = {
		.pagelist = &list, .nmask = &nodes, .start = addr, .end = end, .first = &W.vma[0],
		.flags = wanted[(unsigned int)s->option[0] % 5] | (s->option[0] & 256 ? MPOL_MF_INVERT : 0),
	};
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &qp };

	w_lru_state((unsigned long)s->option[2]);
	for (f = 0; f < s->nfolios; f++)
		isolated |= (unsigned long)!folio_test_lru((struct folio *)&W.pages[s->folio[f].pfn]) << f;
	w_fail_from(s->option[3]);
	W.facts.ret = queue_folios_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = qp.nr_failed;
	W.facts.out[1] = walk.action;
	if (walk.action != ACTION_AGAIN && !W.failed)
		w_check_queued(&qp, isolated);
	w_empty_list(&list);
}
#define W_FAMILY W_FAM_LOOK
/* How many of a large folio's pages count as failed depends on the batch its first page is in. */
#define W_BY_LENGTH 1
