/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zap_pte_range, mm/memory.c, as zap_pmd_range calls it: again until the end is reached. The last one of an mm
 * drops markers (exit_mmap through unmap_vmas).
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	unsigned int what = (unsigned int)s->option[0] % 5;
	struct zap_details details = { 0 };
	pmd_t *pmd = (pmd_t *)&W.pmd[s->start / W_SLOTS];

	/* unmap_vmas, and with a single folio unmap_mapping_folio: what is truncated leaves no marker. */
	W.drops_markers = what == 2 || what == 3 || W.tlb.fullmm;
	details.zap_flags = W.drops_markers ? ZAP_FLAG_DROP_MARKER : 0;
#ifdef HAVE_zap_empty_pte_table
	details.skip_cows = what == 1 || what == 3;
	details.reclaim_pt = what == 4;
#else
	details.even_cows = what != 1 && what != 3;
#endif
	if (what == 3)
		details.single_folio = (struct folio *)&W.pages[s->folio[0].pfn];
	do {
		addr = zap_pte_range(&W.tlb, &W.vma[0], pmd, addr, end, what || W.tlb.fullmm ? &details : NULL);
	} while (addr != end);
	W.facts.out[0] = !W.pmd[s->start / W_SLOTS]; /* whether the table went too */
	tlb_finish_mmu(&W.tlb);
}
#define W_FAMILY W_FAM_ZAP
#ifdef HAVE_softleaf_is_device_private	/* since 6.19, as are large folios of devices */
#define W_WANTS (W_WANT_DEVICE | W_WANT_LARGE_DEVICE)
#elif defined(HAVE_is_device_private_entry)
#define W_WANTS W_WANT_DEVICE
#endif
