# SPDX-License-Identifier: GPL-2.0-or-later
"""Versions of one series in the corpus: v2 gains write and looks up folios, v4 is right, v5 looks them up again."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from reviewer import patches
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Review, Series, SeriesTrees
from reviewer.pipeline import Settings, review
from reviewer.report.document import dumps, load, review_document
from reviewer.resources import folder
from reviewer.trees.overlays import Overlay, apply_series, open_tree

WRONG, RIGHT, COSTLY = "mremap-write-bit", "mremap-batch", "mremap-folio-lookup"
SETTINGS = Settings(budget=0.2, jobs=1)


@cache
def _applied(case: str) -> tuple[Series, SeriesTrees]:
    series = series_from_messages(read_messages(str(folder("corpus") / case / "series.mbox")))
    with open_tree(folder("corpus") / "tree") as kernel:
        return series, apply_series(series, kernel)


@cache
def _alone(case: str) -> Review:
    return review(*_applied(case), SETTINGS)


def _after(case: str, previous: str, settings: Settings = SETTINGS) -> Review:
    """The review of a case, given another as it was written to a file."""
    old = load(dumps(review_document(_alone(previous))), "old.json")
    return review(*_applied(case), settings, previous=old)


def _bad(done: Review) -> dict[str, str]:
    """Rule -> history of what the series brings."""
    return {f.rule: f.history for f in done.findings if f.relation == "introduced"}


def test_what_was_mended_is_gone() -> None:
    done = _after(RIGHT, WRONG)
    assert (done.verdict, _bad(done)) == ("clean", {})
    assert done.previous is not None
    assert {f.rule for f in done.previous.gone} == {"B5", "X4"}
    assert (done.previous.version, done.previous.unchecked) == (2, ())


def test_what_is_still_there_remains_and_the_rest_is_new() -> None:
    done = _after(WRONG, COSTLY)
    assert _bad(done) == {"B5": "new", "X4": "remaining"}
    assert set(_bad(_after(WRONG, RIGHT)).values()) == {"new"}


def test_an_unchanged_patch_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    run = patches._patch

    def counted(step, *rest):  # type: ignore[no-untyped-def]
        ran.append(step.patch.index)
        return run(step, *rest)

    _alone(WRONG)
    monkeypatch.setattr(patches, "_patch", counted)
    done = _after(RIGHT, WRONG)
    assert ran == [2]
    assert done.previous is not None
    assert done.previous.unchanged == (1,)


def test_results_taken_over_are_those_of_a_run() -> None:
    for case, previous in ((RIGHT, WRONG), (WRONG, WRONG)):
        done = _after(case, previous)
        bare = replace(done, previous=None, findings=tuple(replace(f, history="") for f in done.findings))
        assert dumps(review_document(bare)) == dumps(review_document(_alone(case)))


@pytest.mark.parametrize("changed", [{"seed": 2}, {"budget": 0.3}, {"flavours": ("x86-64",)}])
def test_with_other_settings_all_is_run_again(changed: dict[str, object]) -> None:
    done = _after(RIGHT, WRONG, replace(SETTINGS, **changed))  # type: ignore[arg-type]
    assert done.previous is not None
    assert done.previous.unchanged == ()


def test_a_change_in_a_header_beneath_runs_the_patch_again() -> None:
    series, trees = _applied(RIGHT)
    first = trees.patches[0]
    text = first.before.read("mm/internal.h")
    assert text is not None
    edit = {"mm/internal.h": text + b"\n/* More. */\n"}
    other = replace(first, before=Overlay(first.before, edit), after=Overlay(first.after, edit))
    done = review(series, replace(trees, patches=(other,)), SETTINGS, previous=_alone(RIGHT))
    assert done.previous is not None
    assert done.previous.unchanged == ()


def test_the_json_of_it_fits_the_schema() -> None:
    schema = json.loads(files("reviewer.report").joinpath("schema.json").read_text("utf-8"))
    document = review_document(_after(WRONG, COSTLY))
    Draft202012Validator(schema).validate(document)
    assert document["previous"]["version"] == 5
    assert all(len(p["digest"]) == 24 for p in document["patches"])
