/*
 * mincore_pte_range, mm/mincore.c: one byte a page of the caller's vector, which the walk carries along. Rule L9: it
 * moves on by the range, a byte is 1 where a page is mapped, and none beyond the range is written.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static unsigned char vec[W_SLOTS + 2];
	static struct file file;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = vec + 1 };
	unsigned int i, n = s->end - s->start;

	memset(vec, 0xee, sizeof(vec));
	if (W.vma[0].vm_file)
		W.vma[0].vm_file = &file;
	w_fail_from(s->option[0]);
	W.facts.ret = mincore_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = walk.action;
	W.facts.out[1] = (long)((unsigned char *)walk.private - vec);
	for (i = 0; i < n + 2; i++)
		W.facts.out[2] = W.facts.out[2] * 31 + vec[i];
}
#define W_FAMILY W_FAM_LOOK
