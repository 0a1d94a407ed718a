/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of its page tables and pages: /proc/PID/pagemap, kpageflags, kpagecount, maps and status. */
#ifndef REPRODUCE_LOOK_H
#define REPRODUCE_LOOK_H

#include "tap.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_FRAME(entry) ((entry) & ((1ULL << 55) - 1))
#define PM_SOFT_DIRTY (1ULL << 55)
#define PM_UFFD_WP (1ULL << 57)
#define PM_SWAP (1ULL << 62)
#define PM_PRESENT (1ULL << 63)
#define KPF_UPTODATE (1ULL << 3)
#define KPF_DIRTY (1ULL << 4)
#define KPF_LRU (1ULL << 5)
#define KPF_BUDDY (1ULL << 10)
#define KPF_MMAP (1ULL << 11)
#define KPF_ANON (1ULL << 12)
#define KPF_HEAD (1ULL << 15)
#define KPF_ZERO_PAGE (1ULL << 24)
#define KPF_TAIL (1ULL << 16)
#define KPF_UNEVICTABLE (1ULL << 18)

static char *base;	/* the address of PTE 0 */
static unsigned long page;	/* bytes of one */

#define AT(pte) (base + (long)(pte) * (long)page)

static uint64_t word(const char *path, uint64_t index)
{
	uint64_t value = 0;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || pread(fd, &value, sizeof(value), (off_t)(index * sizeof(value))) != sizeof(value))
		value = 0;
	close(fd);
	return value;
}

/* pid: 0 for this process. */
KEEP uint64_t pagemap_of(pid_t pid, const char *at)
{
	char path[64] = "/proc/self/pagemap";

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	return word(path, (uintptr_t)at / page);
}

KEEP uint64_t frame_of(pid_t pid, const char *at)
{
	uint64_t entry = pagemap_of(pid, at);

	return entry & PM_PRESENT ? PM_FRAME(entry) : 0;
}

KEEP uint64_t flags_of(uint64_t frame)
{
	return word("/proc/kpageflags", frame);
}

KEEP long mapcount_of(uint64_t frame)
{
	return (long)word("/proc/kpagecount", frame);
}

/* What /proc/PID/smaps says of the VMAs in a range, in pages. huge: mapped by PMDs. */
struct counted { long resident, swapped, huge; };

KEEP struct counted smaps_of(pid_t pid, const char *first, const char *end)
{
	struct counted sum = { 0, 0, 0 };
	char path[64] = "/proc/self/smaps", line[512];
	unsigned long from, to, kilobytes;
	bool within = false;
	FILE *file;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			within = from >= (uintptr_t)first && to <= (uintptr_t)end;
		else if (within && sscanf(line, "Rss: %lu kB", &kilobytes) == 1)
			sum.resident += (long)(kilobytes * 1024 / page);
		else if (within && sscanf(line, "Swap: %lu kB", &kilobytes) == 1)
			sum.swapped += (long)(kilobytes * 1024 / page);
		else if (within && (strstr(line, "AnonHugePages:") || strstr(line, "PmdMapped:")) && sscanf(line, "%*s %lu kB", &kilobytes) == 1)
			sum.huge += (long)(kilobytes * 1024 / page);
	}
	if (file)
		fclose(file);
	return sum;
}

/* Where the VMA of an address ends; 0 if it does not start there. */
KEEP unsigned long vma_end(const char *start)
{
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned long from, to, end = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2 && from == (uintptr_t)start)
			end = to;
	if (file)
		fclose(file);
	return end;
}
#endif
