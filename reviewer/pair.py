"""Builds one executable that holds a function before and after a patch, over one simulated MMU.

Objects and executables are cached by the hash of everything that went in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import platformdirs

from oracle.entries import GENERIC, Entry
from oracle.flavours import FLAVOURS
from reviewer.csource import Item
from reviewer.errors import SliceError, ToolError
from reviewer.model import Tree
from reviewer.slicing.emit import Slice, cut, leads_to
from reviewer.slicing.guard import refuse_unsafe
from reviewer.slicing.index import Index, build_index
from reviewer.slicing.repair import Without, culprit, errors_in
from reviewer.slicing.world import ENTRIES as ENTRY_FOLDER
from reviewer.slicing.world import WORLD, world, world_symbols

# As the kernel compiles, and so that an unset variable shows the same way every time.
_FLAGS = (
    "-O2", "-std=gnu11", "-fno-strict-aliasing", "-fno-strict-overflow", "-funsigned-char", "-fno-common",
    "-fno-delete-null-pointer-checks", "-ftrivial-auto-var-init=pattern",
)  # fmt: skip
_STRICT = ("-Werror=implicit-function-declaration", "-Werror=int-conversion", "-Werror=incompatible-pointer-types")
_REPAIRS = 6


@dataclass(frozen=True)
class Pair:
    """A built pair. before and after are the slices it was made from."""

    entry: Entry
    flavour: str
    program: Path
    before: Slice
    after: Slice


@cache
def compiler() -> str:
    """The C compiler: $CC, else gcc, else clang. Raises ToolError when there is none."""
    wanted = os.environ.get("CC", "").split()
    for name in [*wanted[:1], "gcc", "clang"]:
        if (found := shutil.which(name)) is not None:
            return found
    raise ToolError("no C compiler found", hint="install gcc (or clang), or set CC; see review-patch doctor")


@cache
def compiler_version() -> str:
    """First line of the compiler's --version."""
    done = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False)
    return done.stdout.split("\n", 1)[0]


def cache_folder() -> Path:
    """Where objects are kept: $REVIEW_PATCH_CACHE, else the user's cache directory."""
    chosen = os.environ.get("REVIEW_PATCH_CACHE")
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("review-patch"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Set REVIEW_PATCH_CACHE to a folder that can be written."
        raise ToolError(f"the cache folder cannot be made: {error.strerror}", place=str(folder), hint=hint) from error
    return folder


def build(before: Tree, after: Tree, entry: Entry, flavour: str, touched: Iterable[str] = ()) -> Pair:
    """Slice and compile both sides. touched: names the patch changes, which win over the world's own.

    Raises SliceError when the function cannot be cut out or does not compile, ToolError without compiler.
    """
    touched = tuple(sorted(touched))
    with ThreadPoolExecutor(2) as pool:
        runtime = pool.submit(_runtime, flavour)
        like = _like(before, after, entry, flavour)
        sides = [_side(t, entry, flavour, touched, name, like) for t, name in ((before, "before"), (after, "after"))]
        program = _link([o for _, o in sides] + [runtime.result()])
    return Pair(entry, flavour, program, sides[0][0], sides[1][0])


def build_from_text(code: tuple[str, str], flavour: str) -> Path:
    """The executable of two slices kept in a finding. Raises SliceError when one does not compile."""
    objects = []
    for text, side in zip(code, ("before", "after"), strict=True):
        path, errors = _compile(text, side)
        if errors:
            raise SliceError(f"the kept code does not compile: {errors[0][2]}", place=f"{errors[0][0]}:{errors[0][1]}")
        objects.append(path)
    return _link([*objects, _runtime(flavour)])


def _link(objects: list[Path]) -> Path:
    digest = hashlib.sha256("".join(o.name for o in objects).encode()).hexdigest()[:24]
    program = cache_folder() / f"pair-{digest}"
    if not program.exists():
        _run([compiler(), *map(str, objects), "-o"], program)
    return program


def _like(before: Tree, after: Tree, entry: Entry, flavour: str) -> Item | None:
    """The function as it is before the patch, by which both sides of a generic entry are called."""
    if entry.adapter != GENERIC or before is after:
        return None
    return _index(before, entry, flavour).find(entry.name)


def slice_of(tree: Tree, entry: Entry, flavour: str, touched: Iterable[str] = ()) -> Slice:
    """The entry cut out of a tree. Raises SliceError when it is not there or what it needs is not."""
    return cut(_index(tree, entry, flavour), entry.name, entry.adapter, own={*touched, *entry.own})


def reachable(tree: Tree, entry: Entry, flavour: str, touched: frozenset[str]) -> frozenset[tuple[str, str]]:
    """(name, file) of everything of the tree that the entry itself leads to. Raises SliceError without the entry."""
    return leads_to(_index(tree, entry, flavour), entry.name, touched | set(entry.own))


def _index(tree: Tree, entry: Entry, flavour: str) -> Index:
    defined = re.compile(rb"\b%s\s*\(" % entry.name.encode())
    file = next((f for f in entry.files if defined.search(tree.read(f) or b"")), None)
    if file is None:
        raise SliceError(f"no function {entry.name} in this tree", place=" or ".join(entry.files))
    return _file_index(tree, file, flavour).fork()


@lru_cache(maxsize=64)
def _file_index(tree: Tree, file: str, flavour: str) -> Index:
    return build_index(tree, FLAVOURS[flavour], file, world().macros)


def _side(
    tree: Tree, entry: Entry, flavour: str, touched: tuple[str, ...], side: str, like: Item | None
) -> tuple[Slice, Path]:
    """Cut one side and compile it; a helper that does not compile is stood in for."""
    without = Without()
    for _ in range(_REPAIRS):
        piece = cut(
            _index(tree, entry, flavour), entry.name, entry.adapter, own={*touched, *entry.own},
            stubbed=without.stubbed, dropped=without.dropped, like=like,
        )  # fmt: skip
        path, errors = _compile(piece.text, side)
        if not errors:
            return piece, path
        errors = [e for e in errors if culprit(piece, e) is None] or errors
        if not without.gained({(c, e[1]) for e in errors if (c := culprit(piece, e)) is not None}):
            break
    first = errors[0]
    raise SliceError(
        f"this does not compile {side} the patch: {first[2]}",
        place=f"{first[0]}:{first[1]}",
        hint="what it needs is not modelled; the function is reported as not-runnable",
    )


def _compile(text: str, side: str) -> tuple[Path, list[tuple[str, int, str]]]:
    refuse_unsafe(text)
    digest = hashlib.sha256(
        f"imports\0{text}\0{side}\0{_world_digest()}\0{compiler_version()}\0{_FLAGS}".encode()
    ).hexdigest()[:24]
    path = cache_folder() / f"side-{digest}.o"
    if path.exists():
        return path, []
    failed = path.with_suffix(".json")
    if failed.exists():
        return path, [(file, line, message) for file, line, message in json.loads(failed.read_text(encoding="utf-8"))]
    source = path.with_suffix(f".{os.getpid()}.c")
    source.write_text(text, encoding="utf-8")
    try:
        _run([compiler(), "-c", *_FLAGS, *_STRICT, f"-DW_SIDE=w_{side}", f"-I{WORLD}", f"-I{ENTRY_FOLDER}",
              "-fmax-errors=40", str(source), "-o"], path)  # fmt: skip
    except _CompileError as error:
        aside = failed.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(error.lines), encoding="utf-8")
        aside.replace(failed)
        return path, error.lines
    finally:
        source.unlink(missing_ok=True)
    foreign = _imports(path) - world_symbols()
    if foreign:
        path.unlink()
        raise SliceError(f"the code calls {', '.join(sorted(foreign))}, which is not part of the simulated world")
    return path, []


def _imports(path: Path) -> set[str]:
    """The symbols an object wants from elsewhere."""
    nm = subprocess.run([compiler(), "-print-prog-name=nm"], capture_output=True, text=True, check=False).stdout.strip()
    done = subprocess.run([nm or "nm", "-u", str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError("nm cannot read what the compiler made", hint="Install binutils.")
    return {line.split()[-1] for line in done.stdout.splitlines() if line.strip()}


@cache
def _world_digest() -> str:
    files = sorted([*WORLD.glob("*.[ch]"), *ENTRY_FOLDER.glob("*.h")])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()


def _runtime(flavour: str) -> Path:
    """The world's own C, one relocatable object for each flavour."""
    defines = [f"-D{name}={value}" for name, value in FLAVOURS[flavour].defines]
    digest = hashlib.sha256(f"{_world_digest()}\0{compiler_version()}\0{defines}".encode()).hexdigest()[:24]
    path = cache_folder() / f"world-{digest}.o"
    if not path.exists():
        sources = map(str, sorted(WORLD.glob("*.c")))
        _run([compiler(), *_FLAGS[:-1], "-Wall", "-Wextra", *defines, f"-I{WORLD}", "-r", "-nostdlib",
              *sources, "-o"], path)  # fmt: skip
    return path


class _CompileError(Exception):
    def __init__(self, lines: list[tuple[str, int, str]]) -> None:
        super().__init__()
        self.lines = lines


def _limit(pid: int) -> None:
    """Keep a compiler from running away with the machine."""
    resource.prlimit(pid, resource.RLIMIT_CPU, (60, 60))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _run(command: list[str], output: Path) -> None:
    """Run a compiler command whose last argument, the output, is written aside and moved into place."""
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    with subprocess.Popen(
        [*command, str(aside)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", env=environment
    ) as process:
        _limit(process.pid)
        errors = process.communicate()[1]
    if process.returncode == 0:
        aside.replace(output)
        return
    aside.unlink(missing_ok=True)
    found = errors_in(errors)
    if not found:
        raise ToolError("the C compiler failed", place=Path(command[0]).name, hint=errors.strip()[-600:])
    raise _CompileError(found)
