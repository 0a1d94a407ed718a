/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Barriers as events. Kept of a run is which accesses each kind of barrier stood right between (near; of those before it
 * also the last to a table). Where that differs, an order is lost that a barrier of the first run stood right between
 * and none as strong of the second, if the second makes those accesses
 *   with none as strong anywhere between them (far), or
 *   once with none as strong since the last access of the first kind (bare), which the first run never does.
 * So it does not matter how often a barrier runs, what else moved next to it, or whether entries are taken in batches.
 */
#include <string.h>
#undef bool
#include "runtime.h"

#define ONE(kind) (1U << W_BARRIER_##kind)
#define FULL (ONE(MB) | ONE(ORDERED) | ONE(SYNC) | ONE(DMA))

/* What orders at least as much as each kind, tools/memory-model/Documentation/cheatsheet.txt and the manuals. */
static const unsigned int as_strong[W_NBARRIERS] = {
	[W_BARRIER_MB] = FULL,
	[W_BARRIER_RMB] = FULL | ONE(RMB) | ONE(ACQUIRE) | ONE(SYNC_READ) | ONE(DMA_READ),
	[W_BARRIER_WMB] = FULL | ONE(WMB) | ONE(RELEASE) | ONE(SYNC_WRITE) | ONE(DMA_WRITE),
	[W_BARRIER_ACQUIRE] = FULL | ONE(ACQUIRE),
	[W_BARRIER_RELEASE] = FULL | ONE(RELEASE),
	[W_BARRIER_BEFORE_ATOMIC] = FULL | ONE(BEFORE_ATOMIC),
	[W_BARRIER_AFTER_ATOMIC] = FULL | ONE(AFTER_ATOMIC),
	[W_BARRIER_ORDERED] = FULL,
	[W_BARRIER_SYNC] = ONE(SYNC),
	[W_BARRIER_SYNC_READ] = ONE(SYNC) | ONE(SYNC_READ),
	[W_BARRIER_SYNC_WRITE] = ONE(SYNC) | ONE(SYNC_WRITE),
	[W_BARRIER_SYNC_LOCAL] = ONE(SYNC) | ONE(SYNC_LOCAL),
	[W_BARRIER_DMA] = ONE(SYNC) | ONE(DMA),
	[W_BARRIER_DMA_READ] = ONE(SYNC) | ONE(SYNC_READ) | ONE(DMA) | ONE(DMA_READ),
	[W_BARRIER_DMA_WRITE] = ONE(SYNC) | ONE(SYNC_WRITE) | ONE(DMA) | ONE(DMA_WRITE),
	[W_BARRIER_INSTRUCTION] = ONE(INSTRUCTION),
	[W_BARRIER_COMPILER] = ~0U,
};

/* Debug checks make no accesses. */
void w_access_ordered(enum w_access_kind kind)
{
	struct w_order *o = &W.order;
	unsigned int left, k, column = 8 * kind;
	unsigned long before = 1UL << o->last.any;

	if (W.quiet)
		return;
	/* Of a loop over entries, one entry after the other says nothing of what is in order within each. */
	if (o->last.table != kind)
		before |= o->last.table ? 1UL << o->last.table : 0;
	for (left = o->open & ~W_ORDER_ALL; left; left &= left - 1)
		o->near[__builtin_ctz(left)] |= before << column;
	o->open &= W_ORDER_ALL;
	if (!o->open)
		return;
	o->made |= (unsigned long)o->ever << column;
	for (k = 0; k < W_NBARRIERS; k++) {
		o->far[k] |= (unsigned long)o->until[k] << column;
		o->bare[k] |= (unsigned long)o->since[k] << column;
		o->since[k] |= (unsigned char)(1 << kind);
	}
	o->ever |= (unsigned char)(1 << kind);
}

/* A call of its own, so that the code of a side without it is another. */
void w_barrier(enum w_barrier_kind kind)
{
	struct w_order *o = &W.order;
	unsigned int k;

	w_step();
	if (W.quiet)
		return;
	if (W.trace_on)
		W.trace("barrier", kind, 0, 0);
	if (!(o->ran >> kind & 1))
		o->near[kind] = 0;
	o->ran |= 1U << kind;
	o->open |= 1U << kind;
	if (!(o->open & W_ORDER_ALL))
		return;
	o->until[kind] = o->ever;
	for (k = 0; k < W_NBARRIERS; k++)
		if (as_strong[k] >> kind & 1)
			o->since[k] = 0;
}

/* Of most runs no more than near, of what did run. */
void w_order_keep(struct w_order *out)
{
	unsigned int left;

	memcpy(out, &W.order, W.order.open & W_ORDER_ALL ? sizeof(*out) : offsetof(struct w_order, near));
	for (left = out->ran; left; left &= left - 1)
		out->near[__builtin_ctz(left)] = W.order.near[__builtin_ctz(left)];
}

bool w_order_same(const struct w_order *a, const struct w_order *b)
{
	unsigned int left;

	if (a->ran != b->ran)
		return false;
	for (left = a->ran; left; left &= left - 1)
		if (a->near[__builtin_ctz(left)] != b->near[__builtin_ctz(left)])
			return false;
	return true;
}

/* The pairs that a kind of barrier has a say in: one for reads orders no write, and one for writes no read. */
static unsigned long has_say(unsigned int kind)
{
	const unsigned int writes = 1U << W_ACCESS_TABLE_WRITE | 1U << W_ACCESS_FLAG_WRITE | 1U << W_ACCESS_COUNT_WRITE;
	const unsigned int reads = 1U << W_ACCESS_TABLE_READ | 1U << W_ACCESS_FLAG_READ | 1U << W_ACCESS_COUNT_READ;
	unsigned int no = kind == W_BARRIER_RMB || kind == W_BARRIER_DMA_READ ? writes :
		kind == W_BARRIER_WMB || kind == W_BARRIER_DMA_WRITE ? reads : 0, k;
	unsigned long pairs = ~0UL;

	for (k = 0; k < W_NACCESSES; k++)
		if (no >> k & 1)
			pairs &= ~(0xffUL << 8 * k | 0x0101010101010101UL << k);
	return pairs;
}

unsigned long w_order_lost(const struct w_order *a, const struct w_order *b, unsigned int kind)
{
	unsigned long near = 0, far = 0;
	unsigned int left;

	if (!(a->open & b->open & W_ORDER_ALL) || !(a->ran >> kind & 1))
		return 0;
	for (left = b->ran & as_strong[kind]; left; left &= left - 1) {
		near |= b->near[__builtin_ctz(left)];
		far |= b->far[__builtin_ctz(left)];
	}
	return has_say(kind) & a->near[kind] & ~near & ((b->made & ~far) | (b->bare[kind] & ~a->bare[kind]));
}
