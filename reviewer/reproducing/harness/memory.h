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
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif
#define THP "/sys/kernel/mm/transparent_hugepage/"

static char *cache;	/* where the file's pages are mapped beside the table, PTE for PTE; NULL without a file */
static char *moved __attribute__((unused));	/* where mremap() takes the table */
static int file = -1;
static long file_first;	/* the PTE that maps its first page */
static unsigned long file_size;

/* Room for five page tables in the address space, aligned to one, where no other mapping comes: another for each call. */
static char *hole(void)
{
	static unsigned long next = 1UL << 38;
	unsigned long table = page * page / 8, at = (next + table - 1) & ~(table - 1);

	next = at + 6 * table;
	return (char *)at;
}

KEEP void lay(unsigned long offset)
{
	page = (unsigned long)sysconf(_SC_PAGESIZE);
	base = hole() + page * page / 8 + offset * page;
	catch_refusals();
}

/* What the call under test handed back: 0 or more, or an error below 0. */
static long returned __attribute__((unused));

KEEP void returns(long result)
{
	returned = result < 0 ? -errno : result;
}

/* What mincore() says of each page of a range, between two bytes that it has to leave alone. */
static unsigned char in_core[2 + (1 << 15)] __attribute__((unused));
static long in_core_first __attribute__((unused));

KEEP void look_in_core(long first, long end)
{
	unsigned long pages = (unsigned long)(end - first);

	memset(in_core, 0xee, sizeof(in_core));
	in_core_first = first;
	if (pages + 2 > sizeof(in_core))
		give_up("a range as long as that");
	returns(mincore(AT(first), pages * page, in_core + 1));
	if (in_core[0] != 0xee || in_core[pages + 1] != 0xee)
		returned = -EOVERFLOW;
}

KEEP void is_in_core(enum kind kind, long pte, bool wanted)
{
	unsigned int is = in_core[1 + pte - in_core_first];

	check(kind, is == wanted, "mincore says that PTE %ld has %s page (%u)", pte, wanted ? "a" : "no", is);
}

#define ANY 99

/* Which orders of folios a fault may allocate: one, ANY, or 0 for single pages. what: "enabled", "shmem_enabled". */
KEEP void folios_of(unsigned int order, const char *what)
{
	unsigned int other_one;
	char path[128];

	put(THP "defrag", "always");	/* make room rather than fall back */
	for (other_one = 1; other_one < 14; other_one++) {
		bool chosen = other_one == order || order == ANY;

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
	file_size = (unsigned long)(end - first) * page;
	file_first = first;
	file = (int)syscall(SYS_memfd_create, "reproduce", 0);
	if (file < 0 || ftruncate(file, (off_t)file_size))
		give_up("a file");
	cache = hole() + ((uintptr_t)AT(first) & (page * page / 8 - 1));
	if (mmap(cache, file_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
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
KEEP void forget_cache(void)
{
	munmap(cache + file_first * (long)page, file_size);
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

KEEP void lock(long first, long end)
{
	if (mlock(AT(first), (unsigned long)(end - first) * page))
		give_up("mlock");
}

static long number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atol(text);
}

static void set_number(const char *path, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (!put(path, text))
		diag("%s: %s", path, strerror(errno));
}

#define KHUGEPAGED THP "khugepaged/"

/* It looks at all there is, two times, with limits of how many entries may be empty, shared, swapped out. */
KEEP void khugepaged(long first, long end, unsigned int none, unsigned int shared, unsigned int swap)
{
	unsigned int order = page == 4096 ? 9 : page == 16384 ? 11 : 13;
	long before = number(KHUGEPAGED "pages_collapsed"), scans, tries;

	set_number(KHUGEPAGED "max_ptes_none", none);
	set_number(KHUGEPAGED "max_ptes_shared", shared);
	set_number(KHUGEPAGED "max_ptes_swap", swap);
	set_number(KHUGEPAGED "pages_to_scan", 1 << 16);
	set_number(KHUGEPAGED "alloc_sleep_millisecs", 1);
	folios_of(order, "enabled");
	advise(first, end, MADV_HUGEPAGE, "MADV_HUGEPAGE");
	set_number(KHUGEPAGED "scan_sleep_millisecs", 1);
	scans = number(KHUGEPAGED "full_scans");
	for (tries = 0; tries < 1500 && number(KHUGEPAGED "full_scans") < scans + 2; tries++)
		usleep(10000);
	if (tries == 1500)
		give_up("khugepaged looks at it");
	diag("khugepaged collapsed %ld", number(KHUGEPAGED "pages_collapsed") - before);
	set_number(KHUGEPAGED "scan_sleep_millisecs", 10000);
	folios_of(0, "enabled");
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

/* What is there may refuse it. */
KEEP void try_read(long pte)
{
	uint64_t value;

	(void)read_from(AT(pte), &value);
}

KEEP void try_write(long pte)
{
	(void)write_to(AT(pte), stamp_of(pte));
}

KEEP void touch_reads(long first, long end)
{
	for (; first < end; first++)
		touch_read(first);
}

KEEP void touch_write(long pte)
{
	if (write_to(AT(pte), stamp_of(pte)))
		give_up("a write to the table's page");
}

KEEP void touch_writes(long first, long end)
{
	for (; first < end; first++)
		touch_write(first);
}

#endif
