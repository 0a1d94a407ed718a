/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pagemap_pmd_range, fs/proc/task_mmu.c: the walk of /proc/PID/pagemap on one page table, with room for a whole one; pfns
 * are for who may see them. Rule L12: word by word what the entry of that address says.
 */
#include "told.h"

#define W_PM(bit) (1UL << (bit))	/* Documentation/admin-guide/mm/pagemap.rst */

static unsigned long w_word_of_page(const struct page *page)
{
	return page && !folio_test_anon(w_head_of(page)) ? W_PM(61) : 0;
}

/* Page i of what an entry maps: an entry of a table maps one, a PMD 512. */
static unsigned long w_word_for(const struct w_pte *l, unsigned int i, bool show)
{
	const struct page *page = w_page_of(l);
	unsigned long word = W.vma[0].vm_flags & VM_SOFTDIRTY ? W_PM(55) : 0, frame = l->pfn;

	if (l->kind == W_SLOT_NONE)
		return word;
	word |= (l->bits & W_SOFT ? W_PM(55) : 0) | (l->bits & W_WP || l->kind == W_SLOT_MARKER_WP ? W_PM(57) : 0) | w_word_of_page(page);
	if (l->kind == W_SLOT_MARKER_GUARD)
		word |= W_PM(58);
	if (l->kind <= W_SLOT_SPECIAL) {
		word |= W_PM(63) | (page && w_maps_of(page + i) == 1 ? W_PM(56) : 0);
		frame += i;
	} else {
		word |= W_PM(62);
		frame = l->type | l->pfn << MAX_SWAPFILES_SHIFT;
	}
	return show ? word | (frame & (W_PM(55) - 1)) : word;
}

/* Types beyond swap devices have other numbers in other trees. */
static void w_tell(unsigned long word, const struct w_pte *l)
{
	bool typed = word >> 62 & 1 && l->kind != W_SLOT_SWAP;

	W.facts.out[1] = W.facts.out[1] * 31 + (long)(typed ? word & ~(W_PM(MAX_SWAPFILES_SHIFT) - 1) : word);
}

static void w_check_words(const pagemap_entry_t *words, bool show)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->start; at < s->end; at++) {
		unsigned long word = words[at - s->start].pme;
		struct w_pte l;

		w_read(at, &l);
		w_tell(word, &l);
		if (word != w_word_for(&l, w_by_pmd() ? at % W_SLOTS : 0, show))
			w_violate(L12, (int)at);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	static pagemap_entry_t words[W_SLOTS + 1];
	struct pagemapread pm = { .len = W_SLOTS, .buffer = words, .show_pfn = !(s->option[0] & 1) };
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &pm };
	int n = s->end - s->start;

	memset(words, 0xee, sizeof(words));
	w_share_pages(s->option[0] & 2 ? 1 : 0);
	w_fail_from(s->option[1]);
	W.facts.ret = pagemap_pmd_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = pm.pos;
	W.facts.out[2] = walk.action;
	if (walk.action != ACTION_AGAIN) {
		w_check_words(words, pm.show_pfn);
		if (pm.pos != n || words[n].pme != 0xeeeeeeeeeeeeeeeeUL || W.facts.ret != (n == W_SLOTS ? PM_END_OF_BUFFER : 0))
			w_violate(L12, -1);
	}
	w_share_pages(s->option[0] & 2 ? -1 : 0);
}
#define W_FAMILY W_FAM_LOOK
#define W_WANTS W_TOLD_OF
