# SPDX-License-Identifier: GPL-2.0-or-later
"""One review from a checkout, in a process of its own (counted.py): what it took, and what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("counted.py")
_LONGEST = 3600  # seconds
# Of all that is counted these are shown; each is the same however fast the machine is.
COUNTS = ("compilations", "links", "runners", "scenarios")


class FailedError(Exception):
    """A review that did not come to its end."""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time by who took it, seconds on the clock, MiB at most, and counts."""

    python: float
    compilers: float
    runners: float
    wall: float
    peak: float
    counts: Mapping[str, int]

    @property
    def cpu(self) -> float:
        """All of the processor time."""
        return self.python + self.compilers + self.runners


@dataclass(frozen=True)
class Said:
    """What a review came to: it may not depend on what it cost. claims: of each function what it rests on."""

    verdict: str
    findings: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Setup:
    """The checkout that reviews, and the tree that is reviewed on."""

    checkout: Path
    tree: Path


def review(setup: Setup, mbox: Path, cache: Path) -> tuple[Cost, Said]:
    """Review a series. FailedError when that does not work out."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        report, result = Path(place, "report"), Path(place, "review.json")
        command = [
            sys.executable, "-P", str(_SCRIPT), str(report), str(mbox), "--tree", str(setup.tree), "--quiet",
            "--fail-on", "never", "--json", str(result),
        ]  # fmt: skip
        environment = os.environ | {"PYTHONPATH": str(setup.checkout), "REVIEW_PATCH_CACHE": str(cache)}
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
        wall = time.monotonic() - started
        if not report.exists() or not result.exists():
            raise FailedError(f"{mbox.name} with {setup.checkout}: {done.stderr.strip()[-500:] or done.returncode}")
        document = json.loads(result.read_text(encoding="ascii"))
        return _cost(json.loads(report.read_text(encoding="ascii")), document, wall), said(document)


def _cost(report: dict[str, Any], document: dict[str, Any], wall: float) -> Cost:
    scenarios = sum(f["scenarios"] for p in document["patches"] for f in p["functions"])
    counts = {name: report["counts"].get(name, 0) for name in COUNTS} | {"scenarios": scenarios}
    return Cost(report["python"], report["compilers"], report["runners"], wall, report["peak"] / 1024, counts)


def said(document: dict[str, Any]) -> Said:
    """Verdict, findings and claims of a review as JSON."""
    findings = sorted(f"{f['id']} {f['rule']} {f['relation']} in {f['patch']}" for f in document["findings"])
    claims = sorted(
        f"{p['index']} {f['name']}: {f['status']}, {f['evidence']}" for p in document["patches"] for f in p["functions"]
    )
    return Said(document["verdict"], tuple(findings), tuple(claims))
