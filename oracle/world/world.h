/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated machine: memory, two page tables for each of two address ranges, counters, violations.
 *
 * Invariants: table pages lie in one region [guard][table 0][guard][table 1]...[guard], each exactly one page,
 * so an access past a table traps. Everything an entry can change is in W or in the tables; reset() and snap()
 * in run.c know all of it.
 */
#ifndef W_WORLD_H
#define W_WORLD_H

#include "wire.h"
#include "family.h"
#include "structs.h"
#include "order.h"

#define W_PAGE_SIZE (1UL << W_PAGE_SHIFT)
#define W_COVERED 8192	/* most coverage probes a slice can have */
#define W_TABLES 4		/* 0, 1: the range worked on; 2, 3: where it moves or is copied to */
#define W_MAPS 8		/* page tables mapped at once whose order is known */
#define W_HUGE_NR 512	/* pages of a folio that a PMD maps; with larger pages there is no memory for one */
#define W_NPAGES 4096
#define W_PFN_BASE 0x40000UL	/* aligned to the largest folio */
#define W_PFN_ZERO 0x30000UL
#define W_PFN_HUGE_ZERO 0x30200UL
#define W_PFN_SPECIAL 0x20000UL
#define W_SWAP_TYPES 3	/* 0, 1: entries in PTEs; 2: folios in the swap cache */
#define W_SWAP_TYPE_SHIFT 58	/* BITS_PER_XA_VALUE - MAX_SWAPFILES_SHIFT, include/linux/swapops.h */
#define W_SWAP_SLOTS 1024
#define W_SRC_VA 0x100000000UL
#define W_DST_VA 0x200000000UL
#define W_PMD_SIZE (W_SLOTS * W_PAGE_SIZE)
/* Page offset, in its file or anon VMA, of slot 0; with an offset, folios aligned in the file are not in the table. */
#define W_PGOFF 0x10000UL
#define w_skew(vma_bits) ((vma_bits) & W_V_FILE_OFFSET ? 8U : 0U)

/* A VMA maps one file: its pages are all of one kind. */
static inline unsigned int w_file_kind(const struct w_scenario *s)
{
	unsigned int i = 0;

	while (i < s->nfolios && s->folio[i].kind == W_FOLIO_ANON)
		i++;
	return i < s->nfolios ? s->folio[i].kind : W_FOLIO_FILE;
}
/*
 * Whether the first write to a page of the VMA needs no fault, and what maps it is writable from the start:
 * vma_wants_writenotify() in mm/vma.c. Shmem, unlike the other file systems here, does not ask for one.
 */
static inline unsigned int w_unnoticed(const struct w_scenario *s)
{
	return (s->vma & (W_V_WRITE | W_V_SHARED | W_V_SOFTDIRTY | W_V_UFFD_WP)) == (W_V_WRITE | W_V_SHARED | W_V_SOFTDIRTY) &&
	       w_file_kind(s) == W_FOLIO_SHMEM;
}

/* What the PMD of a page table holds while the table is linked, on all architectures: valid, and no leaf. */
#define w_table_pmd(t) ((unsigned long)W.tab[t] | 3)
#define w_linked(t) (W.pmd[t] == w_table_pmd(t))

/*
 * A translation that a CPU may still hold: DEFERRED when its flush has been asked for but not waited for. HELD when it
 * allows no more than the entry does, so far: young was cleared without a flush, or the entry allows as much again.
 */
enum w_stale { W_FRESH, W_STALE, W_STALE_DEFERRED, W_HELD };	/* forget_some() in flush.c knows their bits */

enum w_ending { W_RETURNED, W_CRASH, W_STEPS, W_TIMEOUT, W_BUG, W_UNMODELLED, W_UNDEFINED };

/* A set of rules, one bit for each enum w_rule. */
typedef unsigned __int128 w_rules;

/* What is compared after a run besides tables and pages. */
struct w_facts {
	long ret;
	long rss[2][W_RSS];
	unsigned int calls;	/* hash of calls to stubs, in order */
	unsigned int ncalls;
	unsigned long notify_start, notify_end;
	int notify_open;
	int mapped;	/* page tables mapped and not unmapped again: with CONFIG_HIGHPTE, or RCU, that counts */
	unsigned int pad;
	long out[4];		/* results an entry hands back besides its return value */
	unsigned long pmd[2];	/* of tables 0 and 1, where it maps a huge page; else 0; of hugetlb as it is */
};

struct world {
	/* simulated memory */
	char *region;
	unsigned long *tab[W_TABLES];
	struct page *pages;
	short swap_count[W_SWAP_TYPES][W_SWAP_SLOTS];
	/* of the entries in it */
	unsigned int dirty_lo[W_TABLES], dirty_hi[W_TABLES];	/* slots written: [lo, hi) */
	unsigned char stale[W_TABLES][W_SLOTS];	/* enum w_stale */
	unsigned long stale_pte[W_TABLES][W_SLOTS];
	unsigned long cleared[W_TABLES][W_SLOTS];	/* what a valid entry held when it was last cleared */
	/* what means something only where something else says so, or where a call has set it */
	unsigned long stale_huge[W_TABLES];	/* the PMD, of stale_pmd */
	unsigned int section;	/* lazy MMU sections so far, all runs together */
	unsigned long guess;	/* that entry (guessed) */
	long guessed_at;	/* and W.steps then */
	unsigned char maps[W_MAPS];	/* the page tables that are mapped, last one last: kmap_local is a stack */
	int where[W_NRULES];	/* slot of the first violation of each rule */
	int line[W_NRULES];
	void *mapping;		/* of the file that the VMA maps */
	unsigned long file_pages;	/* its size */
	unsigned long around;	/* pages that a read fault may map at once */
	int trace_on;
	void (*trace)(const char *what, long a, long b, unsigned long v);
	struct w_order order;
	/* From here on all is as the image has it when a run starts, byte for byte: reset() in run.c. */
	long steps;
	const struct w_scenario *scn;
	unsigned int npages;	/* pages in use by this scenario */
	unsigned int nswap;	/* slots in use of each type */
	unsigned int spares;	/* first page beyond the scenario's: what an allocation takes */
	/* objects */
	struct w_lock ptl[W_TABLES], pml, mml, hvl;
	unsigned long pmd[W_TABLES];	/* what a pmd_t * points to: see w_table_pmd */
	unsigned long upper;	/* and a pointer to an entry of any level above */
	struct mm_struct mm[2];
	struct vm_area_struct vma[2];
	/* run state */
	struct w_facts facts;
	unsigned int count[W_NCOUNTS];
	unsigned char stale_pmd[W_TABLES];	/* a CPU may still hold the 2M translation that the PMD was */
	unsigned int nheld;	/* translations in state HELD; nstale: the other ones */
	unsigned int nstale;
	unsigned int race, race_slot;	/* PTE accesses until another CPU acts, for C10 on the block of that slot; 0 for never */
	bool agent;	/* other CPUs use the memory meanwhile, agent.c */
	bool watch;	/* each access is looked at: for W.race, for L6, or for a trace */
	int lazy, quiet, force_one, bbml2, gather_used;
	int atomic;	/* spinlocks held, and sections without preemption or interrupts */
	int rcu;	/* RCU sections that are open */
	bool catches_up, owes_flush;	/* T7: it is the caller's to flush what reclaim put off; that is still due */
	bool guessed;		/* F5: an entry was read as a present one, and whether it is has not been asked */
	bool drops_markers;	/* the caller asked for entries to go without a trace */
	bool committing;	/* in modify_prot_commit_ptes */
	bool huge;	/* in a primitive of hugetlb */
	int changing;	/* entries taken out by modify_prot_start_ptes and not yet back */
	const void *batch;	/* T5: first of the entries that a batch primitive changed last */
	unsigned int batch_nr;	/* and their number */
	unsigned long aged, aged_end;	/* L10: addresses of the entries that were aged last, while no notifier was told */
	unsigned int resched;	/* how often the run asked whether to give way */
	unsigned int stub_seq;
	unsigned long traits;	/* of the side that runs, W_TRAIT_* */
	unsigned int fail_at;	/* the how-manieth call that may fail does; 0: none */
	bool fail_all, failed;	/* so do all after it; one did */
	w_rules violated;
	int ending;
	int asked;	/* slot that a fault is for, else -1 */
	int dst_first;	/* slot that the first of the range goes to, in tables 2 and 3 */
	struct mmu_gather tlb;	/* up to w_batch, which w_n tells the length of */
};
extern struct world W;
static inline bool w_is_stale(unsigned int table, unsigned int slot)
{
	return W.stale[table][slot] != W_FRESH && W.stale[table][slot] != W_HELD;
}
extern struct list_head w_list;	/* an mm that has had pages swapped out is on a list */
extern struct mm_struct init_mm;	/* the kernel's own mappings */

W_NORETURN void w_stop(int ending);
void w_violate_at(enum w_rule rule, int slot, int line);
/*
 * Of the code that a check stands in, for the trace; code that is only compared does without. W_LEFT: what is asked once
 * the code under test has returned.
 */
enum { W_LEFT = -1 };
#ifdef W_NO_COVERAGE
#define W_HERE 0
#else
#define W_HERE __LINE__
#endif
#define w_violate(rule, slot) w_violate_at(W_RULE_##rule, slot, W_HERE)
#define w_count(name) (W.count[W_COUNT_##name] += !W.quiet)
#define w_count_n(name, n) (W.count[W_COUNT_##name] += W.quiet ? 0 : (n))

static inline void w_step(void)
{
	if (__builtin_expect(--W.steps < 0, 0))
		w_stop(W_STEPS);
}

/* An access of the code under test, for the barriers around it: order.c. */
void w_access_ordered(enum w_access_kind kind);
static inline void w_access(enum w_access_kind kind)
{
	if (__builtin_expect(W.order.open, 0))
		w_access_ordered(kind);
	W.order.last.any = (unsigned char)kind;
	if (kind == W_ACCESS_TABLE_READ || kind == W_ACCESS_TABLE_WRITE)
		W.order.last.table = (unsigned char)kind;
}

/* Calls that may fail in the kernel do when the scenario says so: 1..7 the first to seventh, from 8 on all after, too. */
static inline void w_fail_from(long option)
{
	W.fail_at = (unsigned int)option & 7;
	W.fail_all = (option & 8) != 0;
}
static inline bool w_may_fail(void)
{
	if (W.failed)
		return W.fail_all;
	W.failed = W.fail_at && !--W.fail_at;
	return W.failed;
}

/* What the caller of an entry has made sure of, beyond what its family says; the generator keeps to it. */
enum w_want {
	W_WANT_ANON = 1,	/* an anonymous VMA */
	W_WANT_WRITE = 2,	/* one that may be written */
	W_WANT_TABLE = 4,	/* that reaches over the whole page table */
	W_WANT_LOCKS = 8,	/* someone else may have locked a folio */
	W_WANT_PLAIN = 16,	/* mostly mapped pages that nobody else holds: one odd entry ends it all */
	W_WANT_DEVICE = 64,	/* pages that a device has, out of the CPU's reach */
	W_WANT_LARGE_DEVICE = 128,	/* in large folios, too (since 6.19) */
	W_WANT_HUGE_FILE = 256,	/* the table maps pages of a file's folio of 2M, each in its place */
	W_WANT_HUGETLB = 512,	/* now and then a folio of hugetlb */
	W_WANT_NOTHING_ELSE = 1024,	/* than those */
	W_WANT_SMALL = 32,	/* mostly small folios: large ones are split */
};

/* Logical PTE, what the codec turns into bits and back. */
struct w_pte {
	unsigned char kind;	/* enum w_slot_kind */
	unsigned char bits;	/* W_WRITE...; EXCL only for swap entries */
	bool exec;	/* the MMU lets it be executed: of all in a VMA, so none of the bits of a slot */
	bool kernel_only;	/* the MMU translates, but a user access faults: no scenario starts with that */
	unsigned short type;	/* swap type number for entries no kind names */
	unsigned long pfn;	/* pfn, or swap offset */
};

/* One side of the pair: the slice of one tree, compiled. */
struct w_side {
	void (*entry)(void);
	unsigned long (*encode)(const struct w_pte *);
	void (*decode)(unsigned long raw, struct w_pte *);
	unsigned long (*prot)(unsigned int vma_bits);
	unsigned long (*vma_flags)(unsigned int vma_bits);
	unsigned long traits;	/* W_TRAIT_*: what its family is like */
	int cont_ptes;
	unsigned int wants;	/* W_WANT_* */
	bool by_length;	/* what is done depends on how long a batch is, so forcing it to one says nothing */
	bool live;	/* what it takes out of a table it puts back, so hardware may go on meanwhile whatever the family */
	bool dev_excl_mapped;	/* a device-exclusive entry keeps the mapcount (since 6.15) */
	bool rwp;	/* userfaultfd can protect from reads too (since 7.3) */
	bool may_fail;	/* it calls what may fail, and has no option of its own to make it */
	unsigned int ends, probes;	/* coverage probes of functions that are not modelled, which come first; of all */
	unsigned char *coverage;
};
extern const struct w_side w_before, w_after;

#endif
