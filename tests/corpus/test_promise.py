# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that promises no functional change is held to it; the same patch without the words is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_corpus import applied, series

from oracle.wire import scenario
from reviewer.commands.replay import main as replay
from reviewer.model import PatchTrees, Review, SeriesTrees
from reviewer.pipeline import Settings, review
from reviewer.report import document

CASE = "mprotect-shared-left-readonly"
WORDS = "No functional change intended"


def saying(body: str) -> Review:
    """The review of the case with another message."""
    trees = applied(CASE)
    (step,) = trees.patches
    message = replace(step.patch.message, body=body)
    patch = replace(step.patch, message=message)
    changed = SeriesTrees(trees.tree, trees.base, trees.how, (PatchTrees(patch, step.before, step.after, step.paths),))
    return review(replace(series(CASE), patches=(patch,)), changed, Settings(budget=0.5, jobs=2))


def test_what_was_promised_is_held_against_it() -> None:
    done = saying(f"Factor it out.\n\n{WORDS}.\n")
    (finding,) = done.findings
    assert (finding.kind, finding.relation, finding.rule) == ("behaviour", "introduced", "X1")
    assert finding.severity == "medium"
    assert f'"{WORDS}"' in finding.explanation
    assert "batches of one show it" in finding.explanation
    # One PTE is enough.
    assert len(scenario(finding.scenario["exact"]["numbers"]).slots) == 1


@pytest.mark.parametrize("body", ["Factor it out.\n", "No functional change except for shared files.\n"])
def test_who_promised_nothing_is_not_asked(body: str) -> None:
    done = saying(body)
    assert (done.verdict, done.findings) == ("clean", ())


def test_the_words_are_part_of_what_results_depend_on() -> None:
    one, other = (saying(body).patches[0].digest for body in ("Factor it out.\n", f"{WORDS}.\n"))
    assert one != other


def test_such_a_finding_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = saying(f"{WORDS}.\n")
    kept = tmp_path / "review.json"
    kept.write_text(document.dumps(document.review_document(done)), "utf-8")
    assert replay([str(kept)]) == 0
    assert "The states are those of the finding." in capsys.readouterr().out
