/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAMON: a page is asked whether it was used. */
#include "lru_state.h"
#include "told.h"
#include "damon_vaddr.h"

static void w_entry(void) { w_sample(damon_young_pmd_entry, false); }
#define W_FAMILY W_FAM_LOOK
