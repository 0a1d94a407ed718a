/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for the callers of page-table walks: GUP, KSM, drivers that map pages, swapoff. */
#ifndef W_K_WALK_H
#define W_K_WALK_H

#define EMLINK 31
#define ERESTARTSYS 512
#define TASK_SIZE (1UL << 47)
#define GFP_KERNEL 0xcc0U
#define zero_page_pfn W_PFN_ZERO
#define is_vmalloc_addr(p) 1
#define is_vmalloc_or_module_addr(p) 1
#define VIRTUAL_BUG_ON(c) w_bug(c)
#define arch_make_folio_accessible(f) 0

#endif
