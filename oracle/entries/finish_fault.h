/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finish_fault, mm/memory.c, as do_read_fault, do_shared_fault and do_cow_fault call it: the page comes locked and
 * with a reference, and is unlocked after; a copy of it is mapped when a private mapping is written to.
 */
#include "fault.h"

/* What do_shared_fault does once a page was mapped for writing: the file system hears of it. */
static void w_finished(struct vm_fault *vmf, struct folio *folio, struct folio *copy, vm_fault_t ret)
{
	bool failed = ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY);

	if (!failed && vmf->flags & FAULT_FLAG_WRITE && !copy)
		folio_mark_dirty(folio);
	folio_unlock(folio);
	if (failed || copy)
		folio_put(folio);
	if (failed && copy)
		folio_put(copy);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	int at = w_slot_with(1U << W_SLOT_CACHED | 1U << W_SLOT_PAGE, (unsigned int)s->option[0]);
	/* A debugger writes to private mappings whatever they allow (FOLL_FORCE, mm/gup.c). */
	bool write = s->option[2] & 1 && (s->vma & W_V_WRITE || (!(s->vma & W_V_SHARED) && s->option[2] & 4));
	struct folio *folio, *copy = NULL;

	if (at < 0 || folio_test_anon(w_folio_at(at)) || folio_test_locked(w_folio_at(at)))
		return;
	struct vm_fault vmf = w_fault_at(at, write ? FAULT_FLAG_WRITE : 0);

	w_open_file(s->option[1]);
	w_fail_from(s->option[3]);
	folio = w_folio_at(at);
	if (s->option[2] & 2) {
		/* With a mapped page: another thread was faster. */
		vmf.flags |= FAULT_FLAG_ORIG_PTE_VALID;
		vmf.orig_pte = pte_present(w_at(w_ptep_of(at))) ? __pte(0) : w_at(w_ptep_of(at));
	}
	if (write && !(s->vma & W_V_SHARED)) {
		copy = w_alloc_folio();
		if (!copy)
			return;
		__folio_mark_uptodate(copy);
		vmf.cow_page = &copy->page;
	}
	folio_get(folio);
	folio_lock(folio);
	vmf.page = w_page_at(at);
	W.facts.ret = finish_fault(&vmf);
	w_check_written(at, vmf.flags);
	w_finished(&vmf, folio, copy, (vm_fault_t)W.facts.ret);
}
#define W_FAMILY W_FAM_FILE
