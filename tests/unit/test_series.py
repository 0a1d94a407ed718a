# SPDX-License-Identifier: GPL-2.0-or-later
"""The right patches of a mailbox, in order, and a clear word when one is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from demotree import message

from reviewer.errors import MailError
from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.intake.subjects import parse_subject
from reviewer.model import Message, Series

DATA = Path(__file__).parents[1] / "data" / "mail"
DIFF = b"diff --git a/mm/demo.c b/mm/demo.c\nindex 1..2 100644\n--- a/mm/demo.c\n+++ b/mm/demo.c\n@@ -1 +1 @@\n-a\n+b\n"


def load(name: str, version: int | None = None) -> Series:
    return series_from_messages(read_messages(str(DATA / name)), version)


def mail(subject: str, diff: bytes = DIFF, body: str = "", message_id: str = "") -> Message:
    return message(subject, diff, body, message_id)


def subjects(*messages: Message) -> list[tuple[int, str]]:
    return [(patch.index, patch.subject) for patch in series_from_messages(messages).patches]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[PATCH v4 2/9] mm: x", ("mm: x", False, 4, 2, 9)),
        ("[PATCH RFC mm-unstable v2 1/3] mm: x", ("mm: x", False, 2, 1, 3)),
        ("[PATCH HOTFIX 6.17] mm: x", ("mm: x", False, 1, 0, 0)),
        ("[RFC PATCHv3 01/18] mm: x", ("mm: x", False, 3, 1, 18)),
        ("[linux-next][PATCH 0/2] mm: x [y]", ("mm: x [y]", False, 1, 0, 2)),
        ("[v5,3/4] mm: x", ("mm: x", False, 5, 3, 4)),
        ("Re: RE: [PATCH v2] mm: x", ("mm: x", True, 2, 0, 0)),
        ("mm: x", ("mm: x", False, 1, 0, 0)),
        ("", ("", False, 1, 0, 0)),
    ],
)
def test_subjects(subject: str, expected: tuple[str, bool, int, int, int]) -> None:
    got = parse_subject(subject)
    assert (got.text, got.reply, got.version, got.index, got.total) == expected


@pytest.mark.parametrize("name", ["series.mbox", "maildir"])
def test_series_in_order_with_cover_and_trailers(name: str) -> None:
    series = load(name)
    assert series.subject == "mm: count the full slots only"
    assert [(p.index, p.message.message_id) for p in series.patches] == [
        (1, "s-1@example.org"),
        (2, "s-2@example.org"),
    ]
    assert series.cover is not None
    assert series.cover.message_id == "s-0@example.org"
    assert (series.version, series.total) == (1, 2)
    assert series.base_commit == "2aaa2c81d0833f34f4ed9e211d64152dbbab6cc1"
    assert series.change_id == "20250602-demo-count-0123456789ab"


def test_of_two_copies_the_first_counts() -> None:
    assert load("series.mbox").patches[0].message.to == ("linux-mm@example.org",)


def test_newest_version_unless_told() -> None:
    assert [p.message.message_id for p in load("versions.mbox").patches] == [
        "v2-1@example.org",
        "v2-2@example.org",
    ]
    assert [p.message.message_id for p in load("versions.mbox", 1).patches] == [
        "v1-1@example.org",
        "v1-2@example.org",
    ]
    with pytest.raises(MailError, match="no patch of version 7 here, only of v1, v2"):
        load("versions.mbox", 7)


def test_a_cover_letter_alone_still_names_the_newest_version() -> None:
    with pytest.raises(MailError, match="version 2"):
        series_from_messages([mail("[PATCH v2 0/1] x", diff=b""), mail("[PATCH 1/1] x")])


def test_single_patch_has_no_numbers() -> None:
    series = load("single.patch")
    assert (series.subject, series.total, series.version) == ("mm: a slot below zero is full, too", 1, 1)
    assert [patch.index for patch in series.patches] == [1]


def test_missing_patches_are_named_and_the_rest_reviewed() -> None:
    some = series_from_messages([mail("[PATCH v2 2/4] b"), mail("[PATCH v2 3/4] c", diff=b"")])
    assert [(p.index, p.subject) for p in some.patches] == [(2, "b")]
    assert (some.total, some.missing, some.held) == (4, (1, 3, 4), ())


@pytest.mark.parametrize("subject", ["[PATCH 009/220] x", "[PATCH 6.12 009/220] x"])
def test_one_mail_on_a_tree_that_holds_the_ones_before_it(subject: str) -> None:
    one = series_from_messages([mail(subject)], held=True)
    assert (one.total, one.held, one.missing) == (220, tuple(range(1, 9)), tuple(range(10, 221)))
    assert one.patches[0].index == 9
    whole = series_from_messages([mail("[PATCH 1/2] a"), mail("[PATCH 2/2] b")], held=True)
    assert (whole.held, whole.missing) == ((), ())
    assert series_from_messages([mail("[PATCH] a")], held=True).held == ()


@pytest.mark.parametrize("number", ["1/999999999999999", "5/3", "0/0"])
def test_numbers_that_are_none_are_not_believed(number: str) -> None:
    series = series_from_messages([mail(f"[PATCH {number}] x")])
    assert (series.total, series.missing, series.patches[0].index) == (1, (), 1)


def test_two_series_in_one_mailbox_are_not_mixed() -> None:
    with pytest.raises(MailError, match='"a" and "b" are both patch 1 of 1'):
        series_from_messages([mail("[PATCH 1/1] a"), mail("[PATCH 1/1] b")])


def test_resent_patch_replaces_the_first() -> None:
    again = mail("[PATCH RESEND 1/1] a", message_id="again")
    series = series_from_messages([mail("[PATCH 1/1] a", message_id="first"), again])
    assert series.patches[0].message == again


def test_replies_count_only_when_there_is_nothing_else() -> None:
    reply = mail("Re: [PATCH 2/9] a")
    assert subjects(reply, mail("[PATCH] b")) == [(1, "b")]
    assert load("reply-with-diff.mbox").patches[0].message.message_id == "rd@example.org"
    with pytest.raises(MailError, match="several replies hold a diff"):
        subjects(reply, mail("Re: [PATCH 3/9] c"))


def test_a_tagged_patch_beats_a_diff_in_discussion() -> None:
    assert subjects(mail("what about this?"), mail("[PATCH] b")) == [(1, "b")]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_no_patch(number: int) -> None:
    with pytest.raises(MailError, match="no patch"):
        series_from_messages([mail("Re: [PATCH] x", diff=b"", body="> diff --git a/x b/x\n")] * number)


def test_a_cover_letter_that_nobody_filled_in_names_nothing() -> None:
    series = series_from_messages([mail("[PATCH 0/1] *** SUBJECT HERE ***", diff=b""), mail("[PATCH 1/1] mm: a")])
    assert series.subject == "mm: a"
    assert series.cover is not None


def test_what_is_no_part_of_it_is_left_out_by_name() -> None:
    series = series_from_messages([mail("[PATCH] a"), mail("[PATCH 2/3] b"), mail("Re: [PATCH 2/3] c")])
    assert [(p.index, p.subject) for p in series.patches] == [(2, "b")]
    assert (series.missing, series.left_out) == ((1, 3), ("a",))
    assert series_from_messages([mail("[PATCH 1/1] a"), mail("[PATCH v2 1/1] b")]).left_out == ()


def test_the_first_numbers_of_a_subject_count() -> None:
    assert parse_subject("[PATCH 1/2] [PATCH 3/7] mm: x").index == 1
