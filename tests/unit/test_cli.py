# SPDX-License-Identifier: GPL-2.0-or-later
"""The command as its users meet it: exit status, messages, outputs only where asked for."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import strict
from pathlib import Path

import pytest
import sample
from demotree import FILES, commit, edit, git, write_files
from jsonschema import Draft202012Validator

from reviewer.building.toolchain import compiler, compiler_version
from reviewer.cli import main
from reviewer.report.document import dumps, review_document

_ROOT = Path(__file__).resolve().parents[2]
_CASE = str(_ROOT / "corpus" / "mremap-write-bit" / "series.mbox")
_TREE = str(_ROOT / "corpus" / "tree")
_QUICK = ["--budget", "0.5"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a kernel tree, and in an empty folder."""
    monkeypatch.chdir(tmp_path)


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out = capsys.readouterr()
    return status, out.out, out.err


@pytest.mark.slow
def test_json_on_standard_output_is_alone_there_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, _CASE, "--json", "-", *_QUICK)
    document = json.loads(out)
    schema = json.loads((_ROOT / "reviewer" / "report" / "schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert (status, document["verdict"], err) == (1, "findings", "")
    assert str(_ROOT) not in out


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_and_another_seed_the_same_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = _run(capsys, _CASE, "--json", "-")[1]
    assert _run(capsys, _CASE, "--json", "-", "--jobs", "1")[1] == first
    other = json.loads(_run(capsys, _CASE, "--json", "-", "--seed", "2")[1])
    known = json.loads(first)
    assert other["verdict"] == known["verdict"]
    assert [(f["rule"], f["id"]) for f in other["findings"]] == [(f["rule"], f["id"]) for f in known["findings"]]


@pytest.mark.slow
def test_every_output_asked_for_and_nothing_else_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _run(capsys, _CASE, "--json", "r.json", "--html", "r.html", "--reply-dir", "replies", *_QUICK)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html", "r.json", "replies"]
    assert list((tmp_path / "replies").glob("*.eml"))


@pytest.mark.slow
def test_a_finding_replays_from_its_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _run(capsys, _CASE, "--json", "r.json", *_QUICK)
    finding = json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"][0]
    status, out, _ = _run(capsys, "replay", "r.json", "--id", finding["id"][:6], "--trace")
    assert status == 0
    assert "The states are those of the finding." in out
    assert "before:\n" in out
    (tmp_path / "one.json").write_text(json.dumps(finding), "utf-8")
    assert _run(capsys, "replay", "one.json")[0] == 0


def test_an_id_that_names_no_one_finding_is_answered_with_those_there_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    both = tuple(sample.finding(id=f"abc{n}") for n in range(2))
    (tmp_path / "r.json").write_text(dumps(review_document(sample.review(findings=both))), "utf-8")
    for words, told in ([], "which finding?"), (["--id", "ab"], "which finding?"), (["--id", "x"], "no finding here"):
        status, out, err = _run(capsys, "replay", "r.json", *words)
        assert (status, out) == (2, "")
        assert told in err
        assert [line.split()[0] for line in err.splitlines()[1:3]] == ["abc0", "abc1"]


@pytest.mark.parametrize("name", ["replay", "survey", "bench", "doctor", "cache", "campaign", "explain"])
def test_every_command_has_a_version_and_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in ([name, "--version"], "review-patch "), (["help", name], f"usage: review-patch {name}"):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(said)


def test_a_command_that_is_misspelt(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean the command explain?" in _run(capsys, "explian")[2]


def test_a_bare_repository_is_a_place_to_stand_in(
    capsys: pytest.CaptureFixture[str], tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _demo(tree, "out")
    git(tree, "clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    status, out, _ = _run(capsys, "HEAD")
    assert (status, out.splitlines()[1]) == (0, "mm: step 2 (v1, 1 patch)")


def test_help_takes_one_word(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "help", "explain", "extra")
    assert (status, out) == (2, "")
    assert "'extra'" in err


def test_help_of_what_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "help", "nosuch")
    assert (status, out) == (2, "")
    assert "no command is called 'nosuch'" in err
    assert "explain" in err


@pytest.mark.parametrize("named", ["nonexistent", "nonexistent gcc", "gcc -O2", "ccache", "/nowhere/zig"])
def test_a_compiler_that_is_not_there_is_an_error(
    named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", named)
    for known in (compiler, compiler_version):
        known.cache_clear()
    status, out, err = _run(capsys, _CASE, *_QUICK)
    compiler.cache_clear()
    assert (status, out) == (2, "")
    assert err.startswith(f"review-patch: CC={named}: ")


@pytest.mark.slow
def test_what_is_attached_to_a_draft_replays(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _run(capsys, _CASE, "--reply-dir", "replies", "--attach", "--email", "whole.eml", *_QUICK)
    (draft,) = (tmp_path / "replies").iterdir()
    for part in message_from_bytes(draft.read_bytes(), policy=strict).iter_attachments():
        name = part.get_filename()
        assert name is not None
        (tmp_path / name).write_bytes(part.get_content())
        status, out, _ = _run(capsys, "replay", name)
        assert (status, "The states are those of the finding." in out) == (0, True)
        assert len(part.get_content()) < 40_000
    assert b"\nSubject: [review-patch] findings: " in (tmp_path / "whole.eml").read_bytes()
    draft.write_bytes(draft.read_bytes() + b"mine\n")
    status, _, err = _run(capsys, _CASE, "--reply-dir", "replies", *_QUICK)
    assert (status, "was edited" in err) == (2, True)


@pytest.mark.parametrize(
    ("value", "holds", "told"),
    [("", "512m", ""), ("100m", "100m", ""), ("1000", "1000", ""), ("2g", "2g", "")]
    + [(bad, "512m", f"git config reviewpatch.cacheSize: '{bad}' is no size; 512m holds") for bad in ("banana", "-1k")],
)
def test_the_size_that_is_kept_to(
    value: str, holds: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    (tmp_path / "config").write_text(f"[reviewpatch]\ncacheSize = {value}\n" if value else "")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    status, out, err = _run(capsys, "cache")
    assert (status, out.splitlines()[1].split()[-1]) == (2 if told else 0, holds)
    assert told in err
    assert bool(told) == bool(err)
    assert f"reviewpatch.cacheSize is {value!r}" in _run(capsys, "doctor")[1] or not told


def test_what_is_about_drafts_needs_a_folder_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, _CASE, "--attach")[0] == 2
    assert _run(capsys, _CASE, "--reply-clean")[0] == 2


@pytest.mark.slow
def test_a_finding_that_was_tampered_with_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _run(capsys, _CASE, "--json", "r.json", *_QUICK)
    finding = json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"][0]
    for change in (
        {"numbers": "1 2 3"},
        {"before": "not code"},
        {"numbers": finding["scenario"]["exact"]["numbers"][2:]},
    ):
        bad = {**finding, "scenario": {**finding["scenario"], "exact": {**finding["scenario"]["exact"], **change}}}
        (tmp_path / "bad.json").write_text(json.dumps(bad), "utf-8")
        status, _, err = _run(capsys, "replay", "bad.json")
        assert status == 2
        assert err.startswith("review-patch: bad.json: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([_CASE, "--tree", "nowhere"], "there is no such folder"),
        (["missing.mbox"], "no such file, and no kernel tree with such a revision"),
        (["missing.mbox", "--tree", _TREE], "missing.mbox: "),
        ([_CASE, "missing.mbox", "--tree", _TREE], "cannot be read"),
        ([_CASE, "--only", "B55"], "no rule or category is called 'B55'"),
        ([_CASE, "--html", "no/such/report.html"], "there is no such folder"),
        (["replay", "missing.json"], "No such file"),
        ([_CASE, "--tree", _TREE, "--base", "v1"], "--base"),
    ],
)
def test_what_the_user_can_mend_is_one_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = _run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert err.startswith("review-patch: ")
    assert message in err
    assert "Traceback" not in err


def _demo(tree: Path, name: str) -> list[str]:
    """Two commits on the demo tree, as patch files in a folder."""
    for number in (1, 2):
        write_files(tree, {"mm/demo.c": FILES["mm/demo.c"].replace(b"> 0", b"> %d" % number)})
        commit(tree, f"mm: step {number}")
    git(tree, "format-patch", "-q", "-o", name, "-2")
    return sorted(str(p) for p in (tree / name).iterdir())


def test_files_and_revisions_in_any_place(capsys: pytest.CaptureFixture[str], tree: Path) -> None:
    one, two = _demo(tree, "out")
    for words in (
        [two, "--tree", str(tree), one],
        [str(tree / "out"), "--tree", str(tree)],
        ["--tree", str(tree), "-2"],
        ["-2", "--tree", str(tree), "main"],
        ["main~2..", "--tree", str(tree)],
    ):
        status, out, err = _run(capsys, *words)
        assert (status, [line.partition(" ")[0] for line in err.splitlines()]) == (0, ["1/2", "2/2"])
        assert out.splitlines()[1] == "mm: step 1 (v1, 2 patches)"
    assert "mm: step 2 (v1, 1 patch)" in _run(capsys, "HEAD", "--tree", str(tree))[1]


def test_a_mail_out_of_a_series(capsys: pytest.CaptureFixture[str], tree: Path) -> None:
    one, two = _demo(tree, "out")
    status, out, _ = _run(capsys, "--patch", two, "--tree", str(tree))
    assert (status, out.splitlines()[-1]) == (0, "The tree is taken to hold patch 1.")
    status, out, _ = _run(capsys, one, "--tree", str(tree), "--json", "-")
    assert (status, json.loads(out)["series"]["missing"]) == (0, [2])
    status, out, err = _run(capsys, two, "--tree", str(tree), "--base", "main~2")
    assert (status, out) == (2, "")
    assert "does not apply without patch 1, not given here" in err


@pytest.mark.parametrize("name", ["patchwork", "sarif", "nipa", "b4-review", "b4-check"])
def test_a_format_says_that_a_series_does_not_apply(name: str, capsys: pytest.CaptureFixture[str], tree: Path) -> None:
    (tree / "bad.patch").write_text("From: A <a@example.org>\nSubject: [PATCH] x\n\n" + edit("mm/demo.c", "no", "b"))
    status, out, err = _run(capsys, str(tree / "bad.patch"), "--tree", str(tree), "--format", name)
    assert status == (250 if name == "nipa" else 2)
    assert err.startswith("review-patch: ")
    assert "not reviewed: patch 1" in out
    if name == "patchwork":
        (check,) = map(json.loads, out.splitlines())
        assert (check["state"], check["context"]) == ("warning", "review-patch")
    elif name == "sarif":
        (run,) = json.loads(out)["runs"]
        assert ([one["executionSuccessful"] for one in run["invocations"]], run["results"]) == ([False], [])
    elif name == "b4-review":
        assert [row["status"] for row in json.loads(out)] == ["warn"]
    else:
        assert out.count("\n") == 1


@pytest.mark.slow
def test_a_part_of_a_series_is_reviewed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = (
        Path(_CASE)
        .read_text("utf-8")
        .replace(" 0/2] ", " 0/4] ")
        .replace(" 1/2] ", " 2/4] ")
        .replace(" 2/2] ", " 3/4] ")
    )
    (tmp_path / "part.mbox").write_text(text, "utf-8")
    status, out, err = _run(capsys, "part.mbox", "--quiet", *_QUICK)
    assert (status, err) == (1, "")
    assert "Patches 1, 4 of 4 were not seen." in out
    assert "  3/4: mremap_folio_pte_batch() in mm/mremap.c:31; high; " in out


def test_what_an_error_quotes_moves_no_cursor(capsys: pytest.CaptureFixture[str], tree: Path) -> None:
    mail = "From: A <a@example.org>\nSubject: [PATCH] \x1b[2J\n\n" + edit("mm/demo.c", "\x1b[31m", "b")
    (tree / "bad.patch").write_text(mail)
    status, _, err = _run(capsys, str(tree / "bad.patch"), "--tree", str(tree))
    assert status == 2
    assert "\\x1b[2J" in err
    assert "\x1b" not in err


@pytest.mark.parametrize("option", ["--json", "--html", "--reply-dir", "--previous", "--base", "--tree"])
def test_names_that_no_file_can_have(capsys: pytest.CaptureFixture[str], option: str) -> None:
    status, out, err = _run(capsys, _CASE, option, "x" * 5000)
    assert (status, out) == (2, "")
    assert err.startswith("review-patch: ")
    assert _run(capsys, "x" * 5000, "--tree", _TREE)[0] == 2


@pytest.mark.slow
def test_rules_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, _CASE, "--json", "-", "--ignore", "batch", "--ignore", "exclusive", *_QUICK)
    assert [f for f in json.loads(out)["findings"] if f["category"] == "batch"] == []
    assert _run(capsys, _CASE, "--fail-on", "never", *_QUICK)[0] == 0
    assert status in {0, 1}


@pytest.mark.slow
def test_a_flavour_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, _CASE, "--json", "-", "--flavour", "arm64-4k", *_QUICK)
    flavours = [f["flavours"] for p in json.loads(out)["patches"] for f in p["functions"]]
    assert flavours
    assert all(f == ["arm64-4k"] for f in flavours)


def test_the_doctor_finds_what_these_tests_need(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "doctor", "--tree", _TREE)
    assert status == 0
    assert out.count("ok ") >= 5


def test_an_earlier_version_that_cannot_be_read_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    for name, words in (("missing.json", "No such file"), ("other.json", "missing: ")):
        status, out, err = _run(capsys, _CASE, "--previous", name, *_QUICK)
        assert (status, out) == (2, "")
        assert name in err
        assert words in err


@pytest.mark.slow
def test_an_earlier_version_is_compared_with(capsys: pytest.CaptureFixture[str]) -> None:
    _run(capsys, _CASE, "--json", "old.json", *_QUICK)
    status, out, err = _run(capsys, _CASE, "--previous", "old.json", "--quiet", *_QUICK)
    assert (status, err) == (1, "")
    assert "0 gone, 2 remaining, 0 new." in " ".join(out.split())
