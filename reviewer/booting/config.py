# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration of a kernel that is booted: make tinyconfig and what the simulated machine has switched on
(oracle/flavours.py), so that one build serves nearly all findings of a flavour."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reviewer.booting.targets import Target
from reviewer.reproducing.model import Needs

# What a kernel needs to start a program, and a program to look at its memory.
_RUNS = (
    "64BIT MMU SMP PRINTK PRINTK_TIME BUG TTY BLK_DEV_INITRD BINFMT_ELF PROC_FS PROC_SYSCTL PROC_PAGE_MONITOR SYSFS "
    "TMPFS SHMEM MEMFD_CREATE BLOCK BLK_DEV BLK_DEV_RAM DEVTMPFS DEBUG_FS EXPERT MULTIUSER FUTEX EPOLL EVENTFD "
    "SIGNALFD TIMERFD POSIX_TIMERS ADVISE_SYSCALLS KALLSYMS VM_EVENT_COUNTERS"
).split()
# What of memory management the simulated machine has.
_MEMORY = (
    "SWAP MIGRATION COMPACTION TRANSPARENT_HUGEPAGE TRANSPARENT_HUGEPAGE_MADVISE MEM_SOFT_DIRTY CHECKPOINT_RESTORE "
    "USERFAULTFD NUMA NUMA_BALANCING NUMA_BALANCING_DEFAULT_ENABLED KSM MEMORY_FAILURE SPARSEMEM_MANUAL "
    "SPARSEMEM_VMEMMAP MEMORY_HOTPLUG MEMORY_HOTREMOVE ZONE_DEVICE DEVICE_PRIVATE HUGETLBFS PT_RECLAIM LRU_GEN "
    "CGROUPS MEMCG NUMA_EMU RUNTIME_TESTING_MENU TEST_HMM GUP_TEST"
).split()
# What makes a kernel complain by itself, and soon.
_ASKS = "DEBUG_KERNEL DEBUG_VM PAGE_TABLE_CHECK PAGE_TABLE_CHECK_ENFORCED SOFTLOCKUP_DETECTOR DETECT_HUNG_TASK".split()
_VALUES = {"NR_CPUS": "8", "BLK_DEV_RAM_COUNT": "2", "BLK_DEV_RAM_SIZE": "65536", "MODULES": "n", "NODES_SHIFT": "2",
           "LOCALVERSION_AUTO": "n", "WERROR": "n"}  # fmt: skip
_LINE = re.compile(r"(?:# )?CONFIG_(\w+)(?:=(.*)| is not set)$")
_NAME = re.compile(r"(?:CONFIG_)?([A-Z0-9_]{1,100})(?:=([\w.\"-]{1,100}))?$")


def wanted(target: Target, needs: Needs) -> dict[str, str]:
    """Each option by name, with its value ("y", "n" or another). ValueError for a need that is no option."""
    asked = dict(map(_option, needs.options))
    return {**dict.fromkeys((*_RUNS, *_MEMORY, *_ASKS), "y"), **_VALUES, **dict(target.options), **asked}


def required(target: Target, needs: Needs) -> dict[str, str]:
    """Those without which nothing is to be learnt: a tree may know the others by other names, or not at all."""
    asked = dict(map(_option, needs.options))
    least = ("64BIT", "PRINTK", "TTY", "BLK_DEV_INITRD", "BINFMT_ELF", "PROC_FS", "SYSFS", "PROC_PAGE_MONITOR")
    own = {name: value for name, value in target.options if name.endswith(("_PAGES", "_CONSOLE"))}
    return {**dict.fromkeys(least, "y"), **own, **asked}


def _option(text: str) -> tuple[str, str]:
    found = _NAME.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no option of a kernel's configuration")
    return found[1], found[2] or "y"


def merged(config: str, options: Mapping[str, str]) -> str:
    """A .config with these options in place of what it says of them; they are last, as make olddefconfig reads it."""
    kept = [line for line in config.splitlines() if not ((at := _LINE.match(line)) and at[1] in options)]
    return "\n".join((*kept, *(_line(name, value) for name, value in sorted(options.items())))) + "\n"


def _line(name: str, value: str) -> str:
    return f"# CONFIG_{name} is not set" if value == "n" else f"CONFIG_{name}={value}"


def lacking(config: str, options: Mapping[str, str]) -> tuple[str, ...]:
    """The options that a finished .config does not have as they were asked for, sorted."""
    held = {at[1]: at[2] or "n" for line in config.splitlines() if (at := _LINE.match(line))}
    return tuple(sorted(name for name, value in options.items() if held.get(name, "n") != value))
