/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States as lines "label<TAB>text" for reports. Slots count from the start of the range, so the first is 0. */
#include <stdio.h>
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

static void name_page(const struct w_scenario *s, unsigned long pfn, char *out, unsigned int size)
{
	unsigned int i, n = (unsigned int)(pfn - W_PFN_BASE);

	for (i = 0; i < s->nfolios; i++)
		if (n - s->folio[i].pfn < 1U << s->folio[i].order) {
			int letter = 'A' + (int)(i % 26);

			if (i < 26)
				snprintf(out, size, "%c[%u]", letter, n - s->folio[i].pfn);
			else
				snprintf(out, size, "%c%u[%u]", letter, i / 26, n - s->folio[i].pfn);
			return;
		}
	snprintf(out, size, "pfn +%d", (int)n);
}

static void describe(const struct w_scenario *s, const struct w_pte *l, char *out, unsigned int size)
{
	static const char *const kinds[] = { "none", "", "zero page", "special", "swap", "migration read", "migration read-excl",
		"migration write", "device-exclusive", "uffd-wp marker", "poison marker", "guard marker", "", "device-private" };
	char page[24] = "";
	bool swap = l->kind >= W_SLOT_SWAP;

	if (l->kind == W_SLOT_NONE || (l->kind >= W_SLOT_MARKER_WP && l->kind != W_SLOT_DEV_PRIV)) {
		snprintf(out, size, "%s", kinds[l->kind]);
		return;
	}
	if (l->kind == W_SLOT_SWAP)
		snprintf(page, sizeof(page), " %u:%lu", l->type, l->pfn);
	else if (l->kind != W_SLOT_ZERO)
		name_page(s, l->pfn, page, sizeof(page));
	snprintf(out, size, "%s%s%s%s%s%s%s%s%s%s%s%s%s", kinds[l->kind], *kinds[l->kind] && *page && *page != ' ' ? " " : "", page,
		swap && l->kind != W_SLOT_DEV_PRIV ? "" : l->bits & W_WRITE ? " rw" : " ro", l->exec ? " exec" : "", l->bits & W_DIRTY ? " dirty" : "",
		l->bits & W_YOUNG ? " young" : "", l->bits & W_SOFT ? " soft-dirty" : "", l->bits & W_WP ? " uffd-wp" : "",
		l->bits & W_PROTNONE ? " protnone" : "", l->kernel_only ? " kernel-only" : "", swap && l->bits & W_EXCL ? " exclusive" : "", l->bits & W_CONT ? " cont" : "");
}

static void row(const char *label, const char *text)
{
	w_print_word(label);
	w_print_word("\t");
	w_print_word(text);
	w_print_word("\n");
}

/* Slots are told from the start of the range, and where it goes to. */
static int first_of(unsigned int t) { return t < 2 || w_trait(&W, COPIES) ? (int)W.scn->start : W.dst_first; }

void w_slot_row(const struct w_side *side, unsigned int t, unsigned int i, unsigned long raw)
{
	char label[64], text[128];
	struct w_pte l;
	int at = (int)((t & 1) * W_SLOTS + i) - first_of(t);

	side->decode(raw, &l);
	snprintf(label, sizeof(label), "%s %d", t < 2 ? "PTE" : w_trait(&W, COPIES) ? "child PTE" : "new PTE", at);
	describe(W.scn, &l, text, sizeof(text));
	row(label, text);
}

/* A huge page, told as the entries that would say the same; or the entry that is there in its place. */
static void huge_row(const struct w_side *side, unsigned int t, unsigned long raw)
{
	char label[64], text[128];
	struct w_pte l;

	if (!raw || raw == w_table_pmd(t))
		return;
	side->decode(W_HW_LEAF(raw) ? W_HW_FROM_LEAF(raw) : raw, &l);
	snprintf(label, sizeof(label), "PMD of PTE %d", (int)(t * W_SLOTS) - first_of(t));
	describe(W.scn, &l, text, sizeof(text));
	row(label, text);
}

/* Where a folio of the page cache or swap cache belongs, for one of which not all pages are mapped. */
static void place_of(const struct w_scenario *s, unsigned int folio, char *out, unsigned int size)
{
	unsigned int at;

	*out = 0;
	for (at = 0; at < s->nslots && !*out; at++)
		if (s->slot[at].kind >= W_SLOT_CACHED && s->slot[at].folio == folio)
			snprintf(out, size, ", belongs to PTE %d on", (int)(s->first + at - s->slot[at].index) - (int)s->start);
}

/* head: the folio's first page as it is then. */
void w_folio_row(const struct w_scenario *s, const struct page *head, unsigned int i)
{
	static const char *const kinds[] = { "anon", "file", "shmem" };
	const struct w_folio *f = &s->folio[i];
	char label[64], name[24], place[32], text[200];

	name_page(s, W_PFN_BASE + f->pfn, name, sizeof(name));
	*strchr(name, '[') = 0;
	snprintf(label, sizeof(label), "folio %s", name);
	place_of(s, i, place, sizeof(place));
	snprintf(text, sizeof(text), "%s, %u page%s%s, refs %d%s%s%s%s%s%s%s%s", kinds[f->kind], 1U << f->order,
		f->order ? "s" : "", place, head->_refcount.counter, head->flags >> W_PG_dirty & 1 ? " dirty" : "",
		head->flags >> W_PG_swapbacked & 1 || f->kind == W_FOLIO_FILE ? "" : " lazyfree",
		head->flags >> W_PG_swapcache & 1 ? " swapcache" : "", head->flags >> W_PG_locked & 1 ? " locked" : "",
		f->bits & W_F_PINNED ? " pinned" : "", f->bits & W_F_EXTRA_MAP ? " mapped elsewhere" : "",
		head->flags >> W_PG_partially_mapped & 1 ? " partially-mapped" : "", head->flags >> W_PG_ksm & 1 ? " ksm" : "");
	row(label, text);
}

void w_page_row(const struct w_scenario *s, const struct page *p, unsigned int n)
{
	char label[64], name[24], text[64];

	name_page(s, W_PFN_BASE + n, name, sizeof(name));
	snprintf(label, sizeof(label), "page %s", name);
	snprintf(text, sizeof(text), "mapcount %d%s", p->_mapcount.counter + 1, p->flags >> W_PG_exclusive & 1 ? " exclusive" : "");
	row(label, text);
}

/* snap: NULL for the start. */
static void folio_rows(const struct w_scenario *s, const struct w_snap *snap)
{
	unsigned int i, n;

	for (i = 0; i < s->nfolios; i++) {
		const struct w_folio *f = &s->folio[i];

		w_folio_row(s, w_page_of(snap, f->pfn), i);
		for (n = f->pfn; n < f->pfn + (1U << f->order); n++) {
			const struct page *p = w_page_of(snap, n);

			if (p->_mapcount.counter >= 0 || w_page_image[n]._mapcount.counter >= 0 || p->flags >> W_PG_exclusive & 1)
				w_page_row(s, p, n);
		}
	}
}

void w_rss_row(unsigned int m, unsigned int i, long value)
{
	static const char *const names[] = { "rss file", "rss anon", "rss swap", "rss shmem", "hugetlb pages" };
	char label[64], text[32];

	snprintf(label, sizeof(label), "%s%s", m ? "child " : "", names[i]);
	snprintf(text, sizeof(text), "%ld", value);
	row(label, text);
}

/* Which accesses each kind of barrier stood right between. */
static void order_rows(const struct w_order *o)
{
#define X(name, text) "ordered by " text,
	static const char *const kinds[] = { W_BARRIERS(X) };
#undef X
#define X(name, text) text,
	static const char *const accesses[] = { W_ACCESSES(X) };
#undef X
	unsigned int kind, at;

	for (kind = 0; kind < W_NBARRIERS; kind++) {
		char text[512] = "";

		for (at = 0; o->ran >> kind & 1 && at < 64; at++)
			if (o->near[kind] >> at & 1 && strlen(text) < sizeof(text) - 64)
				sprintf(text + strlen(text), "%s%s to %s", *text ? ", " : "", accesses[at % 8], accesses[at / 8]);
		if (*text)
			row(kinds[kind], text);
	}
}

/* What the VMA maps, what else it says, and the entries that are its own. */
static void vma_row(const struct w_scenario *s)
{
	static const char *const files[] = { "", "file", "shmem" };
	const char *what = s->vma & W_V_HUGETLB ? "hugetlb" : s->vma & W_V_FILE ? files[w_file_kind(s)] : "anonymous";
	char text[160];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s, PTE %d..%d", !(s->vma & W_V_FILE) ? "" : s->vma & W_V_SHARED ? "shared " : "private ",
		s->vma & W_V_DROPPABLE ? "droppable" : what, s->vma & W_V_WRITE ? "" : ", read-only", s->vma & W_V_LOCKED ? ", locked" : "",
		s->vma & W_V_UFFD_WP ? ", uffd-wp" : s->vma & W_V_UFFD_RWP ? ", uffd-rwp" : "",
		s->vma & W_V_UFFD_REMAP ? " with remap events" : "", (int)s->vma_first - (int)s->start, (int)s->vma_end - 1 - (int)s->start);
	row("VMA", text);
}

void w_print_start(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int at;

	vma_row(s);
	for (at = s->first; at < (unsigned int)s->first + s->nslots; at++)
		w_slot_row(side, at / W_SLOTS, at % W_SLOTS, w_image[at / W_SLOTS][at % W_SLOTS]);
	huge_row(side, 0, w_start.pmd[0]);
	huge_row(side, 1, w_start.pmd[1]);
	folio_rows(s, NULL);
}

void w_print_snap(const struct w_side *side, const struct w_snap *snap)
{
	static const char *const endings[] = { "returned", "crash: bad memory access", "step budget", "timeout", "BUG",
		"not modelled", "undefined behaviour" };
	const struct w_scenario *s = W.scn;
	char text[64];
	unsigned int t, i;

	row("!ending", endings[snap->ending]);
	for (t = 0; t < W_TABLES; t++)
		for (i = snap->lo[t]; i < snap->hi[t]; i++) {
			unsigned int at = t * W_SLOTS + i;
			bool listed = t < 2 && at >= s->first && at < (unsigned int)s->first + s->nslots;

			if (snap->tab[t][i] || listed)
				w_slot_row(side, t, i, snap->tab[t][i]);
		}
	huge_row(side, 0, snap->facts.pmd[0]);
	huge_row(side, 1, snap->facts.pmd[1]);
	folio_rows(s, snap);
	for (i = 0; i < 2 * W_RSS; i++)
		if (snap->facts.rss[i / W_RSS][i % W_RSS])
			w_rss_row(i / W_RSS, i % W_RSS, snap->facts.rss[i / W_RSS][i % W_RSS]);
	for (t = 0; t < W_SWAP_TYPES; t++)
		for (i = 0; i < snap->nswap; i++)
			if (snap->swap_count[t][i]) {
				char label[64];

				snprintf(label, sizeof(label), "swap %u:%u", t, i);
				snprintf(text, sizeof(text), "count %d", snap->swap_count[t][i]);
				row(label, text);
			}
	snprintf(text, sizeof(text), "%ld", snap->facts.ret);
	row("returns", text);
	for (i = 0; i < 4; i++)
		if (snap->facts.out[i]) {
			char label[64];

			snprintf(label, sizeof(label), "result %u", i);
			snprintf(text, sizeof(text), "%ld", snap->facts.out[i]);
			row(label, text);
		}
	if (snap->facts.ncalls) {
		snprintf(text, sizeof(text), "%u (%08x)", snap->facts.ncalls, snap->facts.calls);
		row("stub calls", text);
	}
	order_rows(&snap->order);
}
