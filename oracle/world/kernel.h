/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything of the world that bears a kernel name; read by the slicer to know what not to take from the tree. */
#ifndef W_KERNEL_H
#define W_KERNEL_H

#include "barrier.h"
#include "mmu.h"
#include "k_misc.h"
#include "k_note.h"
#include "k_arith.h"
#include "k_lock.h"
#include "k_sched.h"
#include "k_rcu.h"
#include "k_memory.h"
#include "k_tlb.h"
#include "k_rmap.h"
#include "k_folio.h"
#include "k_young.h"
#include "k_isolate.h"
#include "k_lru.h"
#include "k_lrugen.h"
#include "k_file.h"
#include "k_huge.h"
#include "k_hugetlb.h"
#include "k_uffd.h"
#include "k_ksm.h"
#include "k_cache.h"
#include "k_swapin.h"
#include "k_fault.h"
#include "k_walk.h"
#include "k_proc.h"
#include "k_guard.h"

/* A function nothing defines: the same answer before and after for the same call, different ones over scenarios. */
unsigned long w_stub(const char *name, unsigned long args);

/* One that handles PTEs, pages or folios is never invented: the run ends there and says nothing. */
#define w_unmodelled() w_stop(W_UNMODELLED)

#endif
