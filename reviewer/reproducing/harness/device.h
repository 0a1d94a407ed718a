/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own test device that shares the memory of a process (CONFIG_TEST_HMM; lib/test_hmm_uapi.h). */
#ifndef REPRODUCE_DEVICE_H
#define REPRODUCE_DEVICE_H

#include "memory.h"

#include <sys/ioctl.h>

struct device_command { uint64_t address, buffer, pages, copied, faults; };
#define DEVICE_EXCLUSIVE _IOWR('H', 0x05, struct device_command)

/* The device alone may access these pages, until the process does. */
KEEP void device_takes(long first, long end)
{
	unsigned long pages = (unsigned long)(end - first);
	struct device_command command = { (uintptr_t)AT(first), (uintptr_t)malloc(pages * page), pages, 0, 0 };
	static int device = -1;

	if (device < 0)
		device = open("/dev/hmm_dmirror0", O_RDWR);
	if (device < 0 || ioctl(device, DEVICE_EXCLUSIVE, &command))
		give_up("a device that shares memory");
}
#endif
