/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for what /proc says of a page table, and has forgotten: fs/proc/task_mmu.c. */
#ifndef W_K_PROC_H
#define W_K_PROC_H

/* Flags of an mm, include/linux/mm_types.h: whether it ever had pages pinned (W_F_PINNED). The adapter sets them. */
#define MMF_HAS_PINNED 27
#define mm_flags_test(flag, mm) ((mm)->flags >> (flag) & 1)

#endif
