/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

/* What clear_young_dirty_ptes() is to clear. */
typedef unsigned int cydp_t;
#define CYDP_CLEAR_YOUNG	((cydp_t)BIT(0))
#define CYDP_CLEAR_DIRTY	((cydp_t)BIT(1))

#endif
