/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code under test came by mail: before the first scenario the process may only read, write and exit, and that by
 * the one instruction of w_gate() alone, so that the C library's own calls are of no use to who finds them. Where a
 * filter cannot be set, seccomp strict says the same but for the place. Fault recovery needs no system call but the
 * return from a signal. The parent keeps the time.
 *
 * W_SELFTEST leaves all that out, for tests/oracle/test_world.py: sanitizers need the system calls and the memory.
 */
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#undef bool
#undef offsetof
#include "runtime.h"

#if defined(__x86_64__)
# define OWN_ARCH AUDIT_ARCH_X86_64
__asm__(".text\n.balign 64\n.globl w_gate, w_gate_end\n.hidden w_gate, w_gate_end\n.type w_gate, @function\n"
	"w_gate: mov %rdi, %rax\nmov %rsi, %rdi\nmov %rdx, %rsi\nmov %rcx, %rdx\nsyscall\nw_gate_end: ret\n");
#elif defined(__aarch64__)
# define OWN_ARCH AUDIT_ARCH_AARCH64
__asm__(".text\n.balign 64\n.globl w_gate, w_gate_end\n.hidden w_gate, w_gate_end\n.type w_gate, %function\n"
	"w_gate: mov x8, x0\nmov x0, x1\nmov x1, x2\nmov x2, x3\nsvc #0\nw_gate_end: ret\n");
#else
long w_gate(long number, long a, long b, long c) { return syscall(number, a, b, c); }
#endif

#ifdef W_SELFTEST
void w_limit(void) {}
#else
# ifdef OWN_ARCH
extern const char w_gate_end[] __attribute__((visibility("hidden")));

#  define LOAD(field, part) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (part))
#  define IF(how, value, then, otherwise) BPF_JUMP(BPF_JMP | (how) | BPF_K, (unsigned int)(value), then, otherwise)

/* The instruction that seccomp is told is the one behind the system call. */
static bool close_all_but_the_gate(void)
{
	unsigned long at = (unsigned long)w_gate_end;
	struct sock_filter steps[] = {
		LOAD(arch, 0), IF(BPF_JEQ, OWN_ARCH, 0, 9),
		LOAD(nr, 0), IF(BPF_JEQ, SYS_rt_sigreturn, 8, 0),
		IF(BPF_JEQ, SYS_read, 2, 0), IF(BPF_JEQ, SYS_write, 1, 0), IF(BPF_JEQ, SYS_exit, 0, 4),
		LOAD(instruction_pointer, 4), IF(BPF_JEQ, at >> 32, 0, 2),
		LOAD(instruction_pointer, 0), IF(BPF_JEQ, at, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(steps) / sizeof(*steps), steps };

	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
# else
static bool close_all_but_the_gate(void) { return false; }
# endif

void w_limit(void)
{
	struct rlimit none = { 0, 0 }, memory = { 1UL << 30, 1UL << 30 };

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_AS, &memory);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    (!close_all_but_the_gate() && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)))
		_Exit(71);
}
#endif

/* exit_group, which the C library would use, is not among the calls left. */
void w_leave(void)
{
	for (;;)
		w_gate(SYS_exit, 0, 0, 0);
}
