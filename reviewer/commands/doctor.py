# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch doctor: what this machine has of what a review needs, and how to get the rest."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle import sandbox
from oracle.flavours import FLAVOURS
from reviewer.booting.tools import tools
from reviewer.building.toolchain import compiler, compiler_version
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError, ToolError
from reviewer.support import cache
from reviewer.trees.kernel import open_tree

_GIT = (2, 32)
_PR_GET_SECCOMP = 21


@dataclass(frozen=True)
class Need:
    """One need: whether it is met, what was found, and how to get it."""

    name: str
    good: bool
    found: str
    fix: str = ""


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch doctor", description=__doc__)
    made.add_argument("--tree", metavar="DIR", help="also look at this kernel tree")
    return made


def main(argv: Sequence[str]) -> int:
    """Print every check; 0 when all needs are met, 2 otherwise."""
    args = parser().parse_args(argv)
    checks = [_compiler(), _git(), _seccomp(), *_layers(), _cache()]
    if args.tree:
        checks.append(_tree(args.tree))
    for check in checks:
        print(f"{'ok     ' if check.good else 'missing'}  {check.name:14} {check.found}")
        if check.fix and not check.good:
            print(f"{'':24}{check.fix}")
    print(f"{'':9}flavours       {', '.join(FLAVOURS)}")
    _confirm()
    return 0 if all(c.good for c in checks) else 2


def _confirm() -> None:
    """What review-patch confirm needs besides, which nothing else does."""
    print("\nto confirm findings on running kernels (nothing else needs these):")
    for tool in tools():
        print(f"{'ok     ' if tool.found else '-      '}  {tool.name:22} {tool.found or tool.fix}")


def _compiler() -> Need:
    fix = "Install gcc (apt install gcc, dnf install gcc) or clang, or set CC."
    try:
        return Need("compiler", True, f"{compiler()}: {compiler_version()}")
    except ReviewError as error:
        return Need("compiler", False, error.message, fix)


def _git() -> Need:
    fix = f"Install git {_GIT[0]}.{_GIT[1]} or newer."
    if shutil.which("git") is None:
        return Need("git", False, "not found", fix)
    text = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = re.search(r"(\d+)\.(\d+)", text)
    good = version is not None and (int(version[1]), int(version[2])) >= _GIT
    return Need("git", good, text, fix)


def _seccomp() -> Need:
    libc = ctypes.CDLL(None, use_errno=True)
    good = libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0
    found = "seccomp is there" if good else "this kernel has no seccomp"
    return Need(
        "seccomp", good, found, "Patched code is only ever run under seccomp: use a kernel with CONFIG_SECCOMP."
    )


def _layers() -> list[Need]:
    """What is closed around compiler and runner before they start."""
    on = sandbox.current()
    told = dict.fromkeys(on.names, "closed around compiler and runner")
    if on.bubblewrap:
        told[sandbox.NAMESPACES] += f", by {on.bubblewrap}"
    return [Need(name, name in told, told.get(name, "not here"), fix) for name, fix in sandbox.LAYERS.items()]


def require_layers() -> None:
    """ToolError, naming each layer of the sandbox that is missing on this machine and how to get it."""
    if lacking := sandbox.missing():
        details = [f"{name}: {sandbox.LAYERS[name]}" for name in lacking]
        raise ToolError("the sandbox lacks a layer on this machine", place="--require-sandbox", details=details)


def _cache() -> Need:
    try:
        folder = cache.writable()
    except ReviewError as error:
        return Need("cache", False, error.message, "Set REVIEW_PATCH_CACHE to a folder that can be written.")
    if wrong := cache.refused():
        return Need("cache", False, f"reviewpatch.cacheSize is {wrong!r}", "Set it to a size: see review-patch cache.")
    return Need(
        "cache", os.access(folder, os.W_OK), str(folder), "Set REVIEW_PATCH_CACHE to a folder that can be written."
    )


def _tree(path: str) -> Need:
    try:
        with open_tree(path) as kernel:
            return Need("tree", True, f"{kernel.name} in {Path(path)}")
    except ReviewError as error:
        return Need("tree", False, error.message, error.hint)
