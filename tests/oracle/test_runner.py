# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever the code under test does, the runner says how it ended, or that the process did."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle.entries import entry
from oracle.runner import RefusedError, Runner, RunnerError
from oracle.sandbox import signal_of
from oracle.wire import command, names
from reviewer.building.pair import build
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.resources import folder
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import Overlay

MREMAP = "mm/mremap.c"
PGTABLE = "arch/x86/include/asm/pgtable.h"
# Where move_ptes() has its locks and goes through the range.
PLACE = "\tfor (; old_addr < old_end; old_ptep++,"
# enum w_ending of oracle/world/world.h
RETURNED, CRASH, STEPS, TIMEOUT, BUG, UNMODELLED, UNDEFINED = range(7)
ENDINGS = (
    ("for (;;)\n\t\t;", TIMEOUT),
    ("for (;;) ptep_get(old_ptep);", STEPS),
    ("for (;;) set_pte_at(mm, new_addr, new_ptep++, __pte(0));", CRASH),
    ("for (;;) set_pte_at(mm, new_addr, new_ptep--, __pte(0));", CRASH),
    ("*(volatile int *)8 = 0;", CRASH),
    ("err = *(volatile int *)&extent / (*(volatile int *)&err & 0);", UNDEFINED),
    ("__builtin_trap();", UNDEFINED),
    ("pte_t held[4]; held[0] = __pte(0); err = held[4 + (extent & 1)].pte;", UNDEFINED),
    ("pte_t held[4], *at = held; held[0] = __pte(0); err = at[4 + (extent & 1)].pte;", UNDEFINED),
    ("err = 1 << (32 + (extent & 1));", UNDEFINED),
)
SYSTEM_CALLS = (
    ("void _exit(int);", "_exit(0);"),
    ("int open(const char *, int, ...);", 'open("/proc/self/status", 0);'),
    ("int creat(const char *, unsigned int);", 'creat("escaped", 0600);'),
    ("int fork(void);", "fork();"),
    ("int kill(int, int);", "kill(1, 0);"),
)


@pytest.fixture(scope="module")
def tree() -> Iterator[Tree]:
    with open_tree(folder("corpus") / "tree") as kernel:
        yield kernel.at(kernel.head)


def edited(tree: Tree, path: str, place: str, instead: str) -> Tree:
    text = (tree.read(path) or b"").decode()
    assert text.count(place) == 1
    return Overlay(tree, {path: text.replace(place, instead).encode()})


def runner(before: Tree, after: Tree, timeout: float = 20) -> Runner:
    known = entry("move_ptes")
    assert known is not None
    return Runner(build(before, after, known, "x86-64", ("move_ptes",)).program, timeout)


@pytest.mark.parametrize(("code", "ending"), ENDINGS)
def test_an_ending_is_an_outcome(tree: Tree, code: str, ending: int) -> None:
    wrong = edited(tree, MREMAP, PLACE, f"\t{code}\n{PLACE}")
    with runner(tree, wrong) as pair:
        assert ("ENDING", 1) in [(h.what, h.count) for h in pair.campaign(1, 0, 1)]
        outcome = pair.run(pair.scenario(1, 0), rows=True)
        endings = {name: side.ending for name, side in outcome.sides.items()}
        assert endings == {"before": RETURNED, "before-one": RETURNED, "after": ending, "after-one": ending}
        assert ("ENDING", -1) in outcome.codes["pair"]
        # Nothing of the bad run is left: the other side does as ever.
        with runner(tree, tree) as sound:
            assert sound.run(sound.scenario(1, 1)).sides["before"] == pair.run(pair.scenario(1, 1)).sides["before"]


def test_recursion_without_end_is_a_crash(tree: Tree) -> None:
    deep = "static int deep(volatile int *p) { volatile int n[64]; n[0] = *p + 1; return deep(n) + n[0]; }"
    again = edited(tree, MREMAP, "static int move_ptes(", f"{deep}\nstatic int move_ptes(")
    wrong = edited(again, MREMAP, PLACE, f"\terr = deep(&err);\n{PLACE}")
    with runner(wrong, wrong) as pair:
        assert pair.run(pair.scenario(1, 0)).sides["after"].ending == CRASH


@pytest.mark.parametrize(("declared", "code"), SYSTEM_CALLS)
def test_a_call_out_of_the_world_is_refused(tree: Tree, declared: str, code: str) -> None:
    wrong = edited(tree, MREMAP, PLACE, f"\t{declared}\n\t{code}\n{PLACE}")
    with pytest.raises(SliceError, match="not part of the simulated world"):
        runner(tree, wrong)


def test_answers_cannot_be_forged(tree: Tree) -> None:
    for declared, code in (
        ("extern long write(int, const void *, unsigned long);", 'write(1, ".\\n", 2);'),
        ("extern void w_print_word(const char *);", 'w_print_word(".\\n");'),
    ):
        with pytest.raises(SliceError, match="not part of the simulated world"):
            runner(tree, edited(tree, MREMAP, PLACE, f"\t{declared}\n\t{code}\n{PLACE}"))


@pytest.mark.parametrize(("declared", "code"), SYSTEM_CALLS)
def test_a_system_call_ends_the_process(
    tree: Tree, declared: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the linker's eyes missed, the kernel stops."""
    monkeypatch.setattr("reviewer.building.objects.refuse_unsafe_object", lambda *_: None)
    monkeypatch.setattr("reviewer.support.cache.writable", lambda: tmp_path)
    wrong = edited(tree, MREMAP, PLACE, f"\t{declared}\n\t{code}\n{PLACE}")
    with runner(tree, wrong) as pair:
        with pytest.raises(RunnerError, match="has ended"):
            pair.campaign(1, 0, 10)
        with pytest.raises(RunnerError, match="has ended"):
            pair.coverage()
    assert signal_of(pair.process.returncode) in {signal.SIGKILL, signal.SIGSYS}


def test_a_fault_between_the_runs_ends_the_process(tree: Tree) -> None:
    """The codec calls the tree's own accessors when no run is there to be left."""
    place = "static inline bool pte_young(pte_t pte)\n{\n"
    wrong = edited(tree, PGTABLE, place, f"{place}\t*(volatile int *)8 = 0;\n")
    with runner(tree, wrong) as pair, pytest.raises(RunnerError, match="has ended"):
        pair.campaign(1, 0, 100, thorough=True)


def test_silence_is_not_waited_for(tree: Tree) -> None:
    with runner(tree, tree, timeout=0.2) as pair, pytest.raises(RunnerError, match="no answer within"):
        pair.campaign(1, 0, 1 << 40)


def test_a_scenario_that_cannot_be_is_refused_and_not_run(tree: Tree) -> None:
    with runner(tree, tree) as pair:
        good = pair.scenario(1, 0)
        for bad in (good.change(folios=good.folios * 50), good.change(start=good.end), good.change(options=(-1,) * 8)):
            assert pair.attempt(bad) is None
            for command in ("run", "rows", "trace before"):
                with pytest.raises(RefusedError):
                    pair.ask(command)
        assert pair.run(good).sides["before"].ending == RETURNED


def test_commands_are_the_words_of_wire_h(tree: Tree) -> None:
    assert command("table", 3, "0 1") == "table 3 0 1"
    with pytest.raises(KeyError):
        command("tab", 3)
    with runner(tree, tree) as pair:
        assert pair.ask(command("able"))
        assert pair.ask(command("invalid", 1, 0, 10)) == ["-1"]
        for word in (*(name[:-1] for name in names("COMMANDS")), "able2", "", " able", "c"):
            if word not in names("COMMANDS"):
                with pytest.raises(RefusedError):
                    pair.ask(word)


@pytest.mark.parametrize(("name", "fails"), [("move_ptes", set(range(8))), ("folio_pte_batch_flags", {0})])
def test_calls_fail_in_some_scenarios_of_what_has_any(tree: Tree, name: str, fails: set[int]) -> None:
    known = entry(name)
    assert known is not None
    with Runner(build(tree, tree, known, "x86-64").program) as it:
        assert {it.scenario(1, n).fails for n in range(400)} == fails
