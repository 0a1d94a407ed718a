/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses that may be refused, the stamps by which pages are told apart, and another process that has its own view. */
#ifndef REPRODUCE_ACCESS_H
#define REPRODUCE_ACCESS_H

#include "look.h"

static sigjmp_buf refused_at;

static void refused(int signal)
{
	siglongjmp(refused_at, signal);
}

/* Catches what an access brings. */
KEEP void catch_refusals(void)
{
	struct sigaction action = { .sa_handler = refused };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* 0, or the signal that the access brought. */
KEEP int read_from(const char *at, uint64_t *value)
{
	int signal = sigsetjmp(refused_at, 1);

	if (!signal)
		*value = *(const volatile uint64_t *)at;
	return signal;
}

KEEP int write_to(char *at, uint64_t value)
{
	int signal = sigsetjmp(refused_at, 1);

	if (!signal)
		*(volatile uint64_t *)at = value;
	return signal;
}

/* What a page holds from the start, another for each PTE. */
KEEP uint64_t stamp_of(long pte)
{
	return 0x5265766965770000ULL + (uint64_t)(pte + 0x4000);
}

#define WRITTEN 0x0077726974740000ULL	/* what is written when all is looked at */

/* The other process: it was forked when the table was as it was then, and answers until it is killed. */
static int ask[2] = { -1, -1 }, answer[2];
static pid_t other;

struct question { char *at; uint64_t value; int writes; };
struct reply { uint64_t value; int signal; };

static void answers(void)
{
	struct question asked;
	struct reply reply;

	while (read(ask[0], &asked, sizeof(asked)) == sizeof(asked)) {
		reply.value = 0;
		reply.signal = asked.writes ? write_to(asked.at, asked.value) : read_from(asked.at, &reply.value);
		if (write(answer[1], &reply, sizeof(reply)) != sizeof(reply))
			break;
	}
	_exit(0);
}

/* All that were forked. */
#define MOST_PROCESSES 64
static pid_t processes[MOST_PROCESSES];
static unsigned int nprocesses;

static pid_t forked(void)
{
	pid_t pid;

	fflush(stdout);
	pid = nprocesses < MOST_PROCESSES ? fork() : -1;
	if (pid < 0)
		give_up("fork");
	if (pid)
		processes[nprocesses++] = pid;
	return pid;
}

/* One that only keeps what it has. */
KEEP void fork_silent(void)
{
	if (!forked())
		for (;;)
			pause();
}

/* They are gone then. */
KEEP void end_processes(void)
{
	while (nprocesses) {
		kill(processes[--nprocesses], SIGKILL);
		waitpid(processes[nprocesses], NULL, 0);
	}
}

/* One that is gone: pages are mapped once again, and not known to be exclusive. */
KEEP void fork_gone(void)
{
	pid_t pid;

	fork_silent();
	pid = processes[--nprocesses];
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

KEEP void fork_other(void)
{
	if (pipe(ask) || pipe(answer))
		give_up("a pipe");
	other = forked();
	if (!other) {
		close(ask[1]);
		answers();
	}
}

static struct reply other_does(char *at, uint64_t value, int writes)
{
	struct question asked = { at, value, writes };
	struct reply reply = { 0, -1 };

	if (write(ask[1], &asked, sizeof(asked)) != sizeof(asked) || read(answer[0], &reply, sizeof(reply)) != sizeof(reply))
		give_up("the other process answers");
	return reply;
}

KEEP int other_reads(char *at, uint64_t *value)
{
	struct reply reply = other_does(at, 0, 0);

	*value = reply.value;
	return reply.signal;
}

KEEP int other_writes(char *at, uint64_t value)
{
	return other_does(at, value, 1).signal;
}
#endif
