/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code under test came by mail: before the first scenario the process may only read, write and exit
 * (seccomp strict). Fault recovery needs no system call. The parent keeps the time.
 *
 * W_SELFTEST leaves all that out, for tests/oracle/test_world.py: sanitizers need the system calls and the memory.
 */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#undef bool
#include "runtime.h"

#ifdef W_SELFTEST
void w_limit(void) {}
#else
void w_limit(void)
{
	struct rlimit none = { 0, 0 }, memory = { 1UL << 30, 1UL << 30 };

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_AS, &memory);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		_Exit(71);
}
#endif

/* exit_group, which the C library would use, is not among the calls left. */
void w_leave(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}
