/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for barriers and atomic operations. Each barrier is a call (order.c). One thread runs, so an atomic
 * operation is plain but for the order that it brings: Documentation/atomic_t.txt, Documentation/memory-barriers.txt.
 */
#ifndef W_BARRIER_H
#define W_BARRIER_H

void w_barrier(enum w_barrier_kind kind);

#define barrier() w_barrier(W_BARRIER_COMPILER)
#define cpu_relax() barrier()
#define smp_mb() w_barrier(W_BARRIER_MB)
#define smp_rmb() w_barrier(W_BARRIER_RMB)
#define smp_wmb() w_barrier(W_BARRIER_WMB)
#define smp_mb__before_atomic() w_barrier(W_BARRIER_BEFORE_ATOMIC)
#define smp_mb__after_atomic() w_barrier(W_BARRIER_AFTER_ATOMIC)
#define smp_mb__after_spinlock() w_barrier(W_BARRIER_AFTER_ATOMIC)
#define smp_mb__after_unlock_lock() w_barrier(W_BARRIER_AFTER_ATOMIC)
#define mb() w_barrier(W_BARRIER_SYNC)
#define rmb() w_barrier(W_BARRIER_SYNC_READ)
#define wmb() w_barrier(W_BARRIER_SYNC_WRITE)
#define dma_mb() w_barrier(W_BARRIER_DMA)
#define dma_rmb() w_barrier(W_BARRIER_DMA_READ)
#define dma_wmb() w_barrier(W_BARRIER_DMA_WRITE)

/* arch/arm64/include/asm/barrier.h; the argument is how far it reaches, and what it waits for. */
#define dsb(option) w_barrier(w_dsb_##option)
#define dmb(option) w_barrier(w_dmb_##option)
#define isb() w_barrier(W_BARRIER_INSTRUCTION)
#define w_dsb_sy W_BARRIER_SYNC
#define w_dsb_ish W_BARRIER_SYNC
#define w_dsb_ld W_BARRIER_SYNC_READ
#define w_dsb_ishld W_BARRIER_SYNC_READ
#define w_dsb_st W_BARRIER_SYNC_WRITE
#define w_dsb_ishst W_BARRIER_SYNC_WRITE
#define w_dsb_nsh W_BARRIER_SYNC_LOCAL
#define w_dsb_nshst W_BARRIER_SYNC_LOCAL
#define w_dmb_sy W_BARRIER_DMA
#define w_dmb_osh W_BARRIER_DMA
#define w_dmb_ish W_BARRIER_MB
#define w_dmb_ishld W_BARRIER_RMB
#define w_dmb_ishst W_BARRIER_WMB

#define w_ordered(before, op, after) ({ before; __auto_type w_done = (op); after; w_done; })
#define smp_load_acquire(p) w_ordered((void)0, READ_ONCE(*(p)), w_barrier(W_BARRIER_ACQUIRE))
#define smp_store_release(p, v) do { w_barrier(W_BARRIER_RELEASE); WRITE_ONCE(*(p), v); } while (0)
#define smp_store_mb(x, v) do { WRITE_ONCE(x, v); smp_mb(); } while (0)
#define smp_acquire__after_ctrl_dep() w_barrier(W_BARRIER_ACQUIRE)
#define smp_cond_load_relaxed(p, cond) ({ \
	typeof(*(p)) VAL; \
	for (VAL = READ_ONCE(*(p)); !(cond); VAL = READ_ONCE(*(p))) \
		cpu_relax(); \
	VAL; })
#define smp_cond_load_acquire(p, cond) w_ordered((void)0, smp_cond_load_relaxed(p, cond), w_barrier(W_BARRIER_ACQUIRE))
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)

/* On x86 an atomic operation is a full barrier whatever its name, and there is nothing to weaken. */
#ifdef W_ARCH_X86
#define w_fence(kind) ((void)0)
#else
#define w_fence(kind) w_barrier(W_BARRIER_##kind)
#endif

#define w_atomic_access() (w_count(atomic), w_access(W_ACCESS_COUNT_WRITE))
/*
 * Operations that return what they found or left, in the four orders that there are of each. Of those that may do
 * nothing (cmpxchg, *_unless_*) the order is told in any case.
 */
#define w_rmw(result, full, acquire, release, relaxed, arguments, expr) \
static inline result relaxed arguments { w_atomic_access(); return (expr); } \
static inline result acquire arguments { return w_ordered((void)0, (w_atomic_access(), (expr)), w_fence(ACQUIRE)); } \
static inline result release arguments { w_fence(RELEASE); w_atomic_access(); return (expr); } \
w_rmw_full(result, full, arguments, expr)
#define w_rmw_full(result, full, arguments, expr) \
static inline result full arguments \
{ return w_ordered(w_fence(ORDERED), (w_atomic_access(), (expr)), w_fence(ORDERED)); }
#define w_swapped(x, new) ({ typeof(x) w_was = (x); (x) = (new); w_was; })
#define w_atomic_ops(type, ctype, word) \
static inline ctype word##_read(const type *v) { w_access(W_ACCESS_COUNT_READ); return v->counter; } \
static inline ctype word##_read_acquire(const type *v) { return w_ordered((void)0, word##_read(v), w_barrier(W_BARRIER_ACQUIRE)); } \
static inline void word##_set(type *v, ctype n) { w_access(W_ACCESS_COUNT_WRITE); v->counter = n; } \
static inline void word##_set_release(type *v, ctype n) { w_barrier(W_BARRIER_RELEASE); word##_set(v, n); } \
static inline void word##_add(ctype n, type *v) { w_atomic_access(); v->counter += n; } \
static inline void word##_sub(ctype n, type *v) { w_atomic_access(); v->counter -= n; } \
static inline void word##_inc(type *v) { w_atomic_access(); v->counter++; } \
static inline void word##_dec(type *v) { w_atomic_access(); v->counter--; } \
w_rmw(ctype, word##_add_return, word##_add_return_acquire, word##_add_return_release, word##_add_return_relaxed, \
      (ctype n, type *v), v->counter += n) \
w_rmw(ctype, word##_sub_return, word##_sub_return_acquire, word##_sub_return_release, word##_sub_return_relaxed, \
      (ctype n, type *v), v->counter -= n) \
w_rmw(ctype, word##_inc_return, word##_inc_return_acquire, word##_inc_return_release, word##_inc_return_relaxed, \
      (type *v), ++v->counter) \
w_rmw(ctype, word##_dec_return, word##_dec_return_acquire, word##_dec_return_release, word##_dec_return_relaxed, \
      (type *v), --v->counter) \
w_rmw(ctype, word##_fetch_add, word##_fetch_add_acquire, word##_fetch_add_release, word##_fetch_add_relaxed, \
      (ctype n, type *v), (v->counter += n) - n) \
w_rmw(ctype, word##_fetch_sub, word##_fetch_sub_acquire, word##_fetch_sub_release, word##_fetch_sub_relaxed, \
      (ctype n, type *v), (v->counter -= n) + n) \
w_rmw(ctype, word##_fetch_inc, word##_fetch_inc_acquire, word##_fetch_inc_release, word##_fetch_inc_relaxed, \
      (type *v), v->counter++) \
w_rmw(ctype, word##_fetch_dec, word##_fetch_dec_acquire, word##_fetch_dec_release, word##_fetch_dec_relaxed, \
      (type *v), v->counter--) \
w_rmw(ctype, word##_fetch_and, word##_fetch_and_acquire, word##_fetch_and_release, word##_fetch_and_relaxed, \
      (ctype n, type *v), w_swapped(v->counter, v->counter & n)) \
w_rmw(ctype, word##_fetch_or, word##_fetch_or_acquire, word##_fetch_or_release, word##_fetch_or_relaxed, \
      (ctype n, type *v), w_swapped(v->counter, v->counter | n)) \
w_rmw(ctype, word##_xchg, word##_xchg_acquire, word##_xchg_release, word##_xchg_relaxed, \
      (type *v, ctype n), w_swapped(v->counter, n)) \
w_rmw(ctype, word##_cmpxchg, word##_cmpxchg_acquire, word##_cmpxchg_release, word##_cmpxchg_relaxed, \
      (type *v, ctype o, ctype n), w_swapped(v->counter, v->counter == o ? n : v->counter)) \
w_rmw(bool, word##_try_cmpxchg, word##_try_cmpxchg_acquire, word##_try_cmpxchg_release, word##_try_cmpxchg_relaxed, \
      (type *v, ctype *o, ctype n), v->counter == *o ? (v->counter = n, true) : (*o = v->counter, false)) \
w_rmw_full(bool, word##_inc_and_test, (type *v), ++v->counter == 0) \
w_rmw_full(bool, word##_dec_and_test, (type *v), --v->counter == 0) \
w_rmw_full(bool, word##_sub_and_test, (ctype n, type *v), (v->counter -= n) == 0) \
w_rmw_full(bool, word##_add_negative, (ctype n, type *v), (v->counter += n) < 0) \
w_rmw_full(bool, word##_inc_unless_negative, (type *v), v->counter < 0 ? false : (v->counter++, true)) \
w_rmw_full(bool, word##_add_unless, (type *v, ctype n, ctype u), v->counter == u ? false : (v->counter += n, true)) \
w_rmw_full(bool, word##_inc_not_zero, (type *v), v->counter ? (v->counter++, true) : false)
w_atomic_ops(atomic_t, int, atomic)
w_atomic_ops(atomic_long_t, long, atomic_long)
w_atomic_ops(atomic64_t, long, atomic64)

#endif
