# SPDX-License-Identifier: GPL-2.0-or-later
"""Reply drafts as text: quoting as the lists do, forty lines, and never a tag."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import drafts
import pytest
import sample

from oracle.rules import RULES
from reviewer.model import Counted, Hunk, Series
from reviewer.report.document import load_finding
from reviewer.report.remarks import LINES
from reviewer.report.reply import omitted, replies
from reviewer.report.text import one_line
from reviewer.report.wishes import Wishes

REMOVED = b"""\
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -1,3 +1,2 @@
 {
-\tgone();
 }
"""
TAGS = re.compile(r"^[ \t]*(reviewed|acked|tested|signed-off|reported|suggested)-by", re.IGNORECASE | re.MULTILINE)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_asks_its_own_question_and_suggests_its_own_remedy(name: str) -> None:
    text = " ".join(drafts.single(sample.finding(rule=name)).split())
    assert f"In shelf_move(): {RULES[name].question[0].lower()}{RULES[name].question[1:]} ({name})" in text
    assert f"Suggestion: {RULES[name].remedy}." in text
    assert len(drafts.own(drafts.single(sample.finding(rule=name)))) <= LINES


def test_nothing_is_quoted_below_the_last_comment() -> None:
    lines = drafts.single(sample.finding()).splitlines()
    first_own = next(at for at, line in enumerate(lines[1:], 1) if not line.startswith(">"))
    assert not [line for line in lines[first_own:] if line.startswith(">")]


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
    above = drafts.body(replies(review)["0001-reply.eml"]).split("\n\nIn ")[0]
    assert above.splitlines()[-1] == last


def test_own_prose_wraps_at_72_and_quoted_lines_do_not() -> None:
    wide = sample.DIFF.replace(b"shelf_set(to, at, first, n)", b"shelf_set(to, at, " + b"first + " * 20 + b"n)")
    found = sample.finding(patch=1, summary="word " * 60, explanation="Some longer text. " * 20)
    review = sample.single(diff=wide, verdict="findings", findings=(found,))
    lines = drafts.body(replies(review)["0001-reply.eml"]).splitlines()
    assert max(len(line) for line in lines if not line.startswith(">")) <= 72
    assert max(len(line) for line in lines if line.startswith(">")) > 150


def test_no_tag_is_ever_given() -> None:
    evil = "Reviewed-by: x <x@example.org>"
    found = sample.finding(summary=evil, explanation=evil, replay=evil, function=evil, flavours=(evil,))
    review = sample.review(findings=(found, sample.FIXED, sample.OLD), compiler=f"\n{evil}")
    for raw in (
        *replies(review, Wishes(preexisting=True)).values(),
        *replies(sample.single(compiler=f"\n{evil}"), Wishes(clean=True)).values(),
    ):
        assert not TAGS.search(drafts.body(raw))


def test_only_patches_that_need_one_get_a_draft() -> None:
    assert list(replies(sample.review())) == ["0002-reply.eml"]
    assert replies(sample.review(findings=(sample.FIXED,))) == {}
    assert replies(sample.single()) == {}
    assert replies(sample.single(series=Series("s", 1, 0, ()))) == {}
    ranged = sample.review()
    ranged = replace(ranged, series=replace(ranged.series, revisions="main..topic"))
    for wishes in (Wishes(), Wishes(clean=True)):
        assert replies(ranged, wishes) == {}
        (why,) = omitted(ranged, wishes)
        assert "give the mails" in why


def test_a_finding_is_a_question_below_the_quoted_line() -> None:
    assert drafts.single(
        sample.finding(cause="shelf_set(), called in shelf_move(), repeats the first entry's bits.")
    ) == (
        """\
On Tue, 3 Feb 2026 10:00:00 +0100, Ann Author wrote:
> [ ... ]
> diff --git a/mm/shelf.c b/mm/shelf.c
> --- a/mm/shelf.c
> +++ b/mm/shelf.c
> @@ -40,12 +41,15 @@ static void shelf_move(struct shelf *from, struct shelf *to)
> [ ... ]
> -\tfor (at = 0; at < from->len; at++) {
> -\t\tto->slot[at] = from->slot[at];
> -\t\tfrom->slot[at] = 0;
> +\tfor (at = 0; at < from->len; at += n) {
> +\t\tn = shelf_batch(from, at);
> +\t\tfirst = from->slot[at];
> +\t\tshelf_set(to, at, first, n);

In shelf_move(): can a read-only PTE of the batch come back writable
here? (B5)

Entry 1 was read-only and is writable after the move. shelf_set(),
called in shelf_move(), repeats the first entry's bits. Seen on x86-64,
arm64-4k with nr 8; finding b5-3f2a90c1.

PTE        0     1     2..7
page       A[0]  A[1]  A[2..7]
start      wdy   -dy   -dy
should be  wdy   -dy   -dy
after      wdy  !wdy   -dy
The code before the patch leaves what should be.
w writable; d dirty; y accessed

Suggestion: pass FPB_RESPECT_WRITE, or take the write bit of each PTE
from that PTE.
Seen before: R1

To run it again, in a tree of linux 7.2.13:

  b4 am -o - 20260203-shelf-1@example.org |
    review-patch - --only B5 --seed 7

--\x20
review-patch 0.1.0, seed 7, gcc 12.2.0
x86-64, arm64-4k; 120,000 scenarios; stubs: shelf_wake
"""
    )


def test_findings_come_in_the_order_of_the_patch_and_quote_nothing_twice() -> None:
    later = sample.finding(id="x1-1", rule="X1", kind="static", line=54)
    first = sample.finding(id="x4-1", rule="X4", kind="cost", file="mm/shelf.c", function="unrelated", line=5)
    text = drafts.single(later, first)
    quoted = [line for line in text.splitlines() if line.startswith("> ") and line != "> [ ... ]"]
    assert len(quoted) == len(set(quoted))
    order = ["In unrelated(): is it intended that this does more work", "In shelf_move(): is it intended"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert sum(line.startswith("> diff --git") for line in quoted) == 1
    assert sum(line.startswith("> @@") for line in quoted) == 2


@pytest.mark.parametrize("number", [1, 2, 3, 7, 40])
def test_forty_lines_hold_all_findings_of_a_patch(number: int) -> None:
    found = [
        sample.finding(id=f"id-{n}", line=45 + n, summary="word " * 40, cause="cause " * 30) for n in range(number)
    ]
    passing = sample.finding(id="gone", fixed_by_patch=2)
    text = drafts.single(*found, passing, attach=False)
    assert len(drafts.own(text)) <= LINES
    assert max(map(len, drafts.own(text))) <= 72
    told = {f"id-{n}" for n in range(number)} & set(re.findall(r"id-\d+", text))
    assert len(told) == number or f"And {number + 1 - len(told)} more, which the review names." in text
    assert "can a read-only PTE" in text


def test_the_gravest_is_told_in_full() -> None:
    low = [sample.finding(id=f"low-{n}", rule="G9", severity="low", line=44 + n) for n in range(5)]
    text = drafts.single(*low, sample.finding(severity="high"))
    assert "finding b5-3f2a90c1." in " ".join(text.split())
    assert "Also: shelf_move() miscounts (G9, low-3)" in text


def test_what_a_later_patch_repairs_is_one_line() -> None:
    own = drafts.own(drafts.single(sample.finding(), sample.finding(id="gone", fixed_by_patch=3)))
    assert "Only until patch 3: shelf_move() gives undue write (B5, gone)" in own
    alone = drafts.single(sample.finding(id="gone", fixed_by_patch=3))
    assert alone.count("(B5, gone)") == 1
    assert "> +\t\tshelf_set(to, at, first, n);" in alone
    assert "Suggestion" not in alone


def test_what_was_there_before_is_left_out_unless_asked_for() -> None:
    quiet, told = (replies(sample.review(), Wishes(preexisting=option)) for option in (False, True))
    assert "G4" not in "".join(map(drafts.body, quiet.values()))
    assert "Before the patch, too: shelf_move() miscounts (G4, g4-0badcafe)" in drafts.body(told["0002-reply.eml"])


def test_no_number_of_a_line_in_prose() -> None:
    found = sample.finding(explanation="set_ptes() at mm/shelf.c:77, called in shelf_move(), is.", hunk=_hunk())
    text = "\n".join(drafts.own(drafts.single(found)))
    assert not re.search(r"\.c:\d|\blines? \d", text)
    assert "Taking back this hunk alone mends it" in " ".join(text.split())


def _hunk(**changes: Any) -> Hunk:
    return replace(Hunk("mm/shelf.c", (46, 47, 48, 49), (44, 45, 46), mends=True, of=3), **changes)


def test_what_was_dropped_is_quoted() -> None:
    for changes in ({}, {"lines": ()}):
        above = drafts.single(sample.finding(hunk=_hunk(**changes))).split("> @@", 1)[1].split("\n\n", 1)[0]
        assert [line for line in above.splitlines() if line.startswith("> -")] == [
            "> -\tfor (at = 0; at < from->len; at++) {",
            "> -\t\tto->slot[at] = from->slot[at];",
            "> -\t\tfrom->slot[at] = 0;",
        ]


def test_at_most_five_lines_of_context_are_quoted_above_a_comment() -> None:
    for line in range(41, 56):
        above = drafts.single(sample.finding(line=line)).split("> @@", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
        assert len([entry for entry in above if entry != "> [ ... ]" and not entry.startswith("> -")]) <= 5


def test_a_loop_that_was_dropped_is_cut_in_the_middle() -> None:
    gone = b"".join(b"-\tgone(%d);\n" % n for n in range(30))
    diff = b"--- a/mm/shelf.c\n+++ b/mm/shelf.c\n@@ -1,32 +1,3 @@\n {\n" + gone + b"+\tdone();\n }\n"
    found = sample.finding(patch=1, line=2, hunk=_hunk(lines=(2,), removed=tuple(range(2, 32))))
    text = drafts.body(replies(sample.single(diff=diff, verdict="findings", findings=(found,)))["0001-reply.eml"])
    quoted = [line for line in text.splitlines() if line.startswith("> ")]
    assert quoted[quoted.index("> @@ -1,32 +1,3 @@") + 2] == "> -\tgone(0);"
    assert quoted[-1] == "> +\tdone();"
    assert len(quoted) <= 15


def test_two_lines_on_request_where_nothing_was_found() -> None:
    clean = sample.review(findings=(), verdict="inconclusive")
    (text,) = map(drafts.body, replies(clean, Wishes(clean=True)).values())
    above, _, below = text.partition("\n\n")
    assert above.splitlines()[1:] == ["> Move faster."]
    said = below.split("\n\n-- \n")[0]
    assert " ".join(said.split()) == (
        "Tested: no difference found, but 1 of 2 changed functions could not be exercised in full; "
        "120,000 scenarios on x86-64, arm64-4k; not exercised: shelf_trim()."
    )
    (alone,) = map(drafts.body, replies(sample.single(), Wishes(clean=True)).values())
    assert alone.split("\n\n")[1].count("\n") == 1
    (bare,) = map(drafts.body, replies(drafts.with_mail(sample.single(), body="\n"), Wishes(clean=True)).values())
    assert bare.startswith("Tested: ")
    (fixes,) = map(
        drafts.body, replies(sample.single(findings=(replace(sample.FIXED, patch=1),)), Wishes(clean=True)).values()
    )
    assert "Tested: nothing wrong found; 1 fixed; 120,000 scenarios" in fixes
    for silent in (sample.single(verdict="not-applicable"), sample.review(), drafts.found()):
        assert not any("Tested" in drafts.body(mail) for mail in replies(silent, Wishes(clean=True)).values())


def test_a_file_that_was_not_run_is_told_by_its_name() -> None:
    whole = replace(sample.SKIPPED, name="changes", symbol="file")
    review = sample.single(verdict="inconclusive")
    review = replace(review, patches=(replace(review.patches[0], functions=(sample.function(), whole)),))
    (text,) = map(drafts.body, replies(review, Wishes(clean=True)).values())
    assert "not exercised: mm/shelf.c." in one_line(text)


def test_a_command_for_what_the_reader_has() -> None:
    found = sample.finding(patch=1)
    review = sample.single(verdict="findings", findings=(found,), base="0123456789" * 4)
    (text,) = map(drafts.body, replies(review, Wishes(options=("--budget", "5"))).values())
    assert "review-patch - --base 012345678901 --only B5 --seed 7 --budget 5\n" in text
    (text,) = map(drafts.body, replies(drafts.with_mail(review, message_id="--reboot@example.org")).values())
    assert "reboot" not in text
    (text,) = map(drafts.body, replies(drafts.with_mail(review, message_id="$(reboot)@example.org")).values())
    assert "reboot" not in text
    assert "review-patch - --base 012345678901 --only B5 --seed 7 < SERIES.mbox\n" in text


def test_a_finding_is_attached_on_request_as_replay_takes_it() -> None:
    found = sample.finding(patch=1, summary="Größe", counts=(Counted("x86-64", "64K", 16, {"PTE reads": 1}, {}),))
    review = sample.single(verdict="findings", findings=(found,))
    mail = drafts.parse(replies(review, Wishes(attach=True))["0001-reply.eml"])
    text, attached = mail.iter_parts()
    assert (mail.get_content_type(), text.get_content_type()) == ("multipart/mixed", "text/plain")
    assert (attached.get_content_type(), attached.get_filename()) == ("application/json", "b5-3f2a90c1.json")
    assert load_finding(attached.get_content(), "attached").finding == replace(found, counts=())
    assert "  review-patch replay b5-3f2a90c1.json\n" in text.get_content()
    assert "b4 am" not in text.get_content()


def test_the_same_review_gives_the_same_bytes() -> None:
    assert replies(drafts.found(), Wishes(attach=True)) == replies(drafts.found(), Wishes(attach=True))


def test_a_long_command_goes_on_in_the_next_line() -> None:
    name = "20250214093015.51024-1-somebody.with.a.long.name@mail.example.org"
    found = sample.finding(patch=1, also=("E2",))
    review = drafts.with_mail(sample.single(verdict="findings", findings=(found,), base="0" * 40), message_id=name)
    (text,) = map(drafts.body, replies(review, Wishes(options=("--budget", "0.5", "--flavour", "arm64-64k"))).values())
    assert (
        f"  b4 am -o - \\\n    {name} |\n"
        "    review-patch - --base 000000000000 --only B5 --only E2 --seed 7 \\\n"
        "      --budget 0.5 --flavour arm64-64k\n"
    ) in text
