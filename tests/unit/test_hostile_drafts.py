# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails from anybody: a draft is valid RFC 5322 whatever they hold, nothing in it can be taken for another thing, and
git send-email takes it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import fields, replace
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import sample

from reviewer.errors import ReviewError
from reviewer.intake.mail import messages_from_bytes
from reviewer.model import Message, Patch, Review, Series
from reviewer.report.outbox import write
from reviewer.report.remarks import LINES
from reviewer.report.reply import omitted, replies
from reviewer.report.whole import mail as whole
from reviewer.report.wishes import Wishes

_LONG = b"x" * 4000
_LARGE = (
    b"--- a/mm/shelf.c\n+++ b/mm/shelf.c\n@@ -1,1 +1,50001 @@\n {\n"
    + b"+\tshelf_set(to, at, first, nr_of_them);\n" * 50000
)
HOSTILE: dict[str, dict[str, Any]] = {
    "subject of 1,000 lines": {"subject": "[PATCH] " + "line\n " * 1000},
    "subject without blanks": {"subject": "[PATCH] " + "x" * 5000},
    "CR and NUL": {
        "subject": "[PATCH] a\rBcc: x@example.org\0b",
        "author": "A\r\nBcc: x@example.org\0 <a@example.org>",
    },
    "bidi and zero width": {"subject": "[PATCH] \u202egnp.c\u200b\u2066", "author": "\u202eennA\u200b <a@example.org>"},
    "lone surrogates": {"subject": "[PATCH] \udcff", "author": "\udcff <a@example.org>", "message_id": "\udcff@x"},
    "broken encoding": {
        "subject": "[PATCH] =?utf-8?b?////?= \ufffd",
        "diff": sample.DIFF.replace(b"first", b"f\xff\xfe"),
    },
    "addresses that are none": {"to": ("undisclosed-recipients:;", "a b c", "<>", "@", "x@"), "cc": ("ü@ö.example",)},
    "a name of 5,000": {"author": '"' + "ä" * 5000 + '" <a@example.org>', "to": ("b" * 5000 + " <b@example.org>",)},
    "an address of 5,000": {"to": ("a" * 5000 + "@example.org", "b@" + "c" * 5000)},
    "2,000 recipients": {"cc": tuple(f"P{n} <p{n}@example.org>" for n in range(2000))},
    "ids that are none": {"message_id": "a b\r\nBcc: x@example.org", "references": ("\0", "<<>>", "x" * 3000)},
    "lines of 4,000": {"diff": sample.DIFF.replace(b"first, n)", b"first, " + _LONG + b")"), "date": "d" * 4000},
    "CR in the diff": {"diff": sample.DIFF.replace(b"\n+", b"\r\n+").replace(b"shelf_batch", b"\x1b[31mshelf\0\x08")},
    "a diff of 2 MB": {"diff": _LARGE},
    "a diff of nonsense": {"diff": b"diff --git a/x b/y\n--- a/x\n+++ /dev/null\n@@ -99999999999,1 +1 @@\n\xff"},
    "trailers": {"author": "Reviewed-by: x <a@example.org>", "date": "\nReviewed-by: x"},
}


def _review(**changes: Any) -> Review:
    review = sample.single(verdict="findings", findings=(sample.finding(patch=1),))
    (patch,) = review.series.patches
    mail: Message = replace(patch.message, **changes)
    subject = str(changes.get("subject", review.series.subject))
    return replace(review, series=replace(review.series, subject=subject, patches=(replace(patch, message=mail),)))


def _check(raw: bytes) -> None:
    assert max(map(len, raw.split(b"\n"))) <= 998
    assert b"\r" not in raw
    assert b"\0" not in raw
    parsed = BytesParser(policy=policy.strict).parsebytes(raw)
    assert {name: str(value) for name, value in parsed.items()}.keys() <= {
        "X-Review-Patch", "From", "Date", "Message-ID", "To", "Cc", "Subject", "In-Reply-To", "References",
        "X-Unsent", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    for part in parsed.walk():
        if not part.is_multipart():
            text = part.get_content()
            assert part.defects == []
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f]", str(text))


@pytest.mark.parametrize("case", HOSTILE)
def test_a_draft_is_valid_whatever_the_mail_holds(case: str) -> None:
    began = time.monotonic()
    review = _review(**HOSTILE[case])
    drafts = replies(review, Wishes(attach=True))
    assert list(drafts) == ["0001-reply.eml"]
    _check(drafts["0001-reply.eml"])
    body = BytesParser(policy=policy.default).parsebytes(drafts["0001-reply.eml"]).get_body(("plain",))
    assert body is not None
    own = [line for line in str(body.get_content()).splitlines() if not line.startswith(">")]
    assert len(own) <= LINES
    assert not any(re.match(r"\s*[\w-]+-by:", line, re.IGNORECASE) for line in own)
    assert time.monotonic() - began < 20


def test_names_and_words_of_any_length_fit() -> None:
    long = {"function": "f" * 4000, "summary": "s" * 4000 + " " + "word " * 4000, "cause": "c" * 9000}
    found = sample.finding(patch=1, precedents=("p " * 3000,), flavours=("x" * 500,) * 9, **long)
    review = sample.single(verdict="findings", findings=(found,) * 9, tree="t" * 3000, compiler="c" * 3000)
    raw = replies(
        replace(review, patches=(replace(review.patches[0], functions=(sample.function(stubs=("s" * 900,)),)),))
    )
    (mail,) = raw.values()
    _check(mail)
    body = BytesParser(policy=policy.default).parsebytes(mail).get_body(("plain",))
    assert body is not None
    own = [line for line in str(body.get_content()).splitlines() if not line.startswith(">")]
    assert len(own) <= LINES
    assert max(map(len, own)) <= 72


@pytest.mark.parametrize("case", HOSTILE)
def test_so_is_the_whole_review(case: str) -> None:
    _check(whole(_review(**HOSTILE[case])))


_RAW = {
    "headers in no charset": b"From: \xff\xfe <a@example.org>\nSubject: [PATCH] \xe4\xf6\xfc\nMessage-ID: <\xff@x>\n",
    "CR in headers": b"From: a@example.org\r\nSubject: [PATCH] a\r\n b\r\nMessage-ID: <a@b>\r\nBcc: x@example.org\r\n",
    "bidi in headers": "From: \u202ex <a@example.org>\nSubject: [PATCH] \u200b\u2067\nMessage-ID: <a@b>\n".encode(),
    "nobody": b"From: nobody at all\nSubject: [PATCH] a\nMessage-ID: <>\n",
    "a charset that is none": b"From: =?x-klingon?q?a?= <a@example.org>\nSubject: =?utf-8?q?[PATCH]_=ff=fe?=\n"
    b"Message-ID: <a@b>\nContent-Type: text/plain; charset=klingon\n",
}


@pytest.mark.parametrize("case", _RAW)
def test_a_mail_as_it_came(case: str) -> None:
    end = b"\r\n" if b"\r\n" in _RAW[case] else b"\n"
    mail = _RAW[case] + end + (b"text\n---\n" + sample.DIFF).replace(b"\n", end)
    (message,) = messages_from_bytes("mail", mail)
    review = _review(**{f.name: getattr(message, f.name) for f in fields(Message)})
    drafts = replies(review)
    assert bool(drafts) == (case != "nobody")
    for raw in drafts.values():
        _check(raw)
    assert any("no draft" in line for line in omitted(review)) == (case == "nobody")


def test_a_hundred_patches_get_a_draft_each() -> None:
    patches = tuple(Patch(n, f"step {n}", sample.message(n)) for n in range(1, 101))
    found = tuple(sample.finding(id=f"f-{n}", patch=n) for n in range(1, 101))
    drafts = replies(sample.review(series=Series("many", 1, 100, patches), findings=found))
    assert len(drafts) == 100
    for raw in drafts.values():
        _check(raw)


def test_the_whole_review_is_text_and_a_page() -> None:
    parsed = BytesParser(policy=policy.strict).parsebytes(whole(sample.review()))
    assert parsed.get_content_type() == "multipart/alternative"
    text, page = parsed.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().startswith("FINDINGS: ")
    assert page.get_content().startswith("<!")
    assert parsed["Subject"] == "[review-patch] findings: mm/shelf: move in batches (v2, 2 patches)"
    assert parsed["In-Reply-To"] == "<20260203-shelf-0@example.org>"
    assert parsed["From"] == "review-patch <review-patch@localhost>"
    assert parsed["To"] is None


def test_only_the_date_of_the_whole_review_depends_on_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")
    mails = [whole(sample.review(), sender="Ida <ida@example.org>") for _ in range(2)]
    assert mails[0] == mails[1]
    assert b"\nDate: Mon, 02 Feb 2026 02:40:00 +0000\n" in mails[0]
    assert mails[0].startswith(b"From: Ida <ida@example.org>\n")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    mails[1] = whole(sample.review(), sender="Ida <ida@example.org>")
    assert len({re.sub(rb"(?m)^Date: .*$", b"", mail) for mail in mails}) == 1
    ids = {BytesParser(policy=policy.strict).parsebytes(m)["Message-ID"] for m in (mails[0], whole(sample.single()))}
    assert len(ids) == 2
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    now = parsedate_to_datetime(BytesParser().parsebytes(whole(sample.review()))["Date"])
    assert abs(now.timestamp() - time.time()) < 60


@pytest.mark.parametrize("epoch", ["soon", "9" * 30])
def test_a_time_that_is_none_is_an_error(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(ReviewError, match="is no time"):
        whole(sample.review())


@pytest.fixture(scope="module")
def _send_email() -> None:
    path = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    if not (Path(path) / "git-send-email").exists():
        pytest.skip("git send-email is not installed (Debian: git-email)")


_ME = {f"GIT_{role}_{what}": "me@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.mark.usefixtures("_send_email")
def test_git_send_email_takes_them(tmp_path: Path) -> None:
    cases = ("bidi and zero width", "a name of 5,000", "lines of 4,000", "subject of 1,000 lines")
    paths: list[Path] = []
    for n, case in enumerate(cases):
        drafts = replies(_review(**HOSTILE[case]), Wishes(attach=n % 2 == 1))
        paths += write(drafts, tmp_path / str(n))
    command = ["git", "send-email", "--dry-run", "--confirm=never", "--from=me@example.org", "--to=you@example.org"]
    done = subprocess.run(
        [*command, "--smtp-server=/bin/true", *map(str, paths)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **_ME},
        check=False,
    )
    assert (done.returncode, done.stdout.count("Result: OK")) == (0, len(cases)), done.stderr
