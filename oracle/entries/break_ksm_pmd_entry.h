/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * break_ksm_pmd_entry, mm/ksm.c: the page-table walk by which pages of KSM are found that are to be copied again. Rule L9:
 * it stops at the first one and says where that is, so that the caller goes on from there.
 */
static bool w_shared_by_ksm(unsigned int at)
{
	const struct w_slot *slot = &W.scn->slot[at - W.scn->first];
	struct w_pte l;

	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
	if (l.kind == W_SLOT_ZERO) /* one of KSM's is dirty */
		return l.bits & W_DIRTY;
	return (l.kind == W_SLOT_PAGE || (l.kind >= W_SLOT_MIG_READ && l.kind <= W_SLOT_MIG_WRITE)) &&
	       W.scn->folio[slot->folio].bits & W_F_KSM;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, found = 0;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &found };
	pmd_t *pmd = (pmd_t *)&W.pmd[s->start / W_SLOTS];
	unsigned int at = s->start;

	W.facts.ret = break_ksm_pmd_entry(pmd, addr, W_SRC_VA + s->end * PAGE_SIZE, &walk);
	W.facts.out[0] = found ? (long)((found - addr) >> PAGE_SHIFT) + 1 : 0;
	if (W.failed || W.facts.ret < 0 || pmd_leaf(*pmd) || ksm_test_exit(walk.mm))
		return;
	while (at < s->end && !w_shared_by_ksm(at))
		at++;
	if (W.facts.ret != (at < s->end) || W.facts.out[0] != (at < s->end ? at - s->start + 1 : 0))
		w_violate(L9, at < s->end ? (int)at : -1);
}
#define W_FAMILY W_FAM_LOOK
#define W_WANTS W_WANT_ANON
