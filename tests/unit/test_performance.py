# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark: its inputs are well-formed, and what differs between two runs is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.trees.kernel import open_tree
from reviewer.trees.overlays import apply_series
from tests.bench import rounds, table
from tests.bench.counted import kind_of
from tests.bench.inputs import STATES, Input, UnfitError, inputs, mbox
from tests.bench.one import COUNTS, Cost, FailedError, Said, Setup
from tests.bench.rounds import Row, middle

_SCRIPT = Path(__file__).parents[1] / "bench" / "counted.py"
_SAID = Said("findings", ("a B5 introduced in 1",), ("1 f: exercised, scenarios",))


def _cost(cpu: float = 2.0, **counts: int) -> Cost:
    return Cost(1.0, cpu - 1.5, 0.5, cpu / 2, 99.6, dict.fromkeys(COUNTS, 7) | counts)


def _row(cost: Cost, said: Said = _SAID, name: str = "one") -> Row:
    return Row(name, "new", cost, said)


def test_inputs_are_told_whole() -> None:
    chosen, primers = inputs()
    names = [one.name for one in chosen]
    assert {"one", "wrong", "ten", "contpte", "rename", "24"} <= set(names)
    assert primers
    for one in (*chosen, *primers):
        assert one.states
        assert set(one.states) <= set(STATES)
        for edit in (edit for patch in one.patches for edit in patch):
            assert set(edit) in ({"rename", "to"}, {"file", "function", "pattern", "with"},
                                 {"file", "function", "pattern", "with", "all"})  # fmt: skip
    sizes = {one.name: len(one.patches) for one in chosen}
    assert (sizes["ten"], sizes["24"]) == (10, 24)


def test_parts_of_a_series_have_the_same_edits() -> None:
    ten = next(one for one in inputs()[0] if one.name == "ten")
    assert [len(patch) for patch in ten.part("four", 4).patches] == [4]
    assert ten.part("five", *[1] * 5).patches == ten.patches[:5]


_FILL = {"file": "mm/demo.c", "function": "demo_full", "pattern": "slot > 0", "with": "slot != 0"}
_NAME = {"rename": "demo_full", "to": "demo_taken"}


def test_mails_are_applied_to_the_tree_they_were_made_of(tree: Path, tmp_path: Path) -> None:
    one = Input("both", "a test turned, and a helper renamed", ((_FILL,), (_NAME,)))
    mails = tmp_path / "both.mbox"
    with open_tree(tree) as kernel:
        mails.write_bytes(mbox(kernel.at(kernel.head), one))
        series = series_from_messages(read_messages(str(mails)))
        trees = apply_series(series, kernel)
        after = trees.patches[-1].after.read("mm/demo.c") or b""
    assert [len(step.paths) for step in trees.patches] == [1, 1]
    assert b"demo_full" not in after
    assert after.count(b"demo_taken") == 2
    assert b"slot != 0" in after


@pytest.mark.parametrize("edit", [_FILL | {"pattern": "slot > 9"}, _FILL | {"function": "demo_none"},
                                  _FILL | {"file": "mm/none.c"}, _FILL | {"with": "slot > 0"},
                                  _NAME | {"rename": "demo_none"}])  # fmt: skip
def test_what_does_not_fit_is_told(tree: Path, edit: Mapping[str, str]) -> None:
    with open_tree(tree) as kernel, pytest.raises(UnfitError, match=r"demo_|none"):
        mbox(kernel.at(kernel.head), Input("odd", "", ((dict(edit),),)))


def test_of_rounds_the_median_is_kept() -> None:
    one = middle([_cost(9.0, links=3), _cost(2.0, links=1), _cost(3.0, links=1)])
    assert (one.cpu, one.wall, one.counts["links"]) == (3.0, 1.5, 1)


def test_a_table_has_both_figures_where_they_differ() -> None:
    lines = table.table([_row(_cost(2.0))], [_row(_cost(4.0, compilations=1234))]).splitlines()
    told = "| one | new | 4.0 -> 2.0 | 1.0 | 2.5 -> 0.5 | 0.5 | 2.0 -> 1.0 | 100 | 1,234 -> 7 | 7 | 7 | 7 |"
    assert lines[-1] == told
    assert len({line.count("|") for line in lines}) == 1


def test_what_is_stored_comes_back() -> None:
    rows = [replace(_row(_cost()), odd=("links 1, 2",))]
    kept = json.loads(json.dumps(table.document({"tree": "linux"}, rows)))
    assert table.stored(kept) == rows
    with pytest.raises(ValueError, match=table.SCHEMA):
        table.stored({"schema": "other/1"})


def test_a_count_that_changed_is_told_and_a_time_is_not() -> None:
    old, new = [_row(_cost(2.0))], [_row(_cost(8.0, runners=8))]
    assert table.counts_differ(old, new) == ["one, new: runners 7 -> 8"]
    assert table.counts_differ(old, [_row(_cost(8.0))]) == []
    assert table.counts_differ(old, [_row(_cost(runners=8), name="other")]) == []


def test_what_reviews_say_is_compared() -> None:
    other = Said("clean", ("b B5 introduced in 1",), ("1 f: exercised, same-code",))
    old, new = [_row(_cost())], [_row(_cost(), other)]
    told = ["findings -> clean", "- a B5 introduced in 1", "+ b B5 introduced in 1"]
    assert table.said_differs(old, new) == [f"one, new: {line}" for line in told]
    assert len(table.claims_differ(old, new)) == 2
    assert table.said_differs(old, old) == table.claims_differ(old, old) == []
    assert len(table.states_differ([*old, replace(new[0], state="unchanged")])) == 1


@pytest.mark.parametrize(("program", "kind"), [
    (["gcc", "-c", "slice.c", "-o", "out"], "compilations"), (["gcc", "-r", "main.c", "run.c"], "compilations"),
    (["gcc", "a.o", "b.o", "-o", "out"], "links"), (["pair-1"], "runners"), (["sh", "-c", "gcc --version"], "other"),
])  # fmt: skip
def test_programs_are_told_apart(program: list[str], kind: str) -> None:
    around = ["bwrap", "--ro-bind", "/lib/child.py", "/lib/child.py", "--", "python3", "-I", "/lib/child.py", "1a2b"]
    assert kind_of([*around, *program]) == kind
    assert kind_of(["git", "grep"]) == "git"


def test_a_process_is_counted_with_what_it_leaves(tmp_path: Path) -> None:
    """What is orphaned counts, and what is killed is asked first."""
    package = tmp_path / "reviewer"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(_WASTES, encoding="utf-8")
    report = tmp_path / "report"
    command = [sys.executable, "-P", str(_SCRIPT), str(report), "x"]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=True)
    told = json.loads(report.read_text())
    assert told["compilers"] > 0.2
    assert told["runners"] > 0.1
    assert told["python"] < 0.2
    assert told["counts"]["other"] == 2
    assert told["peak"] > 1000


def test_a_review_that_fails_is_told_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def review(setup: Setup, mails: Path, cache: Path) -> tuple[Cost, Said]:
        if mails.stem == "bad" and setup.checkout.name == "other":
            raise FailedError("no room")
        (cache / mails.stem).touch()
        return _cost(compilations=len(list(cache.iterdir()))), _SAID

    monkeypatch.setattr(rounds, "review", review)
    setups = [Setup(Path(name), tmp_path) for name in ("this", "other")]
    (tmp_path / "left").mkdir()
    (tmp_path / "left" / "world").touch()
    bench = rounds.Bench(setups, tmp_path, dict.fromkeys(setups, tmp_path / "left"))
    both = [Input(name, "", (), ("empty", "new", "unchanged")) for name in ("bad", "good")]
    rows, beside = bench.measured(both, 2)
    assert bench.failed == {"bad": "no room"}
    assert rows == beside
    told = [(row.input, row.state, row.cost.counts["compilations"], row.odd) for row in rows]
    assert told == [("good", "empty", 1, ()), ("good", "new", 2, ()), ("good", "unchanged", 2, ())]


def test_of_inputs_of_one_name_the_first_that_fits_is_taken(tree: Path, tmp_path: Path) -> None:
    bench = rounds.Bench([Setup(Path("this"), tree)], tmp_path)
    edits = [("a", _FILL | {"pattern": "none"}), ("a", _FILL), ("a", _NAME), ("b", _FILL | {"file": "mm/none.c"})]
    wanted = [Input(name, "", ((edit,),)) for name, edit in edits]
    assert bench.mails(wanted, []) == [wanted[1]]
    assert b"slot != 0" in (tmp_path / "a.mbox").read_bytes()


_WASTES = """
import os, signal, subprocess, sys, time
BURN = "import time\\nwhile time.process_time() < 0.3: pass"
def main():
    script = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"
    subprocess.run([sys.executable, "-c", script, BURN])
    script = "import subprocess, sys; print(flush=True); subprocess.run([sys.executable, '-c', 'while 1: pass'])"
    killed = subprocess.Popen([sys.executable, "-c", script], start_new_session=True, stdout=subprocess.PIPE)
    killed.stdout.read(1)
    time.sleep(1)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    return 0
"""
