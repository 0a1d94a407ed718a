/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code under test came by mail: before the first scenario the process may only read, write and exit
 * (seccomp strict, or a filter of the same four calls). Fault recovery needs no system call. The parent keeps the time.
 *
 * W_SELFTEST leaves all that out, for tests/oracle/test_world.py: sanitizers need the system calls and the memory.
 */
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#undef bool
#undef offsetof
#include "runtime.h"

#ifdef W_SELFTEST
void w_limit(void) {}
#else
#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#else
#define NATIVE AUDIT_ARCH_AARCH64
#endif
#define ALLOW(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* What strict mode is, as a filter: a process that has a filter already is refused the mode itself. */
static bool strict(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_read), ALLOW(SYS_write), ALLOW(SYS_exit), ALLOW(SYS_rt_sigreturn),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

void w_limit(void)
{
	struct rlimit none = { 0, 0 }, memory = { 1UL << 30, 1UL << 30 };

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_AS, &memory);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) && !strict()))
		_Exit(71);
}
#endif

/* exit_group, which the C library would use, is not among the calls left. */
void w_leave(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}
