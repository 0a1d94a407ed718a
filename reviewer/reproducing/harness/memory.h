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
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif
#define THP "/sys/kernel/mm/transparent_hugepage/"

static char *moved __attribute__((unused));	/* where mremap() takes the table */

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

/* What is mapped, and nothing else: mlock() would bring in the rest. */
KEEP void lock(long first, long end)
{
	if (syscall(SYS_mlock2, AT(first), (unsigned long)(end - first) * page, MLOCK_ONFAULT))
		give_up("mlock2");
}

/* A kernel without these bits takes the order to clear them as well: a new page has its own. */
KEEP void soft_dirty_there(void)
{
	char *one = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (one == MAP_FAILED || write_to(one, 1) || !(pagemap_of(0, one) & PM_SOFT_DIRTY))
		give_up("a kernel that has soft-dirty bits");
	munmap(one, page);
}

KEEP void soft_dirty_cleared(void)
{
	soft_dirty_there();
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
