/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reclaim knows of the scenario's folios, by a number: some are active, isolated by someone else, unevictable,
 * or marked idle or young by page_idle. Zero leaves them all plain. Included by the adapters of functions that look.
 */
static void w_lru_state(unsigned long choice)
{
	const struct w_scenario *s = W.scn;
	unsigned int f;

	for (f = 0; choice && f < s->nfolios; f++) {
		struct folio *folio = (struct folio *)&W.pages[s->folio[f].pfn];
		unsigned long h = (choice + f) * 0x9e3779b97f4a7c15UL >> 40;

		if (h & 1)
			folio_set_active(folio);
		if (!(h >> 1 & 7))
			folio_clear_lru(folio);
		if (!(h >> 4 & 7))
			folio_set_unevictable(folio);
		if (!(h >> 7 & 3))
			folio_set_idle(folio);
		if (!(h >> 9 & 3))
			folio_set_young(folio);
	}
}
