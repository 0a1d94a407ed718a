/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow_page_pte, mm/gup.c, as __get_user_pages comes to it for each address of a range, mmap lock held for reading. It
 * hands out the page that the entry maps (B12), held once (G11), where the entry lets the caller have it: for a write
 * (E9), for a pin (E8).
 */
#include "gup.h"

/* One of the ways in which callers ask: to fault pages in, get them, pin them for a moment or for long; with modifiers. */
static unsigned int w_asked_how(unsigned long option)
{
	static const unsigned int how[] = { 0, FOLL_GET, FOLL_PIN, FOLL_PIN | FOLL_LONGTERM };
	unsigned int flags = how[option & 3];

	flags |= option & 4 ? FOLL_WRITE : 0;
	flags |= option & 8 ? FOLL_TOUCH : 0;
	flags |= option & 16 ? FOLL_FORCE : 0;
	flags |= option & 32 ? FOLL_HONOR_NUMA_FAULT : 0;
	return flags | ((option & 0xc3) == 0xc1 ? FOLL_DUMP : 0);
}

/*
 * E9: a fault takes hints, where that is asked for, and what userfaultfd protects from reads. A write goes through a
 * writable entry; a debugger's also where a private mapping forbids it, to a page that is exclusive, and whose first
 * write nobody waits for.
 */
static void w_check_allowed(int at, const struct w_pte *l, const struct page *page, unsigned int flags)
{
	const struct vm_area_struct *vma = &W.vma[0];
	bool forced = flags & FOLL_FORCE && !(vma->vm_flags & (VM_SHARED | VM_WRITE)) && w_of_anon(page) &&
		page->flags >> W_PG_exclusive & 1 && !(vma->w_bits & W_V_UFFD_WP && l->bits & W_WP);

	if (pte_soft_dirty(pte_mksoft_dirty(__pte(0)))) /* entries have the bit */
		forced = forced && (vma->w_bits & W_V_SOFTDIRTY || l->bits & W_SOFT);
	if (l->bits & W_PROTNONE && (flags & FOLL_HONOR_NUMA_FAULT || vma->w_bits & W_V_UFFD_RWP) &&
	    vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC))
		w_violate(E9, at);
	if (flags & FOLL_WRITE && !(l->bits & W_WRITE) && !forced)
		w_violate(E9, at);
}

static struct page *w_follow(int at, unsigned int flags)
{
	pmd_t *pmd = (pmd_t *)&W.pmd[at / W_SLOTS];
#ifdef HAVE_put_devmap_managed_folio_refs	/* up to 6.13 pages of DAX are special, and their device is held */
	struct dev_pagemap *pgmap = NULL;

	return follow_page_pte(&W.vma[0], w_addr_of(at), pmd, flags, &pgmap);
#else
	return follow_page_pte(&W.vma[0], w_addr_of(at), pmd, flags);
#endif
}

static vm_fault_t w_no_fault(struct vm_fault *vmf)
{
	(void)vmf;
	return VM_FAULT_SIGBUS;
}

/* No entry of it can be used by the process. */
static bool w_inaccessible(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int i;

	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind == W_SLOT_PAGE && !(s->slot[i].bits & W_PROTNONE))
			return false;
	return s->option[1] & 1;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static struct vm_operations_struct ops;
	static struct page *got[W_SLOTS];
	unsigned int flags = w_asked_how((unsigned long)s->option[0]), n = 0, at;

	w_open_held();
	ops.fault = s->option[2] & 1 ? w_no_fault : NULL;
	W.vma[0].vm_ops = &ops;
	if (w_inaccessible())
		W.vma[0].vm_flags &= ~(VM_READ | VM_WRITE | VM_EXEC);
	for (at = s->start; at < s->end; at++) {
		struct w_pte l;
		struct page *page;

		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
		page = w_follow((int)at, flags);
		W.facts.out[1] = W.facts.out[1] * 31 + (!page ? -1 : IS_ERR(page) ? PTR_ERR(page) : page - W.pages);
		if (IS_ERR_OR_NULL(page))
			continue;
		got[n++] = page;
		if (page != w_mapped_by(&l)) {
			w_violate(B12, (int)at);
			continue;
		}
		w_check_allowed((int)at, &l, page, flags);
		w_check_pinned((int)at, page, flags);
	}
	W.facts.out[0] = n;
	while (n)
		w_give_back(got[--n], flags);
	w_check_held();
	w_count_pins();
}
#define W_FAMILY W_FAM_HOLD
