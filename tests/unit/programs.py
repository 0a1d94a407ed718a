# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of findings, held against a compiler."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from reviewer.model import Finding
from reviewer.reproducing.files import written
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of

_CHECK = ("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-fsyntax-only")


def checked(findings: Iterable[Finding], folder: Path) -> list[str]:
    """Make the program of each finding that was run, and see that a compiler takes it without a word; of the others,
    that it is said why there is none. The kinds of reasons, "" for a program."""
    kinds = []
    for n, finding in enumerate(f for f in findings if f.kind not in ("static", "cost")):
        made = program_of(finding, finding.id)
        kinds.append(made.kind if isinstance(made, Cannot) else "")
        if isinstance(made, Cannot):
            assert made.sentence
            continue
        written(made, folder / str(n))
        command = [*_CHECK, f"{made.name}.c"]
        run = subprocess.run(command, cwd=folder / str(n), capture_output=True, text=True, check=False)
        assert not run.returncode and not run.stderr, run.stderr
    return kinds
