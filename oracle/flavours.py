# SPDX-License-Identifier: GPL-2.0-or-later
"""The architectures that a pair is built for: where their code lies and how they are configured.

A flavour names the headers read beneath mm code, in include order (the first definition of a name wins, as
with the kernel's own #ifndef fallbacks), the sources whose definitions may be pulled in, and the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

COMMON_CONFIG = (
    "MMU", "SMP", "64BIT", "SWAP", "MIGRATION", "TRANSPARENT_HUGEPAGE", "HAVE_ARCH_TRANSPARENT_HUGEPAGE",
    "ARCH_HAS_PTE_SPECIAL", "USERFAULTFD", "HAVE_ARCH_USERFAULTFD_WP", "PTE_MARKER_UFFD_WP", "NUMA_BALANCING",
    "ARCH_SUPPORTS_NUMA_BALANCING", "DEVICE_PRIVATE", "ZONE_DEVICE", "ARCH_ENABLE_THP_MIGRATION",
    "ARCH_HAS_PTE_PROTNONE", "ARCH_HAS_PMD_SOFTLEAVES",
    "ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH", "MMU_NOTIFIER", "NUMA", "MMU_GATHER_RCU_TABLE_FREE", "ARCH_HAS_PTDUMP",
    "HAVE_ARCH_MMAP_RND_BITS", "HAVE_MOVE_PMD", "PAGE_MAPCOUNT", "PT_RECLAIM", "MEMORY_FAILURE",
    "NUMA_MIGRATION", "LRU_GEN", "LRU_GEN_WALKS_MMU", "KSM", "PAGE_TABLE_CHECK", "PROC_PAGE_MONITOR", "VMAP_PFN",
    "HAVE_GUP_FAST", "HAVE_ARCH_HUGE_VMAP", "MEMORY_HOTPLUG",
)  # fmt: skip


@dataclass(frozen=True)
class Flavour:
    """One architecture and page size. All sizes in bytes unless named otherwise."""

    name: str
    arch: str
    page_shift: int
    cont_ptes: int  # PTEs in a contpte block, 1 where there is none
    config: tuple[str, ...]
    config_values: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    sources: tuple[str, ...]
    # Configuration that a tree has only if the pattern occurs in the file: (option, file, text).
    probes: tuple[tuple[str, str, str], ...] = ()
    cflags: tuple[str, ...] = ()
    # Code whose changes run on it unasked: (file, pattern in the text of what changed; empty for all of the file).
    also_for: tuple[tuple[str, str], ...] = ()

    def is_for(self, file: str, text: str) -> bool:
        """Whether a change of this code runs on it unasked. text: of a function, macro or type of that file."""
        return any(file == path and re.search(pattern, text) is not None for path, pattern in self.also_for)

    @property
    def defines(self) -> tuple[tuple[str, str], ...]:
        """What the world's C asks of a flavour: macros by name and value."""
        return (
            (f"W_ARCH_{self.arch.upper()}", "1"),
            ("W_PAGE_SHIFT", str(self.page_shift)),
            ("W_CONT_PTES", str(self.cont_ptes)),
        )


GENERIC_HEADERS = (
    "include/asm-generic/pgtable_uffd.h",
    "include/linux/pgtable.h",
    "include/linux/page_table_check.h",
    "include/linux/mm_types.h",
    "include/linux/mm_types_task.h",
    "include/linux/mm.h",
    "include/linux/mm_inline.h",
    "include/linux/swap.h",
    "include/linux/swap_ops.h",
    "include/linux/swapops.h",
    "include/linux/leafops.h",
    "include/linux/rmap.h",
    "include/linux/huge_mm.h",
    "include/linux/userfaultfd_k.h",
    "include/linux/mman.h",
    "include/linux/memremap.h",
    "include/linux/migrate_mode.h",
    "include/linux/migrate.h",
    "include/linux/memcontrol.h",
    "include/linux/ksm.h",
    "include/linux/hmm.h",
    "include/linux/hugetlb.h",
    "include/linux/mmu_notifier.h",
    "include/linux/page-flags.h",
    "include/linux/pagemap.h",
    "include/linux/pagewalk.h",
    "include/linux/page_idle.h",
    "include/linux/oom.h",
    "include/linux/sched/mm.h",
    "include/uapi/linux/mempolicy.h",
    "include/linux/mempolicy.h",
    "include/linux/sched/numa_balancing.h",
    "include/linux/sched/sysctl.h",
    "include/linux/numa.h",
    "include/linux/pgalloc.h",
    "include/linux/vm_event_item.h",
    "include/linux/mmzone.h",
    "include/linux/memory-tiers.h",
    "include/asm-generic/tlb.h",
    "include/asm-generic/pgtable-nop4d.h",
    "include/linux/pfn.h",
    "include/linux/shmem_fs.h",
    "include/linux/fs.h",
    "include/uapi/linux/fs.h",
    "include/linux/damon.h",
    "mm/internal.h",
    "mm/swap.h",
)
GENERIC_SOURCES = (
    "mm/util.c", "mm/page_vma_mapped.c", "mm/pgtable-generic.c", "mm/mempolicy.c", "mm/memory-tiers.c",
    "mm/mprotect.c", "mm/memory.c",
)  # fmt: skip

# Read like these, for the few entries that lead there; they name the file as theirs.
FURTHER_SOURCES = ("mm/vmscan.c",)

# What is only checked or counted by options that are off here, and so comes to nothing in the tree's own headers.
NOTE_HEADERS = tuple(
    f"include/linux/{name}.h"
    for name in (
        "lockdep kasan-checks kasan kcsan-checks kcsan kmsan-checks kmsan instrumented delayacct psi vmstat "
        "task_io_accounting_ops page_owner"
    ).split()
)

X86_64 = Flavour(
    name="x86-64",
    arch="x86",
    page_shift=12,
    cont_ptes=1,
    config=(
        *COMMON_CONFIG, "X86", "X86_64", "MEM_SOFT_DIRTY", "HAVE_ARCH_SOFT_DIRTY", "X86_USER_SHADOW_STACK",
        "ARCH_HAS_PKEYS", "X86_INTEL_MEMORY_PROTECTION_KEYS",
    ),
    config_values=(("PGTABLE_LEVELS", "5"), ("X86_L1_CACHE_SHIFT", "6"), ("NODES_SHIFT", "6")),
    headers=(
        "arch/x86/include/asm/page_types.h",
        "arch/x86/include/asm/pgtable_64_types.h",
        "arch/x86/include/asm/pgtable_types.h",
        "arch/x86/include/asm/pgtable-invert.h",
        "arch/x86/include/asm/pgtable_64.h",
        "arch/x86/include/asm/pgtable.h",
        "arch/x86/include/asm/tlbflush.h",
        "arch/x86/include/asm/tlb.h",
    ),
    sources=("arch/x86/mm/pgtable.c",),
)  # fmt: skip

ARM64_4K = Flavour(
    name="arm64-4k",
    arch="arm64",
    page_shift=12,
    cont_ptes=16,
    config=(
        *COMMON_CONFIG, "ARM64", "ARM64_4K_PAGES", "ARM64_CONTPTE", "ARM64_HW_AFDBM", "ARM64_VA_BITS_48", "ARM64_PAN",
    ),
    config_values=(
        ("PGTABLE_LEVELS", "4"), ("ARM64_VA_BITS", "48"), ("ARM64_PA_BITS", "48"), ("ARM64_CONT_PTE_SHIFT", "4"),
        ("ARM64_CONT_PMD_SHIFT", "4"), ("ARM64_PAGE_SHIFT", "12"), ("PAGE_SHIFT", "12"), ("NODES_SHIFT", "4"),
    ),
    headers=(
        "arch/arm64/include/asm/pgtable-types.h",
        "arch/arm64/include/asm/pgtable-hwdef.h",
        "arch/arm64/include/asm/pgtable-prot.h",
        "arch/arm64/include/asm/pgtable.h",
        "arch/arm64/include/asm/tlbflush.h",
        "arch/arm64/include/asm/tlbbatch.h",
        "arch/arm64/include/asm/tlb.h",
        "arch/arm64/include/asm/memory.h",
    ),
    sources=("arch/arm64/mm/contpte.c", "arch/arm64/mm/fault.c", "arch/arm64/mm/mmu.c"),
    probes=(
        ("MEM_SOFT_DIRTY", "arch/arm64/include/asm/pgtable.h", "pte_mksoft_dirty"),
        ("HAVE_ARCH_SOFT_DIRTY", "arch/arm64/include/asm/pgtable.h", "pte_mksoft_dirty"),
    ),
)  # fmt: skip


# What depends on how many entries a block has: the code of blocks, and how the header hands over to it.
_BLOCKS = (
    ("arch/arm64/mm/contpte.c", ""),
    ("arch/arm64/include/asm/pgtable.h", r"contpte_|\bpte_\w*cont\b|\bCONT_PTE"),
)


def _arm64(size: str, page_shift: int, cont_shift: int, levels: int) -> Flavour:
    """arm64 with larger pages: the same code, configured as its Kconfig does for 48-bit addresses."""
    values = {
        **dict(ARM64_4K.config_values), "PGTABLE_LEVELS": str(levels), "ARM64_CONT_PTE_SHIFT": str(cont_shift),
        "ARM64_CONT_PMD_SHIFT": "5", "ARM64_PAGE_SHIFT": str(page_shift), "PAGE_SHIFT": str(page_shift),
    }  # fmt: skip
    config = tuple(o.replace("_4K_", f"_{size}_") for o in ARM64_4K.config)
    headers = (*ARM64_4K.headers, *(("include/asm-generic/pgtable-nopud.h",) if levels == 3 else ()))
    return replace(
        ARM64_4K, name=f"arm64-{size.lower()}", page_shift=page_shift, cont_ptes=1 << cont_shift, config=config,
        config_values=tuple(values.items()), headers=headers, also_for=_BLOCKS,
    )  # fmt: skip


ARM64_16K = _arm64("16K", 14, 7, 4)
ARM64_64K = _arm64("64K", 16, 5, 3)

FLAVOURS = {f.name: f for f in (X86_64, ARM64_4K, ARM64_16K, ARM64_64K)}
# Always run. Larger pages run the same code on larger blocks and tables: for who asks, and for changes of what counts
# a block's entries.
SMALL_PAGES = tuple(name for name, flavour in FLAVOURS.items() if flavour.page_shift == 12)
DEFAULT = (X86_64.name, ARM64_4K.name)


def of_arch(arch: str) -> tuple[str, ...]:
    """The flavours of one architecture."""
    return tuple(name for name, flavour in FLAVOURS.items() if flavour.arch == arch)


def may_be_for(files: Iterable[str]) -> tuple[str, ...]:
    """The flavours beside the usual ones that are for code of one of these files."""
    named = set(files)
    return tuple(n for n, f in FLAVOURS.items() if n not in DEFAULT and any(path in named for path, _ in f.also_for))


def meant_for(file: str, texts: Collection[str]) -> tuple[str, ...]:
    """Those of them that are for changed code. texts: what it was before a patch and is after it."""
    return tuple(n for n in may_be_for((file,)) if any(FLAVOURS[n].is_for(file, text) for text in texts))
