/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAMON: a page is made old. */
#include "lru_state.h"
#include "told.h"
#include "damon_vaddr.h"

static void w_entry(void) { w_sample(damon_mkold_pmd_entry, true); }
#define W_FAMILY W_FAM_AGE
