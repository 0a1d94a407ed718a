/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for the callers of page-table walks: GUP, KSM, drivers that map pages, swapoff. */
#ifndef W_K_WALK_H
#define W_K_WALK_H

#define EMLINK 31
#define EREMOTEIO 121
#define ERESTARTSYS 512
#define TASK_SIZE (1UL << 47)
#define GFP_KERNEL 0xcc0U
#define zero_page_pfn W_PFN_ZERO
#define is_vmalloc_addr(p) 1
#define is_vmalloc_or_module_addr(p) 1
#define VIRTUAL_BUG_ON(c) w_bug(c)
#define arch_make_folio_accessible(f) ((void)(f), w_may_fail() ? -EIO : 0) /* a secure guest's, on s390 */

#define mark_page_accessed(p) folio_mark_accessed(w_head_of(p))
#define VMA_UFFD_RWP VM_UFFD_RWP
#define vma_test_single_mask(vma, mask) (((vma)->vm_flags & (mask)) != 0)

/* How a fault comes out is a choice of the scenario, by where it is and what for. */
#define handle_mm_fault(vma, addr, how, regs) \
	((void)(vma), (vm_fault_t)w_stub("handle_mm_fault", (unsigned long)(addr) ^ (unsigned long)(how)))
#define get_dev_pagemap(pfn, ...) ((void)(pfn), (struct dev_pagemap *)NULL)
#define put_dev_pagemap(pgmap) ((void)(pgmap))

/* Pins for long are not for memory that has to stay movable, which a scenario chooses; there is no DAX, and no bus. */
#define folio_is_pci_p2pdma(f) W_ALWAYS(0, folio_is_pci_p2pdma, f)
#define is_pci_p2pdma_page(p) W_ALWAYS(0, is_pci_p2pdma_page, p)
#define folio_is_fsdax(f) W_ALWAYS(0, folio_is_fsdax, f)
#define folio_is_zone_movable(f) (((f)->w_head >> 2 & 7) == (W.scn->salt >> 9 & 15))

#define secretmem_mapping(mapping) ((void)(mapping), 0)
#define folio_test_slab(f) W_ALWAYS(0, folio_test_slab, f)
/* Protection keys allow all. */
#define read_pkru() 0U
#define __pkru_allows_read(pkru, key) 1
#define __pkru_allows_write(pkru, key) 1
#define por_el0_allows_pkey(key, write, execute) 1

/* Other CPUs, before a reference that is taken without a lock counts: the adapter's choice. */
static void (*w_meanwhile)(void);
/* folio_ref_try_add, include/linux/page_ref.h: a folio that nobody holds is on its way to be freed. */
static inline bool folio_ref_try_add(struct folio *f, int nr)
{
	if (w_meanwhile)
		w_meanwhile();
	if (atomic_read(&f->_refcount) <= 0)
		return false;
	folio_ref_add(f, nr);
	return true;
}

#endif
