/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * move_ptes, mm/mremap.c: both tables' VMAs write-locked, the caller bounds the extent to one PMD. move_page_tables
 * tries again when a table could not be mapped.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = s->end - s->start;
	/* Most moves keep the offset within the page table. */
	unsigned int to = s->option[0] ? s->option[0] % (W_SLOTS - n + 1) : s->start % W_SLOTS;
	unsigned long old_addr = W_SRC_VA + s->start * PAGE_SIZE, new_addr = W_DST_VA + to * PAGE_SIZE;
	unsigned long extent = n * PAGE_SIZE;
	pmd_t *old_pmd = (pmd_t *)&W.pmd[s->start / W_SLOTS], *new_pmd = (pmd_t *)&W.pmd[2];
	struct vm_area_struct *vma = &W.vma[0], *new_vma = &W.vma[1];

	W.dst_first = (int)to;
#ifdef HAVE_pagetable_move_control
	struct pagetable_move_control pmc = {
		.old = vma, .new = new_vma, .old_addr = old_addr, .new_addr = new_addr,
		.old_end = old_addr + extent, .need_rmap_locks = s->option[1] & 1,
	};

	do {
		W.facts.ret = move_ptes(&pmc, extent, old_pmd, new_pmd);
	} while (W.facts.ret < 0);
#else
	do {
		W.facts.ret = move_ptes(vma, old_pmd, old_addr, old_addr + extent, new_vma, new_pmd, new_addr, s->option[1] & 1);
	} while (W.facts.ret < 0);
#endif
}
#define W_FAMILY W_FAM_MOVE
