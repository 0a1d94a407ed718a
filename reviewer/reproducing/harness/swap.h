/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap space, what is swapped out to which offset, and reclaim. */
#ifndef REPRODUCE_SWAP_H
#define REPRODUCE_SWAP_H

#include "file.h"

#define SWAP_PAGES 1024

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
	fd = open(SWAP_DEVICE, O_RDWR);
	memcpy(header + 1024, version_last, sizeof(version_last));
	memcpy(header + page - 10, "SWAPSPACE2", 10);
	if (fd < 0 || write(fd, header, page) != (ssize_t)page || fsync(fd) || close(fd) || syscall(SYS_swapon, SWAP_DEVICE, 0))
		give_up("swap space");
	free(header);
}

/* Pages that take all of it; those at given offsets are given back for others. */
static char *filler;

KEEP void fill_swap(void)
{
	unsigned long at, size = (SWAP_PAGES + 64) * page;

	swap_space();
	filler = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (filler == MAP_FAILED || madvise(filler, size, MADV_NOHUGEPAGE))
		give_up("pages that fill the swap space");
	for (at = 0; at < size; at += page)
		*(volatile uint64_t *)(filler + at) = at + 1;
	madvise(filler, size, MADV_PAGEOUT);
}

static unsigned long offset_of(const char *at)
{
	uint64_t entry = pagemap_of(0, at);

	return entry & PM_SWAP ? (unsigned long)(PM_FRAME(entry) >> 5) : 0;
}

static void swap_out(long pte)
{
	int tries;

	for (tries = 0; tries < 5; tries++) {
		advise(pte, pte + 1, MADV_PAGEOUT, "MADV_PAGEOUT");
		if (offset_of(AT(pte)))
			break;
		put("/proc/sys/vm/compact_memory", "1");	/* pages on their way to a list get there */
	}
}

/* A page to an offset of the swap space. */
KEEP void page_out(long pte, unsigned long offset)
{
	unsigned long at;

	for (at = 0; at < SWAP_PAGES + 64; at++)
		if (offset_of(filler + at * page) == offset)
			madvise(filler + at * page, page, MADV_DONTNEED);
	swap_out(pte);
}

/* A page that comes back from swap space for a read: its entry is clean. */
KEEP void swapped_in(long pte)
{
	swap_out(pte);
	touch_read(pte);
}

/* Room for others. */
KEEP void free_swap(void)
{
	munmap(filler, (SWAP_PAGES + 64) * page);
}

/* The page of a swap entry comes into the swap cache. */
KEEP void read_ahead(long pte)
{
	unsigned char there = 0;

	advise(pte, pte + 1, MADV_WILLNEED, "MADV_WILLNEED");
	if (mincore(AT(pte), page, &there) || !(there & 1))
		give_up("a page in the swap cache");
}

/* The entry is of this offset. */
KEEP void is_at_offset(enum kind kind, long pte, unsigned long offset)
{
	unsigned long is = offset_of(AT(pte));

	check(kind, is == offset, "PTE %ld is at offset %lu of the swap space (%lu)", pte, offset, is);
}

/* Whether the range maps a page that reclaim may take. */
static bool any_to_reclaim(long first, long end)
{
	uint64_t frame;

	for (; first < end; first++)
		if ((frame = frame_of(0, AT(first))) && !(flags_of(frame) & KPF_UNEVICTABLE))
			return true;
	return false;
}

/*
 * Reclaim of what a range maps, or of a file's pages that nothing may map. MADV_PAGEOUT leaves alone what others map too;
 * memory.reclaim of the root group does not.
 */
KEEP void reclaim(long first, long end)
{
	int rounds;

	madvise(AT(first), (unsigned long)(end - first) * page, MADV_PAGEOUT);
	mkdir("/sys/fs/cgroup", 0755);
	if (access("/sys/fs/cgroup/memory.reclaim", F_OK))
		mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	for (rounds = 0; rounds < 20; rounds++) {
		bool any = any_to_reclaim(first, end);

		/* Once at least: what a device has is reclaimed as all is, and pagemap does not show it. */
		if (rounds && !any && file < 0)
			break;
		if (!put("/sys/fs/cgroup/memory.reclaim", "8M") && !any)	/* with less it may yet have come to these */
			break;
	}
}
#endif
