/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for rescheduling and NUMA nodes; what the machine answers is a choice of the scenario. */
#ifndef W_K_SCHED_H
#define W_K_SCHED_H

/* L4: nothing sleeps with a spinlock held, in an RCU section or in lazy MMU mode. */
static inline void w_sleeps(void)
{
	if (W.atomic || W.lazy || W.rcu)
		w_violate(L4, -1);
}
#define might_sleep() w_sleeps()
#define might_sleep_if(c) ((c) ? w_sleeps() : (void)0)
#define might_fault() w_sleeps()
#define __GFP_DIRECT_RECLAIM 0x400U
#define might_alloc(gfp) might_sleep_if((gfp) & __GFP_DIRECT_RECLAIM)
#define might_resched() w_sleeps()
#define cant_sleep() ((void)0)
#define cond_resched() (w_sleeps(), 0)
#define cond_resched_rcu() w_sleeps()
#define cond_resched_tasks_rcu_qs() w_sleeps()
#define schedule() w_sleeps()
#define msleep(n) ((void)(n), w_sleeps())

/* A loop that gives way has to come to an end all the same: never twice in a row. */
static inline bool need_resched(void)
{
	w_step();
	return W.scn->option[6] && ++W.resched % (2 + (unsigned int)W.scn->option[6] % 7) == 0;
}
#define spin_needbreak(l) W_ALWAYS(0, spin_needbreak, l)
/* Time stands still. */
#define jiffies 0UL
#define jiffies_to_msecs(j) ((unsigned int)(j))
#define msecs_to_jiffies(n) ((unsigned long)(n))
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
typedef s64 ktime_t;
#define ktime_get() ((ktime_t)0)
#define ktime_get_ns() 0UL
#define ktime_get_mono_fast_ns() 0UL
#define ktime_to_ns(t) ((s64)(t))
#define ktime_sub(a, b) ((ktime_t)((a) - (b)))
#define ktime_us_delta(a, b) ((s64)((a) - (b)) / 1000)
#define sched_clock() 0UL
#define local_clock() 0UL
#define get_cycles() 0UL
#define ndelay(n) ((void)(n))
#define udelay(n) ((void)(n))

/* Two nodes that alternate every 2M; the second is the slow tier of include/linux/memory-tiers.h. */
#define folio_nid(f) ((int)(((f)->w_head >> 9 ^ (unsigned int)W.scn->salt >> 1) & 1))
#define page_to_nid(p) folio_nid(w_head_of(p))
#define NUMA_NO_NODE (-1)
#define nodes_clear(mask) ((mask).bits[0] = 0)
#define node_reclaim_enabled() (W.scn->salt >> 4 & 1)
#define node_reclaim_distance 30
#define node_distance(a, b) ((a) == (b) ? 10 : 20 + (int)(W.scn->salt >> 5 & 1) * 20)
#define numa_node_id() ((int)(W.scn->salt >> 2 & 1))
#define node_is_toptier(nid) ((nid) == 0)
#define sysctl_numa_balancing_mode (W.scn->salt >> 3 & 3)
#define folio_xchg_access_time(f, time) ((void)(f), (void)(time), 0)

/* Entries of one batch belong to one control group, include/linux/swap_cgroup.h. */
#define lookup_swap_cgroup_id(e) ((unsigned short)((e).val >> 5 & 1))

#endif
