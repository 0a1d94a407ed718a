# SPDX-License-Identifier: GPL-2.0-or-later
"""git send-email with the hook: what is broken stays here, with words for its author; all else goes out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sends import Sender, make, needs_send_email, sink

IRRELEVANT, CLEAN, BROKEN = "HEAD~2", "HEAD~1", "HEAD"


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    needs_send_email()
    made = make(tmp_path_factory.mktemp("send"))
    assert made.tool("hook", "install").returncode == 0
    with sink(made):
        yield made


@pytest.fixture(autouse=True)
def nothing_yet(sender: Sender) -> None:
    sender.got.clear()


def test_a_broken_series_stays_and_its_author_reads_why(sender: Sender) -> None:
    status, told = sender.send(*sender.patches("broken", "--cover-letter", "--subject-prefix=PATCH", "-2"))
    assert (status != 0, sender.got) == (True, [])
    assert "Nothing was sent.\n" in told
    assert "patch 2/2: mm/mremap: move large folios in batches\n" in told
    assert "  mremap_folio_pte_batch() in mm/mremap.c:31; on x86-64\n" in told
    assert "new PTE" in told  # the picture
    assert "To send all the same: git send-email --no-validate\n" in told
    assert "warning: no patches were sent" in told  # by git
    own = told.partition("fatal:")[0].splitlines()
    assert len(own) <= 40
    assert max(len(line.partition("The whole report")[0]) for line in own) <= 100
    report = next(line.partition("report: ")[2] for line in own if "The whole report" in line)
    assert "B5" in Path(report).read_text("utf-8")


def test_it_goes_out_when_the_author_says_so(sender: Sender) -> None:
    status, told = sender.send("--no-validate", *sender.patches("anyway", "-2"))
    assert (status, told, len(sender.got)) == (0, "", 2)


def test_a_clean_series_goes_out_and_says_so_once(sender: Sender) -> None:
    clean = sender.patches("clean", "-2")[0]
    status, told = sender.send(clean)
    assert (status, sender.got) == (0, ["[PATCH 1/2] mm/mremap: move present and other entries on paths of their own"])
    assert told.startswith("review-patch: patch 1/2: ")
    assert told.count("\n") == 1
    sender.git("config", "reviewpatch.quiet", "true")
    assert sender.send(clean) == (0, "")
    sender.git("config", "--unset", "reviewpatch.quiet")


def test_what_has_no_page_tables_goes_out_without_a_word(sender: Sender) -> None:
    assert sender.send("-1", IRRELEVANT) == (0, "")
    assert sender.got == ["[PATCH] kbuild: say nothing"]


def test_newer_git_hands_over_the_series(sender: Sender) -> None:
    files = sender.patches("newer", "--cover-letter", "-2")
    status, told = sender.send_newer(*files)
    assert status == 1
    assert told.count("Nothing was sent.") == 1
    assert "patch 2/2: mm/mremap: move large folios in batches\n" in told
    sender.git("config", "reviewpatch.failOn", "never")
    status, told = sender.send_newer(*files)
    sender.git("config", "--unset", "reviewpatch.failOn")
    assert status == 0
    assert told.startswith("review-patch: 1 violation introduced")
    assert told.count("\n") == 1


def test_what_goes_wrong_is_a_line_and_no_reason_not_to_send(sender: Sender) -> None:
    mail = Path(sender.patches("wrong", "-1")[0])
    mail.write_text(mail.read_text().replace("move_ptes(", "move_pages("))
    status, told = sender.send(str(mail))
    assert (status, len(sender.got)) == (0, 1)
    assert told.startswith("review-patch: not reviewed, but sent: ")
    assert told.count("\n") == 1


def test_the_hook_that_was_there_runs_first_and_comes_back(sender: Sender) -> None:
    hook = sender.tree / ".git" / "hooks" / "sendemail-validate"
    assert sender.tool("hook", "uninstall").returncode == 0
    assert not hook.exists()
    own = b'#!/bin/sh\n# \xff not text\necho ours >&2\ngrep -q forbidden "$1" && exit 3\nexit 0\n'
    hook.write_bytes(own)
    hook.chmod(0o751)
    assert sender.tool("hook", "install").returncode == 0
    assert sender.send("-1", IRRELEVANT) == (0, "ours\n")
    mail = Path(sender.patches("forbidden", "-1", IRRELEVANT)[0])
    mail.write_text(mail.read_text().replace("nothing", "forbidden"))
    assert sender.send(str(mail))[0] != 0
    assert len(sender.got) == 1
    assert sender.tool("hook", "uninstall").returncode == 0
    assert (hook.read_bytes(), hook.stat().st_mode & 0o777) == (own, 0o751)
    assert [path.name for path in hook.parent.iterdir() if "review-patch" in path.name] == []
    hook.unlink()
    assert sender.tool("hook", "install").returncode == 0


@pytest.mark.parametrize(
    ("ends", "sent", "told"),
    [
        ("gone", 1, "is not there any more, so nothing was reviewed\n"),
        (1, 1, "review-patch: ended with status 1, so nothing was held back\n"),  # say a module that is missing
        (137, 1, "ended with status 137"),  # out of memory
        (10, 0, "warning: no patches were sent\n"),
        (130, 0, "warning: no patches were sent\n"),  # Ctrl-C
    ],
)
def test_only_a_verdict_or_a_signal_holds_mails_back(ends: int | str, sent: int, told: str, sender: Sender) -> None:
    hook = sender.tree / ".git" / "hooks" / "sendemail-validate"
    whole = hook.read_text()
    instead = sender.home / f"ends {ends}"
    if ends != "gone":
        instead.write_text(f"#!/bin/sh\nexit {ends}\n")
        instead.chmod(0o755)
    hook.write_text(whole.replace(f"python={sys.executable}", f"python='{instead}'"))
    _, err = sender.send("-1", IRRELEVANT)
    hook.write_text(whole)
    assert len(sender.got) == sent
    assert told in err
