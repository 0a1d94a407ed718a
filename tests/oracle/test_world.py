# SPDX-License-Identifier: GPL-2.0-or-later
"""The project's own C: no warning, no sanitizer report whatever it is asked, and never out of its sandbox."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oracle import sandbox
from oracle.entries import entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.runner import Runner
from reviewer.building.objects import runtime
from reviewer.building.pair import build, slice_of
from reviewer.building.toolchain import compiler
from reviewer.model import Tree
from reviewer.resources import folder
from reviewer.slicing.world import ENTRIES, WORLD, providing, world_symbols
from reviewer.trees.kernel import open_tree
from tests.once import once

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(WORLD.glob("*.c"))
C = ("-std=gnu11", "-fno-strict-aliasing", "-funsigned-char", "-fno-common", f"-I{WORLD}", f"-I{ENTRIES}")
ADDRESS = ("-O1", "-g", "-fsanitize=address", "-DW_SELFTEST")
BOTH = (*ADDRESS, "-fsanitize=undefined", "-fno-sanitize-recover=undefined")
# Faults and the signal stack are the world's own business.
ASAN = "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:use_sigaltstack=0"
EXERCISED = (
    ("move_ptes", "x86-64"),
    ("zap_pte_range", "x86-64"),
    ("try_to_unmap_one", "x86-64"),
    ("contpte_set_ptes", "arm64-4k"),
    ("change_pte_range", "arm64-4k"),
)
TABLE = '#include "side.h"'
# What a file may hold in place of a number.
ODD = ("", "x",
       "-1", "0", "1", "2", "7", "9", "15", "16", "40", "255", "511", "1023", "1024", "4095", "65535", "-65536",
       "65536", "2147483648", "9223372036854775807", "-9223372036854775808", "99999999999999999999")  # fmt: skip


@pytest.fixture(scope="module")
def tree() -> Iterator[Tree]:
    with open_tree(folder("corpus") / "tree") as kernel:
        yield kernel.at(kernel.head)


def cc(*arguments: str | Path) -> None:
    done = subprocess.run([compiler(), *C, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def defines(flavour: str) -> list[str]:
    return [f"-D{name}={value}" for name, value in FLAVOURS[flavour].defines]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_world_compiles_without_a_warning(flavour: str) -> None:
    flags = (*defines(flavour), "-O2", "-Wall", "-Wextra", "-Werror", "-c")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda source: cc(*flags, source, "-o", os.devnull), SOURCES))


@pytest.fixture(scope="module")
def sanitized_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The world of a flavour with both sanitizers. In CI a compiler without them is an error, not a skip."""
    probe = [compiler(), *BOTH, "-x", "c", "-", "-o", os.devnull]
    done = subprocess.run(probe, input="int main(void) { return 0; }", capture_output=True, text=True, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("the compiler has no sanitizers: install libasan and libubsan")

    def made(flavour: str) -> Path:
        def make(folder: Path) -> None:
            cc(*BOTH, *defines(flavour), "-r", "-nostdlib", *SOURCES, "-o", folder / "world.o")

        return once(tmp_path_factory, f"sanitized-{flavour}", make) / "world.o"

    return made


def sanitized(tree: Tree, name: str, flavour: str, world: Path, where: Path, planted: str = "") -> Path:
    """The pair of an entry with itself. planted: what to run instead."""
    known = entry(name)
    assert known is not None
    text = slice_of(tree, known, flavour).text
    if planted:
        text = text.replace(TABLE, f"static void w_bad(void) {{ {planted} }}\n#define w_entry w_bad\n{TABLE}")
    (where / "slice.c").write_text(text, encoding="utf-8")
    sides = [where / f"{side}.o" for side in ("before", "after")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda o: cc(*BOTH, f"-DW_SIDE=w_{o.stem}", "-c", where / "slice.c", "-o", o), sides))
    cc(*ADDRESS, "-fsanitize=undefined", *sides, world, "-o", where / "pair")
    return where / "pair"


def answers(program: Path, commands: Sequence[str]) -> list[list[str]]:
    """What each command is answered, with its closing mark; there is no report and no early end."""
    framed = "".join(f"{len(command):08x}{command}{'0' * 32}" for command in commands)
    done = subprocess.run([program], input=framed, env={"ASAN_OPTIONS": ASAN}, capture_output=True,
                          text=True, timeout=120, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[:3000]
    found: list[list[str]] = [[]]
    lines = iter(done.stdout.splitlines())
    for line in lines:
        found[-1].append(line)
        if line in {".", "?"}:
            next(lines)  # the seal
            found.append([])
    assert len(found) - 1 == len(commands)
    return found[:-1]


def malformed(numbers: str, rng: random.Random) -> str:
    """A scenario with a few numbers odd, lost or cut off."""
    words = numbers.split()
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(words)) if rng.random() < 0.5 else rng.randrange(18)
        words[min(at, len(words) - 1)] = rng.choice(ODD)
    return " ".join(words[: rng.randint(1, len(words))] if rng.random() < 0.2 else words)


@pytest.mark.parametrize(("name", "flavour"), EXERCISED)
def test_no_sanitizer_reports(
    tree: Tree, name: str, flavour: str, sanitized_world: Callable[[str], Path], tmp_path: Path
) -> None:
    program = sanitized(tree, name, flavour, sanitized_world(flavour), tmp_path)
    hits = answers(program, ["campaign 1 0 5000 1", "campaign 1 4990 20"])
    assert hits == [["."], ["."]]
    tables = answers(
        program,
        ["tables 3", "exhaust 0 2000", "table 1234", "table 99999999", "tables 7", "exhaust 5 2 1 2 3 4 5 6 7 8"],
    )
    assert [lines[-1] for lines in tables] == [".", ".", ".", "?", ".", "."]
    assert tables[1] == ["ran 2000", "."]
    steered = answers(program, ["steer 1 500 2000 0 9999", "steer 1 10 10 5 3", "steer", "run"])
    assert [len(lines) for lines in steered] == [2, 2, 2, 1]
    generated = [lines[0] for lines in answers(program, [f"scenario 1 {n}" for n in range(100)])]
    asked = ("rows", "whole", "digest after", "trace before", "trace after")
    given = [c for numbers in generated for c in (f"take {numbers}", *asked)]
    given += ["coverage", "able", "invalid 1 0 100", "digests before 1 0 50"]
    assert all(lines[-1] == "." for lines in answers(program, given))
    rng = random.Random(1)
    odd = [c for n in generated * 4 for c in (f"take {malformed(n, rng)}", "rows", "trace before", "run")]
    taken = answers(program, odd)[::4]
    assert 10 < sum(lines == ["."] for lines in taken) < len(taken) - 10
    answers(
        program,
        [
            "trace before",
            "rows",
            "run",
            "coverage",
            "campaign",
            "scenario",
            "take",
            "z",
            "",
            "campaign 1 0 0",
            "scenario -1 -1",
            "trace",
            "campaign -1 -20 10",
            "rows",
            "tables -1",
            "tables",
            "exhaust",
            "exhaust -1 3",
            "table",
            "table -1",
        ],
    )


@pytest.mark.parametrize(
    ("planted", "report"),
    [("W.pages[W_NPAGES].flags = 1;", "heap-buffer-overflow"), ("W.line[W_NRULES + W.nstale] = 1;", "out of bounds")],
)
def test_a_planted_fault_is_reported(
    tree: Tree, planted: str, report: str, sanitized_world: Callable[[str], Path], tmp_path: Path
) -> None:
    program = sanitized(tree, "move_ptes", "x86-64", sanitized_world("x86-64"), tmp_path, planted)
    with pytest.raises(AssertionError, match=report):
        answers(program, ["campaign 1 0 1"])


@pytest.mark.parametrize("off", ["", "namespaces", "Landlock", "seccomp filter"])
def test_the_ordinary_program_is_confined(tree: Tree, off: str) -> None:
    known = entry("move_ptes")
    assert known is not None
    program = build(tree, tree, known, "x86-64").program
    with sandbox.using(sandbox.found().without(off)), Runner(program) as runner:
        runner.campaign(1, 0, 10)
        process = _of_program(runner.process.pid)
        status = dict(line.split(":\t", 1) for line in (process / "status").read_text("ascii").splitlines())
        limits = (process / "limits").read_text("ascii").splitlines()
    filters = "1" if off == "seccomp filter" else "2"  # the sandbox's, and the runner's own
    assert (status["Seccomp"], status["Seccomp_filters"], status["NoNewPrivs"]) == ("2", filters, "1")
    assert any(line.split()[:4] == ["Max", "file", "size", "0"] for line in limits)
    assert any(line.split()[:4] == ["Max", "address", "space", str(1 << 30)] for line in limits)


def _of_program(pid: int) -> Path:
    """The youngest child of a process: in namespaces of its own the program is one of bubblewrap's."""
    while children := Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
        pid = int(children[-1])
    return Path(f"/proc/{pid}")


@pytest.mark.parametrize("flavour", DEFAULT)
def test_slices_are_linked_to_what_the_world_defines_for_them(flavour: str) -> None:
    """To all that it defines and their headers declare, and to nothing that is only a word there."""
    listed = subprocess.run(["nm", "-g", runtime(flavour)], capture_output=True, text=True, check=True).stdout
    defined = set(re.findall(r" [A-TV-Z] (\w+)$", listed, re.MULTILINE))
    words = {word for name in providing() for word in re.findall(r"\w+", (WORLD / name).read_text(encoding="utf-8"))}
    assert defined & words <= world_symbols() <= defined | {"memcpy", "memmove", "memset", "memcmp", "bcmp"}


def test_nothing_but_these_tests_leaves_the_sandbox_out() -> None:
    sources = [p for top in ("reviewer", "oracle") for p in (ROOT / top).rglob("*") if p.suffix in {".py", ".c", ".h"}]
    assert [p.name for p in sources if "W_SELFTEST" in p.read_text("utf-8")] == ["sandbox.c"]
