# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands in b4's configuration, started as b4 does: split as by a shell, the mail on standard input."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from sends import Sender, make


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Sender:
    return make(tmp_path_factory.mktemp("b4"))


def checked(sender: Sender, command: str, patch: str) -> tuple[int, str, str]:
    done = sender.tool(*shlex.split(command)[1:], stdin=Path(patch).read_bytes())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_check_is_silent_unless_there_is_something_to_say(sender: Sender) -> None:
    clean, broken = sender.patches("all", "-2")
    irrelevant = sender.patches("one", "-1", "HEAD~2")[0]
    assert checked(sender, "review-patch prep-check", irrelevant) == (0, "", "")
    assert checked(sender, "review-patch prep-check", clean) == (0, "", "")
    _, out, err = checked(sender, "review-patch prep-check", broken)
    assert err == ""
    first, *others = out.splitlines()
    assert first.startswith("ERROR: mm/mremap.c:31: move_ptes leaves ")
    assert "(B5 in mremap_folio_pte_batch(), on x86-64, " in first
    assert not [line for line in others if "ERROR:" in line]


def test_a_review_check_has_one_row(sender: Sender) -> None:
    clean, broken = sender.patches("rows", "-2")
    command = "review-patch prep-check --format b4-review"
    (row,) = json.loads(checked(sender, command, broken)[1])
    assert set(row) == {"tool", "status", "summary", "url", "details"}
    assert (row["tool"], row["status"]) == ("review-patch", "fail")
    (row,) = json.loads(checked(sender, command, clean)[1])
    assert row["status"] == "pass"
    assert json.loads(checked(sender, command, sender.patches("row", "-1", "HEAD~2")[0])[1]) == []


def test_what_cannot_be_reviewed_is_a_warning(sender: Sender) -> None:
    mail = Path(sender.patches("wrong", "-1")[0])
    mail.write_text(mail.read_text().replace("move_ptes(", "move_pages("))
    status, out, err = checked(sender, "review-patch prep-check", str(mail))
    assert (status, err) == (0, "")
    assert out.startswith("not reviewed: ")
    assert out.count("\n") == 1
    assert "ERROR:" not in out
    (row,) = json.loads(checked(sender, "review-patch prep-check --format b4-review", str(mail))[1])
    assert row["status"] == "warn"


def test_a_setting_that_is_wrong_is_a_warning(sender: Sender) -> None:
    patch = sender.patches("set", "-1")[0]
    sender.git("config", "--add", "reviewpatch.budget", "banana")
    out = checked(sender, "review-patch prep-check", patch)
    rows = checked(sender, "review-patch prep-check --format b4-review", patch)
    sender.git("config", "--unset", "reviewpatch.budget", "banana")
    why = "not reviewed: git config reviewpatch.budget: 'banana' is no number of seconds"
    assert (out[0], out[1].startswith(why), out[2]) == (0, True, "")
    (row,) = json.loads(rows[1])
    assert (row["status"], row["summary"].startswith(why), rows[2]) == ("warn", True, "")


def test_outside_of_a_kernel_tree_it_is_silent(sender: Sender, tmp_path: Path) -> None:
    patch = sender.patches("other", "-1")[0]
    other = Sender(tmp_path, sender.home)
    other.git("init", "-q")
    assert checked(other, "review-patch prep-check", patch) == (0, "", "")
    assert checked(other, "review-patch prep-check --format b4-review", patch) == (0, "[]\n", "")


def test_no_series_is_named(sender: Sender) -> None:
    patch = sender.patches("named", "-1")[0]
    status, out, err = checked(sender, "review-patch prep-check main..x", patch)
    assert (status, out) == (2, "")
    assert "main..x" in err
    assert "SERIES" not in checked(sender, "review-patch prep-check --help", patch)[1]


def test_on_a_tree_without_the_series_each_patch_lies_on_those_given_before(sender: Sender) -> None:
    first, second = sender.patches("am", "-v2", "-2")
    tip = sender.git("rev-parse", "HEAD")
    sender.git("reset", "-q", "--hard", "HEAD~2")
    assert checked(sender, "review-patch prep-check", second)[1].startswith('not reviewed: patch 2 "mm/mremap: move')
    assert checked(sender, "review-patch prep-check", first) == (0, "", "")
    out = checked(sender, "review-patch prep-check", second)[1]
    sender.git("reset", "-q", "--hard", tip)
    assert out.startswith("ERROR: mm/mremap.c:31: ")
