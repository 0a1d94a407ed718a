# SPDX-License-Identifier: GPL-2.0-or-later
"""explain: every rule has its words and, where the reference has one, its example in pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sample

from oracle.reference.rules import all_rules
from oracle.rules import CATEGORIES, RULES
from reviewer.cli import main
from reviewer.commands.examples import cases
from reviewer.commands.glossary import meanings
from reviewer.report.document import dumps, review_document
from reviewer.report.drawn import text


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["explain", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert not [line for line in out.splitlines() if line != line.rstrip()]
    return out


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = _said(capsys, name.lower())
    words = " ".join(said.split())
    one = RULES[name]
    assert words.startswith(f"{name} {one.title}. ")
    assert one.question in words
    assert one.remedy in words
    assert max(map(len, said.splitlines())) <= 80
    if (check := all_rules().get(name)) is not None:
        assert " ".join(check.source.split()) in words
        assert said.count("\nright\n") == said.count("\nwrong: ") == 1
        example = said.partition("\nright\n")[2]
        assert not re.search(r"0x[0-9a-f]+ [wdhysunecpx]+\b|object at|None|False|True", example)


@pytest.mark.parametrize("name", all_rules())
def test_the_two_sides_of_an_example_can_be_told_apart(name: str) -> None:
    right, wrong = cases(all_rules()[name])
    assert right.verdict == ""
    assert wrong.verdict
    drawn = [(text(case.picture) if case.picture else [], case.notes) for case in (right, wrong)]
    assert drawn[0] != drawn[1]


def test_the_entry_that_is_wrong_is_marked() -> None:
    _, wrong = cases(all_rules()["B5"])
    assert wrong.picture is not None
    assert text(wrong.picture) == [
        "PTE   0..1     2..3",
        "page  A[0..1]  A[2..3]",
        "old   wd       -d",
        "new   wd      !wd",
        "w writable; d dirty",
    ]
    assert wrong.verdict == "PTE 2 was read-only and is writable"


def test_what_the_rule_reads_of_pages_stands_under_them() -> None:
    _, wrong = cases(all_rules()["E4"])
    assert wrong.picture is not None
    lines = text(wrong.picture)
    assert "ptes           wd   !wd    wd" in lines
    assert "AnonExclusive  yes   no    yes" in lines


def test_precedents_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "04d1c9d60c6e" in _said(capsys, "B5")
    assert "seen before" not in _said(capsys, "X1")


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    names = [line.split()[0] for line in _said(capsys).splitlines() if line[0] != " "]
    assert names == list(RULES)
    for category in CATEGORIES:
        assert _said(capsys, category)


def test_the_words_of_a_report_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    said = _said(capsys, "words")
    for word in ("A[3]", "should be", "before, after", "flavour", "stubs", "in 3 places"):
        assert word in said


@pytest.mark.parametrize(
    ("word", "entry"),
    [
        ("flavour", "flavour"), ("STUBS", "stubs"), ("A[3]", "A[3]"), ("B[0]", "A[3]"), ("CLEAN", "clean"),
        ("PTE 7", "PTE 5"), ("should be", "should be"), ("preexisting", ""), ("after", "before, after"),
        ("exhaustive", "exhaustive: all 43,318 tables of up to 4 PTEs over 11 states, in 3 places"),
    ],
)  # fmt: skip
def test_a_word_of_a_report_is_told(word: str, entry: str, capsys: pytest.CaptureFixture[str]) -> None:
    if entry:
        assert _said(capsys, word).splitlines()[0] == entry
        assert _said(capsys, *word.split()).splitlines()[0] == entry
    else:
        assert main(["explain", word]) == 2
        assert "review-patch explain words" in capsys.readouterr().err


def test_the_words_of_a_report_are_no_rules() -> None:
    assert not [name for name in (*RULES, *CATEGORIES) if meanings(name)]


def test_a_finding_is_shown_whole_with_its_rule(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = str(tmp_path / "r.json")
    Path(place).write_text(dumps(review_document(sample.review())), "utf-8")
    for words in ([place, "--id", "b5-"], [place, "b5-3f2a90c1"], ["b5-3f2a90c1", place]):
        said = _said(capsys, *words)
        assert "shelf_set() repeats the first entry's bits" in said
        assert "rss anon" in said
        assert "remedy    pass FPB_RESPECT_WRITE" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--id", "b5-1"], "needs the file that the finding is in"),
        (["E4", "--id", "b5-1"], "needs the file that the finding is in"),
        (["B55"], "no rule or category is called 'B55'"),
        (["da26a296cb42"], "with the file that --json wrote"),
        (["nowhere.json"], "No such file"),
        (["bad.json"], "this is no JSON"),
        (["\x1b[2J"], "\\x1b[2J"),
    ],
)
def test_what_cannot_be_explained(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text("{")
    assert main(["explain", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_hostile_text_of_a_finding_moves_no_cursor(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    evil = sample.finding(summary="\x1b[2J", explanation="\x1b[2J", rule="Z\x1b")
    document = review_document(sample.review(findings=(evil,)))
    (tmp_path / "r.json").write_text(json.dumps(document), "utf-8")
    assert "\x1b" not in _said(capsys, str(tmp_path / "r.json"))
