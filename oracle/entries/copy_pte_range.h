/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy_pte_range, mm/memory.c: one page table of a VMA at fork, both mmap locks held for writing. dup_mmap flushes
 * the parent's TLB afterwards, whatever came of the copy. The child's VMA keeps userfaultfd only with EVENT_FORK
 * (dup_userfaultfd, fs/userfaultfd.c), and is never locked.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	pmd_t *src_pmd = (pmd_t *)&W.pmd[s->start / W_SLOTS], *dst_pmd = (pmd_t *)&W.pmd[2 + s->start / W_SLOTS];
	struct vm_area_struct *src_vma = &W.vma[0], *dst_vma = &W.vma[1];

	dst_vma->vm_flags &= ~VM_LOCKED_MASK;
	if (s->option[0] & 1)
		dst_vma->vm_flags &= ~(VM_UFFD_WP | VM_UFFD_RWP);
	w_fail_from(s->option[1]);
	W.facts.ret = copy_pte_range(dst_vma, src_vma, dst_pmd, src_pmd, addr, end);
	flush_tlb_mm(src_vma->vm_mm);
}
#define W_FAMILY W_FAM_FORK
