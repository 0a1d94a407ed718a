/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mincore_pte_range, mm/mincore.c: one byte a page of the caller's vector, which the walk carries along. Rule L9: it
 * moves on by the range, and writes a byte for each page of it: 1 where a page is mapped or on its way to another
 * place, 0 where an anonymous VMA has none.
 */
static void w_check_bytes(const unsigned char *vec, const unsigned char *moved)
{
	const struct w_scenario *s = W.scn;
	unsigned int i, n = s->end - s->start;

	if (vec[0] != 0xee || vec[n + 1] != 0xee || moved != vec + 1 + n)
		w_violate(L9, -1);
	for (i = 0; i < n; i++) {
		unsigned int byte = vec[1 + i], kind = s->slot[0].kind == W_SLOT_PMD ? W_SLOT_PAGE : s->slot[s->start - s->first + i].kind;
		bool here = (kind >= W_SLOT_PAGE && kind <= W_SLOT_SPECIAL) || (kind >= W_SLOT_MIG_READ && kind <= W_SLOT_DEV_EXCL) ||
			    kind == W_SLOT_DEV_PRIV;
		bool empty = (kind == W_SLOT_NONE || (kind >= W_SLOT_MARKER_WP && !here)) && !(s->vma & W_V_FILE);

		if (byte > 1 || (here && !byte) || (empty && byte))
			w_violate(L9, (int)(s->start + i));
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	static unsigned char vec[W_SLOTS + 2];
	static struct file file;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = vec + 1 };
	unsigned int i;

	memset(vec, 0xee, sizeof(vec));
	if (W.vma[0].vm_file)
		W.vma[0].vm_file = &file;
	w_fail_from(s->option[0]);
	W.facts.ret = mincore_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = walk.action;
	W.facts.out[1] = (long)((unsigned char *)walk.private - vec);
	for (i = 0; i < (unsigned int)s->end - s->start + 2; i++)
		W.facts.out[2] = W.facts.out[2] * 31 + vec[i];
	if (walk.action != ACTION_AGAIN)
		w_check_bytes(vec, walk.private);
}
#define W_FAMILY W_FAM_LOOK
