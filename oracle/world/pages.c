/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages before and after a run. Most functions change few of them, so they are kept, compared and put back by groups:
 * a group is touched where it differs from the image. Between runs W.pages is the image but for `astray`.
 */
#include <string.h>
#undef bool
#include "runtime.h"

static unsigned long astray[W_GROUP_WORDS];

static unsigned int least(unsigned int a, unsigned int b) { return a < b ? a : b; }

/* Groups that pages [0, n) lie in. */
static unsigned int groups(unsigned int n) { return (n + W_GROUP - 1) / W_GROUP; }

static size_t size_of_group(unsigned int group, unsigned int npages)
{
	return (least((group + 1) * W_GROUP, npages) - group * W_GROUP) * sizeof(struct page);
}

/* The next group from `from` on that is marked, or W_NPAGES. */
static unsigned int next(const unsigned long *marked, unsigned int from)
{
	unsigned int word = from / 64;
	unsigned long left = word < W_GROUP_WORDS ? marked[word] & ~0UL << from % 64 : 0;

	while (!left && ++word < W_GROUP_WORDS)
		left = marked[word];
	return left ? word * 64 + (unsigned int)__builtin_ctzl(left) : W_NPAGES;
}
#define each_marked(g, marked) (unsigned int g = next(marked, 0); g < W_NPAGES; g = next(marked, g + 1))

void w_pages_build(void)
{
	memcpy(W.pages, w_page_image, sizeof(struct page) * w_start.npages);
	memset(astray, 0, sizeof(astray));
}

void w_pages_reset(void)
{
	for each_marked(g, astray)
		if (g < groups(w_start.npages))
			memcpy(&W.pages[g * W_GROUP], &w_page_image[g * W_GROUP], size_of_group(g, w_start.npages));
	memset(astray, 0, sizeof(astray));
}

/* Pages beyond those of the scenario have no image: what was allocated on the way is touched. */
void w_pages_ran(void)
{
	unsigned int whole = w_start.npages / W_GROUP, g, all = groups(W.npages);

	if (W.npages == w_start.npages) {
		if (!memcmp(W.pages, w_page_image, sizeof(struct page) * W.npages))
			return;
		whole = all;
	}
	for (g = 0; g < all; g++)
		if (g >= whole || memcmp(&W.pages[g * W_GROUP], &w_page_image[g * W_GROUP], size_of_group(g, w_start.npages)))
			astray[g / 64] |= 1UL << g % 64;
}

void w_pages_keep(struct w_snap *out)
{
	memcpy(out->touched, astray, sizeof(astray));
	out->npages = W.npages;
	for each_marked(g, astray)
		memcpy(&out->pages[g * W_GROUP], &W.pages[g * W_GROUP], size_of_group(g, W.npages));
}

static bool same_groups(const unsigned long *touched, const struct page *a, const struct page *b, unsigned int npages)
{
	for each_marked(g, touched)
		if (memcmp(&a[g * W_GROUP], &b[g * W_GROUP], size_of_group(g, npages)))
			return false;
	return true;
}

bool w_pages_stand(const struct w_snap *s)
{
	return s->npages == W.npages && !memcmp(s->touched, astray, sizeof(astray)) &&
	       same_groups(astray, s->pages, W.pages, W.npages);
}

bool w_pages_same(const struct w_snap *a, const struct w_snap *b)
{
	return a->npages == b->npages && !memcmp(a->touched, b->touched, sizeof(a->touched)) &&
	       same_groups(a->touched, a->pages, b->pages, a->npages);
}

const struct page *w_page_of(const struct w_snap *s, unsigned int n)
{
	return s && s->touched[n / W_GROUP / 64] >> n / W_GROUP % 64 & 1 ? &s->pages[n] : &w_page_image[n];
}
