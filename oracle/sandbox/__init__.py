# SPDX-License-Identifier: GPL-2.0-or-later
"""How a program that strangers' code has a hand in is started: the compiler that reads it, the runner that runs it.

Before the program's first instruction two layers that do not depend on each other are closed, each enough alone to
keep files, processes and the network of this machine out of reach:

- namespaces (bubblewrap): of its own user, processes, network, IPC and mounts; of files only those that are named;
- Landlock and a seccomp filter (child.py): the same files again, by the kernel's other means, and no system call that
  reaches other processes or the network.

Limits of memory, CPU, files and processes, and a clock in the parent that no output stops, are set in any case. What a
machine lacks is named (missing()), never left out in silence. Building a whole kernel of a patched tree, and the
virtual machine that runs it, do more than a compiler does: these do not start without namespaces.
"""

from __future__ import annotations

from oracle.sandbox.layers import current, found, missing, using
from oracle.sandbox.policy import BUILDER, COMPILER, LAYERS, MACHINE, NAMESPACES, RUNNER, Layers, Limits, Policy
from oracle.sandbox.start import Done, Halted, check, halt, run, signal_of, start, stop, trouble, troubles, watch

__all__ = [
    "BUILDER", "COMPILER", "LAYERS", "MACHINE", "NAMESPACES", "RUNNER", "Done", "Halted", "Layers", "Limits", "Policy",
    "check", "current", "found", "halt", "missing", "run", "signal_of", "start", "stop", "trouble", "troubles", "using",
    "watch",
]  # fmt: skip
