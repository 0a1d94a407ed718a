/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of tmpfs, and its folios as its mappings find them. */
#ifndef REPRODUCE_FILE_H
#define REPRODUCE_FILE_H

#include "memory.h"

static char *cache;	/* where the file's pages are mapped beside the table, PTE for PTE; NULL without a file */
static int file = -1;
static long file_first;	/* the PTE that maps its first page */
static unsigned long file_size;

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

/* Another process maps these pages of the file, for as long as it lives, and nothing around them. */
KEEP void map_elsewhere(long first, long end)
{
	int ready[2];
	char done = 1;

	if (pipe(ready))
		give_up("a pipe");
	if (!forked()) {
		char *start = cache + file_first * (long)page, *after = cache + end * (long)page;
		size_t before = (size_t)(first - file_first) * page, rest = (size_t)(start + file_size - after);

		done = !(before && munmap(start, before)) && !(rest && munmap(after, rest));
		for (; first < end; first++) {
			uint64_t value;

			done &= !read_from(cache + first * (long)page, &value);
		}
		if (write(ready[1], &done, 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	if (read(ready[0], &done, 1) != 1 || !done)
		give_up("another process that maps the file");
	close(ready[0]);
	close(ready[1]);
}

static void fault_around(unsigned long bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", bytes);
	if (!put("/sys/kernel/debug/fault_around_bytes", text))
		give_up("a kernel whose faults can be kept from mapping what is around");
}

/* A fault maps the page that it is for. */
KEEP void faults_alone(void)
{
	fault_around(page);
}

KEEP void faults_around(void)
{
	fault_around(1 << 16);
}

/* No mapping of the file but the table's own. */
KEEP void forget_cache(void)
{
	munmap(cache + file_first * (long)page, file_size);
	cache = NULL;
}
#endif
