/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap types: real devices count up from 0, what is no swap at all sits above them. */
#ifndef _LINUX_SWAP_H
#define _LINUX_SWAP_H

#define MAX_SWAPFILES_SHIFT		5
#define SWP_TYPE_COUNT			(1 << MAX_SWAPFILES_SHIFT)
#define SWP_PTE_MARKER			(SWP_TYPE_COUNT - 1)
#define SWP_DEVICE_EXCLUSIVE		(SWP_TYPE_COUNT - 2)
#define SWP_DEVICE_READ			(SWP_TYPE_COUNT - 3)
#define SWP_DEVICE_WRITE		(SWP_TYPE_COUNT - 4)
#define SWP_MIGRATION_WRITE		(SWP_TYPE_COUNT - 5)
#define SWP_MIGRATION_READ_EXCLUSIVE	(SWP_TYPE_COUNT - 6)
#define SWP_MIGRATION_READ		(SWP_TYPE_COUNT - 7)
#define SWP_HWPOISON			(SWP_TYPE_COUNT - 8)
#define MAX_SWAPFILES			SWP_HWPOISON

#endif
