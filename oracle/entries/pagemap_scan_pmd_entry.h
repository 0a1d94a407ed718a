/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagemap_scan_pmd_entry, fs/proc/task_mmu.c: the PAGEMAP_SCAN ioctl's walk on one page table. It tells which pages are
 * of what kind, and may protect those that were written from the next write, in VMAs that userfaultfd tracks writes in.
 * Rules L12: the regions told of, and where it stops for want of room; S7: what was told of as written is protected,
 * and nothing else.
 */
#include "told.h"
#include "pagemap_scan.h"

static struct w_pte w_was[W_SLOTS];
static struct w_answer w_right;
static bool w_due[W_SLOTS];	/* to be protected */

/* Whoever asks for no answer has all protected that is not. */
static void w_expect(const struct pagemap_scan_private *p, bool protect)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	memset(w_due, 0, sizeof(w_due));
	w_right.n = w_right.pages = 0;
	for (at = s->start; at < s->end; at++) {
		const struct w_pte *l = &w_was[at - s->start];
		unsigned long is = p->cur_vma_category | w_category(l, p->masks_of_interest & PAGE_IS_FILE);
		bool all = protect && !p->vec_out && !w_by_pmd();

		if (!all && !w_asked_for(&p->arg, is))
			continue;
		if (!w_put(&w_right, p, at, is))
			break;
		w_due[at - s->start] = protect && is & PAGE_IS_WRITTEN;
	}
	w_right.stop = at;
}

static void w_check_told(const struct pagemap_scan_private *p)
{
	const struct w_scenario *s = W.scn;
	unsigned int i, n = 0;

	for (i = 0; p->vec_buf && i <= p->vec_buf_index; i++) {
		const struct page_region *r = &p->vec_buf[i];
		unsigned int start = (unsigned int)((r->start - W_SRC_VA) >> PAGE_SHIFT), end = (unsigned int)((r->end - W_SRC_VA) >> PAGE_SHIFT);

		if (r->start == r->end)
			continue;
		if (n >= w_right.n || start != w_right.region[n].start || end != w_right.region[n].end || r->categories != w_right.region[n].categories)
			w_violate(L12, (int)start);
		W.facts.out[1] = ((W.facts.out[1] * 31 + start - s->start) * 31 + end - s->start) * 31 + (long)r->categories;
		n++;
	}
	if (n != w_right.n || p->found_pages != w_right.pages || (W.facts.ret != 0) != (w_right.stop != s->end) ||
	    (W.facts.ret && p->arg.walk_end != W_SRC_VA + w_right.stop * PAGE_SIZE))
		w_violate(L12, -1);
}

static void w_check_protected(unsigned int at, const struct w_pte *was, bool due)
{
	unsigned int had = was->bits & ~W_CONT, may = W_CONT | W_YOUNG | W_DIRTY | W_SOFT;
	unsigned char kind = was->kind == W_SLOT_NONE && due ? W_SLOT_MARKER_WP : was->kind;
	struct w_pte now;

	w_read(at, &now);
	if (due && kind != W_SLOT_MARKER_WP)
		had = (had | W_WP) & ~(unsigned int)(kind <= W_SLOT_SPECIAL ? W_WRITE : 0);
	if (now.kind != kind || (was->kind != W_SLOT_NONE && now.pfn != was->pfn) ||
	    (kind != W_SLOT_MARKER_WP && (had & ~now.bits || now.bits & ~had & ~may)))
		w_violate(S7, (int)at);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long start = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE, how = (unsigned long)s->option[0];
	bool tracks = userfaultfd_wp(vma) && userfaultfd_wp_use_markers(vma), protect = how & 1;
	static struct page_region regions[W_SLOTS];
	struct pagemap_scan_private p = { .arg = { .flags = protect ? PM_SCAN_WP_MATCHING : 0, .max_pages = s->option[2] & 1 ? 1 + (s->option[2] >> 1 & 63) : ~0UL } };
	struct mm_walk walk = { .vma = vma, .mm = vma->vm_mm, .private = &p };
	unsigned int at;

	if (protect && !tracks)
		return; /* pagemap_scan_test_walk() leaves those out */
	w_ask(&p.arg, how, (unsigned long)s->option[1]);
	p.masks_of_interest = p.arg.category_mask | p.arg.category_anyof_mask | p.arg.return_mask;
	p.cur_vma_category = (tracks ? PAGE_IS_WPALLOWED : 0) | (vma->vm_flags & VM_SOFTDIRTY ? PAGE_IS_SOFT_DIRTY : 0);
	if (!(how & 2)) {
		memset(regions, 0, sizeof(regions));
		p.vec_buf = p.vec_out = regions;
		p.vec_buf_len = s->option[2] & 256 ? 1 + (s->option[2] >> 9 & 7) : W_SLOTS;
	}
	for (at = s->start; at < s->end; at++)
		w_read(at, &w_was[at - s->start]);
	w_expect(&p, protect);
	w_fail_from(s->option[3]);
	W.facts.ret = pagemap_scan_pmd_entry((pmd_t *)&W.pmd[s->start / W_SLOTS], start, end, &walk);
	W.facts.out[0] = (long)p.found_pages;
	W.facts.out[2] = walk.action;
	if (walk.action == ACTION_AGAIN)
		return;
	w_check_told(&p);
	/* What is told of wrongly is protected wrongly. */
	if (W.violated >> W_RULE_L12 & 1)
		return;
	for (at = s->start; at < (w_by_pmd() ? s->start + 1U : s->end); at++)
		w_check_protected(at, &w_was[at - s->start], w_due[at - s->start]);
}
#define W_FAMILY W_FAM_SCAN
#define W_WANTS W_TOLD_OF
