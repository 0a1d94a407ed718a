# SPDX-License-Identifier: GPL-2.0-or-later
"""However a command ends: one status, one error, no traceback; status 1 is a finding's alone."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import sample
from demotree import edit

from reviewer import cli
from reviewer.commands.ending import ended
from reviewer.report.document import dumps, finding_document

_ROOT = Path(__file__).resolve().parents[2]
_REVIEW = _ROOT / "tests" / "fuzz" / "corpus" / "replay" / "review.json"
_TREE = str(_ROOT / "corpus" / "tree")


def _run(*words: str, shell: str = "", trace: str = "") -> tuple[int, str, str]:
    """A command in a process of its own; shell: what is redirected."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "REVIEW_PATCH_TRACE": trace}
    command = ["sh", "-c", f'exec "$0" -m reviewer "$@" {shell}', sys.executable, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=_ROOT)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "shell", "told"),
    [
        (["--help"], ">/dev/full", "standard output: No space left on device"),
        (["doctor"], ">/dev/full", "standard output: No space left on device"),
        (["--version"], ">/dev/full", "standard output: No space left on device"),
        (["doctor"], ">&-", "standard output: is closed"),
        (["-", "--tree", _TREE], "<&-", "standard input: is closed"),
        (["replay", "-"], "<&-", "standard input: is closed"),
        (["nowhere.mbox", "--tree", _TREE], "2>&-", ""),
    ],
)
def test_streams_that_are_full_or_closed(words: list[str], shell: str, told: str) -> None:
    status, out, err = _run(*words, shell=shell)
    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("words", [["explain"], ["explain", "B99"]])
@pytest.mark.parametrize("both", [False, True])
def test_a_reader_who_has_seen_enough_changes_no_status(words: list[str], both: bool) -> None:
    command = [sys.executable, "-m", "reviewer", *words]
    pipe, errors = subprocess.PIPE, subprocess.STDOUT if both else subprocess.DEVNULL
    with subprocess.Popen(command, stdout=pipe, stderr=errors, cwd=_ROOT) as run:
        assert run.stdout is not None
        run.stdout.close()
        assert run.wait() == len(words[1:]) * 2


@pytest.mark.parametrize("error", [KeyError("a"), RecursionError("deep"), MemoryError(), OSError(5, "no")])
def test_what_no_stage_has_a_word_for_is_one_line(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REVIEW_PATCH_TRACE", raising=False)

    def command() -> int:
        raise error

    assert ended(command) == 2
    err = capsys.readouterr().err
    assert err.startswith("review-patch: ")
    assert "Traceback" not in err
    assert isinstance(error, OSError) or "Set REVIEW_PATCH_TRACE=1 to see the trace" in err


def test_the_trace_can_be_had(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_PATCH_TRACE", "1")
    assert ended(lambda: int("\x1b[2J")) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "\x1b" not in err


@pytest.mark.parametrize("words", [["\x1b[2J.mbox", "--tree", _TREE], ["x", "--jobs", "\x1b[2J"], ["x", "--\x1b[2J"],
    ["x", "--only", "\x1b[2J"], ["x", "--tree", "\x1b[2J"], ["replay", "\x1b[2J"], ["survey", "--tree", "\x1b[2J"],
    ["x", "--fail-on", "a\x1b[2J"], ["bench", "--\x1b[2J"], ["x\ny", "--tree", _TREE]])  # fmt: skip
def test_no_error_moves_the_cursor(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith("review-patch: ")
    assert "\x1b" not in err
    assert "\ny" not in err


def test_paths_of_a_patch_reach_the_terminal_spelt_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = "From: A <a@example.org>\nSubject: [PATCH] \x1b]0;x\x07\n\n" + edit("mm/\x1b[31m.c", "a", "b")
    (tmp_path / "bad\x1b[2J.patch").write_text(mail)
    assert cli.main([str(tmp_path / "bad\x1b[2J.patch"), "--tree", _TREE]) == 2
    err = capsys.readouterr().err
    assert "mm/\\x1b[31m.c" in err
    assert not {"\x1b", "\x07"} & set(err)


def _finding(**scenario: object) -> dict[str, object]:
    kept = json.loads((_ROOT / "tests" / "fuzz" / "corpus" / "replay" / "review.json").read_text("utf-8"))["findings"][
        0
    ]
    return {**kept, "scenario": {**kept["scenario"], **scenario}}


def _exact(**more: str) -> dict[str, object]:
    whole = _finding()["scenario"]
    assert isinstance(whole, dict)
    return {**whole["exact"], **more}


def _packed(code: bytes) -> str:
    return base64.b85encode(zlib.compress(code, 9)).decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (lambda: _finding(flavour="vax"), "no flavour is called 'vax'; there are x86-64"),
        (lambda: _finding(flavour=["x86-64"]), "cannot be replayed"),
        (lambda: _finding(exact="x"), "cannot be replayed"),
        (lambda: _finding(exact={}), "it has no 'numbers'"),
        (lambda: _finding(exact=_exact(numbers="1 2 3")), "at least 18 numbers"),
        (lambda: _finding(exact=_exact(numbers="1 " * 20_000)), "numbers of a scenario"),
        (lambda: _finding(exact=_exact(numbers=" ".join(["1"] * 10 + ["9" * 30] * 8 + ["0"] * 8))), "beyond 64 bits"),
        (lambda: _finding(exact=_exact(numbers="9" * 5000)), "cannot be replayed"),
        (
            lambda: _finding(exact=_exact(before=_packed(bytes(200 << 20)))),
            "unpacked: over the limit of 4 MiB",
        ),
        (lambda: _finding(exact=_exact(before="x")), "the code in this finding is damaged"),
        (lambda: _finding(exact=_exact(before=_packed(b'#line 1 "\x1b[2J.c"\nint a = ;\n'))), "\\x1b[2J.c"),
        (lambda: _finding(rows=[1]), "rows"),
        (lambda: "[" * 100_000, "nesting"),
        (lambda: '{"a":' * 100 + "1" + "}" * 100, "nesting"),
        (lambda: "[" + "1," * (9 << 20) + "1]", "size of a review or finding in JSON"),
        (lambda: '{"schema": NaN}', "NaN is no number"),
        (lambda: '{"a": ' + "1" * 5000 + "}", "this is no JSON"),
        (lambda: "\x1b[2J", "this is no JSON"),
        (lambda: dumps(finding_document(sample.finding(kind="static"), sample.review())), "there is nothing to run"),
    ],
)
def test_findings_that_nobody_wrote(
    text: object, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = text()  # type: ignore[operator]
    (tmp_path / "finding.json").write_text(made if isinstance(made, str) else json.dumps(made))
    assert cli.main(["replay", str(tmp_path / "finding.json")]) == 2
    out = capsys.readouterr()
    assert told in out.err
    assert "internal error" not in out.err
    assert "\x1b" not in out.err
