/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clear_refs_pte_range, fs/proc/task_mmu.c: the walk of /proc/PID/clear_refs on one page table, of VMAs of no raw pfns
 * (clear_refs_test_walk). It forgets accesses, or with soft-dirty writes: clear_refs_write() has taken VM_SOFTDIRTY from
 * all VMAs before, and flushes all of the mm after. Rules D12: soft-dirty goes from each entry, and write with it, but
 * for pages pinned in copy-on-write mappings, which may be written meanwhile; S8: each mapped page is old.
 */
#include "lru_state.h"
#include "told.h"

static bool w_tracks_soft(void)
{
	const struct w_pte clean = { .kind = W_SLOT_PAGE, .pfn = W_PFN_BASE }, soft = { .kind = W_SLOT_PAGE, .bits = W_SOFT, .pfn = W_PFN_BASE };

	return w_encode(&clean) != w_encode(&soft);
}

/* Of huge pages nobody asks: a write fault reuses what is exclusive. */
static bool w_is_pinned(const struct w_slot *slot, const struct w_pte *was)
{
	const struct w_scenario *s = W.scn;

	return slot->kind == W_SLOT_PAGE && was->bits & W_WRITE && !(s->vma & W_V_SHARED) && s->folio[slot->folio].bits & W_F_PINNED;
}

static struct w_pte w_was[W_SLOTS];	/* of the range, before; of a huge page the first */

/* Of a block that is unfolded each entry says what all did, and the CPU goes on meanwhile: more of that is no loss. */
static void w_check_entry(unsigned int at, const struct w_pte *was, const struct w_pte *now, unsigned int gone, bool soft)
{
	unsigned int more = W_CONT | W_YOUNG | W_DIRTY | (now->bits & W_DIRTY ? W_SOFT : 0);

	if (soft && now->bits & gone)
		w_violate(D12, (int)at);
	if ((!soft && !W.agent && now->bits & gone) || now->kind != was->kind || now->pfn != was->pfn ||
	    was->bits & ~now->bits & ~(gone | W_CONT) || now->bits & ~was->bits & ~more)
		w_violate(S8, (int)at);
}

static void w_check_folio(unsigned int at, const struct w_pte *was)
{
	struct folio *folio = w_head_of(&W.pages[was->pfn - W_PFN_BASE]);

	if (folio_test_young(folio) || folio_test_referenced(folio))
		w_violate(S8, (int)at);
}

static void w_check_range(bool soft)
{
	const struct w_scenario *s = W.scn;
	unsigned int at, end = w_by_pmd() ? s->start + 1U : s->end;

	for (at = s->start; at < end; at++) {
		const struct w_pte *was = &w_was[at - s->start];
		bool present = was->kind >= W_SLOT_PAGE && was->kind <= W_SLOT_SPECIAL;
		bool left = soft && (!w_tracks_soft() || w_is_pinned(&s->slot[at - s->first], was));
		unsigned int gone = soft ? (present ? W_WRITE | W_SOFT : W_SOFT) : was->kind == W_SLOT_PAGE ? W_YOUNG : 0;
		struct w_pte now;

		w_read(at, &now);
		w_check_entry(at, was, &now, left ? 0 : gone, soft);
		if (!soft && was->kind == W_SLOT_PAGE)
			w_check_folio(at, was);
	}
}

/* MMF_HAS_PINNED says that there may be pinned pages, not that there are. */
static void w_prepare(struct vm_area_struct *vma, bool soft)
{
	const struct w_scenario *s = W.scn;
	unsigned int f;

	for (f = 0; f < s->nfolios; f++)
		if (s->folio[f].bits & W_F_PINNED || s->salt >> 9 & 1)
			vma->vm_mm->flags |= 1UL << MMF_HAS_PINNED;
	if (!soft)
		return;
	vma->vm_flags &= ~VM_SOFTDIRTY;
	/* vma_set_page_prot(): from now on the first write to a shared page is waited for. */
	vma->vm_page_prot = PAGE_READONLY;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	bool soft = s->option[0] & 1;
	struct clear_refs_private own = { .type = soft ? CLEAR_REFS_SOFT_DIRTY : CLEAR_REFS_ALL };
	struct mm_walk walk = { .vma = vma, .mm = vma->vm_mm, .private = &own };
	unsigned int at;

	/* The walk is of whole VMAs, whose ends split huge pages. */
	if (w_by_pmd() && s->end - s->start != W_SLOTS)
		return;
	w_lru_state((unsigned long)s->option[1]);
	w_prepare(vma, soft);
	for (at = s->start; at < s->end; at++)
		w_read(at, &w_was[at - s->start]);
	w_fail_from(s->option[2]);
	W.facts.ret = clear_refs_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = walk.action;
	if (soft)
		flush_tlb_mm(vma->vm_mm);
	if (walk.action != ACTION_AGAIN)
		w_check_range(soft);
}
#define W_FAMILY W_FAM_TRACK
