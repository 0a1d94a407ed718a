# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that answers in the runner's place: the kernel ends it, and if that did not, its answer has no seal."""

from __future__ import annotations

import platform
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oracle import campaign
from oracle.entries import entry
from oracle.flavours import FLAVOURS
from oracle.reference.walkers.kernel import Kernel
from oracle.task import Task
from reviewer.building.pair import slice_of
from reviewer.building.toolchain import compiler
from reviewer.resources import folder
from reviewer.slicing.world import ENTRIES, WORLD
from reviewer.trees.kernel import open_tree

C = ("-O2", "-std=gnu11", "-fno-strict-aliasing", "-funsigned-char", "-fno-common", f"-I{WORLD}", f"-I{ENTRIES}")
PLACE = "for (; old_addr < old_end; old_ptep++,"
# Plain C: up the stack to a return address in the C library, which is near memmove(); from there on to what write()
# does (eax = 1, syscall); and an answer, of which there are no hits.
ATTACK = """
	{
		void *memmove(void *, const void *, unsigned long);
		static int done;
		unsigned long here[2] = { 0, 0 }, near = (unsigned long)memmove, *up = here;
		unsigned char *at;
		union { unsigned char *code; long (*call)(int, const void *, unsigned long); } found;
		int i;

		while (near - *(volatile unsigned long *)up > 0x180000 || !(*(volatile unsigned long *)up & 7))
			up++;
		at = (unsigned char *)*(volatile unsigned long *)up;
		for (i = 0; i < 1 << 20 && !done; i++, at++)
			if (at[0] == 0xb8 && at[1] == 1 && !at[2] && !at[3] && !at[4] && at[5] == 0x0f && at[6] == 5) {
				found.code = at;
				done = found.call(1, ".\\n", 2) == 2;
			}
	}
"""
pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the attack knows one machine's code")


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The world, the part of it that closes the sandbox with and without, and both sides, the second with the attack.

    Compiled here: no slice that does this gets past reviewer/building/objects.py."""
    with open_tree(folder("corpus") / "tree") as kernel:
        known = entry("move_ptes")
        assert known is not None
        text = slice_of(kernel.at(kernel.head), known, "x86-64").text
    assert text.count(PLACE) == 1
    where = tmp_path_factory.mktemp("forging")
    (where / "before.c").write_text(text, encoding="utf-8")
    (where / "after.c").write_text(text.replace(PLACE, f"{ATTACK}{PLACE}"), encoding="utf-8")
    defines = [f"-D{name}={value}" for name, value in FLAVOURS["x86-64"].defines]
    sources = [source for source in sorted(WORLD.glob("*.c")) if source.name != "sandbox.c"]
    world: list[str | Path] = [*defines, "-r", "-nostdlib", *sources]
    wanted: dict[str, list[str | Path]] = {
        "world": world,
        "closed": [*defines, "-c", WORLD / "sandbox.c"],
        "open": [*defines, "-DW_SELFTEST", "-c", WORLD / "sandbox.c"],
        "before": ["-DW_SIDE=w_before", "-c", where / "before.c"],
        "after": ["-DW_SIDE=w_after", "-c", where / "after.c"],
    }
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: cc(*wanted[name], "-o", where / f"{name}.o"), wanted))
    return {name: where / f"{name}.o" for name in wanted}


def cc(*arguments: str | Path) -> None:
    done = subprocess.run([compiler(), *C, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def program(objects: dict[str, Path], sandbox: str) -> Path:
    made = objects["world"].with_name(sandbox)
    cc(objects["before"], objects["after"], objects["world"], objects[sandbox], "-o", made)
    return made


def test_only_the_gate_leads_to_the_kernel(objects: dict[str, Path]) -> None:
    result = campaign.run(Task(program(objects, "closed"), "move_ptes", Kernel(), 1, 1000))
    assert (result.died, result.scenarios, result.after) == ("the pair's process has ended", 0, frozenset())


def test_an_answer_needs_its_seal(objects: dict[str, Path]) -> None:
    """With the sandbox left out the attack gets its answer to the parent, which does not take it."""
    result = campaign.run(Task(program(objects, "open"), "move_ptes", Kernel(), 1, 1000))
    assert "without its seal" in result.died
    assert (result.scenarios, result.after) == (0, frozenset())
