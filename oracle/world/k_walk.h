/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for the callers of page-table walks: GUP, KSM, drivers that map pages, swapoff. */
#ifndef W_K_WALK_H
#define W_K_WALK_H

#define EACCES 13
#define EMLINK 31
#define ERESTARTSYS 512
#define TASK_SIZE (1UL << 47)
#define GFP_HIGHUSER_MOVABLE 0x100ccaU
#define GFP_KERNEL 0xcc0U
#define zero_page_pfn W_PFN_ZERO
#define is_vmalloc_addr(p) 1
#define is_vmalloc_or_module_addr(p) 1
#define page_has_type(p) 0
#define flush_dcache_folio(f) ((void)(f))
#define VIRTUAL_BUG_ON(c) w_bug(c)
#define dump_page(p, why) ((void)(p))
#define node_stat_mod_folio(f, item, n) ((void)(f))
#define page_pgmap(p) ((struct dev_pagemap *)0)
#define ksm_map_zero_page(mm) ((void)(mm))
/* Memory outside of what the simulated machine has may be mapped with any protection. */
#define pfn_modify_allowed(pfn, prot) 1
#define arch_make_folio_accessible(f) 0
/* page_address_in_vma, mm/rmap.c: where a page lies that was not moved. Takes the folio first since 6.14. */
static inline unsigned long w_address_of(const struct page *page, const struct vm_area_struct *vma)
{
	unsigned long at = w_head_of(page)->index + (unsigned long)(page - &W.pages[page->w_head]) - vma->vm_pgoff;

	return at < vma_pages(vma) ? vma->vm_start + (at << PAGE_SHIFT) : (unsigned long)-EFAULT;
}
#define w_address_of3(folio, page, vma) w_address_of(page, vma)
#define w_third(a, b, c, name, ...) name
#define page_address_in_vma(...) w_third(__VA_ARGS__, w_address_of3, w_address_of)(__VA_ARGS__)

#endif
