# SPDX-License-Identifier: GPL-2.0-or-later
"""The command that closes layers around a program: bubblewrap, then child.py, then the program itself."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from oracle.sandbox.policy import APART, RUNNER, Layers, Limits, Policy, filter_of, system_paths

_CHILD = Path(__file__).with_name("child.py")
_TRIAL = Limits(memory=1 << 30, cpu=10, wall=20, size=1 << 20)


def command_of(command: Sequence[str | Path], policy: Policy, layers: Layers) -> list[str]:
    """The command that closes these layers and becomes the program. RuntimeError where one that it needs is missing."""
    if policy.profile in APART and layers.bubblewrap is None:
        raise RuntimeError(f"the {policy.profile} needs namespaces")
    inner = [*_child(policy, layers), *map(str, command)]
    return [*_namespaces(layers.bubblewrap, policy), *inner] if layers.bubblewrap else inner


def trial(layers: Layers) -> list[str]:
    """A command that closes these layers around nothing."""
    return command_of([], Policy(RUNNER, _TRIAL), layers)


def _child(policy: Policy, layers: Layers) -> list[str]:
    limits = policy.limits
    bounds = {
        "RLIMIT_AS": limits.memory, "RLIMIT_CPU": limits.cpu, "RLIMIT_FSIZE": limits.size, "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 256, "RLIMIT_MEMLOCK": 0,
        # Of all processes of a user, unless the program is in a user namespace of its own.
        **({"RLIMIT_NPROC": limits.processes} if layers.bubblewrap else {}),
    }  # fmt: skip
    program = filter_of(policy.profile) if layers.filter else b""
    # Its own only: of all processes where these are its own, too.
    proc = ["/proc" if layers.bubblewrap else "/proc/self"] if policy.finds_itself else []
    reads = [*((p, p) for p in (*system_paths(), *map(str, policy.reads), *proc, "/dev/null")), *_inside(policy)]
    writes = [(p, p) for p in (*map(str, policy.keeps), "/dev/null", *policy.devices)]
    writes += [(policy.place, str(policy.folder))] if policy.folder else []
    told = {
        "limits": bounds,
        **(_landlock(reads, writes) if layers.landlock else {"handled": 0, "rules": []}),
        "filter": program,
        "environment": [*([("TMPDIR", policy.place)] if policy.folder else []), *policy.environment],
    }
    # Plain data, in what needs no import to read.
    return [_interpreter(), "-I", "-S", str(_CHILD), marshal.dumps(told).hex()]


def _inside(policy: Policy) -> list[tuple[str, str]]:
    """(name inside, name here) of what is shown under another name; what lies beneath another needs no rule."""
    return [
        (at, str(real)) for real, at in policy.shows
        if not any(at.startswith(f"{other}/") for _, other in policy.shows)
    ]  # fmt: skip


def _landlock(reads: Sequence[tuple[str, str]], writes: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The rights that are taken away, and those that are given back beneath each path that is there: as the program
    has it, and as it is called here."""
    every, of_files, seen = _rights()
    rules = [
        (path, rights if Path(real).is_dir() else rights & of_files)
        for paths, rights in ((reads, seen), (writes, every)) for path, real in paths if Path(real).exists()
    ]  # fmt: skip
    return {"handled": every, "rules": rules}


@cache
def _rights() -> tuple[int, int, int]:
    """What Landlock of this kernel handles: (all rights, those of a file, those to read and run). OSError where there
    is none."""
    from landlock import FSAccess

    seen = FSAccess.READ_FILE | FSAccess.READ_DIR | FSAccess.EXECUTE
    return int(FSAccess.all()), int(FSAccess.all_file()), int(seen)


def _namespaces(bubblewrap: Path, policy: Policy) -> list[str]:
    """bwrap with everything unshared and of files only what is named, none of it to be written but the folder."""
    shown = [*map(Path, system_paths()), *policy.reads, _CHILD, *_python()]
    made = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--chdir", "/"]
    for path in dict.fromkeys(shown):
        if path.is_symlink():
            made += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            made += ["--ro-bind", str(path), str(path)]
    for real, at in policy.shows:
        made += ["--ro-bind", str(real), at]
    for device in ("/dev/null", *policy.devices):
        made += ["--dev-bind", device, device]
    if policy.finds_itself:
        made += ["--proc", "/proc", "--symlink", "/proc/self/fd", "/dev/fd"]
    for kept in policy.keeps:
        made += ["--bind", str(kept), str(kept)]
    if policy.folder:
        made += ["--bind", str(policy.folder), policy.place]
    return [str(bubblewrap), *made, "--remount-ro", "/", "--"]


@cache
def _interpreter() -> str:
    """The Python outside of any virtual environment, so that less has to be seen."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@cache
def _python() -> tuple[Path, ...]:
    """Where that interpreter and its library lie, if not among the system's."""
    places = (Path(_interpreter()), Path(sys.base_prefix, "lib"), Path(sys.base_exec_prefix, "lib64"))
    return tuple(p for p in places if p.exists() and not str(p).startswith(("/usr/bin", "/usr/lib")))
