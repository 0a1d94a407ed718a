/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a scenario into the world and runs a side on it. Both sides start from the same image; what a run can
 * have touched is known (window of the scenario plus what the MMU saw written), so resetting costs little.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#undef bool
#include "runtime.h"

struct world W;
struct mm_struct init_mm;
struct list_head w_list = { &w_list, &w_list };
spinlock_t mmlist_lock = { 0, -1 };
struct task_struct w_task = { .mm = &W.mm[0], .active_mm = &W.mm[0] };

unsigned long w_image[W_TABLES][W_SLOTS];
struct page w_page_image[W_NPAGES];
unsigned char w_start_dirty[W_NPAGES];
int w_start_maps[W_NPAGES];
static struct world start; /* W as it stands before a run */
static unsigned int window_lo[W_TABLES], window_hi[W_TABLES];
static sigjmp_buf leave;
static volatile unsigned long runs, ticks_seen;

void w_stop(int ending)
{
	W.ending = ending;
	siglongjmp(leave, 1);
}

void w_violate_at(enum w_rule rule, int slot, int line)
{
	if (W.violated >> rule & 1)
		return;
	W.violated |= 1UL << rule;
	W.where[rule] = (short)slot;
	W.line[rule] = line;
}

static void on_fault(int sig) { (void)sig; W.ending = W_CRASH; siglongjmp(leave, 1); }

/* A loop that touches no page table: two ticks within one run end it. */
static void on_tick(int sig)
{
	(void)sig;
	if (ticks_seen == runs && runs & 1) {
		W.ending = W_TIMEOUT;
		siglongjmp(leave, 1);
	}
	ticks_seen = runs;
}

void w_allocate(void)
{
	static char stack[65536];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };
	struct sigaction tick = { .sa_handler = on_tick, .sa_flags = SA_NODEFER | SA_RESTART };
	struct itimerval every = { .it_interval = { 0, 200000 }, .it_value = { 0, 200000 } };
	int t;

	W.region = mmap(NULL, (2 * W_TABLES + 1) * W_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (W.region == MAP_FAILED)
		_Exit(70);
	/* Align so that bit 12 of an offset tells table from guard. */
	for (t = 0; t < W_TABLES; t++) {
		W.tab[t] = (unsigned long *)(W.region + (2 * (unsigned long)t + 1) * W_PAGE_SIZE);
		if (mprotect(W.tab[t], W_PAGE_SIZE, PROT_READ | PROT_WRITE))
			_Exit(70);
	}
	W.pages = aligned_alloc(64, sizeof(struct page) * W_NPAGES);
	if (!W.pages)
		_Exit(70);
	memset(W.pages, 0, sizeof(struct page) * W_NPAGES);
	sigaltstack(&alt, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGFPE, &fault, NULL);
	sigaction(SIGILL, &fault, NULL);
	sigaction(SIGVTALRM, &tick, NULL);
	setitimer(ITIMER_VIRTUAL, &every, NULL);
}

/* The bits of a present PTE do not depend on its pfn, except for x86's inverted PROT_NONE entries. */
static unsigned long encode_cached(const struct w_side *side, const struct w_pte *l)
{
	static unsigned long cache[4][256];
	static unsigned char known[4][256];
	static const struct w_side *whose;
	struct w_pte plain = *l;

	if (l->kind > W_SLOT_SPECIAL || l->kind == W_SLOT_NONE || l->bits & W_PROTNONE)
		return side->encode(l);
	if (whose != side) {
		memset(known, 0, sizeof(known));
		whose = side;
	}
	if (!known[l->kind][l->bits]) {
		plain.pfn = 0;
		plain.bits &= (unsigned char)~W_EXCL;
		cache[l->kind][l->bits] = side->encode(&plain);
		known[l->kind][l->bits] = 1;
	}
	return cache[l->kind][l->bits] | l->pfn << 12;
}

void w_decode_fast(const struct w_side *side, unsigned long raw, struct w_pte *out)
{
	static struct { unsigned long key; struct w_pte pte; } cache[256];
	const unsigned long pfn_mask = 0xffffffffffUL << 12 & ~(0xfUL << 48);
	unsigned long key = raw & ~pfn_mask, h = (key ^ key >> 7 ^ key >> 45) & 255, pfn = (raw & pfn_mask) >> 12;

	if (!raw) {
		*out = (struct w_pte){ 0 };
		return;
	}
	if (!(raw & 1) || pfn - W_PFN_BASE >= W_NPAGES) {
		side->decode(raw, out);
		return;
	}
	if (cache[h].key != key) {
		side->decode(raw, &cache[h].pte);
		cache[h].key = key;
	}
	*out = cache[h].pte;
	out->pfn = pfn;
}

static void put_folio(const struct w_folio *f)
{
	struct page *head = &w_page_image[f->pfn];
	unsigned int i, nr = 1U << f->order;
	unsigned long flags = 1UL << W_PG_uptodate | 1UL << W_PG_lru;
	int extra = f->bits & W_F_EXTRA_MAP ? 1 : 0;

	for (i = 0; i < nr; i++)
		head[i] = (struct page){ .w_head = f->pfn, .w_order = f->order, ._mapcount = { -1 + extra } };
	memset(&w_start_dirty[f->pfn], f->bits & W_F_DIRTY ? 1 : 0, nr);
	w_start_maps[f->pfn] = extra * (int)nr;
	flags |= f->kind == W_FOLIO_ANON ? 1UL << W_PG_anon : 0;
	flags |= f->bits & W_F_DIRTY ? 1UL << W_PG_dirty : 0;
	flags |= f->bits & W_F_SWAPBACKED ? 1UL << W_PG_swapbacked : 0;
	flags |= f->bits & W_F_SWAPCACHE ? 1UL << W_PG_swapcache : 0;
	flags |= f->bits & W_F_LOCKED ? 1UL << W_PG_locked : 0;
	flags |= f->bits & W_F_REFERENCED ? 1UL << W_PG_referenced : 0;
	flags |= f->bits & W_F_MLOCKED ? 1UL << W_PG_mlocked : 0;
	flags |= f->bits & W_F_WRITEBACK ? 1UL << W_PG_writeback : 0;
	flags |= f->bits & W_F_KSM ? 1UL << W_PG_ksm : 0;
	flags |= extra ? 1UL << W_PG_maybe_shared : 0;
	head->flags = flags;
	head->mapping = (void *)(0x1000UL + f->kind);
	if (f->bits & W_F_SWAPCACHE) {
		unsigned int offset = f->pfn % (W_SWAP_SLOTS / 2);

		head->private = 2UL << W_SWAP_TYPE_SHIFT | offset;
		if (start.nswap < offset + nr)
			start.nswap = offset + nr;
	}
	head->_large_mapcount.counter = -1 + extra * (int)nr;
	head->_refcount.counter = 1 + extra * (int)nr + (f->bits & W_F_EXTRA_REF ? 1 : 0);
	/* The page cache and the swap cache hold a reference for each page. */
	if (f->kind != W_FOLIO_ANON || f->bits & W_F_SWAPCACHE)
		head->_refcount.counter += (int)nr;
	if (f->bits & W_F_PINNED) {
		head->_pincount.counter = f->order ? 1 : 0;
		head->_refcount.counter += f->order ? 1 : 1024;
	}
	if (f->pfn + nr > start.npages)
		start.npages = f->pfn + nr;
}

static int rss_of(const struct w_folio *f)
{
	return f->kind == W_FOLIO_ANON ? 1 : f->kind == W_FOLIO_FILE ? 0 : 3;
}

static void put_slot(const struct w_side *side, const struct w_scenario *s, unsigned int at, const struct w_slot *slot)
{
	struct w_pte l = { .kind = slot->kind, .bits = slot->bits };
	const struct w_folio *f = &s->folio[slot->folio < W_MAX_FOLIOS ? slot->folio : 0];
	struct page *page = &w_page_image[(f->pfn + slot->index) % W_NPAGES], *head = &w_page_image[f->pfn];

	if (slot->kind == W_SLOT_PAGE || (slot->kind >= W_SLOT_MIG_READ && slot->kind <= W_SLOT_DEV_EXCL))
		head->index = W_PGOFF + at - slot->index;
	switch (slot->kind) {
	case W_SLOT_PAGE:
		l.pfn = W_PFN_BASE + f->pfn + slot->index;
		page->_mapcount.counter++;
		if (f->order)
			head->_large_mapcount.counter++;
		head->_refcount.counter++;
		w_start_maps[f->pfn]++;
		w_start_dirty[f->pfn + slot->index] |= slot->bits & W_DIRTY ? 2 : 0;
		if (slot->bits & W_EXCL)
			page->flags |= 1UL << W_PG_exclusive;
		start.mm[0].rss[rss_of(f)]++;
		break;
	case W_SLOT_ZERO: l.pfn = W_PFN_ZERO; break;
	case W_SLOT_SPECIAL: l.pfn = W_PFN_SPECIAL + slot->index; break;
	case W_SLOT_SWAP:
		l.type = slot->folio;
		l.pfn = slot->index;
		start.swap_count[slot->folio % W_SWAP_TYPES][slot->index % W_SWAP_SLOTS]++;
		if (start.nswap <= slot->index)
			start.nswap = slot->index + 1U;
		start.mm[0].rss[2]++;
		break;
	case W_SLOT_DEV_EXCL:
		head->_refcount.counter++;
		w_start_maps[f->pfn]++;
		/* A write fault made the page exclusive (make_device_exclusive, mm/rmap.c); fork restores the PTE first. */
		page->flags |= 1UL << W_PG_exclusive;
		if (side->dev_excl_mapped) {
			page->_mapcount.counter++;
			head->_large_mapcount.counter += f->order ? 1 : 0;
		}
		/* fall through */
	case W_SLOT_MIG_READ: case W_SLOT_MIG_EXCL: case W_SLOT_MIG_WRITE:
		l.pfn = W_PFN_BASE + f->pfn + slot->index;
		start.mm[0].rss[rss_of(f)]++;
		break;
	}
	w_image[at / W_SLOTS][at % W_SLOTS] = encode_cached(side, &l);
}

static void put_vma(struct vm_area_struct *vma, const struct w_side *side, const struct w_scenario *s, unsigned long base, int mm)
{
	memset(vma, 0, sizeof(*vma));
	vma->vm_start = base + s->vma_first * W_PAGE_SIZE;
	vma->vm_end = base + s->vma_end * W_PAGE_SIZE;
	vma->vm_mm = &W.mm[mm];
	vma->w_bits = s->vma;
	vma->vm_flags = side->vma_flags(s->vma);
	vma->vm_page_prot = side->prot(s->vma);
	vma->vm_pgoff = vma->__vm_anon_pgoff_lo = W_PGOFF + s->vma_first;
	vma->vm_file = s->vma & W_V_FILE ? (struct file *)0x2000 : NULL;
	vma->anon_vma = s->vma & W_V_ANON_VMA ? (struct anon_vma *)0x3000 : NULL;
}

static void clear_windows(void)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		if (window_lo[t] < window_hi[t]) {
			memset(&w_image[t][window_lo[t]], 0, (window_hi[t] - window_lo[t]) * 8);
			memset(&W.tab[t][window_lo[t]], 0, (window_hi[t] - window_lo[t]) * 8);
		}
		window_lo[t] = W_SLOTS;
		window_hi[t] = 0;
	}
}

void w_build(const struct w_side *side, const struct w_scenario *s)
{
	unsigned int i, t;

	clear_windows();
	start.npages = 1;
	for (t = 0; t < W_SWAP_TYPES; t++)
		memset(start.swap_count[t], 0, start.nswap * sizeof(short));
	start.nswap = 0;
	memset(start.mm, 0, sizeof(start.mm));
	start.mm[1].w_id = 1;
	start.mm[0].mmlist.next = start.mm[0].mmlist.prev = &w_list;
	start.scn = s;
	for (i = 0; i < s->nfolios; i++)
		put_folio(&s->folio[i]);
	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind != W_SLOT_NONE)
			put_slot(side, s, s->first + i, &s->slot[i]);
	for (t = 0; t < 2; t++) {
		unsigned int lo = t * W_SLOTS, end = s->first + s->nslots;

		if (s->first < lo + W_SLOTS && end > lo) {
			window_lo[t] = s->first > lo ? s->first - lo : 0;
			window_hi[t] = end - lo < W_SLOTS ? end - lo : W_SLOTS;
		}
	}
	put_vma(&start.vma[0], side, s, W_SRC_VA, 0);
	/* A child's VMA lies where its parent's does. */
	if (side->family == W_FAM_FORK)
		put_vma(&start.vma[1], side, s, W_SRC_VA, 1);
	else
		put_vma(&start.vma[1], side, s, W_DST_VA, 0);
	start.tlb.mm = &W.mm[0];
	start.tlb.start = ~0UL;
	start.tlb.end = 0;
	w_build_call(s);
}

void w_build_call(const struct w_scenario *s)
{
	start.mm[0].mm_users.counter = start.mm[1].mm_users.counter = 1 + (s->salt >> 5 & 1);
	start.bbml2 = s->salt & 1;
	start.tlb.fullmm = s->mm >> 1 & 1;
}

static void reset(const struct w_side *side, bool one_by_one)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = W.dirty_lo[t] < window_lo[t] ? W.dirty_lo[t] : window_lo[t];
		unsigned int hi = W.dirty_hi[t] > window_hi[t] ? W.dirty_hi[t] : window_hi[t];

		if (lo < hi)
			memcpy(&W.tab[t][lo], &w_image[t][lo], (hi - lo) * 8);
		if (W.dirty_lo[t] < W.dirty_hi[t])
			memset(&W.stale[t][W.dirty_lo[t]], 0, W.dirty_hi[t] - W.dirty_lo[t]);
		if (W.dirty_lo[t] < W.dirty_hi[t])
			memset(&W.cleared[t][W.dirty_lo[t]], 0, (W.dirty_hi[t] - W.dirty_lo[t]) * 8);
		W.dirty_lo[t] = W_SLOTS;
		W.dirty_hi[t] = 0;
		W.ptl[t] = (struct w_lock){ 0, (int)t };
		W.pmd[t] = (unsigned long)W.tab[t] | 1;
	}
	W.npages = W.spares = start.npages;
	memcpy(W.pages, w_page_image, sizeof(struct page) * start.npages);
	W.nswap = start.nswap;
	for (t = 0; t < W_SWAP_TYPES; t++)
		memcpy(W.swap_count[t], start.swap_count[t], W.nswap * sizeof(short));
	memcpy(W.mm, start.mm, sizeof(W.mm));
	if (!(start.scn->salt & 6)) /* as before the first page is swapped out */
		INIT_LIST_HEAD(&W.mm[0].mmlist);
	memcpy(W.vma, start.vma, sizeof(W.vma));
	memcpy(&W.tlb, &start.tlb, offsetof(struct mmu_gather, w_batch));
	W.tlb.w_n = 0;
	W.tlb.w_room = start.scn->option[7] ? (unsigned int)start.scn->option[7] : ~0U;
	W.scn = start.scn;
	W.bbml2 = start.bbml2;
	W.pml = W.mml = (struct w_lock){ 0, -1 };
	memset(&W.facts, 0, sizeof(W.facts));
	memset(W.count, 0, sizeof(W.count));
	W.violated = 0;
	W.nstale = 0;
	W.lazy = W.quiet = W.gather_used = 0;
	W.drops_markers = false;
	W.resched = 0;
	W.changing = 0;
	W.committing = false;
	W.force_one = one_by_one;
	W.steps = 200000;
	W.stub_seq = W.race = 0;
	W.fail_at = 0;
	W.fail_all = W.failed = false;
	W.family = side->family;
	W.ending = W_RETURNED;
}

static void snap(struct w_snap *out)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		out->lo[t] = W.dirty_lo[t] < window_lo[t] ? W.dirty_lo[t] : window_lo[t];
		out->hi[t] = W.dirty_hi[t] > window_hi[t] ? W.dirty_hi[t] : window_hi[t];
		if (out->lo[t] < out->hi[t])
			memcpy(&out->tab[t][out->lo[t]], &W.tab[t][out->lo[t]], (out->hi[t] - out->lo[t]) * 8);
	}
	memcpy(out->pages, W.pages, sizeof(struct page) * W.npages);
	out->npages = W.npages;
	out->nswap = W.nswap;
	for (t = 0; t < W_SWAP_TYPES; t++)
		memcpy(out->swap_count[t], W.swap_count[t], W.nswap * sizeof(short));
	out->facts = W.facts;
	memcpy(out->count, W.count, sizeof(out->count));
	out->violated = W.violated;
	memcpy(out->where, W.where, sizeof(out->where));
	memcpy(out->line, W.line, sizeof(out->line));
	out->ending = W.ending;
	out->failed = W.failed;
}

static void enter(const struct w_side *side, bool one_by_one)
{
	reset(side, one_by_one);
	runs |= 1;
	if (!sigsetjmp(leave, 0))
		side->entry();
	runs++;
	memcpy(W.facts.rss[0], W.mm[0].rss, sizeof(W.facts.rss[0]));
	memcpy(W.facts.rss[1], W.mm[1].rss, sizeof(W.facts.rss[1]));
}

/* Nothing is left open: no lock, no lazy section, no stale translation. */
static bool settled(void)
{
	unsigned int t, held = 0;

	for (t = 0; t < W_TABLES; t++)
		held |= (unsigned int)W.ptl[t].held;
	return W.ending == W_RETURNED && !W.nstale && !W.lazy && !held;
}

static void leave_run(const struct w_side *side, bool check, struct w_snap *out)
{
	out->ran = W.violated;
	out->settled = settled();
	if (W.ending == W_RETURNED && check)
		w_check_end(side);
	snap(out);
}

void w_run(const struct w_side *side, bool one_by_one, struct w_snap *out)
{
	enter(side, one_by_one);
	leave_run(side, true, out);
}

void w_run_unchecked(const struct w_side *side, struct w_snap *out)
{
	enter(side, false);
	leave_run(side, false, out);
}

/* Whether the world stands just as a snapshot has it; the rules on final states then say the same again. */
static bool stands_as(const struct w_snap *s)
{
	unsigned int t;

	if (!s->settled || !settled() || s->ran != W.violated || s->npages != W.npages || s->failed != W.failed ||
	    memcmp(&s->facts, &W.facts, sizeof(W.facts)) || memcmp(s->pages, W.pages, sizeof(struct page) * W.npages))
		return false;
	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = W.dirty_lo[t] < window_lo[t] ? W.dirty_lo[t] : window_lo[t];
		unsigned int hi = W.dirty_hi[t] > window_hi[t] ? W.dirty_hi[t] : window_hi[t];

		if (lo != s->lo[t] || hi != s->hi[t] || (lo < hi && memcmp(&s->tab[t][lo], &W.tab[t][lo], (hi - lo) * 8)))
			return false;
	}
	for (t = 0; t < W_SWAP_TYPES; t++)
		if (memcmp(s->swap_count[t], W.swap_count[t], W.nswap * sizeof(short)))
			return false;
	return true;
}

bool w_run_same(const struct w_side *side, const struct w_snap *as, struct w_snap *out)
{
	enter(side, false);
	if (stands_as(as))
		return true;
	leave_run(side, true, out);
	return false;
}
