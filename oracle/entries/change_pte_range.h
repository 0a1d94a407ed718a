/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change_pte_range, mm/mprotect.c, as its callers do: mprotect_fixup (the VMA has its new flags already),
 * change_prot_numa and uffd_wp_range, which set the flags here; change_protection gathers and flushes.
 */
static bool w_wants_upgrade(struct vm_area_struct *vma)
{
	return vma_wants_manual_pte_write_upgrade(vma);
}

/* Protecting a range for userfaultfd, or lifting that, by the kind the VMA is registered for. */
static unsigned long w_uffd_flags(struct vm_area_struct *vma, bool lift)
{
#ifdef MM_CP_UFFD_RWP
	if (userfaultfd_rwp(vma))
		return lift ? MM_CP_UFFD_RWP_RESOLVE : MM_CP_UFFD_RWP;
#endif
	(void)vma;
	return lift ? MM_CP_UFFD_WP_RESOLVE : MM_CP_UFFD_WP;
}

/*
 * mprotect: what the VMA allows now. 0: as it was, 1: no more than reading, 2: nothing, 3: also exec, 4: shared, writes
 * unnoticed, 5: as it was, but no exec.
 */
static void w_new_flags(struct vm_area_struct *vma, unsigned int to)
{
	const pgprot_t to_prot[] = { vma->vm_page_prot, PAGE_READONLY, PAGE_NONE, PAGE_READONLY_EXEC, PAGE_SHARED,
		W_HW_WRITE(pgprot_val(vma->vm_page_prot)) ? PAGE_SHARED : PAGE_READONLY };

	if (to == 4 && (!vma_wants_writenotify(vma, 0) || !(vma->vm_flags & VM_SOFTDIRTY) || userfaultfd_wp(vma)))
		to = 0;
	vma->vm_page_prot = to_prot[to];
	if (to == 1 || to == 2)
		vma->vm_flags &= ~(VM_WRITE | (to == 2 ? VM_READ : 0));
	if (to)
		vma->vm_flags &= ~VM_EXEC;
	if (to == 3)
		vma->vm_flags |= VM_EXEC;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long start = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE, cp_flags = 0;
	unsigned int what = (unsigned int)s->option[0] % 4;

	if (what >= 2 && !userfaultfd_wp(vma) && !userfaultfd_rwp(vma))
		what = 0; /* mwriteprotect_range and mrwprotect_range turn other VMAs down */
	if (what == 0) {
		w_new_flags(vma, (unsigned int)s->option[1] % 6);
		cp_flags = w_wants_upgrade(vma) && !W_HW_WRITE(pgprot_val(vma->vm_page_prot)) ? MM_CP_TRY_CHANGE_WRITABLE : 0;
	} else if (what == 1) {
		cp_flags = MM_CP_PROT_NUMA;
	} else if (what == 2) {
		cp_flags = w_uffd_flags(vma, false);
	} else {
		cp_flags = w_uffd_flags(vma, true) | (w_wants_upgrade(vma) ? MM_CP_TRY_CHANGE_WRITABLE : 0);
	}
	tlb_gather_mmu(&W.tlb, vma->vm_mm);
	do { /* change_pmd_range: again when the table could not be mapped */
		W.facts.ret = change_pte_range(&W.tlb, vma, (pmd_t *)&W.pmd[s->start / W_SLOTS], start, end,
			what == 1 || (what == 2 && userfaultfd_rwp(vma)) ? PAGE_NONE : vma->vm_page_prot, cp_flags);
	} while (W.facts.ret < 0);
	tlb_finish_mmu(&W.tlb);
}
#define W_FAMILY W_FAM_PROTECT
