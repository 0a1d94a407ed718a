# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine has of what building and booting kernels takes, and how to get the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewer.booting import fast
from reviewer.booting.targets import TARGETS

_BUILD = {
    "make": "make",
    "gcc": "gcc",
    "flex": "flex",
    "bison": "bison",
    "bc": "bc",
    "perl": "perl",
}  # Debian's package
_PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86", "qemu-system-aarch64": "qemu-system-arm",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu", "x86_64-linux-gnu-gcc": "gcc-x86-64-linux-gnu",
}  # fmt: skip
_LIBRARIES = (Path("/usr/lib"), Path("/usr/lib64"), Path("/lib"))


@dataclass(frozen=True)
class Tool:
    """A tool: where it was found, empty where it was not, and what to install then."""

    name: str
    found: str
    fix: str


def tools() -> tuple[Tool, ...]:
    """All that confirm needs, and what makes it faster, in the order in which it needs them."""
    programs = [*_BUILD.items(), *((name, _PACKAGES[name]) for name in _of_targets())]
    return (
        *(Tool(name, shutil.which(name) or "", f"apt install {package}") for name, package in programs),
        Tool("libelf", _first(Path("/usr/include"), "gelf.h"), "apt install libelf-dev"),
        Tool(
            "static libc", next(filter(None, (_first(at, "libc.a") for at in _LIBRARIES)), ""), "apt install libc6-dev"
        ),
        Tool(
            "KVM",
            fast.DEVICE if fast.usable() else "",
            "Without it machines are emulated, which takes some 10 times as long.",
        ),
    )


def _of_targets() -> Iterator[str]:
    """Emulators and the compilers of other architectures."""
    aims = TARGETS.values()
    yield from dict.fromkeys(aim.emulator for aim in aims)
    yield from dict.fromkeys(f"{aim.cross}gcc" for aim in aims if aim.cross)


def _first(folder: Path, name: str) -> str:
    """A file in a folder or one below it."""
    found = next((p for p in (folder / name, *sorted(folder.glob(f"*/{name}"))) if p.is_file()), None)
    return str(found) if found else ""
