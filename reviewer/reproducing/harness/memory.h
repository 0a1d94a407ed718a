/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a table is brought about by system calls: VMAs at fixed places, folios of an order, swap, protections. Ranges are
 * PTEs [first, end), counted from base.
 */
#ifndef REPRODUCE_MEMORY_H
#define REPRODUCE_MEMORY_H

#include "access.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#define SWAP_PAGES 4096
#define THP "/sys/kernel/mm/transparent_hugepage/"

static char *cache;	/* where the file's pages are mapped beside the table, PTE for PTE; NULL without a file */
static int file = -1;
static long file_first;	/* the PTE that maps its first page */

/* A hole of the address space, of PTEs of four page tables, and where in the first whole one PTE 0 is. */
static char *hole(void)
{
	unsigned long table = page * page / 8, size = 5 * table;
	char *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		give_up("room in the address space");
	munmap(at, size);
	return (char *)(((uintptr_t)at + table - 1) & ~(table - 1));
}

KEEP void lay(unsigned long offset)
{
	page = (unsigned long)sysconf(_SC_PAGESIZE);
	base = hole() + page * page / 8 + offset * page;
	catch_refusals();
}

/* Which orders of folios a fault may allocate: one, or 0 for none but single pages. what: "enabled", "shmem_enabled". */
KEEP void folios_of(unsigned int order, const char *what)
{
	unsigned int other_one;
	char path[128];

	for (other_one = 1; other_one < 14; other_one++) {
		bool chosen = other_one == order;

		snprintf(path, sizeof(path), THP "hugepages-%lukB/%s", (page << other_one) / 1024, what);
		if (access(path, F_OK))
			continue;
		if (!put(path, chosen ? "always" : "never") && chosen)
			give_up(path);
	}
}

KEEP void map_anonymous(long first, long end, int protection)
{
	if (mmap(AT(first), (unsigned long)(end - first) * page, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		give_up("an anonymous VMA");
}

/* A file of tmpfs for all PTEs from first on; its pages are made and filled through a mapping of their own. */
KEEP void make_file(long first, long end)
{
	unsigned long size = (unsigned long)(end - first) * page;

	file_first = first;
	file = (int)syscall(SYS_memfd_create, "reproduce", 0);
	if (file < 0 || ftruncate(file, (off_t)size))
		give_up("a file");
	cache = hole() + ((uintptr_t)AT(first) & (page * page / 8 - 1));
	if (mmap(cache, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
		give_up("a mapping of the file");
	cache -= first * (long)page;
}

KEEP void map_file(long first, long end, int protection, int how)
{
	if (mmap(AT(first), (unsigned long)(end - first) * page, protection, how | MAP_FIXED, file, (first - file_first) * (long)page) == MAP_FAILED)
		give_up("a VMA of the file");
}

/* A folio of an order whose first page belongs to a PTE, by a write fault; all its pages get their stamps. */
static void folio_at(char *start, long first, unsigned int order, const char *what)
{
	long at;

	folios_of(order, what);
	if (write_to(start, stamp_of(first)))
		give_up("a write fault");
	for (at = 0; at < 1L << order; at++)
		if (write_to(start + at * (long)page, stamp_of(first + at)) || write_to(start + (at + 1) * (long)page - 8, stamp_of(first + at)))
			give_up("a write fault");
	folios_of(0, what);
}

KEEP void folio_anonymous(long first, unsigned int order)
{
	folio_at(AT(first), first, order, "enabled");
}

KEEP void folio_of_file(long first, unsigned int order)
{
	folio_at(cache + first * (long)page, first, order, "shmem_enabled");
}

/* The same, of a file, by a read fault: no page of it was ever written to. */
KEEP void folio_unwritten(long first, unsigned int order)
{
	uint64_t value;

	folios_of(order, "shmem_enabled");
	if (read_from(cache + first * (long)page, &value))
		give_up("a read fault");
	folios_of(0, "shmem_enabled");
}

/* No mapping of the file but the table's own. */
KEEP void forget_cache(long first, long end)
{
	munmap(cache + first * (long)page, (unsigned long)(end - first) * page);
	cache = NULL;
}

KEEP void advise(long first, long end, int advice, const char *name)
{
	if (madvise(AT(first), (unsigned long)(end - first) * page, advice))
		give_up(name);
}

KEEP void protect(long first, long end, int protection)
{
	if (mprotect(AT(first), (unsigned long)(end - first) * page, protection))
		give_up("mprotect");
}

KEEP void unmap(long first, long end)
{
	if (munmap(AT(first), (unsigned long)(end - first) * page))
		give_up("munmap");
}

/* The whole VMA to where it has another place in its page table. */
KEEP void shift(long first, long end, long by)
{
	unsigned long size = (unsigned long)(end - first) * page;
	char *to = AT(first + by);

	if (mremap(AT(first), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		give_up("mremap");
}

KEEP void lock(long first, long end)
{
	if (mlock(AT(first), (unsigned long)(end - first) * page))
		give_up("mlock");
}

KEEP void soft_dirty_cleared(void)
{
	if (!put("/proc/self/clear_refs", "4"))
		give_up("clear_refs");
}

KEEP void touch_read(long pte)
{
	uint64_t value;

	if (read_from(AT(pte), &value))
		give_up("a read of the table's page");
}

KEEP void touch_write(long pte)
{
	if (write_to(AT(pte), stamp_of(pte)))
		give_up("a write to the table's page");
}

/* Swap space on a RAM disk (CONFIG_BLK_DEV_RAM), once: its header is what mkswap(8) writes. */
KEEP void swap_space(void)
{
	uint32_t version_last[2] = { 1, SWAP_PAGES - 1 };
	char *header = calloc(1, page);
	static bool there;
	int fd;

	if (there)
		return;
	there = true;
	fd = open("/dev/ram0", O_RDWR);
	memcpy(header + 1024, version_last, sizeof(version_last));
	memcpy(header + page - 10, "SWAPSPACE2", 10);
	if (fd < 0 || write(fd, header, page) != (ssize_t)page || fsync(fd) || close(fd) || syscall(SYS_swapon, "/dev/ram0", 0))
		give_up("swap space");
	free(header);
}

/* Pages out, each by itself. */
KEEP void page_out(long first, long end)
{
	for (; first < end; first++)
		advise(first, first + 1, MADV_PAGEOUT, "MADV_PAGEOUT");
}

/* Reclaim of what a range maps. MADV_PAGEOUT leaves alone what others map too; memory.reclaim of the root group does not. */
KEEP void reclaim(long first, long end)
{
	int rounds;
	long at;

	madvise(AT(first), (unsigned long)(end - first) * page, MADV_PAGEOUT);
	mkdir("/sys/fs/cgroup", 0755);
	if (access("/sys/fs/cgroup/memory.reclaim", F_OK))
		mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	for (rounds = 0; rounds < 20; rounds++) {
		for (at = first; at < end && !frame_of(0, AT(at)); at++)
			;
		if (at == end || !put("/sys/fs/cgroup/memory.reclaim", "8M"))
			break;
	}
}
#endif
