/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario as numbers, shared with oracle/wire.py, which reads the lists below by name.
 * Every list is append-only: stored findings name these values.
 */
#ifndef W_WIRE_H
#define W_WIRE_H

/*
 * What a page-table slot holds at the start. CACHED: nothing, or a uffd-wp marker, but the page cache has its page;
 * SWAPCACHED: the swap entry of a page in the swap cache.
 */
#define W_SLOT_KINDS(X) \
	X(NONE) X(PAGE) X(ZERO) X(SPECIAL) X(SWAP) X(MIG_READ) X(MIG_EXCL) X(MIG_WRITE) X(DEV_EXCL) \
	X(MARKER_WP) X(MARKER_POISON) X(MARKER_GUARD) \
	X(PMD) X(DEV_PRIV) X(CACHED) X(SWAPCACHED)

/* Its bits. EXCL is AnonExclusive of the mapped page, or the exclusive bit of a swap entry. */
#define W_SLOT_BITS(X) \
	X(WRITE) X(DIRTY) X(YOUNG) X(SOFT) X(WP) X(PROTNONE) X(EXCL) X(CONT)

#define W_FOLIO_KINDS(X) X(ANON) X(FILE) X(SHMEM)

#define W_FOLIO_BITS(X) \
	X(DIRTY) X(SWAPBACKED) X(SWAPCACHE) X(LOCKED) X(PINNED) X(EXTRA_MAP) X(EXTRA_REF) X(REFERENCED) X(MLOCKED) \
	X(KSM) X(WRITEBACK) X(DEVICE) X(HUGETLB)

#define W_VMA_BITS(X) \
	X(WRITE) X(SHARED) X(SOFTDIRTY) X(UFFD_WP) X(LOCKED) X(ANON_VMA) X(FILE) X(UFFD_REMAP) X(HUGEPAGE) X(SHADOW) \
	X(UFFD_RWP) X(FILE_OFFSET) X(HUGETLB) X(DROPPABLE) X(EXEC)

/* Differences between two final states that the judge tells apart; directions are "second against first". */
#define W_DIFFS(X) \
	X(ENDING) X(RETURN) X(PRESENCE) X(PFN) X(WRITE_GAINED) X(WRITE_LOST) X(DIRTY_LOST) X(SOFT_LOST) X(WP_LOST) \
	X(WP_GAINED) X(YOUNG) X(PROTNONE) X(SWAP_EXCL_LOST) X(SWAP_EXCL_GAINED) X(ENTRY) X(MARKER) X(OTHER_BITS) \
	X(EXCLUSIVE) X(MAPCOUNT) X(REFCOUNT) X(FOLIO_DIRTY_LOST) X(FOLIO_FLAGS) X(RSS) X(SWAP_COUNT) X(CALLS) \
	X(NOTIFIER) X(DIRTY_GAINED) X(SOFT_GAINED) X(CONT) \
	X(WRITE_MERGED) X(SOFT_UNSEEN) X(KEPT) X(MAPPED) X(WRITE_GRANTED) X(EXTENT) X(ACCESSED_LOST) \
	X(ORDER_LOST) X(ORDER_GAINED) X(EXEC_GAINED) X(FOLIO_DIRTY_GAINED) X(KERNEL_ONLY)

/* What any patch may change: more than there need be of a bit, less of what a fault gives back, how work came out. */
#define W_HARMLESS(X) \
	X(WRITE_LOST) X(YOUNG) X(DIRTY_GAINED) X(SOFT_GAINED) X(CONT) X(SOFT_UNSEEN) X(KEPT) \
	X(ORDER_GAINED) X(EXTENT) X(FOLIO_DIRTY_GAINED)

/* Forcing batches to one changes how the work is cut, not what is done: of these calls and flush order may differ, too. */
#define W_CUT(X) X(WRITE_MERGED) X(CALLS) X(OTHER_BITS) X(FOLIO_FLAGS) X(ORDER_LOST)

/*
 * What the kernel's code may leave otherwise than the reference, which takes each PTE alone: the difference that it is
 * between two runs, which is harmless or a matter of the cut there as well, and the name that oracle/explain/refine.py has
 * for it, which says why.
 */
#define W_ALLOWANCES(X) \
	X(DIRTY_GAINED, "merged") X(DIRTY_GAINED, "follows-merge") X(WRITE_MERGED, "merged-write") \
	X(SOFT_UNSEEN, "unseen") X(YOUNG, "aged-with-its-block") X(FOLIO_DIRTY_GAINED, "dirty-of-its-batch") \
	X(EXTENT, "around") X(KEPT, "kept") X(FOLIO_FLAGS, "gone")

/* What flavours are compared in, each by the name of the difference that it is. */
#define W_ASPECTS(X) \
	X(PRESENCE) X(PFN) X(WRITE_GAINED) X(DIRTY_LOST) X(WP_LOST) X(PROTNONE) X(SWAP_EXCL_LOST) X(EXCLUSIVE) X(MAPCOUNT) \
	X(REFCOUNT) X(FOLIO_DIRTY_LOST) X(RSS) X(SWAP_COUNT) X(RETURN)

/*
 * Barriers by what they order, with the words of reports: what the memory model knows (tools/memory-model/), then the
 * stronger ones that wait for completion or reach devices (dsb of arm64; mb() and its like).
 */
#define W_BARRIERS(X) \
	X(MB, "full barrier") X(RMB, "read barrier") X(WMB, "write barrier") X(ACQUIRE, "acquire") X(RELEASE, "release") \
	X(BEFORE_ATOMIC, "barrier before an atomic") X(AFTER_ATOMIC, "barrier after an atomic") \
	X(ORDERED, "fully ordered atomic") X(SYNC, "full completion barrier") X(SYNC_READ, "read completion barrier") \
	X(SYNC_WRITE, "write completion barrier") X(SYNC_LOCAL, "local completion barrier") X(DMA, "full DMA barrier") \
	X(DMA_READ, "DMA read barrier") X(DMA_WRITE, "DMA write barrier") X(INSTRUCTION, "instruction barrier") \
	X(COMPILER, "compiler barrier")

/* What they order. CALLER: whatever came before the run, or comes after it. */
#define W_ACCESSES(X) \
	X(CALLER, "caller") X(TABLE_READ, "PTE read") X(TABLE_WRITE, "PTE write") X(FLAG_READ, "page flags read") \
	X(FLAG_WRITE, "page flags write") X(COUNT_READ, "page counts read") X(COUNT_WRITE, "page counts write") \
	X(SWAP, "swap count access")

/*
 * Counters of work done. ptep_get: calls made by what is above the primitives; pte_read: raw reads, by them too. atomic:
 * atomic operations on counts and entries; call: of the entry, where that takes several for the range.
 */
#define W_COUNTS(X) \
	X(pte_read) X(pte_write) X(folio_lookup) X(page_touch) X(tlb_flush) X(tlb_pages) X(fold) X(unfold) \
	X(rmap_op) X(ref_op) X(lock) X(ptep_get) X(atomic) X(call)

/* Contracts and invariants checked at run time; each is a rule of oracle/rules.py. */
#define W_RULES(X) \
	X(B1) X(B2) X(B3) X(B9) X(B11) X(S1) X(S2) X(S3) X(S7) X(S10) X(S11) X(S12) X(S15) X(C2) X(C4) X(C9) \
	X(D1) X(D6) X(D7) X(E2) X(E6) X(F1) X(F2) X(F4) X(G1) X(G2) X(G3) X(G4) X(L1) X(L5) X(T2) X(T4) X(T5) \
	X(X5) X(D11) X(G10) X(L7) X(L8) X(T1) X(B4) X(B7) X(B8) X(B13) X(E3) X(S8) X(T9) X(C3) X(C8) X(C10) X(X2) X(X3) \
	X(B10) X(L3) X(L4) X(L6) X(L10) X(T6) X(T7) X(F6) X(D4) X(D5) X(D8) \
	X(S9) X(G9) X(E5) X(F7) X(L9) X(B12) X(G6) X(C12) X(G8) X(C1) X(C7) X(D3) X(L2) X(D2) X(F5) X(E7) X(L11) X(D12) X(L12) \
	X(E8) X(E9) X(G11) X(G12)

/*
 * Commands of the runner, with what they are given; commands.c has what each is answered. SIDE is before or after; what
 * is in brackets may be left out.
 */
#define W_COMMANDS(X) \
	X(campaign, "SEED FIRST COUNT [THOROUGH] [WITHOUT]") X(scenario, "SEED INDEX") X(tables, "PTES") \
	X(exhaust, "FIRST COUNT OPTIONS...") X(table, "INDEX OPTIONS...") X(steer, "SEED COUNT STEERED LO END") \
	X(take, "NUMBERS...") X(run, "") X(rows, "") X(whole, "") X(invalid, "SEED FIRST COUNT") \
	X(digests, "SIDE SEED FIRST COUNT") X(digest, "SIDE") X(trace, "SIDE") X(coverage, "") X(able, "")

enum w_slot_kind {
#define X(n) W_SLOT_##n,
	W_SLOT_KINDS(X)
#undef X
	W_NSLOT_KINDS
};
enum w_slot_bit {
#define X(n) W_BITNO_##n,
	W_SLOT_BITS(X)
#undef X
};
enum w_slot_mask {
#define X(n) W_##n = 1 << W_BITNO_##n,
	W_SLOT_BITS(X)
#undef X
};
enum w_folio_kind {
#define X(n) W_FOLIO_##n,
	W_FOLIO_KINDS(X)
#undef X
};
enum w_folio_bit {
#define X(n) W_FBITNO_##n,
	W_FOLIO_BITS(X)
#undef X
	W_NFOLIO_BITS
};
enum w_folio_mask {
#define X(n) W_F_##n = 1 << W_FBITNO_##n,
	W_FOLIO_BITS(X)
#undef X
};
enum w_vma_bit {
#define X(n) W_VBITNO_##n,
	W_VMA_BITS(X)
#undef X
	W_NVMA_BITS
};
enum w_vma_mask {
#define X(n) W_V_##n = 1 << W_VBITNO_##n,
	W_VMA_BITS(X)
#undef X
	/* Not part of a scenario: they follow from its folios and slots. */
	W_V_UNNOTICED = 1 << 29,	/* nobody waits for a write, vma_wants_writenotify() in mm/vma.c */
	W_V_MIXED = 1 << 30,
};
enum w_barrier_kind {
#define X(n, text) W_BARRIER_##n,
	W_BARRIERS(X)
#undef X
	W_NBARRIERS
};
enum w_access_kind {
#define X(n, text) W_ACCESS_##n,
	W_ACCESSES(X)
#undef X
	W_NACCESSES	/* 8 at most: pairs of them are a bit each of a word */
};
enum w_diff {
#define X(n) W_DIFF_##n,
	W_DIFFS(X)
#undef X
	W_NDIFFS
};
enum w_aspect {
#define X(n) W_ASPECT_##n,
	W_ASPECTS(X)
#undef X
	W_NASPECTS
};
enum w_counter {
#define X(n) W_COUNT_##n,
	W_COUNTS(X)
#undef X
	W_NCOUNTS
};
enum w_rule {
#define X(n) W_RULE_##n,
	W_RULES(X)
#undef X
	W_NRULES
};

#define W_SLOTS (1 << (W_PAGE_SHIFT - 3))	/* a page table is one page of eight-byte entries */
#define W_MAX_SLOTS (2 * W_SLOTS)	/* two page tables */
#define W_MAX_FOLIOS 512	/* one small folio for each entry of a table of 4K */
#define W_OPTIONS 8
#define W_RSS 5	/* file, anon, swap entries, shmem; beside them hugetlb */
#define W_RSS_HUGETLB 4
#define W_MM_EXITS 2	/* torn down as a whole: no CPU uses it any more */
#define W_MM_AGENT 4	/* hardware sets accessed and dirty bits meanwhile */
#define W_MM_FAILS 3	/* three bits from this on: w_fail_from(), for entries that have no option of their own for that */
#define w_mm_fails(mm) ((mm) >> W_MM_FAILS & 7)

struct w_slot {
	unsigned char kind;	/* PMD: at the first slot of a table, which one huge entry takes the place of */
	unsigned char bits;
	unsigned short folio;	/* PAGE, MIG_*, DEV_*, PMD, *CACHED: folio number; SWAP: swap type */
	unsigned short index;	/* page within the folio; SWAP: offset; SPECIAL: pfn offset */
	unsigned short pad;
};

struct w_folio {
	unsigned char kind;
	unsigned char order;
	unsigned short bits;
	unsigned short pfn;	/* first page, counted from the first page of the simulated memory */
	unsigned short pad;
};

/* Slots count from the start of the first page table; [start, end) is the range the entry works on. */
struct w_scenario {
	unsigned int vma;	/* W_V_* */
	unsigned int mm;	/* bit 0: kernel mm; W_MM_EXITS; W_MM_AGENT; W_MM_FAILS */
	unsigned short first, nslots;	/* slots given below */
	unsigned short start, end;
	unsigned short vma_first, vma_end;	/* the VMA, in slots */
	unsigned short nfolios;
	unsigned short salt;	/* answers of stubs, failures injected */
	long option[W_OPTIONS];
	struct w_folio folio[W_MAX_FOLIOS];
	struct w_slot slot[W_MAX_SLOTS];
};

#endif
