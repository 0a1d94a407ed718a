# SPDX-License-Identifier: GPL-2.0-or-later
"""For each flavour how a kernel of it is built, and the machine that boots it."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from oracle.flavours import FLAVOURS
from reviewer.errors import ReviewError

_HOSTS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Target:
    """arch: make's ARCH. image: below the output folder. prefix: of the tools of a machine of another architecture.
    options: kernel configuration that makes it this flavour, name to value. emulator: the program, machine: its
    arguments. console: the serial line as the kernel calls it. fast: the processor under KVM; emulated it is the one
    that can do the most."""

    arch: str
    image: str
    prefix: str
    options: tuple[tuple[str, str], ...]
    emulator: str
    machine: tuple[str, ...]
    console: str
    fast: str = "max"

    @property
    def native(self) -> bool:
        """Whether it is the architecture of this machine."""
        return _HOSTS.get(platform.machine().lower()) == self.arch

    @property
    def cross(self) -> str:
        """The prefix of compiler and linker, empty for this machine's own."""
        return "" if self.native else self.prefix

    @property
    def goal(self) -> str:
        """What make is asked for."""
        return self.image.rsplit("/", 1)[-1]


def _on(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "y") for name in names)


_X86 = Target(
    arch="x86_64", image="arch/x86/boot/bzImage", prefix="x86_64-linux-gnu-",
    options=(
        *_on("SERIAL_8250", "SERIAL_8250_CONSOLE", "ACPI", "PCI", "HIGH_RES_TIMERS", "UNWINDER_FRAME_POINTER",
             "X86_64_ACPI_NUMA"),
        ("CPU_MITIGATIONS", "n"), ("KERNEL_XZ", "n"), ("KERNEL_GZIP", "y"),  # xz takes 6 s at each build
    ),
    emulator="qemu-system-x86_64", machine=("-M", "pc"), console="ttyS0",
    fast="max,arch-capabilities=off",  # what KVM in a virtual machine may be unable to set
)  # fmt: skip


def _arm64(size: str) -> Target:
    return Target(
        arch="arm64", image="arch/arm64/boot/Image", prefix="aarch64-linux-gnu-",
        options=_on("ARCH_VIRT", "SERIAL_AMBA_PL011", "SERIAL_AMBA_PL011_CONSOLE", f"ARM64_{size}_PAGES",
                    "ARM64_VA_BITS_48", "ARM64_CONTPTE", "OF", "POWER_RESET"),
        emulator="qemu-system-aarch64", machine=("-M", "virt"), console="ttyAMA0",
    )  # fmt: skip


TARGETS = {"x86-64": _X86, "arm64-4k": _arm64("4K"), "arm64-16k": _arm64("16K"), "arm64-64k": _arm64("64K")}


def target(flavour: str) -> Target:
    """How a flavour is built and booted. ReviewError for one that is none, or cannot be."""
    if flavour in TARGETS:
        return TARGETS[flavour]
    known = ", ".join(TARGETS)
    what = "is not booted here" if flavour in FLAVOURS else "is no flavour"
    raise ReviewError(f"{what}; there are {known}", place=f"--flavour {flavour}")
