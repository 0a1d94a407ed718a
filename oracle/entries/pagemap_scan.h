/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PAGEMAP_SCAN is asked for, and what it has to say of a table: Documentation/admin-guide/mm/pagemap.rst. */

/* Since 7.3 pages are written or accessed only where userfaultfd waits for that. */
#ifdef HAVE_PAGE_IS_ACCESSED
#define w_written_in(vma) (userfaultfd_wp(vma) ? PAGE_IS_WRITTEN : 0)
#define w_accessed_in(vma) (userfaultfd_rwp(vma) ? PAGE_IS_ACCESSED : 0)
#else
#define w_written_in(vma) PAGE_IS_WRITTEN
#define w_accessed_in(vma) 0
#endif
#ifdef HAVE_PAGE_IS_GUARD
#define W_IS_GUARD PAGE_IS_GUARD
#else
#define W_IS_GUARD 0
#endif

/* An answer, as regions of slots. */
struct w_answer {
	struct { unsigned int start, end; unsigned long categories; } region[W_SLOTS];
	unsigned int n, pages, stop;	/* stop: the slot that had no room, or the end */
};

static unsigned long w_category(const struct w_pte *l, bool of_file)
{
	const struct page *page = w_page_of(l);
	unsigned long is;

	if (l->kind == W_SLOT_NONE)
		return w_written_in(&W.vma[0]);
	is = l->kind <= W_SLOT_SPECIAL ? PAGE_IS_PRESENT : PAGE_IS_SWAPPED;
	is |= l->bits & W_WP || l->kind == W_SLOT_MARKER_WP ? 0 : w_written_in(&W.vma[0]) | w_accessed_in(&W.vma[0]);
	is |= of_file && page && !folio_test_anon(w_head_of(page)) ? PAGE_IS_FILE : 0;
	is |= (l->kind == W_SLOT_ZERO ? PAGE_IS_PFNZERO : 0) | (l->bits & W_SOFT ? PAGE_IS_SOFT_DIRTY : 0);
	return is | (l->kind == W_SLOT_MARKER_GUARD ? W_IS_GUARD : 0) | (w_by_pmd() ? PAGE_IS_HUGE : 0);
}

static bool w_asked_for(const struct pm_scan_arg *arg, unsigned long is)
{
	is ^= arg->category_inverted;
	return (is & arg->category_mask) == arg->category_mask && (!arg->category_anyof_mask || is & arg->category_anyof_mask);
}

/* One more page: into the region before it, if that is alike. */
static bool w_put(struct w_answer *a, const struct pagemap_scan_private *p, unsigned int at, unsigned long is)
{
	is &= p->arg.return_mask;
	if (!p->vec_buf)
		return true;
	if (a->pages + 1UL > p->arg.max_pages)
		return false;
	if (!a->n || a->region[a->n - 1].end != at || a->region[a->n - 1].categories != is) {
		if (a->n == p->vec_buf_len)
			return false;
		a->region[a->n].start = at;
		a->region[a->n++].categories = is;
	}
	a->region[a->n - 1].end = at + 1;
	a->pages++;
	return true;
}

/* What is asked: everything, one category, some of several; by option 1. */
static void w_ask(struct pm_scan_arg *arg, unsigned long how, unsigned long what)
{
	unsigned long all = PAGE_IS_WPALLOWED * 1024 - 1;

	arg->category_mask = what & 16 ? 1UL << what % 9 : 0;
	arg->category_inverted = what & 32 ? 1UL << (what >> 8) % 9 : 0;
	arg->category_anyof_mask = what & 64 ? what >> 12 & all : 0;
	arg->return_mask = what & 128 ? what >> 16 & all : all;
	if (how & 4) {
		arg->category_mask = arg->return_mask = PAGE_IS_WRITTEN;
		arg->category_inverted = arg->category_anyof_mask = 0;
	}
}
