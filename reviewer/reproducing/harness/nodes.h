/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that are moved to the other of two NUMA nodes. */
#ifndef REPRODUCE_NODES_H
#define REPRODUCE_NODES_H

#include "memory.h"

#define MOVE_ALL (1 << 2)	/* MPOL_MF_MOVE_ALL: pages that other processes have, too */

/* Each page of the range to the node that it is not on. */
KEEP void to_other_node(long first, long end)
{
	int status = -1, node;
	void *address;

	for (; first < end; first++) {
		address = AT(first);
		if (syscall(SYS_move_pages, 0, 1UL, &address, NULL, &status, 0) || status < 0)
			continue;
		node = !status;
		if (syscall(SYS_move_pages, 0, 1UL, &address, &node, &status, MOVE_ALL))
			must(false, "move_pages");
		else if (status < 0)
			errno = -status, must(false, "move_pages");
	}
}
#endif
