/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names around a page fault: what it may meet, and whom it tells. Semantics: mm/memory.c, include/linux/mm.h. */
#ifndef W_K_FAULT_H
#define W_K_FAULT_H

#define flush_icache_pages(vma, page, nr) ((void)(page))
/* The OOM reaper may have torn the mm down, include/linux/oom.h. */
#define check_stable_address_space(mm) ((void)(mm), w_may_fail() ? VM_FAULT_SIGBUS : 0)
/* Every PMD here points to a PTE table. */
#define do_set_pmd(vmf, ...) ((void)(vmf), VM_FAULT_FALLBACK)
#define pmd_install(mm, pmd, pte) ((void)(pte))

#endif
