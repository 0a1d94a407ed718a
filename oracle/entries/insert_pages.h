/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that a driver maps itself, mm/memory.c: insert_page and insert_pages (vm_insert_page and its like), insert_pfn
 * (vmf_insert_pfn, vmf_insert_mixed) and remap_pte_range (remap_pfn_range). Pages are those of the VMA's file; pfns
 * lie outside of memory and follow the address.
 */
#include "fault.h"

#define w_pfn_of(at) (W_PFN_SPECIAL + (unsigned long)(at))

/* The entries from here on that hold nothing, in this table and range. */
static inline int w_run_of_none(int at)
{
	int end = at;

	while (end < W.scn->end && pte_none(w_at(w_ptep_of(end))))
		end++;
	return end;
}

static inline bool w_is_file_page(int at)
{
	unsigned int kind = W.scn->slot[at - W.scn->first].kind;

	return (kind == W_SLOT_CACHED || kind == W_SLOT_PAGE) && !folio_test_anon(w_folio_at(at));
}

#if defined(W_ENTRY_remap_pte_range)
static void w_insert(int at, long how)
{
	int end = w_run_of_none(at);

	(void)how;
	if (end > at)
		W.facts.ret = remap_pte_range(&W.mm[0], (pmd_t *)&W.pmd[at / W_SLOTS], w_addr_of(at), w_addr_of(end),
					      w_pfn_of(at), W.vma[0].vm_page_prot);
}
#elif defined(W_ENTRY_insert_pfn)
static void w_insert(int at, long how)
{
	struct w_pte l;
	bool write = how & 1 && W.scn->vma & W_V_SHARED;
	unsigned long pfn = w_pfn_of(at);

	w_decode(w_raw(w_ptep_of(at)), &l);
	if (l.kind == W_SLOT_SPECIAL)
		pfn = l.pfn;
	else if (write && l.kind != W_SLOT_NONE) /* a hole was read before it was written to: the zero page */
		write = l.kind == W_SLOT_ZERO;
#ifdef HAVE_pfn_t
	W.facts.ret = insert_pfn(&W.vma[0], w_addr_of(at), (pfn_t){ pfn }, W.vma[0].vm_page_prot, write);
#else
	W.facts.ret = insert_pfn(&W.vma[0], w_addr_of(at), pfn, W.vma[0].vm_page_prot, write);
#endif
}
#elif defined(W_ENTRY_insert_page)
/* Writable at once only with DAX, which knows no userfaultfd. */
static void w_insert(int at, long how)
{
	if (!w_is_file_page(at))
		return;
#ifdef HAVE_pfn_t
	(void)how;
	(void)sizeof(pfn_t); /* the kernels that have this type insert for reading only */
	W.facts.ret = insert_page(&W.vma[0], w_addr_of(at), w_page_at(at), W.vma[0].vm_page_prot);
#else
	W.facts.ret = insert_page(&W.vma[0], w_addr_of(at), w_page_at(at), W.vma[0].vm_page_prot,
				  how & 1 && (W.scn->vma & (W_V_SHARED | W_V_UFFD_WP)) == W_V_SHARED);
#endif
}
#else
static void w_insert(int at, long how)
{
	static struct page *pages[W_SLOTS];
	unsigned long n = 0, most = how ? 1 + (unsigned long)how % W_SLOTS : W_SLOTS;
	int end = at;

	for (; end < W.scn->end && w_is_file_page(end) && n < most; end++)
		pages[n++] = w_page_at(end);
	if (!n)
		return;
	W.facts.ret = insert_pages(&W.vma[0], w_addr_of(at), pages, &n, W.vma[0].vm_page_prot);
	W.facts.out[0] = (long)n; /* those not inserted */
}
#endif

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	int at = w_slot_with(~0U, (unsigned int)s->option[0]);

	w_open_file(0);
	w_fail_from(s->option[2]);
	w_insert(at, s->option[1]);
}
#define W_FAMILY W_FAM_FILE
