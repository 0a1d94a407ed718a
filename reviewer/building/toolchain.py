# SPDX-License-Identifier: GPL-2.0-or-later
"""The C compiler: found, asked for its version, and started behind the sandbox."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from oracle import sandbox
from oracle.sandbox import COMPILER, Limits, Policy
from reviewer.errors import ToolError
from reviewer.support.cache import scratch
from reviewer.support.cache import writable as cache_folder

# Of the largest slices gcc takes 300 MB and 5 s; twice that and more is left for slow machines and other compilers.
LIMITS = Limits(memory=1536 << 20, cpu=60, wall=120.0, size=64 << 20)
_WRAPPERS = ("ccache", "distcc", "icecc", "sccache")
_HINT = "install gcc or clang, or pip install ziglang, or set CC; see review-patch doctor"


@dataclass(frozen=True)
class Made:
    """What a compiler left. content: its output, None when there is none. messages: what it said, UTF-8 or not.
    stopped: the limit that ended it, or how it died; empty when it came to its own end."""

    content: bytes | None
    messages: str
    stopped: str


@cache
def compiler() -> str:
    """The C compiler: $CC, else gcc, else clang, else the clang of ziglang. Raises ToolError when there is none."""
    said = os.environ.get("CC", "")
    wanted = [word for word in said.split() if Path(word).name not in _WRAPPERS]
    if len(wanted) > 1 and not (Path(wanted[0]).name == "zig" and wanted[1:] == ["cc"]):
        raise ToolError("one compiler without options is needed", place=f"CC={said}", hint=_HINT)
    for name in wanted[:1] if said.strip() else ("gcc", "clang", "zig"):
        for found in _all_of(name):
            if Path(os.path.realpath(found)).name not in _WRAPPERS:
                return found
    if said.strip():
        raise ToolError("this is no compiler here", place=f"CC={said}", hint=_HINT)
    raise ToolError("no C compiler found", hint=_HINT)


def _all_of(name: str) -> list[str]:
    """Where a program of that name lies, in the order of PATH: the first may be a wrapper that keeps a cache."""
    if os.sep in name:
        return [found] if (found := shutil.which(name)) else []
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    there = [path for place in places if (path := shutil.which(name, path=place or os.curdir))]
    return [*there, *_packaged()] if name == "zig" else there


def _packaged() -> list[str]:
    """The one that came with this installation: pip install review-patch[cc]."""
    try:
        import ziglang
    except ImportError:
        return []
    return [str(Path(ziglang.__file__).parent / "zig")]


def _is_zig() -> bool:
    return Path(compiler()).name == "zig"


def command() -> tuple[str, ...]:
    """What the compiler is called by. Zig's clang adds debug sections and checks of its own unless told not to."""
    return (compiler(), "cc", "-g0", "-fno-sanitize=all") if _is_zig() else (compiler(),)


@cache
def compiler_version() -> str:
    """First line of the compiler's --version. ToolError when it has none to say."""
    with scratch() as work:
        ask = ["/bin/sh", "-c", 'exec "$@" --version >&2', "sh", *command()]
        try:
            done = sandbox.run(ask, _policy(work, ()))
        except OSError as error:
            raise ToolError("the C compiler does not run", place=compiler(), hint=_HINT) from error
    version = done.errors.decode("utf-8", "replace").split("\n", 1)[0]
    if done.status or not version:
        raise ToolError("the C compiler does not say what it is", place=compiler(), hint=_HINT)
    return version


def make(arguments: Sequence[str | Path], work: Path, reads: Sequence[Path] = (), *, links: bool = False) -> Made:
    """Run the compiler in a scratch folder, into its file "out". reads: what it may see besides its own files. links:
    that it sees no text, only objects."""
    target = work / "out"
    policy = _policy(work, reads, links=links)
    try:
        done = sandbox.run([*command(), *arguments, "-o", target], policy)
    except OSError as error:
        raise ToolError(f"the C compiler cannot be started: {error.strerror}", place=compiler(), hint=_HINT) from error
    messages = done.errors.decode("utf-8", "replace")
    died = sandbox.signal_of(done.status)
    stopped = done.stopped or (f"signal {died}" if died else "")
    return Made(_content(target) if done.status == 0 and not stopped else None, messages, stopped)


def _policy(work: Path, reads: Sequence[Path], *, links: bool = False) -> Policy:
    path = os.pathsep.join(dict.fromkeys((str(Path(compiler()).parent), "/usr/bin", "/bin")))
    kept = _library() if links and _is_zig() else work
    environment = (("LC_ALL", "C"), ("PATH", path), ("SOURCE_DATE_EPOCH", "0"), ("ZIG_GLOBAL_CACHE_DIR", str(kept)),
                   ("ZIG_LOCAL_CACHE_DIR", str(work)))  # fmt: skip
    writes = (kept,) if kept != work else ()
    return Policy(COMPILER, LIMITS, (*_own_files(), *reads), work, writes, _is_zig(), environment)


def _library() -> Path:
    """Where zig keeps the C library that it links with, which it makes at the first link: half a minute, once."""
    place = cache_folder() / "zig"
    place.mkdir(exist_ok=True)
    return place


@cache
def _own_files() -> tuple[Path, ...]:
    """The folder of a compiler that is not among the system's."""
    real = Path(os.path.realpath(compiler()))
    if _is_zig():
        return (real.parent,)
    system = str(real).startswith(("/usr/", "/bin/", "/lib"))
    return () if system else (Path(compiler()).absolute(), real.parent.parent)


def _content(target: Path) -> bytes | None:
    """The bytes of a file, if it is a plain one and holds any: whatever else it is, code under review made it."""
    try:
        handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read(LIMITS.size) or None
