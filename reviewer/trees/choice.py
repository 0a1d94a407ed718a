# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kernel tree a review is about, when the user names none."""

from __future__ import annotations

from pathlib import Path

from reviewer.errors import ReviewError, ToolError
from reviewer.model import Series
from reviewer.resources import folder


def embedded_base() -> str:
    """The base-commit by which a series names the embedded tree; empty when this installation has none."""
    try:
        return (folder("corpus") / "BASE").read_text(encoding="ascii").strip()
    except (OSError, ToolError):
        return ""


def stands_in_kernel() -> str:
    """The kernel tree one stands in; empty when there is none."""
    for place in (Path.cwd(), *Path.cwd().parents):
        if (place / "mm").is_dir() and (place / "include" / "linux").is_dir() and (place / "Makefile").is_file():
            return str(place)
    return ""


def bare(place: Path) -> bool:
    """Whether a folder is a repository itself, in which HEAD is a file."""
    return (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir()


def choose_tree(asked: str | None, series: Series | None) -> str:
    """--tree, else the kernel tree one stands in, else the embedded tree if the series is made for it.

    Raises ReviewError when none of these fits."""
    if asked:
        return asked
    if here := stands_in_kernel():
        return here
    if bare(Path.cwd()):
        return str(Path.cwd())
    if series is not None and series.base_commit and series.base_commit == embedded_base():
        return str(folder("corpus") / "tree")
    raise ReviewError(
        "no kernel tree to apply the series to" if series else "no such file, and no kernel tree with such a revision",
        hint="Name one with --tree DIR (git checkout, bare repository or unpacked tarball), or run this inside one.",
    )
