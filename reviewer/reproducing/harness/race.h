/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call beside a thread that drops its range with MADV_DONTNEED: what is empty then goes, the page table too. */
#ifndef REPRODUCE_RACE_H
#define REPRODUCE_RACE_H

#include "huge.h"

#define RACE 20	/* seconds */
#define ON_THEIR_WAY 31	/* pages that a CPU may have gathered for a list */

static struct { volatile long goes; long first, end, drops; } rival;
static long strays_before __attribute__((unused));

/* Pages of memory that are on no list, where reclaim and migration do not find them. */
static long strays(void)
{
	static uint64_t flags[1 << 13];
	int fd = open("/proc/kpageflags", O_RDONLY);
	ssize_t length;
	long found = 0;

	while (fd >= 0 && (length = read(fd, flags, sizeof(flags))) > 0)
		for (length /= 8; length--;)
			found += flags[length] & KPF_ANON && !(flags[length] & KPF_LRU);
	close(fd);
	return found;
}

/* It wakes now and then, and when it may go does so at once: its priority is higher. */
static int drop(void *none)
{
	struct sched_param first = { .sched_priority = 10 };
	unsigned long ms = 0;

	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first);
	for (;; ms = (ms * 7 + 3) % 5) {
		usleep((useconds_t)(1000 * ms + 500));
		if (!rival.goes)
			continue;
		rival.drops += !syscall(SYS_madvise, AT(rival.first), (unsigned long)(rival.end - rival.first) * page, MADV_DONTNEED);
		rival.goes = 0;
	}
	return none != NULL;
}

/* The table is made, and the call is made on it, until the time is over. */
KEEP void against_drops(long first, long end, void (*table)(void), void (*call)(void))
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	time_t until = time(NULL) + RACE;
	long rounds = 0;
	pid_t pid;

	put("/proc/sys/vm/drop_caches", "1");
	strays_before = strays();
	rival.first = first;
	rival.end = end;
	pid = clone(drop, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	if (pid < 0)
		give_up("a thread beside the call");
	for (; time(NULL) < until; rounds++) {
		rival.goes = 0;
		table();
		rival.goes = 1;
		call();
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	diag("%ld calls in %d seconds, the table dropped in %ld of them", rounds, RACE, rival.drops);
	if (!rival.drops)
		check(STATE, false, "another thread drops the table meanwhile");
}

/* When all is unmapped. */
KEEP void nothing_strays(enum kind kind)
{
	long more = strays() - strays_before;

	check(kind, more <= ON_THEIR_WAY, "no page is lost to all lists (%ld are)", more);
}
#endif
