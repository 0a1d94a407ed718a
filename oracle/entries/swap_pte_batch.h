/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_pte_batch, mm/internal.h: at a swap entry somewhere in the range. */
#include "batch.h"

static swp_entry_t w_swap_at(const pte_t *ptep)
{
	pte_t pte = w_at(ptep);

	return (swp_entry_t){ (unsigned long)__swp_type(__pte_to_swp_entry(pte)) << W_SWAP_TYPE_SHIFT |
			      __swp_offset(__pte_to_swp_entry(pte)) };
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	pte_t *ptep = w_batch_start((unsigned int)s->option[2], true);
	enum w_rule breaks = W_RULE_F1;
	unsigned int room, most, least;
	pte_t first;

	if (!ptep)
		return;
	room = w_batch_room(ptep, s->option[1]);
	most = w_scan_swap(ptep, room, &breaks);
	/* Some kernels (6.12 among them) end a batch where the control group changes. */
	for (least = 1; least < most; least++)
		if (lookup_swap_cgroup_id(w_swap_at(ptep + least)) != lookup_swap_cgroup_id(w_swap_at(ptep)))
			break;
	first = ptep_get(ptep);
	w_batch_result(ptep, w_detect(NULL, NULL, ptep, &first, room, 0, NULL, NULL, NULL), least, most, breaks);
}
#define W_FAMILY W_FAM_BATCH
#define W_BY_LENGTH 1
