/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * do_fault, mm/memory.c, as do_pte_missing calls it: nothing is mapped at the address, or a uffd-wp marker is there.
 * The file system hands out what the page cache holds, locked or not, and may want to know of writes.
 */
#include "fault.h"

static vm_fault_t w_get_page(struct vm_fault *vmf)
{
	struct folio *folio = w_cached_from(vmf->pgoff);

	if (!folio || folio->index > vmf->pgoff || vmf->pgoff >= W.file_pages || folio->mapping != W.mapping ||
	    folio_test_locked(folio) || w_may_fail())
		return VM_FAULT_SIGBUS;
	folio_get(folio);
	vmf->page = folio_page(folio, vmf->pgoff - folio->index);
	if (W.scn->option[4] & 4)
		return 0;
	folio_lock(folio);
	return VM_FAULT_LOCKED;
}

static vm_fault_t w_map_around(struct vm_fault *vmf, pgoff_t first, pgoff_t last)
{
	(void)vmf;
	W.facts.out[1] = (long)first;
	W.facts.out[2] = (long)last;
	return W.scn->option[4] & 8 ? VM_FAULT_NOPAGE : 0;
}

static vm_fault_t w_mkwrite(struct vm_fault *vmf)
{
	if (w_may_fail())
		return VM_FAULT_SIGBUS;
	if (W.scn->option[4] & 32)
		return 0;
	folio_lock(page_folio(vmf->page));
	return VM_FAULT_LOCKED;
}

static void w_entry(void)
{
	static struct vm_operations_struct ops;
	const struct w_scenario *s = W.scn;
	bool raced = s->option[5] % 16 == 1;
	int at = w_slot_with(1U << W_SLOT_CACHED | 1U << W_SLOT_NONE | (raced ? 1U << W_SLOT_PAGE : 0), (unsigned int)s->option[0]);
	bool write = s->option[2] & 1 && (s->vma & W_V_WRITE || (!(s->vma & W_V_SHARED) && s->option[2] & 4));

	if (at < 0)
		return;
	struct vm_fault vmf = w_fault_at(at, FAULT_FLAG_ORIG_PTE_VALID | (write ? FAULT_FLAG_WRITE : 0));

	w_open_file(s->option[1]);
	w_odd_folio(s->option[6]);
	w_fail_from(s->option[3]);
	W.around = 1UL << (s->option[7] & 7);
	ops = (struct vm_operations_struct){ .fault = s->option[5] % 16 == 2 ? NULL : w_get_page };
	ops.map_pages = s->option[4] & 1 ? w_map_around : NULL;
	ops.page_mkwrite = s->option[4] & 2 ? w_mkwrite : NULL;
	W.vma[0].vm_ops = &ops;
	vmf.orig_pte = raced ? __pte(0) : w_at(w_ptep_of(at));
	W.facts.ret = do_fault(&vmf);
	w_check_written(at, vmf.flags);
}
#define W_FAMILY W_FAM_FILE
