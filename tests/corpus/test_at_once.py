# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that are judged at a time, or were judged before, come out as they do one after the other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from oracle import sandbox
from reviewer.commands.remembered import Remembered
from reviewer.errors import ToolError
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Patch, PatchTrees, Review, Series, SeriesTrees
from reviewer.patches import Hands
from reviewer.pipeline import Settings, review
from reviewer.report.document import dumps, review_document
from reviewer.resources import folder
from reviewer.running.pairs import Came, Job
from reviewer.support import cache
from reviewer.trees.overlays import apply_series, open_tree

SETTINGS = Settings(budget=0.2, jobs=1)


@pytest.fixture(scope="module")
def longer() -> tuple[Series, SeriesTrees]:
    """A series of six patches: one of two, taken back and made again, and again."""
    series = series_from_messages(read_messages(str(folder("corpus") / "mremap-write-bit" / "series.mbox")))
    with open_tree(folder("corpus") / "tree") as kernel:
        trees = apply_series(series, kernel)
        first, second = trees.patches
        way = [first, second, _back(second), _back(first), first, second]
        patches = tuple(Patch(n, f"{n}", step.patch.message) for n, step in enumerate(way, 1))
        steps = tuple(replace(step, patch=patch) for step, patch in zip(way, patches, strict=True))
        return replace(series, total=6, patches=patches), replace(trees, patches=steps)


def _back(step: PatchTrees) -> PatchTrees:
    return replace(step, before=step.after, after=step.before)


def _bytes(done: Review) -> str:
    return dumps(review_document(done))


def _forgetful(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """A cache in which the simulated world is compiled, and nothing is known of any patch."""
    for path in cache.folder().glob("world-*"):
        shutil.copy2(path, place)
    monkeypatch.setattr(cache, "folder", lambda: place)


def test_however_many_at_a_time(longer: tuple[Series, SeriesTrees]) -> None:
    alone = review(*longer, SETTINGS)
    assert [f.patch for f in alone.findings if f.relation == "introduced"]
    assert _bytes(review(*longer, replace(SETTINGS, jobs=4))) == _bytes(alone)


def test_what_is_known_is_not_run_and_the_same(
    longer: tuple[Series, SeriesTrees], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _forgetful(monkeypatch, tmp_path)
    ran: list[int] = []

    class Counting(Hands):
        def run(self, job: Job, progress: object) -> Came:
            ran.append(job.step.patch.index)
            return super().run(job, progress)  # type: ignore[arg-type]

    series, trees = longer
    first = review(series, trees, SETTINGS, hands=Counting(), memory=Remembered(trees))
    assert set(ran) == {1, 2, 3, 4, 5, 6}
    ran.clear()
    assert _bytes(review(series, trees, SETTINGS, hands=Counting(), memory=Remembered(trees))) == _bytes(first)
    assert ran == []
    # The last is another one now: the promise in its message is part of what it is.
    promised = replace(trees.patches[5].patch, message=replace(series.patches[5].message, body="No functional change."))
    other = replace(trees, patches=(*trees.patches[:5], replace(trees.patches[5], patch=promised)))
    review(series, other, SETTINGS, hands=Counting(), memory=Remembered(other))
    assert set(ran) == {6}


def test_what_was_stopped_is_not_kept(
    longer: tuple[Series, SeriesTrees], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A limit of time may be met on a busy machine alone."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)

    class Stopped(Hands):
        def run(self, job: Job, progress: object) -> Came:
            raise ToolError(f"{job.entry.name} {progress}")

    series, trees = longer
    series, trees = replace(series, patches=series.patches[:1]), replace(trees, patches=trees.patches[:1])
    done = review(series, trees, SETTINGS, hands=Stopped(), memory=Remembered(trees))
    assert {f.status for p in done.patches for f in p.functions} == {"not-runnable"}
    assert list(tmp_path.glob("patch-*")) == []


def test_what_a_signal_leaves_out_is_not_clean(longer: tuple[Series, SeriesTrees]) -> None:
    """The first patch is, by itself; of the others nothing is known."""

    class Halting(Hands):
        def run(self, job: Job, progress: object) -> Came:
            if job.step.patch.index > 1:
                raise sandbox.Halted
            return super().run(job, progress)  # type: ignore[arg-type]

    series, trees = longer
    first = replace(series, patches=series.patches[:1]), replace(trees, patches=trees.patches[:1])
    assert review(*first, SETTINGS).verdict == "clean"
    done = review(series, trees, SETTINGS, hands=Halting())
    assert [p.index for p in done.patches] == [1]
    assert done.series.missing == (2, 3, 4, 5, 6)
    assert done.verdict == "inconclusive"
