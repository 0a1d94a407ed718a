/* SPDX-License-Identifier: GPL-2.0-or-later */
/* khugepaged, with limits of one's own. */
#ifndef REPRODUCE_HUGE_H
#define REPRODUCE_HUGE_H

#include "memory.h"

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

/* So many pages of this process are mapped by PMDs. */
KEEP void are_huge(enum kind kind, long pages)
{
	long are = smaps_of(0, NULL, (char *)UINTPTR_MAX).huge;

	check(kind, are == pages, "%ld pages are mapped by PMDs (%ld)", pages, are);
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
#endif
