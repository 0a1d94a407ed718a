"""Reply drafts: good mails, quoting as the lists do, and never a tag."""

from __future__ import annotations

import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import sample

from oracle.rules import RULES
from reviewer.errors import ReviewError
from reviewer.model import Message, Review, Series
from reviewer.report import plain, view
from reviewer.report.reply import replies, write

REMOVED = b"""\
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -1,3 +1,2 @@
 {
-\tgone();
 }
"""
TAGS = re.compile(r"^[ \t]*(reviewed|acked|tested|signed-off|reported|suggested)-by", re.IGNORECASE | re.MULTILINE)


def _parse(raw: bytes) -> EmailMessage:
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    assert max(len(line) for line in raw.split(b"\n")) <= 998
    return mail


def _body(raw: bytes) -> str:
    return str(_parse(raw).get_content())


def _with_mail(review: Review, **changes: Any) -> Review:
    """The review with its first patch's mail changed."""
    first, *rest = review.series.patches
    mail: Message = replace(first.message, **changes)
    return replace(review, series=replace(review.series, patches=(replace(first, message=mail), *rest)))


def _single(*findings: Any, **changes: Any) -> str:
    found = tuple(replace(finding, patch=1) for finding in findings)
    return _body(replies(sample.single(verdict="findings", findings=found), **changes)["0001-reply.eml"])


def test_one_reply_for_each_patch_with_findings_and_one_for_the_cover() -> None:
    drafts = replies(sample.review())
    assert list(drafts) == ["0000-reply.eml", "0002-reply.eml"]
    assert "The series as a whole" in _body(drafts["0000-reply.eml"])
    assert "The series as a whole" not in _body(drafts["0002-reply.eml"])


def test_without_a_cover_letter_the_first_patch_gets_the_words_about_the_series() -> None:
    drafts = replies(sample.review(series=replace(sample.review().series, cover=None)))
    assert list(drafts) == ["0001-reply.eml", "0002-reply.eml"]
    assert "The series as a whole" in _body(drafts["0001-reply.eml"])


def test_headers_continue_the_thread() -> None:
    mail = _parse(replies(sample.review())["0002-reply.eml"])
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
    drafts = replies(sample.single(), sender="Rév Iewer <rev@example.org>")
    assert _parse(drafts["0001-reply.eml"])["From"] == "Rév Iewer <rev@example.org>"


def test_an_existing_re_is_kept() -> None:
    drafts = replies(_with_mail(sample.single(), subject="RE: [PATCH] x"))
    assert _parse(drafts["0001-reply.eml"])["Subject"] == "RE: [PATCH] x"


def test_long_and_foreign_headers_survive() -> None:
    references = tuple(f"{'r' * 90}.{at}@example.org" for at in range(30))
    subject = "[PATCH] Größe " + "ä" * 300 + " " + "x" * 1200
    long = _with_mail(sample.single(), references=references, subject=subject, author="Jürgen Groß <j@example.org>")
    mail = _parse(replies(long)["0001-reply.eml"])
    assert str(mail["References"]).split()[:-1] == [f"<{entry}>" for entry in references]
    assert mail["Subject"] == f"Re: {subject}"
    assert mail["To"] == "Jürgen Groß <j@example.org>"


def test_a_long_plain_word_in_the_subject_is_folded() -> None:
    drafts = replies(_with_mail(sample.single(), subject="x" * 3000))
    assert _parse(drafts["0001-reply.eml"])["Subject"] == "Re: " + "x" * 3000


def test_no_header_can_be_smuggled_in() -> None:
    evil = "x\r\nBcc: all@example.org\r\n\r\nbody"
    changes = {"subject": evil, "message_id": evil, "author": f'"{evil}" <a@example.org>', "date": evil}
    mail = _parse(replies(_with_mail(sample.single(), **changes))["0001-reply.eml"])
    assert mail["Bcc"] is None
    assert mail["To"] is not None


def test_a_finding_is_a_question_below_the_quoted_line() -> None:
    text = _single(sample.finding())
    assert text.startswith(
        """\
On Tue, 3 Feb 2026 10:00:00 +0100, Ann Author wrote:
> [ ... ]
> diff --git a/mm/shelf.c b/mm/shelf.c
> --- a/mm/shelf.c
> +++ b/mm/shelf.c
> @@ -40,12 +41,15 @@ static void shelf_move(struct shelf *from, struct shelf *to)
> [ ... ]
> -\t\tfrom->slot[at] = 0;
> +\tfor (at = 0; at < from->len; at += n) {
> +\t\tn = shelf_batch(from, at);
> +\t\tfirst = from->slot[at];
> +\t\tshelf_set(to, at, first, n);

In shelf_move(): can a read-only PTE of the batch come back writable
here? (B5)

Entry 1 was read-only and is writable after the move. Seen on x86-64,
arm64-4k, with entry shelf_move, nr 8.

shelf_set() repeats the first entry's bits, and shelf_batch() does not
compare write.

  PTE 0
    start             A[0] rw dirty young
    before, batch=1   A[0] rw dirty young
    after             A[0] rw dirty young
  PTE 1
    start             A[1] ro dirty young
    before, batch=1   A[1] ro dirty young
    after           ! A[1] rw dirty young
  PTE 2..7
    start             A[2..7] ro dirty young
    before, batch=1   A[2..7] ro dirty young
    after             A[2..7] ro dirty young
  ... 1 more row

Suggestion: pass FPB_RESPECT_WRITE, or take the write bit of each PTE
from that PTE.

Something like it was seen before:

- R1

To run it again:

  review-patch replay b5-3f2a90c1.json

The patch as a whole"""
    )


@pytest.mark.parametrize("name", RULES)
def test_every_rule_asks_its_own_question_and_suggests_its_own_remedy(name: str) -> None:
    text = " ".join(_single(sample.finding(rule=name)).split())
    assert f"In shelf_move(): {RULES[name].question[0].lower()}{RULES[name].question[1:]} ({name})" in text
    assert f"Suggestion: {RULES[name].remedy}." in text


def test_nothing_is_quoted_below_the_last_comment() -> None:
    lines = _single(sample.finding()).splitlines()
    first_own = next(at for at, line in enumerate(lines[1:], 1) if not line.startswith(">"))
    assert not [line for line in lines[first_own:] if line.startswith(">")]


def test_findings_come_in_the_order_of_the_patch_and_quote_nothing_twice() -> None:
    later = sample.finding(id="x1-1", rule="X1", kind="behaviour", line=54)
    first = sample.finding(id="x4-1", rule="X4", kind="cost", file="mm/shelf.c", function="unrelated", line=5)
    text = _single(later, sample.finding(), sample.finding(id="b4-1", rule="B4"), first)
    quoted = [line for line in text.splitlines() if line.startswith("> ") and line != "> [ ... ]"]
    assert len(quoted) == len(set(quoted))
    order = ["In unrelated(): is it intended that this does more work", "(B5)", "(B4)", "(X1)"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert sum(line.startswith("> diff --git") for line in quoted) == 1
    assert sum(line.startswith("> @@") for line in quoted) == 2


def test_at_most_five_lines_are_quoted_above_a_comment() -> None:
    for line in range(41, 56):
        above = _single(sample.finding(line=line)).split("> @@", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
        assert len([entry for entry in above if entry != "> [ ... ]"]) <= 5


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({"line": 2, "diff": REMOVED}, "> -\tgone();"),
        ({"line": 900}, "> +\t\tshelf_clear(from, at, n);"),
        ({"line": 900, "function": "unrelated"}, "> +\tint c = 3;"),
        ({"file": "mm/other.c"}, "> [ ... ]"),
        ({"diff": b"not a diff"}, "> [ ... ]"),
        ({"diff": sample.DIFF[:-40]}, "> [ ... ]"),
    ],
)
def test_the_best_line_is_quoted_when_the_finding_is_outside_the_patch(changes: dict[str, Any], last: str) -> None:
    diff = changes.pop("diff", sample.DIFF)
    found = sample.finding(patch=1, **changes)
    review = sample.single(diff=diff, verdict="findings", findings=(found,))
    above = _body(replies(review)["0001-reply.eml"]).split("\n\nIn ")[0]
    assert above.splitlines()[-1] == last


def test_own_prose_wraps_at_72_and_quoted_lines_do_not() -> None:
    wide = sample.DIFF.replace(b"shelf_set(to, at, first, n)", b"shelf_set(to, at, " + b"first + " * 20 + b"n)")
    found = sample.finding(patch=1, summary="word " * 60, explanation="Some longer text. " * 20)
    review = sample.single(diff=wide, verdict="findings", findings=(found,))
    lines = _body(replies(review)["0001-reply.eml"]).splitlines()
    assert max(len(line) for line in lines if not line.startswith(">")) <= 72
    assert max(len(line) for line in lines if line.startswith(">")) > 150


def test_a_quoted_line_above_998_octets_is_encoded() -> None:
    wide = sample.DIFF.replace(b"first, n)", b"first, n" + b"n" * 1500 + b")")
    found = sample.finding(patch=1)
    raw = replies(sample.single(diff=wide, verdict="findings", findings=(found,)))["0001-reply.eml"]
    assert _parse(raw)["Content-Transfer-Encoding"] == "quoted-printable"
    assert "n" * 1500 in _body(raw)


def test_other_scripts_are_sent_as_utf8() -> None:
    raw = replies(_with_mail(sample.single(), author="Zoë <z@example.org>"))["0001-reply.eml"]
    assert _parse(raw)["Content-Transfer-Encoding"] == "8bit"
    assert "Zoë wrote:" in _body(raw)


def test_no_tag_is_ever_given() -> None:
    evil = "Reviewed-by: x <x@example.org>"
    found = sample.finding(summary=evil, explanation=evil, replay=evil, function=evil, flavours=(evil,))
    review = sample.review(findings=(found, sample.FIXED, sample.OLD), compiler=f"\n{evil}")
    for raw in (*replies(review, preexisting=True).values(), *replies(sample.single()).values()):
        assert not TAGS.search(_body(raw))


def test_what_was_there_before_is_left_out_unless_asked_for() -> None:
    quiet, told = (replies(sample.review(), preexisting=option) for option in (False, True))
    assert "G4" not in "".join(map(_body, quiet.values()))
    assert "there before" not in _body(quiet["0000-reply.eml"])
    line = "1 known of this tree, --preexisting shows them."
    assert [line in "".join(map(_body, mails.values())) for mails in (quiet, told)] == [True, False]
    section = _body(told["0002-reply.eml"]).split("Not caused by this patch")[1]
    assert "shelf_move() does not keep to this even before the patch" in section
    assert "(G4)" in section
    assert "B5" not in section


def test_the_later_patch_that_fixes_it_is_named() -> None:
    assert "After patch 3 of the series this is gone again." in _single(sample.finding(fixed_by_patch=3))


def test_the_clean_bill_says_what_was_and_was_not_exercised() -> None:
    text = " ".join(_body(replies(sample.review(verdict="inconclusive", findings=()))["0000-reply.eml"]).split())
    assert "1 of 2 changed functions could not be exercised in full" in text
    assert "- patch 2, shelf_move(), through shelf_shift(): 5 of 6 changed lines run, 120,000 scenarios" in text
    assert "- patch 1, shelf_trim(): takes a struct shelf_ops, which nothing here can build" in text


def test_the_signature_closes_the_mail() -> None:
    signature = _body(replies(sample.single())["0001-reply.eml"]).split("\n-- \n")[1]
    assert signature.splitlines() == [
        "review-patch 0.1.0, seed 7, gcc 12.2.0",
        "flavours: x86-64, arm64-4k",
        "120,000 scenarios; stubs: shelf_wake",
    ]


def test_a_wide_table_is_stacked() -> None:
    found = sample.finding(reference=None, after=sample.state("A[0] rw dirty young " + "extra " * 12))
    text = plain.draw(view.table(found))
    assert max(map(len, text.splitlines())) <= 72
    assert "    after  ! A[0] rw dirty young extra" in text
    assert text == "\n".join(line.rstrip() for line in text.splitlines())


def test_a_mail_without_people_still_makes_a_draft() -> None:
    bare = _with_mail(sample.single(), author="", to=(), cc=(), message_id="")
    mail = _parse(replies(bare)["0001-reply.eml"])
    assert mail["To"] is None
    assert mail["References"] is None


def test_no_patches_no_drafts_needed() -> None:
    assert replies(sample.single(series=Series("s", 1, 0, ()))) == {}


def test_drafts_are_written_where_asked(tmp_path: Path) -> None:
    drafts = replies(sample.review())
    paths = write(drafts, tmp_path / "new" / "replies")
    assert [path.name for path in paths] == list(drafts)
    assert [path.read_bytes() for path in paths] == list(drafts.values())
    (tmp_path / "file").write_text("")
    with pytest.raises(ReviewError, match="file"):
        write(drafts, tmp_path / "file")
