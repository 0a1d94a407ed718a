/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Families of entries: what the caller of one guarantees, what it may do, and what is due afterwards. An adapter names
 * its family once (W_FAMILY); whatever asks, asks for a trait: w_trait(side, MOVES), while it runs w_trait(&W, MOVES).
 *
 * For a new entry take the family whose traits all hold. If none does, add a row: nothing else names one, and the order
 * of rows and traits means nothing. A trait that no row has yet comes with the check that asks for it.
 */
#ifndef W_FAMILY_H
#define W_FAMILY_H

#define W_TRAITS(X) \
	/* What becomes of entries. */ \
	X(MOVES)		/* they go to tables 2 and 3, and say there what they said (D4, D5, D8) */ \
	X(COPIES)		/* tables 2 and 3 are a child's, at the same addresses, with counters of their own (E3) */ \
	X(MERGES_WRITE)		/* of a shared mapping a batch of copies is writable where one of its entries is */ \
	X(PROTECTS)		/* write is decided anew, by entry, page and VMA (D11); migration entries follow (F6) */ \
	X(UNMAPS)		/* pages go to swap or migration entries that say the same (D5, E5, F7), or are given up (G8) */ \
	X(PUTS_BACK)		/* migration entries, which most are, become pages that say the same (D5, E5, E6, F7) */ \
	X(LEAVES_ALONE)		/* they stay, and what was old does not become young (S8) */ \
	X(AGES)			/* but what was young may become old */ \
	X(FREES_LAZILY)		/* they and their folios become clean and old (S8) */ \
	X(FAULTS)		/* one is asked for; what the VMA forbids, and what is not its own, stays (D7, L8); it is used then */ \
	/* What they say is kept, or who is told. */ \
	X(STAYS_MAPPED)		/* what was mapped is so in the end, and young where a CPU has read it meanwhile (B10) */ \
	X(KEEPS_DIRTY)		/* of an anonymous page, as of a file's, dirty stays in an entry or the folio (D1) */ \
	X(FREES)		/* anonymous pages go with all that CPUs write to them meanwhile (B10) */ \
	X(LEAVES_MARKERS)	/* a marker stays where userfaultfd protected a page of a file, and nowhere else (D7) */ \
	X(TELLS_ACCESSED)	/* a folio of a file hears of accesses that an entry knew of (D2) */ \
	X(TELLS_NOTIFIERS)	/* secondary MMUs hear of what is unmapped or made read-only (L10) */ \
	X(MAY_GIVE_UP)		/* it may return false with any part of its entries unmapped */ \
	X(UNCOUNTED)		/* counts of pages, swap and rss are for the callers to keep */ \
	/* When the TLB is flushed. */ \
	X(FLUSHES_AT_UNLOCK)	/* the range, before a lock of its tables is dropped (T4) */ \
	X(FLUSHES_DIRTY)	/* by then what CPUs could dirty unseen, the rest when its gather ends (T2) */ \
	X(FLUSHED_LATER)	/* after the lock: dropped.c says by whom; all others by then, or as their gather was told (T2) */ \
	X(CATCHES_UP)		/* it may meet translations that reclaim has not flushed yet, and flushes them first (T7) */ \
	/* What it meets. */ \
	X(HARDWARE)		/* CPUs that set accessed and dirty meanwhile, none of which may be lost (B10) */ \
	X(SMALL_TABLES)		/* a table and its folios are all it needs, so that small ones can be enumerated */ \
	X(FOLLOWS_FOLIO)	/* a folio through the reverse map, from one table into the next; VMAs that are mlocked */ \
	X(BARE)			/* entries without their VMA: none of them is executable */ \
	X(KERNEL_MAPPINGS)	/* now and then those of the kernel, which are never folded */ \
	X(ANONYMOUS)		/* no VMA of a file */ \
	X(OF_CACHE)		/* the VMA of a file, of which the page cache has more than is mapped, each page at its place */ \
	X(CACHES_BY_CHANCE)	/* of what is not mapped it asks caches, which answer by chance */ \
	X(SWAPS_IN)		/* pages in the swap cache, each with a swap entry there, and devices to read others from */ \
	X(COUNTS_ALONE)		/* anonymous folios that only mappings and caches hold, so that it sees who else does */ \
	X(PRIVATE_CLEAN)	/* a file's pages clean where a private mapping has them */ \
	X(TAKES_HINTS)		/* entries that NUMA balancing has marked */ \
	X(FINDS_LOCKED)		/* folios that its caller has locked and, if swapbacked and large, given swap space */ \
	X(FINDS_BUSY)		/* folios that others have locked or are writing back */ \
	X(FINDS_HUGE)		/* a PMD in place of a table */ \
	X(ONE_HUGE)		/* a folio of 2M that its adapter maps, and nothing else */ \
	X(FINDS_RWP)		/* VMAs in which userfaultfd protects from reads, too */ \
	X(FINDS_DROPPABLE)	/* MAP_DROPPABLE */ \
	X(SHARES_WITH_DEVICE)	/* a large folio of which a device has one page for itself */ \
	X(FINDS_DEVICE_PAGES)	/* pages that a device has, now and then, also where an entry does not ask for them */ \
	X(RESTORES_EXCLUSIVE)	/* device-exclusive pages, which it maps again if it gets the lock of their folio */ \
	X(OF_DEVICES)		/* where a device has pages, many of them */ \
	X(ZERO_IS_A_PAGE)	/* the zero page, by its struct page, which counts nothing that maps it */ \
	X(EMPTIES_TABLES)	/* whole tables, which are freed when nothing is left in them */

/* T: what to make of each trait. */
#define W_FAMILIES(X, T) \
	/* Anything else that has a table and its pages: all that is known is that counts follow entries. */ \
	X(NONE, T(FLUSHED_LATER) T(SMALL_TABLES)) \
	/* mremap: from one range to another, both of the same VMA or of its copy. */ \
	X(MOVE, T(MOVES) T(STAYS_MAPPED) T(KEEPS_DIRTY) T(FLUSHES_AT_UNLOCK) T(CATCHES_UP) T(HARDWARE) T(SMALL_TABLES) T(FINDS_RWP) \
	  T(FINDS_DROPPABLE) T(SHARES_WITH_DEVICE) T(FINDS_DEVICE_PAGES)) \
	/* mprotect, NUMA balancing, userfaultfd: other rights to the same pages. */ \
	X(PROTECT, T(PROTECTS) T(STAYS_MAPPED) T(KEEPS_DIRTY) T(FLUSHED_LATER) T(CATCHES_UP) T(HARDWARE) T(SMALL_TABLES) T(FINDS_RWP) \
	  T(FINDS_DROPPABLE) T(SHARES_WITH_DEVICE) T(FINDS_DEVICE_PAGES)) \
	/* munmap, MADV_DONTNEED, exit: a range goes, with a gather that frees it. */ \
	X(ZAP, T(FREES) T(LEAVES_MARKERS) T(TELLS_ACCESSED) T(FLUSHES_DIRTY) T(FLUSHED_LATER) T(CATCHES_UP) T(HARDWARE) T(SMALL_TABLES) \
	  T(FINDS_RWP) T(EMPTIES_TABLES) T(FINDS_DROPPABLE) T(SHARES_WITH_DEVICE)) \
	/* fork: a child's tables from its parent's. */ \
	X(FORK, T(COPIES) T(MERGES_WRITE) T(KEEPS_DIRTY) T(FLUSHED_LATER) T(HARDWARE) T(SMALL_TABLES) T(FINDS_RWP) T(RESTORES_EXCLUSIVE) \
	  T(SHARES_WITH_DEVICE) T(FINDS_DEVICE_PAGES)) \
	/* Reclaim, migration and poison: a folio is unmapped wherever it is mapped. */ \
	X(UNMAP, T(UNMAPS) T(KEEPS_DIRTY) T(LEAVES_MARKERS) T(TELLS_NOTIFIERS) T(MAY_GIVE_UP) T(HARDWARE) T(SMALL_TABLES) \
	  T(FOLLOWS_FOLIO) T(FINDS_LOCKED) T(FINDS_HUGE) T(FINDS_DROPPABLE) T(SHARES_WITH_DEVICE)) \
	/* MADV_FREE: pages may be freed as long as nobody writes to them again. */ \
	X(FREE, T(FREES_LAZILY) T(FLUSHED_LATER) T(CATCHES_UP) T(SMALL_TABLES) T(ANONYMOUS) T(FINDS_BUSY) T(FINDS_DROPPABLE)) \
	/* Batch detection: entries are compared, and none changes. */ \
	X(BATCH, T(FLUSHED_LATER) T(SMALL_TABLES) T(BARE)) \
	/* arm64's operations on contpte blocks. */ \
	X(CONT, T(FLUSHED_LATER) T(SMALL_TABLES) T(BARE) T(KERNEL_MAPPINGS)) \
	/* Walks that ask for accesses and forget them. */ \
	X(AGE, T(LEAVES_ALONE) T(AGES) T(KEEPS_DIRTY) T(SMALL_TABLES) T(FOLLOWS_FOLIO) T(FINDS_HUGE) T(FINDS_DROPPABLE)) \
	/* Walks that only look: what they change is folios. */ \
	X(LOOK, T(LEAVES_ALONE) T(KEEPS_DIRTY) T(SMALL_TABLES) T(CACHES_BY_CHANCE) T(FINDS_HUGE)) \
	/* GUP: pages are handed out to who holds them from then on, and entries stay. */ \
	X(HOLD, T(STAYS_MAPPED) T(KEEPS_DIRTY) T(HARDWARE) T(SMALL_TABLES) T(FINDS_RWP) T(TAKES_HINTS) T(ZERO_IS_A_PAGE)) \
	/* The end of a migration: its entries are replaced wherever the folio is mapped. */ \
	X(RESTORE, T(PUTS_BACK) T(FOLLOWS_FOLIO)) \
	/* Writeback: a folio's entries are made clean and read-only. */ \
	X(CLEAN, T(SMALL_TABLES) T(FINDS_HUGE)) \
	/* Tracking: entries become read-only, so that the next write is told of, or old; the rest of what they say stays. */ \
	X(TRACK, T(AGES) T(KEEPS_DIRTY) T(FLUSHED_LATER) T(HARDWARE) T(SMALL_TABLES) T(FINDS_HUGE)) \
	/* The same of a range while its pages are told of, and flushed with it: what is written is told of once. */ \
	X(SCAN, T(STAYS_MAPPED) T(KEEPS_DIRTY) T(HARDWARE) T(SMALL_TABLES) T(FINDS_HUGE)) \
	/* khugepaged: the pages of a table are replaced by a huge one, or by a larger folio. */ \
	X(COLLAPSE, T(FLUSHED_LATER)) \
	/* A huge PMD becomes a table. */ \
	X(SPLIT, T(ONE_HUGE) T(FINDS_RWP)) \
	/* A page, or a marker, is put where nothing is mapped: userfaultfd, migration to a device. */ \
	X(FILL,) \
	/* Migration to a device: pages of a range are collected, and what can be is unmapped. */ \
	X(DEVICE, T(KEEPS_DIRTY) T(OF_DEVICES)) \
	/* KSM: one page is made read-only, or replaced by one that holds the same. */ \
	X(KSM,) \
	/* Faults of anonymous memory, and whatever else maps what is swapped out. */ \
	X(FAULT, T(FAULTS) T(FINDS_RWP) T(SWAPS_IN) T(COUNTS_ALONE) T(PRIVATE_CLEAN) T(TAKES_HINTS)) \
	/* Faults of a file, and drivers that fill a VMA of theirs. */ \
	X(FILE, T(FAULTS) T(OF_CACHE)) \
	/* userfaultfd's move: pages go from one range of memory to another. */ \
	X(UFFD, T(KEEPS_DIRTY)) \
	/* Functions on entries alone, which know neither pages nor counts. */ \
	X(RAW, T(UNCOUNTED) T(FLUSHED_LATER) T(SMALL_TABLES) T(BARE))

enum w_family_trait {
#define X(name) W_TRAIT_##name,
	W_TRAITS(X)
#undef X
	W_NTRAITS	/* 64 at most: each is a bit of a word */
};
_Static_assert(W_NTRAITS <= 64, "more traits than bits");

enum w_family {
#define w_name(name, traits) W_FAM_##name,
	W_FAMILIES(w_name, )
#undef w_name
};

/* whose: a side, or W for the side that runs. */
#define w_trait(whose, name) (((whose)->traits & 1UL << W_TRAIT_##name) != 0)

/* All traits of W_FAMILY, as a constant. */
#define w_trait_bit(name) | 1UL << W_TRAIT_##name
#define w_traits_if(name, traits) | (W_FAMILY == W_FAM_##name ? 0UL traits : 0UL)
#define W_FAMILY_TRAITS (0UL W_FAMILIES(w_traits_if, w_trait_bit))

#endif
