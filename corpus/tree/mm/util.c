// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/mm.h>
#include "internal.h"

/**
 * folio_pte_batch - entries that map the next pages of a large folio, whatever their write, young and dirty bits
 * @folio: the folio
 * @ptep: where the first entry is
 * @pte: the first entry
 * @max_nr: at most so many
 */
unsigned int folio_pte_batch(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int max_nr)
{
	return folio_pte_batch_flags(folio, NULL, ptep, &pte, max_nr, 0);
}
