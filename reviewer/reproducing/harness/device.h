/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devices do to memory, by the kernel's own tests: one shares the memory of a process (CONFIG_TEST_HMM;
 * lib/test_hmm_uapi.h), a driver pins pages (CONFIG_GUP_TEST; mm/gup_test.h).
 */
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

struct pinning { uint64_t address, bytes; uint32_t how; };
#define PIN_THEM _IOW('g', 7, struct pinning)

static int pins[64];
static unsigned int npins;

/* The page's folio is pinned, to be read, until unpin(). */
KEEP void pin(long pte)
{
	struct pinning range = { (uintptr_t)AT(pte), page, 0 };

	if (npins == sizeof(pins) / sizeof(*pins))
		give_up("as many pins as that");
	pins[npins] = open("/sys/kernel/debug/gup_test", O_RDWR);
	if (pins[npins] < 0 || ioctl(pins[npins], PIN_THEM, &range))
		give_up("a page that is pinned");
	npins++;
}

KEEP void unpin(void)
{
	while (npins)
		close(pins[--npins]);
}
#endif
