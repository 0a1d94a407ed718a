/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PAGEMAP_SCAN ioctl of /proc/self/pagemap (include/uapi/linux/fs.h), which headers of some systems do not have. */
#ifndef REPRODUCE_SCAN_H
#define REPRODUCE_SCAN_H

#include "memory.h"

#include <sys/ioctl.h>

struct scan_request {
	uint64_t size, flags, start, end, stop, answer, room, most, inverted, mask, any_of, told;
};
struct scan_region { uint64_t start, end, categories; };
#define SCAN _IOWR('f', 16, struct scan_request)

static struct scan_region regions[1 << 13] __attribute__((unused));
static uint64_t scan_stop __attribute__((unused));

/* most: pages, room: regions that there is room for. */
KEEP void scan_pages(long first, long end, unsigned int mask, unsigned int inverted, unsigned int any_of,
		     unsigned int told_of, uint64_t most, uint64_t room)
{
	struct scan_request asked = {
		.size = sizeof(asked), .start = (uintptr_t)AT(first), .end = (uintptr_t)AT(end), .answer = (uintptr_t)regions,
		.room = room, .most = most, .inverted = inverted, .mask = mask, .any_of = any_of, .told = told_of,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY);

	returns(ioctl(fd, SCAN, &asked));
	scan_stop = asked.stop;
	close(fd);
}

KEEP void scan_stops(enum kind kind, long pte)
{
	check(kind, scan_stop == (uintptr_t)AT(pte), "the scan comes to PTE %ld", pte);
}

KEEP void tells_of(enum kind kind, unsigned int nr, long first, long end, uint64_t categories)
{
	const struct scan_region *is = &regions[nr];
	bool good = is->start == (uintptr_t)AT(first) && is->end == (uintptr_t)AT(end) && is->categories == categories;

	check(kind, good, "the scan tells of PTE %ld to %ld as %#lx (%ld to %ld, %#lx)", first, end - 1, (long)categories,
	      (long)(is->start - (uintptr_t)base) / (long)page, (long)(is->end - (uintptr_t)base) / (long)page - 1,
	      (long)is->categories);
}
#endif
