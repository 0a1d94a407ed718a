# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a send, put together call by call; and what is remembered of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sends import CASE

from reviewer.errors import ReviewError
from reviewer.hook import run, sending
from reviewer.support import cache


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    return tmp_path / "sending"


def call(monkeypatch: pytest.MonkeyPatch, number: int, total: int, sender: int | None = None) -> list[str]:
    """One call of the hook, as git makes it."""
    monkeypatch.setenv("GIT_SENDEMAIL_FILE_COUNTER", str(number))
    monkeypatch.setenv("GIT_SENDEMAIL_FILE_TOTAL", str(total))
    monkeypatch.setattr(sending, "sender", lambda: sender or os.getpid())
    return sending.collected(f"{number}.patch")


def test_the_series_comes_with_its_last_file(monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
    assert call(monkeypatch, 1, 3) == []
    assert call(monkeypatch, 2, 3) == []
    assert kept.stat().st_mode & 0o777 == 0o700
    assert call(monkeypatch, 3, 3) == ["1.patch", "2.patch", "3.patch"]
    assert list(kept.iterdir()) == []
    assert call(monkeypatch, 1, 1) == ["1.patch"]


def test_older_git_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, total in ((None, None), ("1", None), ("x", "y"), ("0", "2"), ("3", "2")):
        for name, value in (("COUNTER", number), ("TOTAL", total)):
            if value is None:
                monkeypatch.delenv(f"GIT_SENDEMAIL_FILE_{name}", raising=False)
            else:
                monkeypatch.setenv(f"GIT_SENDEMAIL_FILE_{name}", value)
        assert sending.collected("a.patch") == ["a.patch"]


def test_what_a_stopped_send_left_is_swept(monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
    call(monkeypatch, 1, 3)  # of this process, stopped
    call(monkeypatch, 1, 3, sender=os.getppid())  # another one that is alive
    (kept / "999999999-1").write_text("[]")  # of one that is not
    (kept / f"{os.getpid()}-1").write_text("[]")  # of one that had this number
    assert call(monkeypatch, 1, 2) == []
    assert call(monkeypatch, 2, 2) == ["1.patch", "2.patch"]
    assert [name.partition("-")[0] for name in os.listdir(kept)] == [str(os.getppid())]  # noqa: PTH208


def test_a_part_is_not_taken_for_the_whole(monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
    with pytest.raises(ReviewError, match="of 3 files only 1"):
        call(monkeypatch, 3, 3)
    call(monkeypatch, 1, 2)
    next(kept.iterdir()).write_text("no json")
    with pytest.raises(ReviewError, match="could not be kept"):
        call(monkeypatch, 2, 2)


def test_an_error_is_one_line_and_lets_the_mail_go(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASE.parents[1] / "tree")
    assert run.turn(str(tmp_path / "gone\n.patch")) == 0
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("review-patch: not reviewed, but sent: ")


def test_the_repository_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ida")
    run.leave_repository()
    assert [name for name in os.environ if name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")] == []
    assert os.environ["GIT_AUTHOR_NAME"] == "Ida"
