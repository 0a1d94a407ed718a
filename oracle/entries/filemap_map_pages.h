/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filemap_map_pages, mm/filemap.c, as do_fault_around calls it: for a window of a power of two of pages around the
 * address, cut to the VMA and the page table. Nobody holds a folio's lock but where the scenario says so.
 */
#include "fault.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	int at = w_slot_with(1U << W_SLOT_CACHED | 1U << W_SLOT_NONE | 1U << W_SLOT_PAGE, (unsigned int)s->option[0]);
	long around = 1L << (s->option[2] ? s->option[2] % 10 : 4), from, to;
	long lowest = at % W_SLOTS - min_t(long, at % W_SLOTS, at - s->vma_first), to_end = s->vma_end - at;

	if (at < 0)
		return;
	struct vm_fault vmf = w_fault_at(at, s->option[3] & 1 ? FAULT_FLAG_TRIED : 0);

	w_open_file(s->option[1]);
	w_odd_folio(s->option[4]);
	w_fail_from(s->option[5]);
	W.vma[0].vm_flags |= s->option[3] & 2 ? VM_SEQ_READ : 0;
	w_file.f_ra.mmap_miss = s->option[3] >> 2 & 31;
	from = max(ALIGN_DOWN(at % W_SLOTS, around), lowest);
	to = min3(from + around, (long)W_SLOTS, at % W_SLOTS + to_end) - 1;
	W.facts.ret = filemap_map_pages(&vmf, vmf.pgoff + (unsigned long)from - (unsigned long)(at % W_SLOTS),
					vmf.pgoff + (unsigned long)to - (unsigned long)(at % W_SLOTS));
	W.facts.out[0] = w_file.f_ra.mmap_miss;
}
#define W_FAMILY W_FAM_FILE
