/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The C that kernel code takes for granted: integer types, arithmetic helpers, lists. Operations on atomics are in
 * barrier.h.
 */
#ifndef W_BASE_H
#define W_BASE_H

#include "compiler.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long long __u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned long uintptr_t;
typedef u32 uint32_t;
typedef u64 uint64_t;
typedef unsigned int gfp_t;
typedef unsigned long pgoff_t;
typedef unsigned long phys_addr_t;
typedef unsigned long vm_flags_t;
typedef unsigned long vma_flags_t;	/* from 7.3 on a type of its own, include/linux/mm_types.h */
typedef unsigned int fault_flag_t;
typedef long loff_t;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef s32 __s32;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned short umode_t;
typedef u32 errseq_t;
typedef u64 sector_t;
typedef u64 dma_addr_t;
typedef struct { unsigned long val; } swp_entry_t;
typedef struct page *pgtable_t;
typedef _Bool bool;
#define bool bool
#define true 1
#define false 0
#define NULL ((void *)0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))
#define offsetof(t, m) __builtin_offsetof(t, m)
#define container_of(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define _AC(x, y) __W_AC(x, y)
#define __W_AC(x, y) (x##y)
#define _AT(t, x) ((t)(x))
#define UL(x) (_AC(x, UL))
#define ULL(x) (_AC(x, ULL))
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define _BITUL(n) (1UL << (n))
#define _BITULL(n) (1ULL << (n))
#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8
#define BITS_PER_TYPE(t) (sizeof(t) * 8)
#define BITS_TO_LONGS(n) (((n) + 63) / 64)
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) GENMASK(h, l)
#define FIELD_PREP(mask, v) (((unsigned long)(v) << __builtin_ctzl(mask)) & (mask))
#define FIELD_GET(mask, v) (((unsigned long)(v) & (mask)) >> __builtin_ctzl(mask))
#define DECLARE_BITMAP(n, b) unsigned long n[BITS_TO_LONGS(b)]
#define swap(a, b) do { typeof(a) w_t = (a); (a) = (b); (b) = w_t; } while (0)

#define min(a, b) ({ typeof(a) w_a = (a); typeof(b) w_b = (b); w_a < w_b ? w_a : w_b; })
#define max(a, b) ({ typeof(a) w_a = (a); typeof(b) w_b = (b); w_a > w_b ? w_a : w_b; })
#define min_t(t, a, b) ({ t w_a = (a); t w_b = (b); w_a < w_b ? w_a : w_b; })
#define max_t(t, a, b) ({ t w_a = (a); t w_b = (b); w_a > w_b ? w_a : w_b; })
#define umin(a, b) min_t(unsigned long, a, b)
#define umax(a, b) max_t(unsigned long, a, b)
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)
#define ALIGN(x, a) (((x) + ((typeof(x))(a) - 1)) & ~((typeof(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a) - 1))
#define PTR_ALIGN(p, a) ((typeof(p))ALIGN((unsigned long)(p), (a)))
#define PTR_ALIGN_DOWN(p, a) ((typeof(p))ALIGN_DOWN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
#define round_up(x, y) ((((x) - 1) | ((typeof(x))((y) - 1))) + 1)
#define round_down(x, y) ((x) & ~((typeof(x))((y) - 1)))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define in_range(v, s, l) ((v) - (s) < (l))
#define in_range64(v, s, l) in_range(v, s, l)
#define is_power_of_2(n) ((n) != 0 && (((n) & ((n) - 1)) == 0))
#define ilog2(n) (63 - __builtin_clzl(n))
#define const_ilog2(n) ilog2(n)
#define fls(x) ((x) ? 32 - __builtin_clz(x) : 0)
#define __fls(x) (63 - __builtin_clzl(x))
#define __ffs(x) __builtin_ctzl(x)
#define ffs(x) __builtin_ffs(x)
#define abs(x) ((x) < 0 ? -(x) : (x))
#define memset __builtin_memset
#define memcpy __builtin_memcpy
#define memcmp __builtin_memcmp

#define IS_ENABLED(option) w_is_on(option)
#define __w_arg_1 0,
#define w_second(x, y, ...) y
#define w_is_on(x) w_is_on_(x)
#define w_is_on_(x) w_is_on__(__w_arg_##x)
#define w_is_on__(junk) w_second(junk 1, 0)

#define INT_MAX 0x7fffffff
#define UINT_MAX 0xffffffffU
#define LONG_MAX 0x7fffffffffffffffL
#define ULONG_MAX (~0UL)
#define U64_MAX (~0UL)
#define U32_MAX 0xffffffffU
#define EPERM 1
#define ENOENT 2
#define EINTR 4
#define EIO 5
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define EINVAL 22
#define ENOSPC 28
#define EOPNOTSUPP 95
#define EHWPOISON 133
#define MAX_ERRNO 4095
#define IS_ERR(p) ((unsigned long)(void *)(p) >= (unsigned long)-MAX_ERRNO)
#define ERR_PTR(e) ((void *)(long)(e))
#define PTR_ERR(p) ((long)(p))
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))

#define data_race(x) (x)
#define ASSERT_EXCLUSIVE_BITS(x, m) ((void)0)
#define ASSERT_EXCLUSIVE_WRITER(x) ((void)0)
#define prefetchw(x) ((void)(x))
#define instrument_atomic_write(p, n) ((void)0)
#define kasan_reset_tag(p) (p)

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { long counter; } atomic64_t;
struct vm_area_struct;
struct mm_struct;
struct folio;
struct page;
typedef struct page *pgtable_t;
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct rb_root_cached { void *root, *leftmost; };
struct rw_semaphore { int count; };
struct mutex { int held; };
struct rcu_head { void *next; };
typedef struct w_lock { int held; int id; } spinlock_t;
typedef struct { int held; } rwlock_t;
typedef struct { unsigned long bits[1]; } nodemask_t;

#define ATOMIC_INIT(v) { (v) }
#define ATOMIC_LONG_INIT(v) { (v) }
#define ATOMIC64_INIT(v) { (v) }
static inline bool list_empty(const struct list_head *l) { return !l->next || l->next == l; }
static inline void INIT_LIST_HEAD(struct list_head *l) { l->next = l->prev = l; }
static inline void w_list_between(struct list_head *n, struct list_head *prev, struct list_head *next)
{
	n->next = next;
	n->prev = prev;
	prev->next = next->prev = n;
}
static inline void list_add(struct list_head *n, struct list_head *h) { w_list_between(n, h, h->next); }
static inline void list_add_tail(struct list_head *n, struct list_head *h) { w_list_between(n, h->prev, h); }
static inline void list_del(struct list_head *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->next = l->prev = NULL;
}
static inline void list_del_init(struct list_head *l) { list_del(l); INIT_LIST_HEAD(l); }
#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define list_entry(p, t, m) container_of(p, t, m)
#define list_for_each_entry(pos, h, m) \
	for (pos = list_entry((h)->next, typeof(*pos), m); &pos->m != (h); pos = list_entry(pos->m.next, typeof(*pos), m))
#define list_for_each_entry_safe(pos, n, h, m) \
	for (pos = list_entry((h)->next, typeof(*pos), m), n = list_entry(pos->m.next, typeof(*pos), m); &pos->m != (h); \
	     pos = n, n = list_entry(n->m.next, typeof(*n), m))

/* Sizes of arrays in structs of the tree, include/linux/mmzone.h, include/generated/bounds.h. */
#define MAX_NR_ZONES 4
#define MAX_PAGE_ORDER 10
#define ANON_AND_FILE 2

#define current (&w_task)
#define fallthrough do {} while (0)
#define MAX_NUMNODES 2
#define MAX_PTRS_PER_PTE 8192	/* those of 64K pages */
#define in_interrupt() 0
#define in_task() 1
#define smp_processor_id() 0

#endif
