/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the runtime: building a scenario, running a side, comparing what came out. */
#ifndef W_RUNTIME_H
#define W_RUNTIME_H

#include "world.h"

#define W_GROUP 16	/* pages that are looked at together */
#define W_GROUP_WORDS (W_NPAGES / W_GROUP / 64)

/* Final state of one run. Tables hold [lo, hi) of each table, pages the touched groups of those in use: pages.c. */
struct w_snap {
	unsigned int lo[W_TABLES], hi[W_TABLES];
	unsigned long tab[W_TABLES][W_SLOTS];
	unsigned int npages, nswap;
	unsigned long touched[W_GROUP_WORDS];
	struct page pages[W_NPAGES];
	short swap_count[W_SWAP_TYPES][W_SWAP_SLOTS];
	struct w_facts facts;
	struct w_order order;
	unsigned int count[W_NCOUNTS];
	w_rules violated, ran;	/* all rules broken; those while it ran */
	bool settled;	/* nothing left open */
	int where[W_NRULES];
	int line[W_NRULES];
	int ending;
	bool failed;	/* a call that may fail did */
};

struct w_difference { unsigned char code; int slot; };
#define W_MAX_DIFFERENCES 64
/* n are listed, total there are. */
struct w_differences { unsigned int n, total; unsigned long codes; struct w_difference d[W_MAX_DIFFERENCES]; };

#define W_OR_BIT(n, ...) | 1UL << W_DIFF_##n
#define W_HARMLESS_CODES (0UL W_HARMLESS(W_OR_BIT))

/* order.c: kept of a run; whether barriers stood between the same accesses, and which do not any more. */
void w_order_keep(struct w_order *out);
bool w_order_same(const struct w_order *first, const struct w_order *second);
/* Pairs that a kind of barrier ordered in the first run, and that the second makes in the same order without any. */
unsigned long w_order_lost(const struct w_order *first, const struct w_order *second, unsigned int kind);

/* world.c: what a run starts from; a scenario's slots lie in [w_window_lo, w_window_hi) of each table. */
extern unsigned long w_image[W_TABLES][W_SLOTS];
extern struct page w_page_image[W_NPAGES];
extern unsigned char w_start_dirty[W_NPAGES];	/* at the start: 1 its folio is dirty, 2 its PTE is */
extern int w_start_maps[W_NPAGES];	/* by first page: mapcount of the folio plus references of its special PTEs */
extern struct world w_start;	/* W as it stands before a run */
extern unsigned int w_window_lo[W_TABLES], w_window_hi[W_TABLES];
extern volatile unsigned long w_runs;	/* twice the number of runs so far, and one more while code under test runs */
static inline bool w_running(void) { return w_runs & 1; }
void w_allocate(void);

/* ending.c: calls a side, and comes back however that ends; the handlers that this takes */
void w_until_end(const struct w_side *side, void (*calls)(const struct w_side *side));
void w_catch(void);

/* decode.c */
void w_decode_fast(const struct w_side *side, unsigned long raw, struct w_pte *out);
/* How often coverage was taken back: what the tree's accessors were asked before then is asked again, as it counts. */
extern unsigned long w_forgotten;

/* image.c: the image of a scenario */
void w_build(const struct w_side *side, const struct w_scenario *scn);
void w_build_call(const struct w_scenario *scn); /* the table stands, how the entry is called has changed */

/* image_objects.c, for the image */
void w_put_folio(const struct w_side *side, const struct w_folio *folio);
void w_put_vmas(const struct w_side *side, const struct w_scenario *scn);

/* pages.c: after a build, before a run, after it; then kept, or held against what was. */
void w_pages_build(void);
void w_pages_reset(void);
void w_pages_ran(void);
void w_pages_keep(struct w_snap *out);
bool w_pages_stand(const struct w_snap *snap);
bool w_pages_same(const struct w_snap *first, const struct w_snap *second);
const struct page *w_page_of(const struct w_snap *snap, unsigned int n);	/* NULL: as it is at the start */

/* run.c */
#define W_STEP_BUDGET (200000L * (W_SLOTS / 512) * (W_BLOCK / 16))	/* each entry of a block reads all of it */
void w_run(const struct w_side *side, bool one_by_one, bool all, struct w_snap *out);	/* all: see order.c */
/* whole.c: the same with as many calls as the range takes; leaves W.scn a part of it. */
void w_run_whole(const struct w_side *side, struct w_snap *out);
void w_whole(const struct w_side *side);
/* The same without the rules on the final state, for when it is to be compared only. */
void w_run_unchecked(const struct w_side *side, struct w_snap *out);
/* True, and out left alone, when the run ends just as the snapshot did. */
bool w_run_same(const struct w_side *side, const struct w_snap *as, struct w_snap *out);

/* invariants.c: rules checked on the state a run leaves; returns through W.violated. */
void w_check_end(const struct w_side *side);
#define violate(rule, slot) w_violate_at(W_RULE_##rule, slot, W_LEFT)

/* changes.c: rules on what became of each entry */
void w_check_changes(const struct w_side *side);
bool w_waits_for_soft(const struct w_side *side);	/* whether the VMA wants to hear of the first write */
void w_check_moved(const struct w_side *side, const struct w_pte *end, unsigned int to);

/* split.c; flush.c: no CPU holds that translation any more */
unsigned long w_block_says(const unsigned long *block);
void w_forget(unsigned int table, unsigned int slot);
void w_unflushed(unsigned int table, unsigned int slot);	/* but one still does */

/* watch.c, where W.watch is set: between two accesses another CPU may act (W.race); L6, reading what waits to be written. */
void w_watch_read(const volatile void *p);
void w_watch_write(const volatile void *p, unsigned long new, bool plain);

/* agent.c: the hardware that works on meanwhile */
void w_agent(const volatile void *at);
bool w_agent_fits(const struct w_side *side);
void w_agent_reset(void);
void w_check_agent(const unsigned char *dirty, const unsigned char *young);

/* agree.c: what other flavours can be held against. Changes the scenario to what all of them can represent. */
bool w_digest(const struct w_side *side, struct w_scenario *s, unsigned long digest[W_NASPECTS]);

/* walked.c: rules on what reverse-map walks and walks that only look make of entries */
void w_check_walked(const struct w_side *side);

/* compare.c: what of `second` does not refine `first`. */
bool w_same(const struct w_snap *first, const struct w_snap *second);
void w_compare(const struct w_side *side, const struct w_snap *first, const struct w_snap *second, struct w_differences *out);

/* generate.c */
void w_generate(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *out);
/* From the scenario of index - 1: true when the table is the same and only the call was made anew. */
bool w_generate_next(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *out);

/* enumerate.c */
#define W_TABLE_MOST 6	/* PTEs of the longest of its tables */
/* How many tables of up to n PTEs there are, 0 when the entry needs more than tables; most states of a slot, and places. */
unsigned long w_tables(const struct w_side *side, unsigned int n, unsigned int *states, unsigned int *places);
/* The table of that number, once w_tables() was asked; false: a kernel cannot be in it, or there is none. */
bool w_table(const struct w_side *side, unsigned long index, const long option[W_OPTIONS], struct w_scenario *out);

/* steer.c: scenarios that are kept, and others made from them; false: no room, or none found */
void w_keep_none(void);
bool w_keep(const struct w_scenario *s);
bool w_near(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *out);

/* valid.c, valid_slot.c */
bool w_uses_folio(const struct w_slot *slot);
bool w_valid_slot(const struct w_side *side, const struct w_scenario *s, const struct w_slot *slot);
bool w_finds_huge(const struct w_side *side);	/* huge pages are made for it */
bool w_hugetlb_fits(const struct w_side *side);
bool w_stays_clean(const struct w_scenario *s, const struct w_folio *f);	/* nor one of the scenario's VMA */
bool w_shares_with_device(const struct w_side *side, const struct w_folio *f);	/* a device may have one of its pages */
/* No entry of the folio may be dirty. */
bool w_maps_clean(const struct w_side *side, const struct w_scenario *s, const struct w_folio *f);
bool w_valid(const struct w_side *side, const struct w_scenario *s);

/* campaign.c: prints the hits */
bool w_comparable(const struct w_snap *snap);	/* with a run forced to batches of one */
/* What a campaign leaves out, so that it can be measured what that costs. */
static inline bool w_may_fail_somewhere(void) { return w_before.may_fail || w_after.may_fail; }

enum { W_WITHOUT_RUNS = 1, W_WITHOUT_AFTER = 2, W_WITHOUT_ONE = 4, W_WITHOUT_END = 8, W_WITHOUT_AGENT = 16 };
void w_campaign(unsigned long seed, unsigned long first, unsigned long count, bool thorough, unsigned int without);
/* So many small tables from one on, thoroughly; prints how many were run, too. */
void w_exhaust(unsigned long first, unsigned long count, const long option[W_OPTIONS]);
/*
 * So many near those of the first scenarios of a seed that were the first to reach one of the probes [lo, end) after
 * the patch; prints the first scenario of each kind of hit, too.
 */
void w_steer(unsigned long seed, unsigned long count, unsigned long steered, unsigned int lo, unsigned int end);

/* numbers.c */
long w_number(const char **text);	/* the next number, 0 at the end */
void w_print_scenario(const struct w_scenario *scn);
bool w_read_scenario(const char *text, struct w_scenario *scn);	/* false: not one */

/* rows.c: states as text for people */
void w_print_start(const struct w_side *side, const struct w_scenario *scn);
void w_print_snap(const struct w_side *side, const struct w_snap *snap);
void w_slot_row(const struct w_side *side, unsigned int t, unsigned int i, unsigned long raw);
void w_folio_row(const struct w_scenario *s, const struct page *head, unsigned int i);
void w_page_row(const struct w_scenario *s, const struct page *page, unsigned int n);
void w_rss_row(unsigned int mm, unsigned int which, long value);

/* trace.c: a run told as it goes */
void w_trace_run(const struct w_side *side, struct w_snap *out);

/* seal.c */
#define W_SEAL 16	/* bytes */
struct w_seal { unsigned int h[8]; unsigned long bytes; unsigned int used; unsigned char block[64]; };
void w_seal_start(struct w_seal *s);
void w_seal_add(struct w_seal *s, const char *data, unsigned long n);
void w_seal_end(struct w_seal *s, char text[2 * W_SEAL]);	/* in hexadecimal digits, without an end */

/* outcome.c */
void w_print_runs(const struct w_scenario *s, bool rows);	/* on all four sides; rows: the states as text, too */
void w_print_whole(const struct w_scenario *s);	/* as often as its range takes, on the sides before and after */
void w_print_coverage(const char *name, const struct w_side *side);

/* commands.c: answers one; false: there is none such, or it cannot be answered now */
bool w_answer(const char *line);

/* pipes.c */
void w_print_word(const char *text);
void w_print_number(const char *key, long value);
void w_read_command(char *line, unsigned long size);
void w_end_answer(bool taken);

/* sandbox.c */
void w_limit(void);
W_NORETURN void w_leave(void);
long w_gate(long number, long a, long b, long c);	/* the only way to the kernel once that is done */

#endif
