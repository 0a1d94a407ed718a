/* SPDX-License-Identifier: GPL-2.0-or-later */
/* userfaultfd: a range that is watched for writes; a write to a protected page brings SIGBUS. */
#ifndef REPRODUCE_UFFD_H
#define REPRODUCE_UFFD_H

#include "memory.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1 << 12)
#endif

static int watching = -1;

KEEP void watch(long first, long end)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)AT(first), (unsigned long)(end - first) * page }, .mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_SIGBUS | UFFD_FEATURE_WP_UNPOPULATED |
			    UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
	};

	watching = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (watching < 0 || ioctl(watching, UFFDIO_API, &api) || ioctl(watching, UFFDIO_REGISTER, &range))
		give_up("userfaultfd");
}

static void protection(long first, long end, unsigned long mode)
{
	struct uffdio_writeprotect range = {
		.range = { (uintptr_t)AT(first), (unsigned long)(end - first) * page }, .mode = mode,
	};

	if (ioctl(watching, UFFDIO_WRITEPROTECT, &range))
		give_up("UFFDIO_WRITEPROTECT");
}

KEEP void write_protect(long first, long end)
{
	protection(first, end, UFFDIO_WRITEPROTECT_MODE_WP);
}

KEEP void write_protected_no_more(long first, long end)
{
	protection(first, end, UFFDIO_WRITEPROTECT_MODE_DONTWAKE);
}
#endif
