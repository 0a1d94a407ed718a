# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine that boots a kernel with a program as its first process, and what it prints meanwhile.

It has memory, processors and a serial line: no network, no disk, nothing of this machine. qemu itself runs in the
sandbox, since a kernel under test may go beyond its machine.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from oracle import sandbox
from oracle.sandbox import MACHINE, Limits, Policy
from reviewer.booting import fast
from reviewer.booting.model import Run
from reviewer.booting.targets import Target
from reviewer.errors import ToolError
from reviewer.reproducing.model import Needs
from reviewer.support.cache import scratch

_STARTING = 300.0  # seconds until the program says its first word; emulated it takes 2 to 20
_STARTING_FAST = 20.0  # under KVM it takes 1 or 2
_CONSOLE = 4 << 20  # bytes
_NEAR = 4096  # bytes of its end in which the last word of a program is looked for
_KEPT = 512 << 10  # bytes, half from its beginning and half from its end
_OWN = 3 << 30  # bytes of address space that qemu takes beside the machine's memory
_MOST_MEMORY = 8192  # MiB
# Of Debian and its children, Fedora, and what is built by hand: firmware.
_FIRMWARE = tuple(
    Path(p) for p in ("/usr/share/qemu", "/usr/share/seabios", "/usr/share/ipxe", "/usr/local/share/qemu")
)
_FIRST = re.compile(rb"TAP version 1[34]")
_LAST = re.compile(rb"^1\.\.\d+", re.MULTILINE)
# A rule, or the kernel itself.
_BROKEN = re.compile(rb"^not ok \d+ - rule: |kernel BUG at |Internal error: Oops|Oops: ", re.MULTILINE)
_SILENCE = 20.0  # seconds after which a program that has shown what was asked, and hangs, is waited for no more
_ENDING = 10.0  # seconds from there to the end of the machine: what is damaged may never power off


def boot(kernel: bytes, initramfs: bytes, aim: Target, needs: Needs, told: Callable[[str], None]) -> Run:
    """Boot until the machine powers off, or a limit. told: hears about once a second how it goes. ToolError where there
    is no emulator.

    Where KVM is there and yet runs no machine of ours, as in some virtual machines, it is emulated."""
    program = shutil.which(aim.emulator)
    if program is None:
        raise ToolError(f"{aim.emulator} is missing", hint="See review-patch doctor.")
    if aim.native and fast.usable():
        run = _booted(program, kernel, initramfs, aim, needs, told, kvm=True)
        if _FIRST.search(run.console.encode()) or "Kernel panic" in run.console:
            return run
        fast.failed()
    return _booted(program, kernel, initramfs, aim, needs, told, kvm=False)


def _booted(
    program: str, kernel: bytes, initramfs: bytes, aim: Target, needs: Needs, told: Callable[[str], None], *, kvm: bool
) -> Run:
    starting = _STARTING_FAST if kvm else _STARTING
    with scratch() as work:
        image, archive = work / "kernel", work / "initramfs"
        image.write_bytes(kernel)
        archive.write_bytes(initramfs)
        wall = starting + needs.timeout + 30.0
        limits = Limits(memory=(needs.memory << 20) + _OWN, cpu=int(wall) * (needs.cpus + 1), wall=wall, size=0,
                        processes=256, output=_CONSOLE)  # fmt: skip
        policy = Policy(MACHINE, limits, tuple(p for p in (Path(program), *_FIRMWARE) if p.exists()), finds_itself=True,
                        shows=((image, "/kernel"), (archive, "/initramfs")),
                        devices=("/dev/urandom", *((fast.DEVICE,) if kvm else ())))  # fmt: skip
        heard = _Heard(needs.timeout, told, starting)
        try:
            stopped = sandbox.watch([program, *arguments(aim, needs, kvm=kvm)], policy, heard).stopped
        except _OverError as over:
            stopped = str(over)
    return Run(heard.text, stopped, heard.seconds)


def arguments(aim: Target, needs: Needs, *, kvm: bool) -> list[str]:
    """What qemu is told. kvm: to use KVM, where it holds."""
    words = ["panic=-1", "quiet", "loglevel=5", "page_table_check=on", *needs.append]
    return [
        *aim.machine, "-cpu", aim.fast if kvm else "max", "-accel", "kvm" if kvm else "tcg,tb-size=256",
        "-m", str(min(needs.memory, _MOST_MEMORY)), "-smp", str(needs.cpus),
        *_nodes(needs), "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-user-config",
        "-no-reboot", "-kernel", "/kernel", "-initrd", "/initramfs",
        "-append", " ".join((f"console={aim.console}", *words)),
    ]  # fmt: skip


def _nodes(needs: Needs) -> list[str]:
    """Nodes of equal memory, the processors given out in turn."""
    if needs.nodes < 2:
        return []
    made = []
    for node in range(needs.nodes):
        made += ["-object", f"memory-backend-ram,id=m{node},size={needs.memory // needs.nodes}M"]
        cpus = [f"cpus={cpu}" for cpu in range(node, needs.cpus, needs.nodes)]
        made += ["-numa", ",".join(("node", f"nodeid={node}", *cpus, f"memdev=m{node}"))]
    return made


class _OverError(Exception):
    """The program had its time."""


class _Heard:
    """The console, of which beginning and end are kept, and the program's clock, which starts at its first word."""

    def __init__(self, most: int, told: Callable[[str], None], starting: float = _STARTING) -> None:
        self._most, self._told, self._starting = most, told, starting
        self._head, self._tail, self._left_out = b"", b"", 0
        self._began, self._first, self._last, self._spoke = time.monotonic(), 0.0, 0.0, 0.0

    def __call__(self, chunk: bytes) -> None:
        self._take(chunk)
        now = time.monotonic()
        if not self._first and _FIRST.search(self._head):
            self._first = now
        if self._first and not self._last and _LAST.search((self._tail or self._head)[-_NEAR:]):
            self._last = now
        self._spoke = now if chunk or not self._spoke else self._spoke
        if now - self._spoke > _SILENCE and _BROKEN.search(self._head + self._tail):
            raise _OverError(f"{_SILENCE:.0f} s of silence after something broke")
        if self._last and now - self._last > _ENDING:
            raise _OverError(f"{_ENDING:.0f} s after its last word")
        if self._first and now - self._first > self._most:
            raise _OverError(f"{self._most} s after its first word")
        if not self._first and now - self._began > self._starting:
            raise _OverError(f"{self._starting:.0f} s without a word of the program")
        self._told(f"booted: {now - self._first:.0f} s" if self._first else f"booting: {now - self._began:.0f} s")

    def _take(self, chunk: bytes) -> None:
        room = _KEPT // 2 - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._tail += chunk[max(room, 0) :]
        if (over := len(self._tail) - _KEPT // 2) > 0:
            self._tail, self._left_out = self._tail[over:], self._left_out + over

    @property
    def text(self) -> str:
        """What was printed, with a line for what was left out."""
        gap = f"\n# {self._left_out} bytes left out\n".encode() if self._left_out else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")

    @property
    def seconds(self) -> float:
        """Since the machine was started."""
        return time.monotonic() - self._began
