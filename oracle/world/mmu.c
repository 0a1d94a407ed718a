/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MMU's side: accesses to entries, and which translations a CPU may still hold after them; flush.c has what ends that. */
#include "mmu.h"
#include "held.h"

/* A cached translation allows what the entry does not, T3, T9. */
static inline bool allows_more(unsigned long was, unsigned long new)
{
	return !W_HW_VALID(new) || W_HW_PFN(was) != W_HW_PFN(new) || (W_HW_WRITE(was) && !W_HW_WRITE(new)) ||
		(W_HW_EXEC(was) && !W_HW_EXEC(new)) || (W_HW_USER(was) && !W_HW_USER(new)) || (W_HW_DIRTY(was) && !W_HW_DIRTY(new));
}

/* A CPU may hold what an entry was. Of several versions the one that allows most counts. */
static inline void may_hold(unsigned int t, unsigned int slot, unsigned long was, enum w_stale state)
{
	if (__builtin_expect(!W.stale[t][slot], 1)) {
		W.stale_pte[t][slot] = was;
		w_set_state(t, slot, state);
		return;
	}
	if (allows_more(was, W.stale_pte[t][slot]))
		W.stale_pte[t][slot] = was;
	if (W.stale[t][slot] == W_HELD)
		w_set_state(t, slot, state);
}

/* C3: folding and unfolding clear a block and set it anew: what was dirty or young is so after. */
static void check_convert(unsigned long was, unsigned long new, int at)
{
	if (W_HW_CONT(was) == W_HW_CONT(new) || W_HW_PFN(was) != W_HW_PFN(new))
		return;
	if (!(at & (W_BLOCK - 1)) && W_HW_CONT(new))
		w_count(fold);
	if (!(at & (W_BLOCK - 1)) && W_HW_CONT(was))
		w_count(unfold);
	if ((W_HW_ANY_DIRTY(was) && !W_HW_ANY_DIRTY(new)) || (W_HW_YOUNG(was) && !W_HW_YOUNG(new)))
		w_violate(C3, at);
}

/* What was valid and accessed a CPU holds; what was not, none does. */
static inline void was_valid(unsigned int t, unsigned int slot, unsigned long old, unsigned long new)
{
	int at = (int)(t * W_SLOTS + slot);
	/* Any member's access may have brought the block's one TLB entry in. */
	bool cached = W_HW_YOUNG(old) || W_HW_CONT(old);

	if (W.owes_flush)
		w_violate(T7, at);
	if (W_HW_VALID(new)) {
		if (W_HW_PFN(old) != W_HW_PFN(new))
			w_violate(S15, at);
		if (W_HW_CONT(old) != W_HW_CONT(new))
			w_violate(C9, at);
	}
	/* T9: a dirty bit that was cleared comes back only once the translation is gone. */
	if (cached && allows_more(old, new)) {
		may_hold(t, slot, old, W_STALE);
	} else if (cached && !W_HW_YOUNG(new)) {
		may_hold(t, slot, old, W_HELD);
	}
}

/*
 * A PTE that was valid, or whose old translation may still be cached, changes. A CPU holds what was valid and
 * accessed; it is stale once the PTE allows less or points elsewhere. T10: clearing young alone needs no flush.
 */
static void pte_changes(unsigned int t, unsigned int slot, unsigned long old, unsigned long new)
{
	unsigned int state = W.stale[t][slot];
	int at = (int)(t * W_SLOTS + slot);

	if (W_HW_CONT_MASK) {
		if (W.cleared[t][slot] && W_HW_VALID(new))
			check_convert(W.cleared[t][slot], new, at);
		W.cleared[t][slot] = W_HW_VALID(old) && !W_HW_VALID(new) ? old : 0;
	}
	if (!w_linked(t))
		return; /* the MMU does not walk it, and the flush that came with its removal is that function's duty */
	if (state && W_HW_VALID(new)) {
		unsigned long was = W.stale_pte[t][slot];
		/* Reclaim has sent the invalidation and may wait later; new entries may come meanwhile. */
		bool sent = state == W_STALE_DEFERRED;

		bool refolds = W_HW_CONT(was) != W_HW_CONT(new);

		/*
		 * C9: the contiguous bit may change only with break-before-make, unless the CPU has BBML2. Not checked
		 * for what modify_prot_commit_ptes() puts back: set_ptes() then folds whole blocks whatever they were.
		 */
		if (refolds && !W.bbml2 && !W.committing && !sent)
			w_violate(C9, at);
		if (W_HW_PFN(was) != W_HW_PFN(new) && !sent)
			w_violate(S15, at);
		/* T3: what may still be cached allows no more than the PTE does again. */
		if (!allows_more(was, new))
			w_set_state(t, slot, sent ? W_FRESH : W_HELD);
	}
	if (__builtin_expect(W.stale[t][slot] == W_HELD, 0) && allows_more(W.stale_pte[t][slot], new))
		w_set_state(t, slot, W_STALE);
	if (W_HW_VALID(old))
		was_valid(t, slot, old, new);
}

/*
 * A PMD that maps 2M changes, under the lock of PMDs. S15: a table or another folio comes in its place only once the
 * TLB holds none of it. (The same may come back with other permissions, and be flushed then: pmdp_invalidate_ad().)
 */
void w_pmd_changes(unsigned int t, unsigned long new)
{
	unsigned long old = W.pmd[t];
	bool leaf = W_HW_VALID(old) && old != w_table_pmd(t);
	bool same = W_HW_VALID(new) && W_HW_PFN(old) == W_HW_PFN(new) && (!W_HW_WRITE(old) || W_HW_WRITE(new)) &&
		    (!W_HW_DIRTY(old) || W_HW_DIRTY(new));
	bool back = W.stale_pmd[t] && W_HW_LEAF(new) && W_HW_PFN(W.stale_huge[t]) == W_HW_PFN(new);

	if (!W.pml.held)
		w_violate(L1, (int)(t * W_SLOTS));
	if (W.scn->vma & W_V_HUGETLB && !W.huge)
		w_violate(C12, (int)(t * W_SLOTS));
	if (W_HW_VALID(new) && ((W.stale_pmd[t] && !back) || (leaf && W_HW_PFN(old) != W_HW_PFN(new))))
		w_violate(S15, (int)(t * W_SLOTS));
	if (leaf && !same && !W.stale_pmd[t]) {
		W.stale_pmd[t] = 1;
		W.stale_huge[t] = old;
		W.nstale++;
	}
}

void w_pte_read_odd(const volatile void *p)
{
	w_step();
	w_count(pte_read);
	w_access(W_ACCESS_TABLE_READ);
	if (W.watch)
		w_watch_read(p);
}

static inline void written(volatile void *p, unsigned long new, unsigned int table, unsigned int slot)
{
	unsigned long old = *(volatile unsigned long *)p;

	if (slot < W.dirty_lo[table])
		W.dirty_lo[table] = slot;
	if (slot >= W.dirty_hi[table])
		W.dirty_hi[table] = slot + 1;
	if (W_HW_VALID(old) || W.stale[table][slot] || (W_HW_CONT_MASK && W.cleared[table][slot]))
		pte_changes(table, slot, old, new);
}

/*
 * A write that someone looks at, that is made without the lock, that is not to a table of PTEs, or that is the last one:
 * apart, so that the ordinary one saves no register.
 */
static W_APART void write_odd(volatile void *p, unsigned long new, bool plain)
{
	long off = w_table_offset(p);
	unsigned int table = (unsigned int)(off >> (W_PAGE_SHIFT + 1)), slot = (off & (W_PAGE_SIZE - 1)) / 8;

	w_count_n(atomic, !plain);
	if (off < 0) {
		if ((unsigned long)p - (unsigned long)W.pmd < sizeof(W.pmd)) {
			w_access(W_ACCESS_TABLE_WRITE);
			w_pmd_changes((unsigned int)((const volatile unsigned long *)p - W.pmd), new);
		}
		return;
	}
	if (W.watch)
		w_watch_write(p, new, plain);
	if (!W.ptl[table].held && w_linked(table)) /* else no one else can reach it */
		w_violate(L1, (int)(table * W_SLOTS + slot));
	w_step();
	w_count(pte_write);
	w_access(W_ACCESS_TABLE_WRITE);
	written(p, new, table, slot);
}

void w_pte_write(volatile void *p, unsigned long new, bool plain)
{
	long off = w_table_offset(p);
	unsigned int table = (unsigned int)(off >> (W_PAGE_SHIFT + 1));

	if (__builtin_expect(off < 0 || W.order.open | (unsigned int)W.quiet | W.watch || W.steps <= 0 ||
			     (!W.ptl[table].held && w_linked(table)), 0)) {
		write_odd(p, new, plain);
		return;
	}
	W.steps--;
	W.count[W_COUNT_atomic] += !plain;
	W.count[W_COUNT_pte_write]++;
	W.order.last.any = W.order.last.table = W_ACCESS_TABLE_WRITE;
	written(p, new, table, (off & (W_PAGE_SIZE - 1)) / 8);
}

unsigned long w_stub(const char *name, unsigned long args)
{
	unsigned long h = W.scn->salt * 0x9e3779b97f4a7c15UL + args * 0xff51afd7ed558ccdUL + ++W.stub_seq;

	w_step();
	for (; *name; name++)
		h = (h ^ (unsigned long)*name) * 0x100000001b3UL;
	h ^= h >> 29;
	W.facts.calls = W.facts.calls * 31 + (unsigned int)h;
	W.facts.ncalls++;
	return (h >> 7 & 3) == 3;
}
