"""From C text to objects and programs: the compiler found, kept within limits, and asked once for each text.

Objects and programs are cached by the hash of everything that went in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import threading
from functools import cache
from pathlib import Path

import platformdirs

from oracle.flavours import FLAVOURS
from reviewer.errors import SliceError, ToolError
from reviewer.slicing.guard import refuse_unsafe
from reviewer.slicing.repair import ERROR, errors_in
from reviewer.slicing.world import ENTRIES as ENTRY_FOLDER
from reviewer.slicing.world import WORLD, world_symbols

# As the kernel compiles, and so that an unset variable shows the same way every time.
_FLAGS = (
    "-O2", "-std=gnu11", "-fno-strict-aliasing", "-fno-strict-overflow", "-funsigned-char", "-fno-common",
    "-fno-delete-null-pointer-checks", "-ftrivial-auto-var-init=pattern",
)  # fmt: skip
_TRACED = ("-DW_TRACED", "-O1")
_STRICT = ("-Werror=implicit-function-declaration", "-Werror=int-conversion", "-Werror=incompatible-pointer-types")


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


def link(objects: list[Path]) -> Path:
    """The program of two sides and a runtime."""
    digest = hashlib.sha256("".join(o.name for o in objects).encode()).hexdigest()[:24]
    program = cache_folder() / f"pair-{digest}"
    if not program.exists():
        _run([compiler(), *map(str, objects), "-o"], program)
    return program


def compiled(text: str, side: str, *, traced: bool = False) -> tuple[Path, list[tuple[str, int, str]]]:
    """The object of one side ("before" or "after") and no errors, or the errors: file, line, message.

    traced: its probes tell in what order they were passed. Raises SliceError for text that may not reach a compiler,
    or that calls what the world does not have."""
    refuse_unsafe(text)
    digest = hashlib.sha256(
        f"{_allowed()}\0{text}\0{side}\0{traced}\0{_world_digest()}\0{compiler_version()}\0{_FLAGS}".encode()
    ).hexdigest()[:24]
    path = cache_folder() / f"side-{digest}.o"
    if path.exists():
        return path, []
    failed = path.with_name(f"{path.stem}-{hashlib.sha256(ERROR.pattern.encode()).hexdigest()[:6]}.json")
    if failed.exists():
        return path, [(file, line, message) for file, line, message in json.loads(failed.read_text(encoding="utf-8"))]
    source = path.with_suffix(f".{_mine()}.c")
    source.write_text(text, encoding="utf-8")
    try:
        _run([compiler(), "-c", *_FLAGS, *_STRICT, f"-DW_SIDE=w_{side}", f"-I{WORLD}", f"-I{ENTRY_FOLDER}",
              *(_TRACED if traced else ()), "-fmax-errors=40", str(source), "-o"], path)  # fmt: skip
    except _CompileError as error:
        aside = failed.with_suffix(f".{_mine()}")
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


def assembly(plain: str) -> str | None:
    """What the compiler makes of a slice without its probes; None when it makes nothing of it.

    The code keeps its line numbers, and what it makes of them: only the world's own checks do without."""
    made = _assembly(plain, "-DW_NO_COVERAGE")
    return re.sub(r"^\s+\.(file|ident)\s.*$", "", made, flags=re.MULTILINE) if made is not None else None


def live_probes(text: str) -> frozenset[int]:
    """The probes of a slice of which the compiler keeps code: what lies under a condition that never holds has none."""
    made = _assembly(text, "-DW_MARKED") or ""
    return frozenset(map(int, re.findall(r"^\s*#W_COV \$?(\d+)$", made, re.MULTILINE)))


def _assembly(text: str, how: str) -> str | None:
    digest = hashlib.sha256(f"{how}\0{text}\0{_world_digest()}\0{compiler_version()}".encode()).hexdigest()[:24]
    path = cache_folder() / f"code-{digest}.s"
    if not path.exists():
        source = path.with_suffix(f".{_mine()}.c")
        source.write_text(text, encoding="utf-8")
        try:
            _run([compiler(), "-S", *_FLAGS, "-w", how, "-DW_SIDE=w_side", f"-I{WORLD}", f"-I{ENTRY_FOLDER}",
                  str(source), "-o"], path)  # fmt: skip
        except _CompileError:
            return None
        finally:
            source.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8")


@cache
def _allowed() -> str:
    """What an object that is kept was allowed to call."""
    return " ".join(sorted(world_symbols()))


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


def runtime(flavour: str) -> Path:
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


def _mine() -> str:
    """A part of a file name that no other thread or process uses."""
    return f"{os.getpid()}-{threading.get_ident()}"


def _run(command: list[str], output: Path) -> None:
    """Run a compiler command whose last argument, the output, is written aside and moved into place."""
    aside = output.with_name(f".{output.name}.{_mine()}")
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
