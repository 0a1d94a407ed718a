/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Barriers as events. Of a run two things are kept: which accesses each kind of barrier stood right between (near; of
 * those before it also the last to a table), and which it stood anywhere between (far). An order is lost where a
 * barrier stood right between two accesses and the other run makes them, in that order, with no barrier of its strength
 * anywhere between them. So it does not matter how often a barrier runs, what else moved next to it, or whether entries
 * are taken in batches. Most runs keep no more than near; what is far, and which accesses are made at all, is for when
 * that differs (W_ORDER_ALL).
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
	unsigned int left, column = 8 * kind;
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
	for (left = o->ran; left; left &= left - 1)
		o->far[__builtin_ctz(left)] |= (unsigned long)o->since[__builtin_ctz(left)] << column;
	o->ever |= (unsigned char)(1 << kind);
}

/* A call of its own, so that the code of a side without it is another. */
void w_barrier(enum w_barrier_kind kind)
{
	struct w_order *o = &W.order;

	w_step();
	if (W.quiet)
		return;
	if (W.trace_on)
		W.trace("barrier", kind, 0, 0);
	if (!(o->ran >> kind & 1))
		o->near[kind] = o->far[kind] = 0;
	o->ran |= 1U << kind;
	o->open |= 1U << kind;
	o->since[kind] = o->ever;
}

/* Of barriers that did not run there is nothing to be kept. */
void w_order_keep(struct w_order *out)
{
	unsigned int left;

	memcpy(out, &W.order, offsetof(struct w_order, near));
	for (left = out->ran; left; left &= left - 1) {
		out->near[__builtin_ctz(left)] = W.order.near[__builtin_ctz(left)];
		out->far[__builtin_ctz(left)] = W.order.far[__builtin_ctz(left)];
	}
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

unsigned long w_order_lost(const struct w_order *a, const struct w_order *b, unsigned int kind)
{
	unsigned long ordered = 0;
	unsigned int left;

	if (!(a->ran >> kind & 1))
		return 0;
	for (left = b->ran & as_strong[kind]; left; left &= left - 1)
		ordered |= b->far[__builtin_ctz(left)];
	return a->near[kind] & b->made & ~ordered;
}
