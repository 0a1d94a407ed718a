/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run comes to its end: it returns, is stopped, faults, or runs on past its time. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#undef bool
#include "runtime.h"

static sigjmp_buf leave;
static volatile unsigned long ticks_seen;

/* Between two runs the tree's accessors still encode and decode: there is nothing to return to then. */
void w_stop(int ending)
{
	if (!w_running())
		w_leave();
	W.ending = ending;
	siglongjmp(leave, 1);
}

/* B1: between the page tables nothing may be looked at. Where no rule says why yet, a pointer there has run past its own. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;

	(void)context;
	if (!W.violated && at >= W.region && at < W.region + 2 * W_TABLES * W_PAGE_SIZE)
		w_violate_at(W_RULE_B1, -1, 0);
	/* Slices are compiled so that a trap stands for what C leaves undefined (reviewer/building/objects.py). */
	w_stop(sig == SIGSEGV || sig == SIGBUS ? W_CRASH : W_UNDEFINED);
}

/* A loop that touches no page table: two ticks within one run end it. */
static void on_tick(int sig)
{
	(void)sig;
	if (ticks_seen == w_runs && w_running())
		w_stop(W_TIMEOUT);
	ticks_seen = w_runs;
}

void w_until_end(const struct w_side *side, void (*calls)(const struct w_side *side))
{
	w_runs |= 1;
	if (!sigsetjmp(leave, 0))
		calls(side);
	w_runs++;
}

void w_catch(void)
{
	static char stack[65536];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	struct sigaction tick = { .sa_handler = on_tick, .sa_flags = SA_NODEFER | SA_RESTART };
	struct itimerval every = { .it_interval = { 0, 200000 }, .it_value = { 0, 200000 } };

	sigaltstack(&alt, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGFPE, &fault, NULL);
	sigaction(SIGILL, &fault, NULL);
	sigaction(SIGTRAP, &fault, NULL);
	sigaction(SIGVTALRM, &tick, NULL);
	setitimer(ITIMER_VIRTUAL, &every, NULL);
}
