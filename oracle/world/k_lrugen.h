/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for the multi-generational LRU: a folio on the LRU has a generation, one that is not has none; two
 * nodes and two control groups. Semantics: include/linux/mm_inline.h, mm/vmscan.c. Entries that reach it call
 * w_nodes_reset() first.
 */
#ifndef W_K_LRUGEN_H
#define W_K_LRUGEN_H

#define lru_gen_enabled() (W.scn->salt >> 11 & 1)
#define lru_gen_switching() ((W.scn->salt & 0x3000) == 0x3000)

#define W_GEN_SHIFT 30	/* in a folio's flags */
#define W_GEN_MASK (3U << W_GEN_SHIFT)
#define folio_lru_gen(f) (folio_test_lru(f) ? (int)((f)->flags >> W_GEN_SHIFT & 3) : -1)
static inline int w_update_gen(struct folio *f, int gen)
{
	int old = folio_lru_gen(f);

	if (old < 0)
		folio_set_referenced(f);
	else
		f->flags = (f->flags & ~W_GEN_MASK) | (unsigned int)gen << W_GEN_SHIFT;
	return old;
}
#define folio_update_gen(f, gen, ...) w_update_gen(f, gen)
/* Accesses seen without a walk of the whole mm: the second time counts. */
static inline bool w_set_refs(struct folio *f)
{
	bool again = folio_test_referenced(f) || folio_test_workingset(f);

	if (again)
		folio_set_workingset(f);
	else
		folio_set_referenced(f);
	return again;
}
#define lru_gen_set_refs(f, ...) w_set_refs(f)
/* Before 6.14 what counts such accesses is cleared by itself. */
#define folio_clear_lru_refs(f) (folio_clear_referenced(f), folio_clear_workingset(f))
#define update_batch_size(walk, f, old, new) ((void)(old), (void)(new))

#define folio_memcg(f) ((struct mem_cgroup *)(0x5000UL + ((f)->w_head % 7 == (W.scn->salt & 7) ? 0x100 : 0)))
#define folio_memcg_rcu(f) folio_memcg(f)
#define get_mem_cgroup_from_folio(f) folio_memcg(f)
#define mem_cgroup_put(memcg) ((void)(memcg))
#define mem_cgroup_trylock_pages(memcg) ((void)(memcg), (W.scn->salt & 0xc0) != 0xc0)
#define mem_cgroup_unlock_pages() ((void)0)

#define folio_pgdat(f) (&w_nodes[folio_nid(f)])
#define mem_cgroup_lruvec(memcg, node) ((void)(memcg), &w_lruvecs[(node) - w_nodes])
#define lruvec_memcg(lruvec) ((void)(lruvec), (struct mem_cgroup *)0x5000UL)
#define lruvec_pgdat(lruvec) (&w_nodes[(lruvec) - w_lruvecs])
#define get_mm_state(lruvec) ((void)(lruvec), W.scn->salt & 16 ? (struct lru_gen_mm_state *)0x6000UL : NULL)
#define update_bloom_filter(state, seq, item) ((void)(state), (void)(item), (void)w_stub("update_bloom_filter", seq))
#define get_next_vma(...) 0
#define spin_is_contended(l) ((void)(l), (W.scn->salt & 0x300) == 0x300)
#define cache_line_size() 64

static struct pglist_data w_nodes[2];
static struct lruvec w_lruvecs[2];

static inline void w_nodes_reset(void)
{
	int n;

	for (n = 0; n < 2; n++) {
		w_nodes[n].node_id = n;
		w_nodes[n].node_start_pfn = W_PFN_BASE;
		w_nodes[n].node_spanned_pages = W_NPAGES;
		w_lruvecs[n].lrugen.max_seq = 5;
	}
}

#endif
