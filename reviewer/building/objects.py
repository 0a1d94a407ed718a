# SPDX-License-Identifier: GPL-2.0-or-later
"""From C text to objects and programs: each text is compiled once, behind the sandbox, and kept.

What a text may hold is asked before the compiler sees it (slicing/guard.py); what came of it, before it is linked
(elf.py). A compiler that crashes or comes to a limit is a reason why a function cannot be run, no more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from oracle.flavours import FLAVOURS
from reviewer.building.elf import refuse_unsafe_object, renamed
from reviewer.building.toolchain import Made, compiler_version, make
from reviewer.errors import SliceError, ToolError
from reviewer.slicing.guard import refuse_unsafe
from reviewer.slicing.repair import ERROR, errors_in
from reviewer.slicing.world import ENTRIES as ENTRY_FOLDER
from reviewer.slicing.world import WORLD, world_symbols
from reviewer.support import cache as kept

# As the kernel compiles, and so that an unset variable shows the same way every time. How far it is optimized: as a
# kernel is what proves two sides to be the same, and the world, which is compiled once; less what is run once, since
# the compiler took longer than it spared the run (docs/performance.md); and hardly what is traced.
_FLAGS = (
    "-std=gnu11", "-fno-strict-aliasing", "-fno-strict-overflow", "-funsigned-char", "-fno-common",
    "-fno-delete-null-pointer-checks", "-fshort-wchar", "-ftrivial-auto-var-init=pattern",
)  # fmt: skip
# What C leaves undefined ends a run (X2): an index or an access past an object, where the compiler can tell its size,
# a shift by more than there are bits, and a division by 0. A trap needs no runtime, so that it works in the sandbox.
_CHECKED = ("-fsanitize=bounds,object-size,shift-exponent,integer-divide-by-zero", "-fsanitize-undefined-trap-on-error")
_WHOLE, _RUN, _TRACED = ("-O2",), ("-O1",), ("-DW_TRACED", "-Og")
_STRICT = ("-Werror=implicit-function-declaration", "-Werror=int-conversion", "-Werror=incompatible-pointer-types")
_INCLUDES = (f"-I{WORLD}", f"-I{ENTRY_FOLDER}")
_SOURCE = "slice.c"
_FIRST = "before"  # the side whose symbol a compilation gets
_UNTOLD = re.compile(r"\s+\.(?:file|ident)\s")
_LABEL = re.compile(r"(?<![\w.$])\.L[\w.$]+")
Errors = list[tuple[str, int, str]]


def link(objects: Sequence[Path]) -> Path:
    """The program of two sides and a runtime. Raises SliceError when they do not go together."""
    name = f"pair-{_digest(*(o.name for o in objects))}"
    if (program := kept.get(name)) is not None:
        return program
    with kept.scratch() as work:
        made = make([*objects], work, objects, links=True)
    if made.content is None:
        raise SliceError(f"the two sides cannot be linked: {_why(made)}")
    return kept.put(name, made.content, mode=0o755)


def compiled(text: str, side: str, *, traced: bool = False) -> tuple[Path, Errors]:
    """The object of one side ("before" or "after") and no errors, or the errors: file, line, message.

    Both sides of one text are one compilation: the symbol alone is another. traced: its probes tell in what order they
    were passed. Raises SliceError for text that may not reach a compiler, that holds what may not be run, or that calls
    what the world does not have."""
    refuse_unsafe(text)
    level = _TRACED if traced else _RUN
    how = str((*_FLAGS, *_CHECKED, *level))
    stem = f"side-{_digest(_allowed(), text, _world_digest(), compiler_version(), how)}"
    name = f"{stem}-{side}.o"
    if (path := kept.get(name)) is not None:
        return path, []
    failed = f"{stem}-{_digest(ERROR.pattern)[:6]}.json"
    if (told := kept.text(failed)) is not None:
        return Path(failed), [(file, line, message) for file, line, message in json.loads(told)]
    content = kept.content(f"{stem}-{_FIRST}.o")
    if content is None:
        made = _compile(text, ("-c", *level, *_CHECKED, *_STRICT, f"-DW_SIDE=w_{_FIRST}", "-fmax-errors=40"))
        if made.content is None:
            errors = errors_in(made.messages) if not made.stopped else []
            if not errors:
                raise SliceError(f"it cannot be compiled: {_why(made)}")
            kept.put(failed, json.dumps(errors).encode())
            return Path(failed), errors
        content = made.content
        refuse_unsafe_object(content, f"w_{_FIRST}", world_symbols())
        path = kept.put(f"{stem}-{_FIRST}.o", content)
    return (path if side == _FIRST and path else kept.put(name, renamed(content, f"w_{_FIRST}", f"w_{side}"))), []


def assembly(plain: str, *, opaque: bool = False) -> str | None:
    """What the compiler makes of code without probes, its own labels numbered in their order; None when it makes
    nothing of it. opaque: it does not know what is always so in the simulated machine alone (W_ALWAYS).

    The code keeps its line numbers, and what it makes of them: only the world's own checks do without."""
    made = _assembly(plain, "-DW_NO_COVERAGE", *(["-DW_OPAQUE"] if opaque else []))
    if made is None:
        return None
    labels: dict[str, str] = {}
    lines = (line for line in made.split("\n") if not _UNTOLD.match(line))
    # In what is quoted nothing is a label.
    return "\n".join(
        s if '"' in s else _LABEL.sub(lambda m: labels.setdefault(m[0], f".L{len(labels)}"), s) for s in lines
    )


def live_probes(text: str) -> frozenset[int]:
    """The probes of a slice of which the compiler keeps code: what lies under a condition that never holds has none."""
    made = _assembly(text, "-DW_MARKED") or ""
    return frozenset(map(int, re.findall(r"^\s*#W_COV \$?(\d+)$", made, re.MULTILINE)))


def _assembly(text: str, *how: str) -> str | None:
    refuse_unsafe(text)
    name = f"code-{_digest(*how, str((*_FLAGS, *_WHOLE)), text, _world_digest(), compiler_version())}.s"
    if (known := kept.text(name)) is not None:
        return known
    made = _compile(text, ("-S", "-w", *_WHOLE, *how, "-DW_SIDE=w_side"))
    if made.content is not None:
        kept.put(name, made.content)
    return made.content.decode("utf-8", "replace") if made.content is not None else None


def _compile(text: str, how: Sequence[str]) -> Made:
    with kept.scratch() as work:
        source = work / _SOURCE
        source.write_text(text, encoding="utf-8")
        return make([*_FLAGS, *_INCLUDES, *how, source], work, (WORLD, ENTRY_FOLDER))


@cache
def _allowed() -> str:
    """What an object that is kept was allowed to call."""
    return " ".join(sorted(world_symbols()))


@cache
def _world_digest() -> str:
    files = sorted([*WORLD.glob("*.[ch]"), *ENTRY_FOLDER.glob("*.h")])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()


def runtime(flavour: str) -> Path:
    """The world's own C, one relocatable object for each flavour. ToolError when the compiler does not take it."""
    defines = [f"-D{name}={value}" for name, value in FLAVOURS[flavour].defines]
    name = f"world-{_digest(_world_digest(), compiler_version(), str(defines))}.o"
    if (path := kept.get(name)) is not None:
        return path
    with kept.scratch() as work:
        sources = sorted(WORLD.glob("*.c"))
        how = [*_WHOLE, *_FLAGS[:-1], "-Wall", "-Wextra", *defines, f"-I{WORLD}", "-r", "-nostdlib"]
        made = make([*how, *sources], work, (WORLD,))
    if made.content is None:
        raise ToolError("the C compiler failed on the simulated world", hint=_why(made))
    return kept.put(name, made.content)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _why(made: Made) -> str:
    """Why the compiler made nothing, in a line."""
    if made.stopped:
        return f"the compiler was stopped: {made.stopped}"
    said = [line.strip() for line in made.messages.splitlines() if line.strip()]
    telling = [line for line in said if re.search(r"error|fatal|memory|bug", line)]
    return (telling or said or ["the compiler gave no reason, and nothing else"])[0][:300]
