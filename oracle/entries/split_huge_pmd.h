/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * __split_huge_pmd_locked, mm/huge_memory.c: a PMD that maps a folio of 2M gives way to a table that maps its pages,
 * with the PMD lock held. freeze, for the migration of a mapped anonymous folio: migration entries instead.
 */

/* A PMD's bits as the kernel can have them; the generator gives them as options. */
static unsigned int w_settled(const struct w_folio *f, unsigned int bits)
{
	bool anon = f->kind == W_FOLIO_ANON;

	if (!anon || f->bits & (W_F_EXTRA_MAP | W_F_KSM))
		bits &= ~(unsigned int)W_EXCL;
	if (!(W.scn->vma & (W_V_UFFD_WP | W_V_UFFD_RWP)))
		bits &= ~(unsigned int)W_WP;
	if (W.scn->vma & W_V_UFFD_RWP && bits & W_WP)
		bits |= W_PROTNONE;
	if (!(W.scn->vma & W_V_WRITE) || bits & (W_WP | W_PROTNONE) || (anon ? !(bits & W_EXCL) : !(W.scn->vma & W_V_SHARED)))
		bits &= ~(unsigned int)W_WRITE;
	if (bits & W_WRITE && (!anon || f->bits & W_F_SWAPBACKED))
		bits |= W_DIRTY;
	return bits & ~(unsigned int)W_CONT;
}

static pmd_t w_present_pmd(unsigned long pfn, unsigned int bits)
{
	pmd_t pmd = pmd_mkhuge(pfn_pmd(pfn, bits & W_PROTNONE ? PAGE_NONE : bits & W_WRITE ? PAGE_SHARED : PAGE_READONLY));

	pmd = bits & W_YOUNG ? pmd_mkyoung(pmd) : pmd_mkold(pmd);
	pmd = bits & W_DIRTY ? pmd_mkdirty(pmd) : pmd_mkclean(pmd);
	pmd = bits & W_WRITE ? pmd_mkwrite_novma(pmd) : pmd_wrprotect(pmd);
	pmd = bits & W_SOFT ? pmd_mksoft_dirty(pmd) : pmd_clear_soft_dirty(pmd);
	return bits & W_WP ? w_pmd_mkwp(pmd) : pmd;
}

static pmd_t w_swap_pmd(unsigned int type, unsigned long pfn, unsigned int bits)
{
	pmd_t pmd = swp_entry_to_pmd(swp_entry(type, pfn));

	pmd = bits & W_SOFT ? pmd_swp_mksoft_dirty(pmd) : pmd;
	return bits & W_WP ? w_pmd_swp_mkwp(pmd) : pmd;
}

/* D1, E7, L8, B11: what the PMD said of all pages is said of each. */
static void w_check_split(unsigned int table, unsigned int bits, bool mapped)
{
	struct page *page = &W.pages[W.scn->folio[0].pfn];
	struct w_pte l;
	unsigned int i;

	for (i = 0; i < W_SLOTS; i++) {
		int at = (int)(table * W_SLOTS + i);

		w_decode(W.tab[table][i], &l);
		if (l.kind == W_SLOT_NONE || l.pfn != W_PFN_BASE + W.scn->folio[0].pfn + i)
			w_violate(B11, at);
		if (mapped && (l.kind == W_SLOT_PAGE || l.kind == W_SLOT_DEV_PRIV) && bits & W_EXCL && !(page[i].flags >> W_PG_exclusive & 1))
			w_violate(E7, at);
		if (mapped && bits & W_DIRTY && !(l.bits & W_DIRTY) && !folio_test_dirty((struct folio *)page))
			w_violate(D1, at);
		if (l.kind == W_SLOT_PAGE && l.bits & ~bits & W_WRITE)
			w_violate(D11, at);
		if (l.kind == W_SLOT_DEV_PRIV && (l.bits ^ bits) & W_WRITE)
			w_violate(D11, at);
		if (l.kind == W_SLOT_MIG_WRITE && !(bits & W_WRITE))
			w_violate(D11, at);
	}
}

enum w_holds { W_PRESENT, W_ZERO, W_MIGRATING, W_DEVICE };

/* What the PMD holds; only anonymous memory is in all these states, and device-private only since 6.19. */
static enum w_holds w_choose(const struct folio *folio, long option)
{
	enum w_holds what = option % 8 < 4 ? (enum w_holds)(option % 4) : W_PRESENT;

#ifndef HAVE_pmd_is_device_private_entry
	what = what == W_DEVICE ? W_PRESENT : what;
#endif
	return folio_test_anon(folio) || what == W_MIGRATING ? what : W_PRESENT;
}

/* The PMD maps the folio, or stands for it, from the start. */
static void w_put_pmd(enum w_holds what, struct folio *folio, unsigned int table, unsigned int bits)
{
	unsigned long pfn = folio_pfn(folio);
	pmd_t pmd;

	if (what == W_MIGRATING)
		pmd = w_swap_pmd(bits & W_WRITE ? SWP_MIGRATION_WRITE : bits & W_EXCL ? SWP_MIGRATION_READ_EXCLUSIVE :
				 SWP_MIGRATION_READ, pfn, bits);
	else if (what == W_DEVICE)
		pmd = w_swap_pmd(bits & W_WRITE ? SWP_DEVICE_WRITE : SWP_DEVICE_READ, pfn, bits);
	else
		pmd = w_present_pmd(what == W_ZERO ? W_PFN_HUGE_ZERO : pfn, bits);
	W.pmd[table] = pmd_val(pmd);
	if (what == W_ZERO)
		return;
	W.mm[0].rss[mm_counter(folio)] += HPAGE_PMD_NR;
	if (what == W_MIGRATING)
		return;
	w_rmap_add_pmd(folio, &folio->page);
	folio_get(folio);
	if (bits & W_EXCL)
		SetPageAnonExclusive(&folio->page);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	struct folio *folio = (struct folio *)&W.pages[s->folio[0].pfn];
	unsigned int table = s->start / W_SLOTS, bits = w_settled(&s->folio[0], (unsigned int)s->option[0] & 127);
	enum w_holds what = w_choose(folio, s->option[1]);
	bool anon = folio_test_anon(folio), freeze = anon && (what == W_PRESENT || what == W_DEVICE) && s->option[2] & 1;
	pmd_t *pmd = (pmd_t *)&W.pmd[table];
	spinlock_t *ptl;

	if (what == W_ZERO)
		bits &= W_WP | W_YOUNG | W_SOFT;
	if (what == W_DEVICE) {
		bits &= W_WP | W_SOFT | W_WRITE | W_EXCL;
		folio_set_device(folio);
		folio_clear_lru(folio);
	}
	if (what == W_MIGRATING || freeze)
		folio_set_locked(folio);
	ptl = pmd_lock(&W.mm[0], pmd);
	w_put_pmd(what, folio, table, bits);
	__split_huge_pmd_locked(&W.vma[0], pmd, W_SRC_VA + table * HPAGE_PMD_SIZE, freeze);
	spin_unlock(ptl);
	W.facts.out[0] = !pmd_val(*pmd) ? 0 : w_linked(table) ? 1 : 2;
	if (anon && what != W_ZERO)
		w_check_split(table, bits, what != W_MIGRATING);
	W.pmd[table] = w_table_pmd(table);
}
#define W_FAMILY W_FAM_SPLIT
/* No batches: nothing to force to one. */
#define W_BY_LENGTH 1
