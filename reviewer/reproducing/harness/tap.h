/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP as kselftests print it, from a case that runs in processes of its own: what a case says is counted in memory that
 * it shares with main(), which says how the case ended and what the kernel printed meanwhile. As the first process of a
 * virtual machine main() also mounts what is needed, and ends with the machine.
 *
 * Names of tests begin with what they are: "state:", the table that the call is made on; "rule:", what the finding is
 * about; "also:", what else has to be so.
 */
#ifndef REPRODUCE_TAP_H
#define REPRODUCE_TAP_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SWAP_DEVICE "/dev/ram0"
#define SECONDS 60	/* what a case may take to its state, and then to its end */
#define KEEP static __attribute__((unused))

enum kind { STATE, RULE, ALSO };

/* unlike: how much of the state is otherwise than it has to be; broken: tests of the rule that failed; refused: calls */
static struct told { int nr, bad, unlike, broken, refused, reached; } *told;
static int kernel_log = -1;
static bool brief;	/* many cases: what is so is not told */

KEEP void diag(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

KEEP void check(enum kind kind, bool good, const char *format, ...)
{
	static const char *const kinds[] = { "state", "rule", "also" };
	va_list args;

	told->nr++;
	told->unlike += !good && kind == STATE;
	told->broken += !good && kind == RULE;
	if (good && brief)
		return;
	printf("%sok %d - %s: ", good ? "" : "not ", told->nr, kinds[kind]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	told->bad += !good;
}

/* The case cannot go on: what it stands on is missing. Ends its process. */
KEEP __attribute__((noreturn)) void give_up(const char *what)
{
	check(STATE, false, "%s (%s)", what, strerror(errno));
	_exit(1);
}

/* The call itself. One that is refused, and leaves nothing that breaks the rule, has shown nothing: see run(). */
KEEP void must(bool good, const char *what)
{
	if (good)
		return;
	diag("%s: %s", what, strerror(errno));
	told->refused++;
}

/* After the last test of the state: what happens from here on is the kernel's doing, and has its own time. */
KEEP void reached(void)
{
	told->reached = 1;
	if (!told->unlike)
		printf("# state reached\n");
	fflush(stdout);
	alarm(SECONDS);
}

KEEP bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

static bool first_process(void)
{
	return getpid() == 1;
}

KEEP void begin(void)
{
	struct utsname name;

	if (first_process()) {
		mkdir("/proc", 0755);
		mkdir("/sys", 0755);
		mkdir("/dev", 0755);
		mount("proc", "/proc", "proc", 0, NULL);
		mount("sysfs", "/sys", "sysfs", 0, NULL);
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
		mount("dev", "/dev", "devtmpfs", 0, NULL);
	}
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uname(&name);
	printf("TAP version 13\n");
	diag("%s %s, pages of %ld bytes", name.release, name.machine, sysconf(_SC_PAGESIZE));
	if (told == MAP_FAILED || geteuid()) {
		printf("1..0 # SKIP it takes root to see page frames\n");
		exit(4);
	}
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (kernel_log >= 0)
		lseek(kernel_log, 0, SEEK_END);
}

/* What the kernel warned of since begin(), one line each. */
static int warnings(void)
{
	static const char *const words[] = { "WARNING:", "BUG:", "Oops", "Bad page", "Bad rss", "soft lockup", "page dumped" };
	char record[8192];
	int found = 0;
	ssize_t length;

	while (kernel_log >= 0 && ((length = read(kernel_log, record, sizeof(record) - 1)) > 0 || errno == EPIPE)) {
		size_t word;
		char *text;

		if (length <= 0)
			continue;
		record[length] = 0;
		text = strchr(record, ';');
		for (word = 0; text && word < sizeof(words) / sizeof(*words); word++)
			if (strstr(text, words[word])) {
				diag("kernel: %.*s", (int)strcspn(text + 1, "\n"), text + 1);
				found++;
				break;
			}
	}
	return found;
}

static void woken(int signal)
{
	(void)signal;
}

/* The next case has its own swap space. Where a slot has an owner that is no more, this never ends by itself. */
static void gives_swap_back(enum kind kind)
{
	struct sigaction action = { .sa_handler = woken }, before;

	sigaction(SIGALRM, &action, &before);
	alarm(SECONDS / 3);
	if (syscall(SYS_swapoff, SWAP_DEVICE) && errno == EINTR)
		check(kind, false, "swap space is free when all is unmapped");
	alarm(0);
	sigaction(SIGALRM, &before, NULL);
}

/* The case in a process of its own. How it ends, and what the kernel warns of, are tests of these kinds. */
KEEP void run(void (*the_case)(void), enum kind ends, enum kind quiet)
{
	int status = 0;
	pid_t pid;

	told->reached = told->unlike = told->broken = told->refused = 0;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		alarm(SECONDS);
		the_case();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (!told->reached)
		check(STATE, false, "the call was come to");
	else if (WIFSIGNALED(status))
		check(ends, false, WTERMSIG(status) == SIGALRM ? "it ends within %d seconds" : "it ends without signal %d",
		      WTERMSIG(status) == SIGALRM ? SECONDS : WTERMSIG(status));
	else
		check(ends, true, "it ends");
	gives_swap_back(ends);
	if (told->refused && !told->broken && !brief)
		check(STATE, false, "the call does what it is for");
	usleep(200000);
	if (kernel_log >= 0)
		check(quiet, !warnings(), "the kernel warns of nothing");
}

/* One of many, whose tests are told apart by the title before them. */
KEEP void run_scene(void (*the_case)(void), const char *title)
{
	brief = true;
	diag("scene %s", title);
	run(the_case, RULE, RULE);
}

KEEP int end(void)
{
	int bad = told->bad;

	printf("1..%d\n", told->nr);
	fflush(stdout);
	if (first_process()) {
		sync();
		usleep(100000);
		reboot(RB_POWER_OFF);
	}
	return bad ? 1 : 0;
}
#endif
