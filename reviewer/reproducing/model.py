# SPDX-License-Identifier: GPL-2.0-or-later
"""What the stages of a reproducer pass on: a program for a kernel, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

# Why no program can be made: the first words of what people are told, and what such findings are counted by.
NO_TABLE, NO_CALL, NO_CONSEQUENCE = "no such table", "no such call", "nothing to see"
DEVICE, INTERLEAVING, NOT_RUN = "a device", "an interleaving", "nothing was run"


@dataclass(frozen=True)
class Needs:
    """What a program needs of the kernel and the machine that it runs in.

    options: kernel configuration beyond the usual (booting/config.py), "USERFAULTFD" or "NODES_SHIFT=2". memory: MiB.
    nodes: of NUMA. append: words of the kernel's command line. timeout: seconds of a boot with the program's run."""

    options: tuple[str, ...] = ()
    memory: int = 512
    cpus: int = 1
    nodes: int = 1
    append: tuple[str, ...] = ()
    timeout: int = 120

    def and_of(self, other: Needs) -> Needs:
        """What serves both."""
        return Needs(
            tuple(sorted({*self.options, *other.options})), max(self.memory, other.memory), max(self.cpus, other.cpus),
            max(self.nodes, other.nodes), tuple(dict.fromkeys((*self.append, *other.append))),
            max(self.timeout, other.timeout),
        )  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A C program that runs as the first process of a machine, prints TAP 13 and powers off.

    Its tests are called "state: ..." where they see whether what it set up is there, "rule: ..." where they ask for the
    consequence of a rule, "also: ..." where they decide nothing. headers: (file name, text) beside the source."""

    name: str
    source: str
    headers: tuple[tuple[str, str], ...] = ()
    needs: Needs = Needs()


@dataclass(frozen=True)
class Cannot:
    """Why there is no program. kind: one of the words above; sentence: why, for people."""

    kind: str
    sentence: str


class CannotError(Exception):
    """No program can be made, on the way to one. kind, sentence: see Cannot."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(f"{kind}: {sentence}")
        self.kind, self.sentence = kind, sentence


@dataclass(frozen=True)
class Calling:
    """How the function under test is called.

    text: C statements; before: those that make it ready and change nothing of the table; first: those before its steps,
    for all that is allocated. was: the protection that the
    table's VMA has before, where the call changes it. zero: where the PTEs are after it, by the word that their rows
    have ("new PTE"): a C expression for the address of PTE 0; pid: of the process that has them, a C expression, empty
    for the same. gone: the range is mapped no more. faults: the PTE that an access is to, None for other
    calls: the fault maps what it finds around, too. makes: what the system call does to folios before it comes to the
    function. alone: it goes by how often a page is mapped, so that of one that is not exclusive no other process is to
    have it any more. again: it comes once more to what it left mapped, so that nothing is asked of how that is mapped.
    beyond: it goes on where the function ends, with what is mapped, so that bytes alone are asked for, and with bits
    what keeps those. drops: what another thread drops meanwhile, so that the call is tried again and again. moves:
    pages go to other frames. locked: whether it has to find the VMA mlocked, None where that is as the scenario says.
    returns: what the function returns is what the system call does. says: tests of what it hands back, a harness
    function with its arguments."""

    text: tuple[str, ...]
    before: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    was: str = ""
    zero: tuple[str, str] = ("", "")
    pid: str = ""
    gone: bool = False
    faults: int | None = None
    makes: frozenset[str] = frozenset()
    beyond: bool = False
    alone: bool = False
    again: bool = False
    bits: bool = False
    drops: range | None = None
    moves: bool = False
    locked: bool | None = None
    returns: bool = False
    says: tuple[tuple[str, str], ...] = ()
    needs: Needs = Needs()
