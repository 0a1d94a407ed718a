# SPDX-License-Identifier: GPL-2.0-or-later
"""Every case of the corpus comes out as its expect.toml says, and no version of it differs from itself."""

from __future__ import annotations

import tomllib
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from embedded import base_of
from programs import checked

from oracle import campaign
from oracle.explain.tree import kernel_of
from oracle.flavours import DEFAULT, FLAVOURS, may_be_for
from oracle.task import Task
from reviewer.building.pair import build
from reviewer.changes.changed import changes
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Finding, PatchTrees, Series, SeriesTrees
from reviewer.pipeline import Settings, review
from reviewer.resources import folder
from reviewer.selection.plan import plan
from reviewer.trees.choice import choose_tree, embedded_base
from reviewer.trees.overlays import apply_series, open_tree

CORPUS = folder("corpus")
CASES = sorted(path.parent.name for path in CORPUS.glob("*/expect.toml"))
# The default of the command line: the rarest finding of all cases shows about ten times in it.
BUDGET = 2.0
ITSELF = 4000


@dataclass(frozen=True)
class Expected:
    """One finding, as far as a case lays it down."""

    rule: str
    patch: int
    function: str
    relation: str
    flavours: tuple[str, ...]
    fixed_by_patch: int | None = None

    @classmethod
    def of(cls, entry: dict[str, Any] | Finding) -> Expected:
        """From expect.toml, or from what the tool found."""
        if isinstance(entry, Finding):
            return cls(entry.rule, entry.patch, entry.function, entry.relation, entry.flavours, entry.fixed_by_patch)
        return cls(**{**entry, "flavours": tuple(entry["flavours"])})


@cache
def expectation(case: str) -> dict[str, Any]:
    return tomllib.loads((CORPUS / case / "expect.toml").read_text(encoding="utf-8"))


@cache
def series(case: str) -> Series:
    return series_from_messages(read_messages(str(CORPUS / case / "series.mbox")))


@cache
def applied(case: str) -> SeriesTrees:
    with open_tree(CORPUS / "tree") as kernel:
        return apply_series(series(case), kernel)


def test_the_corpus_is_whole() -> None:
    assert len(CASES) >= 12
    for mbox in CORPUS.glob("*/series.mbox"):
        assert (mbox.parent / "origin.md").read_text(encoding="utf-8").startswith("# ")
        assert mbox.parent.name in CASES


def test_base_names_the_tree() -> None:
    assert embedded_base() == base_of(CORPUS / "tree")


@pytest.mark.parametrize("case", CASES)
def test_the_tree_is_found_by_the_base_commit(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Path(choose_tree(None, series(case))) == CORPUS / "tree"


@pytest.mark.parametrize("case", CASES)
def test_the_review_says_what_is_expected(case: str, tmp_path: Path) -> None:
    done = review(series(case), applied(case), Settings(budget=BUDGET, jobs=2))
    found = sorted((Expected.of(f) for f in done.findings), key=lambda e: astuple(e)[:4])
    wanted = sorted((Expected.of(e) for e in expectation(case).get("finding", ())), key=lambda e: astuple(e)[:4])
    assert (done.verdict, found) == (expectation(case)["verdict"], wanted)
    checked(done.findings, tmp_path)


@pytest.mark.parametrize("case", CASES)
def test_no_version_differs_from_itself(case: str) -> None:
    for step in applied(case).patches:
        for relation, rule, flavour in differences_from_itself(step):
            assert relation == "preexisting", (step.patch.index, rule, flavour)
            assert expectation(case)["verdict"] == "findings", (step.patch.index, rule, flavour)


def differences_from_itself(step: PatchTrees) -> list[tuple[str, str, str]]:
    """(relation, rule, flavour) of all faults when the code after a patch stands on both sides.

    What is wrong in it is wrong on both: nothing is introduced, and nothing fixed."""
    changed = changes(step, (*DEFAULT, *may_be_for(step.paths)))
    on = Settings().runs_on(changed.also)
    found: list[tuple[str, str, str]] = []
    for entry in plan(step, changed.functions, changed.names, on).entries:
        for flavour in (f for f in on if f in (entry.flavours or on)):
            pair = build(step.after, step.after, entry, flavour, changed.names)
            result = campaign.run(
                Task(pair.program, entry.name, kernel_of(step.after.read, FLAVOURS[flavour]), 1, ITSELF)
            )
            assert not result.died
            found += [(f.judgement.relation, f.judgement.rule.id, flavour) for f in result.faults]
    return found
