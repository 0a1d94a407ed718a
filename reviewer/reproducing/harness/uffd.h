/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userfaultfd: a range that is watched for writes or for pages that are missing, which bring SIGBUS; and what it does to
 * entries itself: pages are filled in, poisoned, moved.
 */
#ifndef REPRODUCE_UFFD_H
#define REPRODUCE_UFFD_H

#include "memory.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1 << 12)
#endif

/* Newer than the headers of some systems. */
struct poisoning { struct uffdio_range range; uint64_t mode; int64_t done; };
struct moving { uint64_t to, from, size, mode; int64_t done; };
#define POISON_THEM _IOWR(UFFDIO, 0x08, struct poisoning)
#define MOVE_THEM _IOWR(UFFDIO, 0x05, struct moving)
#define MOVE_HOLES 2	/* UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES */
#define CONTINUE_PROTECTED 2	/* UFFDIO_CONTINUE_MODE_WP */

static int watching = -1;
static unsigned long events;

/* userfaultfd follows what happens to the VMA, where somebody reads of it. */
KEEP void monitored(unsigned long feature)
{
	events |= feature;
}

static int reads_on(void *none)
{
	struct uffd_msg message;

	while (read(watching, &message, sizeof(message)) > 0)
		;
	for (;;)
		pause();
	return none != NULL;
}

static void monitor(void)
{
	static char stack[1 << 14] __attribute__((aligned(16)));
	pid_t pid = clone(reads_on, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, NULL);

	if (pid < 0 || nprocesses == MOST_PROCESSES)
		give_up("a monitor of userfaultfd");
	processes[nprocesses++] = pid;
}

static struct uffdio_range part(const char *zero, long first, long end)
{
	struct uffdio_range range = { (uintptr_t)zero + (unsigned long)(first * (long)page), (unsigned long)(end - first) * page };

	return range;
}

static void watch_at(const char *zero, long first, long end, unsigned long mode)
{
	struct uffdio_register range = { .range = part(zero, first, end), .mode = mode };
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_SIGBUS | UFFD_FEATURE_WP_UNPOPULATED |
			    UFFD_FEATURE_WP_HUGETLBFS_SHMEM | events,
	};

	if (watching < 0) {
		watching = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
		if (watching < 0 || ioctl(watching, UFFDIO_API, &api))
			give_up("userfaultfd");
		if (events)
			monitor();
	}
	if (ioctl(watching, UFFDIO_REGISTER, &range))
		give_up("userfaultfd");
}

KEEP void watch(long first, long end)
{
	watch_at(base, first, end, UFFDIO_REGISTER_MODE_WP);
}

KEEP void watch_holes(long first, long end)
{
	watch_at(base, first, end, UFFDIO_REGISTER_MODE_MISSING);
}

static void protection(long first, long end, unsigned long mode)
{
	struct uffdio_writeprotect range = { .range = part(base, first, end), .mode = mode };

	if (ioctl(watching, UFFDIO_WRITEPROTECT, &range))
		give_up("UFFDIO_WRITEPROTECT");
}

KEEP void write_protect(long first, long end)
{
	protection(first, end, UFFDIO_WRITEPROTECT_MODE_WP);
}

KEEP void write_protected_no_more(long first, long end)
{
	protection(first, end, UFFDIO_WRITEPROTECT_MODE_DONTWAKE);
}

/* A new page with the stamp of its PTE. */
KEEP void fill_page(long pte, bool protect)
{
	char *from = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_copy copy = {
		.dst = (uintptr_t)AT(pte), .src = (uintptr_t)from, .len = page,
		.mode = UFFDIO_COPY_MODE_DONTWAKE | (protect ? UFFDIO_COPY_MODE_WP : 0),
	};

	if (from == MAP_FAILED)
		give_up("a page to copy");
	*(uint64_t *)from = stamp_of(pte);
	returns(ioctl(watching, UFFDIO_COPY, &copy));
}

/* The page that the file has there. */
KEEP void fill_cached(long pte, bool protect)
{
	struct uffdio_continue cached = {
		.range = part(base, pte, pte + 1), .mode = UFFDIO_CONTINUE_MODE_DONTWAKE | (protect ? CONTINUE_PROTECTED : 0),
	};

	returns(ioctl(watching, UFFDIO_CONTINUE, &cached));
}

KEEP void fill_zeroes(long pte)
{
	struct uffdio_zeropage zeroes = { .range = part(base, pte, pte + 1), .mode = UFFDIO_ZEROPAGE_MODE_DONTWAKE };

	returns(ioctl(watching, UFFDIO_ZEROPAGE, &zeroes));
}

static void poison_at(const char *zero, long first, long end)
{
	struct poisoning poison = { .range = part(zero, first, end), .mode = 1 };

	returns(ioctl(watching, POISON_THEM, &poison));
}

/* As it is set up, before anybody watches: what is in holes that no fault brings there. */
static void fill_holes(long first, long end, bool poison)
{
	struct uffdio_range range = part(base, first, end);
	struct uffdio_zeropage zeroes = { .range = range };

	watch_holes(first, end);
	if (poison)
		poison_at(base, first, end);
	else
		returns(ioctl(watching, UFFDIO_ZEROPAGE, &zeroes));
	if (returned || ioctl(watching, UFFDIO_UNREGISTER, &range))
		give_up("zero pages, or poison");
	close(watching);
	watching = -1;
}

KEEP void zero_pages(long first, long end)
{
	fill_holes(first, end, false);
}

KEEP void poisoned(long first, long end)
{
	fill_holes(first, end, true);
}

KEEP void fill_poison(long pte)
{
	poison_at(base, pte, pte + 1);
}

/* Where pages are moved to: a VMA like theirs, with a zero page or poison in the way at one PTE. */
KEEP void destination(long first, long end, bool locked, bool tracks)
{
	char *at = moved + first * (long)page;
	unsigned long size = (unsigned long)(end - first) * page;

	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ||
	    (locked && syscall(SYS_mlock2, at, size, MLOCK_ONFAULT)))
		give_up("a VMA to move to");
	watch_at(moved, first, end, tracks ? UFFDIO_REGISTER_MODE_WP : UFFDIO_REGISTER_MODE_MISSING);
}

KEEP void zeroes_in_the_way(long pte)
{
	struct uffdio_zeropage zeroes = { .range = part(moved, pte, pte + 1) };

	if (ioctl(watching, UFFDIO_ZEROPAGE, &zeroes))
		give_up("a zero page in the way");
}

KEEP void poison_in_the_way(long pte)
{
	poison_at(moved, pte, pte + 1);
	if (returned)
		give_up("poison in the way");
}

/* As much of the range as may move; what the last page returns that may not. */
KEEP void relocate(long first, long end, bool holes)
{
	long result = 0;
	int tries = 0;

	while (first < end) {
		struct moving move = {
			.to = part(moved, first, end).start, .from = part(base, first, end).start,
			.size = (unsigned long)(end - first) * page, .mode = 1 | (holes ? MOVE_HOLES : 0),
		};

		returns(ioctl(watching, MOVE_THEM, &move));
		if (returned && move.done <= 0 && returned == -EAGAIN && tries++ < 100)
			continue;
		tries = 0;
		if (move.done <= 0)
			result = returned;
		first += move.done > 0 ? move.done / (long)page : 1;
	}
	returned = result;
}
#endif
