/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on what a page table holds, mm/memory.c. handle_pte_fault reads the entry without the lock and calls what
 * the entry asks for; the others are called as it does, on an entry of their kind.
 */
#include "fault.h"

#define w_kind(name) (1U << W_SLOT_##name)
#define W_SWAPPED (w_kind(SWAP) | w_kind(SWAPCACHED) | w_kind(MIG_READ) | w_kind(MIG_EXCL) | w_kind(MIG_WRITE) | \
		   w_kind(DEV_EXCL) | w_kind(MARKER_WP) | w_kind(MARKER_POISON) | w_kind(MARKER_GUARD))

#if defined(W_ENTRY_do_swap_page)
#define W_KINDS W_SWAPPED
#elif defined(W_ENTRY_do_anonymous_page)
#define W_KINDS (w_kind(NONE) | w_kind(MARKER_WP))
#define W_KINDS_RACED w_kind(PAGE)
#elif defined(W_ENTRY_handle_pte_fault)
#define W_KINDS (w_kind(NONE) | w_kind(PAGE) | w_kind(ZERO) | W_SWAPPED)
#else
#define W_KINDS (w_kind(PAGE) | w_kind(ZERO) | w_kind(SPECIAL))
#endif

#ifndef W_KINDS_RACED
#define W_KINDS_RACED 0
#endif

static vm_fault_t w_no_page(struct vm_fault *vmf) { (void)vmf; return VM_FAULT_SIGBUS; }

/* Before a page of a shared mapping may be written: it comes back locked, or the file system says no. */
static vm_fault_t w_mkwrite(struct vm_fault *vmf)
{
	if (w_may_fail())
		return VM_FAULT_SIGBUS;
	if (vmf->page)
		folio_lock(page_folio(vmf->page));
	return vmf->page ? VM_FAULT_LOCKED : 0;
}

/* What is asked for, and can come: no write where none is allowed but by a debugger, in private mappings. */
static unsigned int w_asked(long how)
{
	const unsigned int vma = W.scn->vma;

	if (how & 1 && (vma & W_V_WRITE || (!(vma & W_V_SHARED) && how & 2)))
		return FAULT_FLAG_WRITE;
	/* To be pinned for reading; FAULT_FLAG_UNSHARE is for private mappings. */
	return how & 4 && !(vma & W_V_SHARED) ? FAULT_FLAG_UNSHARE : 0;
}

/* Until 6.18 large folios are read in outside of the swap cache only. */
#ifdef HAVE_alloc_swap_folio
#define W_LARGE_READ false
#else
#define W_LARGE_READ true
#endif

/* Of a folio that was mapped before and is being moved, entries are left. */
static bool w_is_moved(unsigned int folio)
{
	const struct w_slot *slot = W.scn->slot, *end = slot + W.scn->nslots;

	for (; slot < end; slot++)
		if (slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_MIG_WRITE && slot->folio == folio)
			return true;
	return false;
}

/* Pages read ahead are in the swap cache but not yet anon; and what else may be up with one. */
static void w_odd_swapped(int at, long option)
{
	const struct w_slot *slot = &W.scn->slot[at - W.scn->first];
	struct folio *f;

	if (slot->kind != W_SLOT_SWAPCACHED)
		return;
	f = w_folio_at(at);
	if (option & 1 && !folio_mapped(f) && !w_is_moved(slot->folio) && (W_LARGE_READ || !folio_test_large(f))) {
		folio_clear_anon(f);
		f->mapping = NULL;
		folio_clear_dirty(f);
		folio_clear_writeback(f);
	}
	if ((option >> 1 & 15) == 1)
		folio_clear_uptodate(f);
	if ((option >> 1 & 15) == 2)
		SetPageHWPoison(w_page_at(at));
	if ((option >> 1 & 15) == 3)
		folio_clear_lru(f);
}

static vm_fault_t w_call(struct vm_fault *vmf)
{
#if defined(W_ENTRY_handle_pte_fault)
	return handle_pte_fault(vmf);
#elif defined(W_ENTRY_do_swap_page)
	return do_swap_page(vmf);
#elif defined(W_ENTRY_do_anonymous_page)
	vmf->pte = NULL;
	return do_anonymous_page(vmf);
#elif defined(W_ENTRY_do_numa_page)
	return do_numa_page(vmf);
#else
	spin_lock(vmf->ptl);
	return do_wp_page(vmf);
#endif
}

/* Whether the kernel would call the function on such an entry. */
static bool w_called(const struct vm_fault *vmf, int at)
{
	unsigned int vma = W.scn->vma;

	if (W.scn->slot[at - W.scn->first].kind == W_SLOT_ZERO && vma & W_V_SHARED)
		return false;
#if defined(W_ENTRY_do_anonymous_page)
	return !(vma & W_V_FILE);
#elif defined(W_ENTRY_do_numa_page)
#ifdef HAVE_userfaultfd_pte_rwp
	if (userfaultfd_pte_rwp(vmf->vma, vmf->orig_pte))
		return false;
#endif
	return pte_present(vmf->orig_pte) && pte_protnone(vmf->orig_pte);
#elif defined(W_ENTRY_do_wp_page)
	return !pte_write(vmf->orig_pte) && !pte_protnone(vmf->orig_pte) && vmf->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE);
#else
	(void)vmf;
	return true;
#endif
}

/* Another thread was faster: what was read without the lock is not what is there. do_wp_page is called with it. */
static bool w_raced(void)
{
#ifdef W_ENTRY_do_wp_page
	return false;
#else
	return W.scn->option[5] % 16 == 1;
#endif
}
static pte_t w_before_race(pte_t now)
{
#ifdef W_ENTRY_do_anonymous_page
	(void)now;
	return __pte(0);
#else
	if (!pte_present(now))
		return pte_swp_exclusive(now) ? pte_swp_clear_exclusive(now) : pte_swp_mkexclusive(now);
	return pte_young(now) ? pte_mkold(now) : pte_mkyoung(now);
#endif
}

static void w_entry(void)
{
	static struct vm_operations_struct ops;
	const struct w_scenario *s = W.scn;
	int at = w_slot_with(W_KINDS | (w_raced() ? W_KINDS_RACED : 0), (unsigned int)s->option[0]);

	if (at < 0)
		return;
	struct vm_fault vmf = w_fault_at(at, FAULT_FLAG_ORIG_PTE_VALID);

	vmf.flags |= w_asked(s->option[1]);
	w_fail_from(s->option[2]);
	w_odd_swapped(at, s->option[3]);
	if (s->vma & W_V_FILE) {
		w_open_file(0);
		ops = (struct vm_operations_struct){ .fault = w_no_page };
		ops.page_mkwrite = s->option[4] & 1 ? w_mkwrite : NULL;
		ops.pfn_mkwrite = s->option[4] & 2 ? w_mkwrite : NULL;
		W.vma[0].vm_ops = &ops;
	}
	vmf.ptl = &W.ptl[at / W_SLOTS];
	vmf.pte = w_ptep_of(at);
	vmf.orig_pte = ptep_get_lockless(vmf.pte);
	if (!w_called(&vmf, at))
		return;
	if (w_raced())
		vmf.orig_pte = w_before_race(vmf.orig_pte);
	W.facts.ret = w_call(&vmf);
	w_check_written(at, vmf.flags);
	W.facts.out[0] = vmf.flags;
}
#define W_FAMILY W_FAM_FAULT
#define W_BY_LENGTH 1
