# SPDX-License-Identifier: GPL-2.0-or-later
"""Reply drafts as mails: their headers, to whom they go, how they are encoded."""

from __future__ import annotations

from dataclasses import replace

import drafts
import sample

from reviewer.report.reply import omitted, replies
from reviewer.report.wishes import Wishes


def test_headers_continue_the_thread() -> None:
    mail = drafts.parse(replies(sample.review())["0002-reply.eml"])
    assert mail["Subject"] == "Re: [PATCH v2 2/2] mm/shelf: step 2"
    assert mail["In-Reply-To"] == "<20260203-shelf-2@example.org>"
    assert str(mail["References"]).split() == [
        "<20260203-shelf-0@example.org>",
        "<20260203-shelf-2@example.org>",
    ]
    assert mail["To"] == "Ann Author <ann@example.org>"
    assert [a.addr_spec for a in mail["Cc"].addresses] == ["max@example.org", "shelf@lists.example.org"]
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail["From"] is None
    assert mail["Date"] is None


def test_the_sender_is_who_asks_for_the_draft() -> None:
    made = replies(drafts.found(), Wishes(sender="Rév Iewer <rev@example.org>"))
    assert drafts.parse(made["0001-reply.eml"])["From"] == "Rév Iewer <rev@example.org>"


def test_an_existing_re_is_kept() -> None:
    made = replies(drafts.found(subject="RE: [PATCH] x"))
    assert drafts.parse(made["0001-reply.eml"])["Subject"] == "RE: [PATCH] x"


def test_long_and_foreign_headers_survive() -> None:
    references = tuple(f"{'r' * 90}.{at}@example.org" for at in range(30))
    subject = "[PATCH] Größe " + "ä" * 300 + " " + "x" * 1200
    long = drafts.found(references=references, subject=subject, author="Jürgen Groß <j@example.org>")
    mail = drafts.parse(replies(long)["0001-reply.eml"])
    assert str(mail["References"]).split()[:-1] == [f"<{entry}>" for entry in references]
    assert mail["Subject"] == f"Re: {subject}"
    assert mail["To"] == "Jürgen Groß <j@example.org>"


def test_a_long_plain_word_in_the_subject_is_folded() -> None:
    made = replies(drafts.found(subject="x" * 3000))
    assert drafts.parse(made["0001-reply.eml"])["Subject"] == "Re: " + "x" * 3000


def test_no_header_can_be_smuggled_in() -> None:
    evil = "x\r\nBcc: all@example.org\r\n\r\nbody"
    changes = {"subject": evil, "message_id": evil, "author": f'"{evil}" <a@example.org>', "date": evil}
    mail = drafts.parse(replies(drafts.found(**changes))["0001-reply.eml"])
    assert mail["Bcc"] is None
    assert mail["To"] is not None


def test_a_quoted_line_above_998_octets_is_encoded() -> None:
    wide = sample.DIFF.replace(b"first, n)", b"first, n" + b"n" * 1500 + b")")
    found = sample.finding(patch=1)
    raw = replies(sample.single(diff=wide, verdict="findings", findings=(found,)))["0001-reply.eml"]
    assert drafts.parse(raw)["Content-Transfer-Encoding"] == "quoted-printable"
    assert "n" * 1500 in drafts.body(raw)


def test_other_scripts_are_sent_as_utf8() -> None:
    raw = replies(drafts.found(author="Zoë <z@example.org>"))["0001-reply.eml"]
    assert drafts.parse(raw)["Content-Transfer-Encoding"] == "8bit"
    assert "Zoë wrote:" in drafts.body(raw)


def test_a_mail_without_an_author_goes_to_the_others_and_one_with_nobody_is_not_answered() -> None:
    nobody = drafts.found(to=("undisclosed-recipients:;",), cc=(), author="Ann")
    assert replies(nobody) == {}
    assert omitted(nobody) == (
        "patch 1: no draft: its mail has nobody's address in From, To or Cc",
        "patch 1: left out of the draft: From 'Ann' has no address",
    )
    others = drafts.found(to=(), cc=("list@example.org", "max@example.org"), author="Ann <ann@>")
    mail = drafts.parse(replies(others)["0001-reply.eml"])
    assert (mail["To"], mail["Cc"]) == ("list@example.org", "max@example.org")
    assert "Ann wrote:" in drafts.body(replies(others)["0001-reply.eml"])
    assert omitted(others) == (
        "patch 1: its author has no address: the draft goes to list@example.org",
        "patch 1: left out of the draft: From 'Ann <ann@>' is no address",
    )
    assert omitted(drafts.found()) == ()


def test_a_reply_goes_where_the_mail_asks_for_it_and_to_every_author() -> None:
    munged = drafts.found(
        author="Ann via List <list@example.org>", reply_to=("ann@example.org",), to=("list@example.org",)
    )
    mail = drafts.parse(replies(munged)["0001-reply.eml"])
    assert (mail["To"], str(mail["Cc"]).split(",")[0]) == ("ann@example.org", "Ann via List <list@example.org>")
    authors = "A <a@example.org>, B <b@example.org>"
    two = drafts.parse(replies(drafts.found(author=authors, cc=()))["0001-reply.eml"])
    assert (two["To"], two["Cc"]) == (authors, "Max Keeper <max@example.org>")
    assert "A and B wrote:" in drafts.body(
        replies(drafts.found(author="A <a@example.org>, B <b@example.org>"))["0001-reply.eml"]
    )


def test_who_is_left_out_is_told_once_and_not_for_ever() -> None:
    odd = tuple(f"odd {n}" for n in range(30))
    patches = tuple(replace(p, message=replace(p.message, cc=odd[:1])) for p in sample.review().series.patches)
    both = tuple(sample.finding(patch=n) for n in (1, 2))
    series = replace(sample.review().series, patches=patches)
    assert omitted(sample.review(series=series, findings=both)) == (
        "patches 1-2: left out of the draft: Cc 'odd 0' has no address",
    )
    assert omitted(drafts.found(cc=odd))[19:] == (
        "patch 1: left out of the draft: Cc 'odd 19' has no address",
        "and 10 more that are no addresses",
    )
