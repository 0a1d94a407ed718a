# SPDX-License-Identifier: GPL-2.0-or-later
"""One input through one target, in bounded time, and what it showed kept once."""

from __future__ import annotations

import hashlib
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SLOW = 10.0  # seconds of the processor, git's with ours: no limit lets an input take so long, on any machine


class TooSlowError(AssertionError):
    """An input took longer than any may."""


@dataclass
class Trial:
    """A target under trial. folder: where what it shows is kept, by the place of the fault; None: it is raised."""

    target: Callable[[bytes], None]
    folder: Path | None = None
    count: int = 0
    longest: float = 0.0
    faults: dict[str, Path] = field(default_factory=dict)

    def __call__(self, data: bytes) -> None:
        self.count += 1
        start = sum(os.times()[:4])
        try:
            self.target(data)
            took = sum(os.times()[:4]) - start
            self.longest = max(self.longest, took)
            if took > SLOW:
                raise TooSlowError(f"{took:.1f} s")
        except Exception as error:
            if self.folder is None:
                raise
            self._keep(data, error)

    def _keep(self, data: bytes, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        if place in self.faults or self.folder is None:
            return
        path = self.folder / hashlib.sha256(data).hexdigest()[:12]
        path.write_bytes(data)
        self.faults[place] = path
        print(f"{place}: {str(error)[:200]}; kept in {path}", flush=True)
        traceback.print_exception(error, limit=-6)
