/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for PMDs that may be without a table, and for folios they map whole. A page table is told by its place
 * among the world's; deposited or taken out, it is that of its PMD.
 */
#ifndef W_K_HUGE_H
#define W_K_HUGE_H

typedef struct page *pgtable_t;

static inline void w_populate(void *pmd, pgtable_t table)
{
	w_step();
	*(unsigned long *)pmd = (unsigned long)table | 3;
}
#define pmd_populate(mm, p, table) w_populate(p, table)
#define pmd_pgtable(p) ((pgtable_t)(w_word(p) & PAGE_MASK))
#define pgtable_trans_huge_withdraw(mm, p) ((pgtable_t)W.tab[w_table_of_pmd(p) & (W_TABLES - 1)])

#endif
