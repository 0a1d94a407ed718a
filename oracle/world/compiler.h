/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the world asks of the compiler in words of its own. In a side of a pair nobody behind this may: neither attributes
 * nor assembly, however they are spelt, and be it by pasting (the deny-list of reviewer/slicing/guard.py sees text only).
 */
#ifndef W_COMPILER_H
#define W_COMPILER_H

#define W_NORETURN __attribute__((noreturn))
#define W_UNUSED __attribute__((unused))
/* Compiled by itself, for any caller. */
#ifdef __clang__
#define W_APART __attribute__((noinline))
#else
#define W_APART __attribute__((noipa))
#endif
#define __cleanup(f) __attribute__((cleanup(f)))
/*
 * What the world only looks up is no code under test: traps in it would keep a lookup alive of which nothing is used,
 * and which no kernel does.
 */
#define W_UNCHECKED __attribute__((no_sanitize("undefined")))

/*
 * What is always so in the simulated machine, and not in a kernel. Where it is asked whether two sides are the same code
 * (W_OPAQUE, reviewer/building/identity.py) the compiler knows the answer of none, only that the same was asked.
 */
#ifdef W_OPAQUE
#define W_ALWAYS(value, name, ...) ({ extern int w_always_##name(); w_always_##name(__VA_ARGS__); })
#else
#define W_ALWAYS(value, name, ...) (value)
#endif

#ifdef W_SIDE
/*
 * Coverage probes of the slicer; mmu.h has the array. A side that is built to be traced tells them in order; one that is
 * built to be compared has none, and its entry, or what of it is compiled apart (W_ROOT), is for any caller, whatever its
 * adapter passes.
 */
#ifndef W_NO_COVERAGE
#define W_ALONE
#else
#define W_ALONE W_APART
#endif
#define W_ROOT W_APART __attribute__((used))
#ifdef W_NO_COVERAGE
#define W_COV(n) ((void)0)
#elif defined(W_MARKED) /* what is compiled to be read tells which probes are left */
#define W_COV(n) __asm__ volatile("#W_COV %c0" ::"i"(n))
#elif defined(W_TRACED)
#define W_COV(n) (w_cov[n] = 1, w_passed(n))
#else
#define W_COV(n) ((void)(w_cov[n] = 1))
#endif
#undef _Pragma /* a macro, which is poisoned without a word only so */
#pragma GCC poison asm __asm __asm__ __attribute __attribute__ __declspec _Pragma gnu __gnu__ clang _Clang
#pragma GCC poison __builtin_apply __builtin_apply_args __builtin_return __builtin_setjmp __builtin_longjmp
#endif

#endif
