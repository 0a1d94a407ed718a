/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every raw access to a page table goes through here: kernel code reads and writes PTEs with READ_ONCE,
 * WRITE_ONCE, xchg, cmpxchg and bit operations, so these are where the MMU looks on. All above is the tree's own.
 */
#ifndef W_MMU_H
#define W_MMU_H

#include "hw.h"
#include "world.h"
#include "barrier.h"

void w_passed(int probe);	/* a coverage probe, compiler.h */
#ifdef W_SIDE
static unsigned char w_cov[W_COVERED];
#endif

static inline long w_table_offset(const volatile void *p)
{
	unsigned long off = (unsigned long)p - (unsigned long)W.region;

	/* Tables are every other page from the second on, and their number is a power of two. */
	return (off >> W_PAGE_SHIFT & ~(2UL * W_TABLES - 2)) == 1 ? (long)off : -1;
}

/* A read that someone looks at, behind a barrier, or that is the last one. */
void w_pte_read_odd(const volatile void *p);
static inline void w_pte_read(const volatile void *p)
{
	if (w_table_offset(p) < 0)
		return;
	if (__builtin_expect(W.order.open | W.watch || W.steps <= 0, 0)) {
		w_pte_read_odd(p);
		return;
	}
	W.steps--;
	w_count(pte_read);
	W.order.last.any = W.order.last.table = W_ACCESS_TABLE_READ;
}

void w_pmd_changes(unsigned int table, unsigned long new);

/*
 * A call, also where it would fit: in a slice each index of the world's arrays is looked at, which here cannot be wrong.
 * plain: not one with the read before it, so that another CPU may act in between.
 */
void w_pte_write(volatile void *p, unsigned long new, bool plain);

/* A slice sees kernel names from here on; the runtime does not need them. */
#define w_word(v) ({ typeof(v) w_w = (v); unsigned long w_u = 0; \
	__builtin_memcpy(&w_u, &w_w, sizeof(w_w) < 8 ? sizeof(w_w) : 8); w_u; })

#define READ_ONCE(x) (*({ w_pte_read(&(x)); (const volatile typeof(x) *)&(x); }))
#define WRITE_ONCE(x, v) do { \
	typeof(x) w_v = (v); \
	w_pte_write(&(x), w_word(w_v), true); \
	*(volatile typeof(x) *)&(x) = w_v; \
} while (0)

/* Without suffix these are full barriers as well. On x86 they are so with any suffix: it is one instruction. */
#define xchg_relaxed(p, v) ({ \
	typeof(p) w_p = (p); typeof(*w_p) w_new = (v), w_old; \
	w_pte_read(w_p); w_pte_write(w_p, w_word(w_new), false); \
	w_old = *w_p; *w_p = w_new; w_old; })
#define cmpxchg_relaxed(p, o, n) ({ \
	typeof(p) w_p = (p); typeof(*w_p) w_o = (o), w_n = (n), w_old; \
	w_pte_read(w_p); \
	w_old = *w_p; \
	if (w_old == w_o) { w_pte_write(w_p, (unsigned long)w_n, false); *w_p = w_n; } \
	w_old; })
#define w_try(cmpxchg, p, op, n) ({ \
	typeof(p) w_tp = (p); typeof(*w_tp) *w_to = (typeof(w_tp))(op), w_was = *w_to, w_now = cmpxchg(w_tp, w_was, n); \
	*w_to = w_now; w_now == w_was; })
#define xchg(p, v) w_ordered(w_fence(ORDERED), xchg_relaxed(p, v), w_fence(ORDERED))
#define xchg_acquire(p, v) w_ordered((void)0, xchg_relaxed(p, v), w_fence(ACQUIRE))
#define xchg_release(p, v) w_ordered(w_fence(RELEASE), xchg_relaxed(p, v), (void)0)
#define cmpxchg(p, o, n) w_ordered(w_fence(ORDERED), cmpxchg_relaxed(p, o, n), w_fence(ORDERED))
#define cmpxchg_acquire(p, o, n) w_ordered((void)0, cmpxchg_relaxed(p, o, n), w_fence(ACQUIRE))
#define cmpxchg_release(p, o, n) w_ordered(w_fence(RELEASE), cmpxchg_relaxed(p, o, n), (void)0)
#define cmpxchg64_relaxed cmpxchg_relaxed
#define cmpxchg64 cmpxchg
#define cmpxchg_local cmpxchg_relaxed
#define try_cmpxchg(p, op, n) w_try(cmpxchg, p, op, n)
#define try_cmpxchg64 try_cmpxchg
#define try_cmpxchg_acquire(p, op, n) w_try(cmpxchg_acquire, p, op, n)
#define try_cmpxchg_release(p, op, n) w_try(cmpxchg_release, p, op, n)
#define try_cmpxchg_relaxed(p, op, n) w_try(cmpxchg_relaxed, p, op, n)

/* plain: not one with the read before it, so that another CPU may act in between. */
#define w_bit_op(name, expr, fence, plain) \
static inline bool name(long nr, volatile unsigned long *p) \
{ \
	unsigned long mask = 1UL << (nr & 63), old, now; \
	p += nr / 64; \
	fence; \
	w_pte_read(p); \
	old = *p; \
	now = (expr); \
	if (now != old) { w_pte_write(p, now, plain); *p = now; } \
	fence; \
	return (old & mask) != 0; \
}
w_bit_op(test_and_clear_bit, old & ~mask, w_fence(ORDERED), false)
w_bit_op(test_and_set_bit, old | mask, w_fence(ORDERED), false)
w_bit_op(__test_and_clear_bit, old & ~mask, (void)0, true)
w_bit_op(__test_and_set_bit, old | mask, (void)0, true)
w_bit_op(set_bit, old | mask, (void)0, false)
w_bit_op(clear_bit, old & ~mask, (void)0, false)
w_bit_op(__set_bit, old | mask, (void)0, true)
w_bit_op(__clear_bit, old & ~mask, (void)0, true)
/* Of words of any width: flags of the world are narrow. */
#define test_bit(nr, p) ({ \
	typeof(&*(p)) w_word_of = (p) + (unsigned int)(nr) / (8 * sizeof(*(p))); \
	w_pte_read(w_word_of); \
	(*w_word_of >> (unsigned int)(nr) % (8 * sizeof(*(p))) & 1) != 0; })

/* The debug checks of the code under test: run, not counted as its cost; one that fires is a finding. */
#define w_check(cond) ({ \
	typeof(W.order.last) w_last = W.order.last; \
	W.quiet++; \
	bool w_c = !!(cond); \
	W.quiet--; \
	W.order.last = w_last; \
	if (__builtin_expect(w_c, 0)) \
		w_violate(X5, -1); \
	w_c; })
/* The same, with what it prints when it fires. */
#define w_check_of(cond, ...) ({ \
	bool w_fired = w_check(cond); \
	if (__builtin_expect(w_fired, 0)) \
		w_note(__VA_ARGS__); \
	w_fired; })
#define WARN_ON(c) w_check(c)
#define WARN_ON_ONCE(c) w_check(c)
#define WARN(c, ...) w_check_of(c, __VA_ARGS__)
#define WARN_ONCE(c, ...) w_check_of(c, __VA_ARGS__)
#define VM_WARN_ON(c) ((void)w_check(c))
#define VM_WARN_ON_ONCE(c) w_check(c)
#define VM_WARN_ONCE(c, ...) ((void)w_check_of(c, __VA_ARGS__))
#define VM_WARN(c, ...) ((void)w_check_of(c, __VA_ARGS__))
#define VM_WARN_ON_FOLIO(c, f) ((void)w_check_of(c, f))
#define VM_WARN_ON_PAGE(c, p) ((void)w_check_of(c, p))
#define VM_WARN_ON_ONCE_FOLIO(c, f) w_check_of(c, f)
#define VM_WARN_ON_ONCE_PAGE(c, p) w_check_of(c, p)
#define VM_WARN_ON_ONCE_MM(c, m) w_check_of(c, m)
#define VM_WARN_ON_ONCE_VMA(c, m) w_check_of(c, m)
#define VM_WARN_ON_VMG(c, v) w_check_of(c, v)
#define w_bug(cond) do { if (w_check(cond)) w_stop(W_BUG); } while (0)
#define w_bug_of(cond, what) do { if (w_check_of(cond, what)) w_stop(W_BUG); } while (0)
#define BUG_ON(c) w_bug(c)
#define VM_BUG_ON(c) w_bug(c)
#define VM_BUG_ON_FOLIO(c, f) w_bug_of(c, f)
#define VM_BUG_ON_PAGE(c, p) w_bug_of(c, p)
#define VM_BUG_ON_VMA(c, p) w_bug_of(c, p)
#define VM_BUG_ON_MM(c, p) w_bug_of(c, p)
#define VM_BUG_ON_PGFLAGS(c, p) ((void)0)
#define BUG() do { w_violate(X5, -1); w_stop(W_BUG); } while (0)
/* Sizes here are not the kernel's: what is asserted of them is compiled, and not asked. */
#define BUILD_BUG() ((void)0)
#define BUILD_BUG_ON(c) ((void)sizeof(!(c)))
#define BUILD_BUG_ON_MSG(c, m) BUILD_BUG_ON(c)
#define BUILD_BUG_ON_ZERO(c) (0 * (int)sizeof(!(c)))
#define static_assert(c, ...) _Static_assert(sizeof(!(c)), "")
#define VM_BUG() BUG()

#endif
