/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the table before the call and after it. A PTE is named as the finding names it. */
#ifndef REPRODUCE_CHECKS_H
#define REPRODUCE_CHECKS_H

#include "device.h"
#include "huge.h"
#include "nodes.h"
#include "race.h"
#include "scan.h"
#include "swap.h"
#include "uffd.h"

/* What a PTE is called, and where: the table's own, or those that a call moves or copies it to; whose: 0 for ours. */
struct place { const char *table; char *zero; pid_t whose; };

#define WHERE(p, pte) ((p)->zero + (long)(pte) * (long)page)

/* These PTEs are one VMA, and no more. */
KEEP void is_vma(enum kind kind, long first, long end)
{
	check(kind, vma_end(AT(first)) == (uintptr_t)AT(end), "PTE %ld to %ld are a VMA", first, end - 1);
}

KEEP void is_empty(enum kind kind, const struct place *p, long pte)
{
	uint64_t entry = pagemap_of(p->whose, WHERE(p, pte));

	check(kind, !(entry & (PM_PRESENT | PM_SWAP | PM_UFFD_WP)), "%s %ld maps nothing", p->table, pte);
}

/* Which an entry of another kind is as well, a marker say. */
KEEP void is_absent(enum kind kind, const struct place *p, long pte)
{
	check(kind, !(pagemap_of(p->whose, WHERE(p, pte)) & PM_PRESENT), "%s %ld maps no page", p->table, pte);
}

KEEP void is_present(enum kind kind, const struct place *p, long pte)
{
	check(kind, pagemap_of(p->whose, WHERE(p, pte)) & PM_PRESENT, "%s %ld maps a page", p->table, pte);
}

KEEP void is_swapped(enum kind kind, const struct place *p, long pte)
{
	check(kind, pagemap_of(p->whose, WHERE(p, pte)) & PM_SWAP, "%s %ld is a swap entry", p->table, pte);
}

KEEP void is_zero_page(enum kind kind, const struct place *p, long pte)
{
	check(kind, flags_of(frame_of(p->whose, WHERE(p, pte))) & KPF_ZERO_PAGE, "%s %ld maps the zero page", p->table, pte);
}

/* No page, and not nothing: that it is a marker shows in no more. */
KEEP void is_marked(enum kind kind, const struct place *p, long pte)
{
	uint64_t entry = pagemap_of(p->whose, WHERE(p, pte));

	check(kind, entry & PM_SWAP && !(entry & PM_PRESENT), "%s %ld has a marker", p->table, pte);
}

/* By the process whose table it is: 0, or the signal that it got. */
static int reads(const struct place *p, long pte, uint64_t *value)
{
	return p->whose ? other_reads(WHERE(p, pte), value) : read_from(WHERE(p, pte), value);
}

KEEP void is_guard(enum kind kind, const struct place *p, long pte)
{
	uint64_t value;

	check(kind, reads(p, pte, &value) == SIGSEGV, "%s %ld is guarded", p->table, pte);
}

KEEP void is_poisoned(enum kind kind, const struct place *p, long pte)
{
	bool holds = pagemap_of(p->whose, WHERE(p, pte)) & PM_SWAP;
	uint64_t value;

	check(kind, holds && reads(p, pte, &value) == SIGBUS, "%s %ld is poisoned", p->table, pte);
}

KEEP void it_returns(enum kind kind, long wanted)
{
	check(kind, returned == wanted, "the call returns %ld (%ld)", wanted, returned);
}

KEEP void is_soft_dirty(enum kind kind, const struct place *p, long pte, bool wanted)
{
	bool is = pagemap_of(p->whose, WHERE(p, pte)) & PM_SOFT_DIRTY;

	check(kind, is == wanted, "%s %ld is %ssoft-dirty", p->table, pte, wanted ? "" : "not ");
}

/* A write is what soft-dirty bits are for. */
KEEP void is_tracked(enum kind kind, const struct place *p, long pte)
{
	int signal = write_to(WHERE(p, pte), WRITTEN + (uint64_t)pte);
	bool is = pagemap_of(p->whose, WHERE(p, pte)) & PM_SOFT_DIRTY;

	check(kind, !signal && is, "%s %ld is soft-dirty when it was written to", p->table, pte);
}

KEEP void is_uffd_wp(enum kind kind, const struct place *p, long pte, bool wanted)
{
	bool is = pagemap_of(p->whose, WHERE(p, pte)) & PM_UFFD_WP;

	check(kind, is == wanted, "%s %ld is %sprotected by userfaultfd", p->table, pte, wanted ? "" : "not ");
}

/* Frames of the folio's pages follow each other, and are one folio. page_of: the folio's page that the PTE maps. */
KEEP void is_page_of(enum kind kind, const struct place *p, long pte, long page_of, unsigned int order)
{
	uint64_t frame = frame_of(p->whose, WHERE(p, pte)), head = frame - (uint64_t)page_of;
	bool good = frame && (order ? !(head & ((1UL << order) - 1)) && flags_of(head) & KPF_HEAD : !(flags_of(frame) & (KPF_HEAD | KPF_TAIL)));

	if (good && order)
		good = flags_of(head + (1UL << order) - 1) & KPF_TAIL && !(flags_of(head + (1UL << order)) & KPF_TAIL);
	check(kind, good, "%s %ld maps page %ld of a folio of %lu", p->table, pte, page_of, 1UL << order);
}

/* The folio was not told of a write yet. */
KEEP void is_clean(enum kind kind, const struct place *p, long pte)
{
	check(kind, !(flags_of(frame_of(p->whose, WHERE(p, pte))) & KPF_DIRTY), "the folio of %s %ld is clean", p->table, pte);
}

KEEP void is_mapped(enum kind kind, const struct place *p, long pte, long times)
{
	long is = mapcount_of(frame_of(p->whose, WHERE(p, pte)));

	check(kind, is == times, "the page of %s %ld is mapped %ld times (%ld)", p->table, pte, times, is);
}

/* smaps counts as much as that in the VMAs of these PTEs. */
KEEP void is_counted(enum kind kind, const struct place *p, long first, long end, long resident, long swapped)
{
	struct counted is = smaps_of(p->whose, WHERE(p, first), WHERE(p, end));

	check(kind, is.resident == resident && is.swapped == swapped,
	      "smaps counts %ld pages and %ld swap entries from %s %ld to %ld (%ld and %ld)", resident, swapped, p->table,
	      first, end - 1, is.resident, is.swapped);
}

/* The page holds what it held from the start. */
KEEP void keeps(enum kind kind, const struct place *p, long pte, long stamp)
{
	uint64_t value = 0;
	int signal = reads(p, pte, &value);

	check(kind, !signal && value == stamp_of(stamp), "%s %ld holds what was written to it", p->table, pte);
}

KEEP void is_zero(enum kind kind, const struct place *p, long pte)
{
	uint64_t value = 1;
	int signal = reads(p, pte, &value);

	check(kind, !signal && !value, "%s %ld reads as zeroes", p->table, pte);
}

KEEP void may_read(enum kind kind, const struct place *p, long pte, bool wanted)
{
	uint64_t value;
	int signal = reads(p, pte, &value);

	check(kind, !signal == wanted, "%s %ld %s", p->table, pte, wanted ? "may be read" : "may not be read");
}

KEEP void may_write(enum kind kind, const struct place *p, long pte, bool wanted)
{
	uint64_t value = WRITTEN + (uint64_t)pte;
	int signal = p->whose ? other_writes(WHERE(p, pte), value) : write_to(WHERE(p, pte), value);

	check(kind, !signal == wanted, "%s %ld %s", p->table, pte, wanted ? "may be written to" : "may not be written to");
}

/* A write here is not seen by the other process, which keeps the page that both had. */
KEEP void is_private(enum kind kind, const struct place *p, long pte, char *there, long stamp)
{
	int signal = write_to(WHERE(p, pte), WRITTEN + (uint64_t)pte), theirs;
	uint64_t value = 0;

	theirs = other_reads(there, &value);
	check(kind, !signal && !theirs && value == stamp_of(stamp),
	      "what is written to %s %ld is not seen by the other process", p->table, pte);
}

/* After reclaim (memory.h) had what it could. */
KEEP void survives(enum kind kind, const struct place *p, long pte, long stamp)
{
	uint64_t value = 0;
	int signal = read_from(WHERE(p, pte), &value);

	check(kind, !signal && value == stamp_of(stamp), "%s %ld holds after reclaim what was written to it", p->table, pte);
}

/* Frames of pages as they were before the call. */
#define MOST 2048
static struct { long pte; uint64_t frame; } frames[MOST];
static unsigned int nframes;

KEEP void remember(long pte)
{
	if (nframes < MOST) {
		frames[nframes].pte = pte;
		frames[nframes++].frame = frame_of(0, AT(pte));
	}
}

static uint64_t remembered(long pte)
{
	unsigned int n;

	for (n = 0; n < nframes; n++)
		if (frames[n].pte == pte)
			return frames[n].frame;
	return 0;
}

KEEP void is_mapped_frame(enum kind kind, long pte, long times)
{
	long is = mapcount_of(remembered(pte));

	check(kind, is == times, "the page that PTE %ld mapped is mapped %ld times (%ld)", pte, times, is);
}

/* All is unmapped, in every process, and what was freed is where kpageflags sees it. */
KEEP void unmap_all(long first, long end)
{
	end_processes();
	unpin();
	munmap(AT(first), (unsigned long)(end - first) * page);
	if (moved)
		munmap(moved, page * page / 8);
	if (file >= 0)
		close(file);
	put("/proc/sys/vm/drop_caches", "1");	/* what is on its way to a list gets there; compaction would take the frames */
}

/* With the allocator, or on one of its lists for each CPU, where a page has none of the flags of one that is used. */
KEEP void comes_back(enum kind kind, long pte)
{
	uint64_t frame = remembered(pte), flags = flags_of(frame);
	bool used = flags & (KPF_UPTODATE | KPF_LRU | KPF_MMAP | KPF_ANON) && !(flags & KPF_BUDDY);

	check(kind, frame && !used, "the page that PTE %ld mapped is free when all is unmapped", pte);
}
#endif
