/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two NUMA nodes that pages lie on, and how they are moved between them. */
#ifndef REPRODUCE_NODES_H
#define REPRODUCE_NODES_H

#include "memory.h"

#define MOVE_ALL (1 << 2)	/* MPOL_MF_MOVE_ALL: pages that other processes have, too */
#define BIND 2			/* MPOL_BIND */

/* Which node the page is on, or an error below 0. */
static int node_of(long pte)
{
	void *address = AT(pte);
	int status = -1;

	return syscall(SYS_move_pages, 0, 1UL, &address, NULL, &status, 0) ? -errno : status;
}

/* Without another node nothing is learnt. */
KEEP void two_nodes(void)
{
	if (access("/sys/devices/system/node/node1", F_OK))
		give_up("another node");
}

/* Where pages are allocated from here on; -1: as it comes. */
KEEP void allocate_on(int node)
{
	unsigned long nodes = node < 0 ? 0 : 1UL << node;

	if (syscall(SYS_set_mempolicy, node < 0 ? 0 : BIND, node < 0 ? NULL : &nodes, 8 * sizeof(nodes)))
		give_up("a policy for memory");
}

/* Each page of the range to a node, whoever maps it too. */
KEEP void to_node(long first, long end, int node)
{
	int status;

	for (; first < end; first++) {
		void *address = AT(first);

		if (node_of(first) != node && syscall(SYS_move_pages, 0, 1UL, &address, &node, &status, MOVE_ALL))
			give_up("a page on the other node");
	}
}

KEEP void is_on_node(enum kind kind, long pte, int node)
{
	int is = node_of(pte);

	check(kind, is == node, "the page of PTE %ld is on node %d (%d)", pte, node, is);
}

KEEP void bind_to(long first, long end, unsigned long nodes, unsigned int how)
{
	returns(syscall(SYS_mbind, AT(first), (unsigned long)(end - first) * page, BIND, &nodes, 8 * sizeof(nodes), how));
}

KEEP void away_from(unsigned long nodes)
{
	unsigned long to = ~nodes & 3;

	returns(syscall(SYS_migrate_pages, 0, 8 * sizeof(nodes), &nodes, &to));
}

/* Each page of the range to the node that it is not on. */
KEEP void to_other_node(long first, long end)
{
	for (; first < end; first++) {
		int is = node_of(first), node = !is, status = 0;
		void *address = AT(first);

		if (is < 0)
			continue;
		if (syscall(SYS_move_pages, 0, 1UL, &address, &node, &status, MOVE_ALL))
			must(false, "move_pages");
		else if (status < 0)
			errno = -status, must(false, "move_pages");
	}
}
#endif
