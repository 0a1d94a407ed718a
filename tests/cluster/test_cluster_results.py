# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign keeps: the same as a review, once, whoever asks and however often it is ended."""

from __future__ import annotations

import itertools
import json
import sqlite3
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from campaigns import CLEAN, FLAVOURS, WRONG, Counting, asked, corpus, ran, reviews

from oracle.campaign import Result
from reviewer import cli
from reviewer.cluster import hands
from reviewer.cluster.asked import targets
from reviewer.cluster.merging import joined, merged
from reviewer.cluster.record import key_of, packed, unpacked
from reviewer.cluster.store import HaltError, Store
from reviewer.cluster.units import Answer, Forcing, Round
from reviewer.cluster.work import work
from reviewer.errors import ReviewError


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counting]:
    """Two series and an entry of the tree, in this process."""
    path, pool = tmp_path_factory.mktemp("campaign") / "done.db", Counting()
    ran(path, asked(WRONG, CLEAN, entries=("folio_pte_batch", "no_such_entry")), pool)
    return path, pool


def test_a_campaign_says_what_a_review_says(done: tuple[Path, Counting], capsys: pytest.CaptureFixture[str]) -> None:
    """To the byte: nothing that is run elsewhere and put together is another result."""
    for name, status in ((WRONG, 1), (CLEAN, 0)):
        options = ("--budget", "0.05", "--flavour", *FLAVOURS, "--json", "-")
        assert cli.main([*corpus(name), *options]) == status
        alone = capsys.readouterr().out
        assert cli.main(["campaign", "show", "--series", name, "--json", "-", str(done[0])]) == 0
        assert capsys.readouterr().out == alone


def test_what_is_recorded_is_not_run_again(done: tuple[Path, Counting]) -> None:
    again = Counting()
    before = reviews(done[0])
    assert ran(done[0], asked(WRONG, CLEAN, entries=("folio_pte_batch", "no_such_entry")), again) == before
    assert again.units == []


def test_the_same_work_under_another_name_is_not_run_again(done: tuple[Path, Counting], tmp_path: Path) -> None:
    copy = tmp_path / "copy.mbox"
    copy.write_bytes(Path(corpus(CLEAN)[0]).read_bytes())
    again = Counting()
    ran(done[0], replace(asked(), sources=(str(copy),)), again)
    assert again.units == []


def test_answers_come_back_as_they_were(done: tuple[Path, Counting]) -> None:
    with Store(str(done[0]), write=False) as store:
        kept = [store.answer(key_of(unit)) for unit in done[1].units]
    assert len(kept) >= 3 and any(a and a.result and a.result.faults for a in kept)
    for answer in kept:
        assert answer is not None and unpacked(packed(answer)) == answer


class Lost(Counting):
    """A pool whose workers are gone from some unit on."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last = last

    def first(self, number: int) -> None:
        if number > self.last:
            raise HaltError("the workers are gone")


@pytest.mark.parametrize("last", [0, 1])
def test_what_was_cut_short_is_no_result(last: int, tmp_path: Path) -> None:
    """An error within a review is a reason in it; that nobody answers any more is none."""
    path, what = tmp_path / "lost.db", asked(WRONG, seeds=(1, 2))
    with pytest.raises(HaltError, match="the workers are gone"):
        ran(path, what, Lost(last))
    assert reviews(path) == {}
    assert ran(path, what) == ran(tmp_path / "whole.db", what)


def test_what_a_patch_may_not_bring_is_refused_as_by_a_review(tmp_path: Path) -> None:
    name = "mremap-write-bit"
    series = tmp_path / "series.mbox"
    text = Path(corpus(name)[0]).read_text("utf-8")
    brought = "__builtin_return_address(0) ? 0 : "
    assert text.count("+\treturn folio_pte_batch(") == 1
    series.write_text(text.replace("+\treturn folio_pte_batch(", f"+\treturn {brought}folio_pte_batch("), "utf-8")
    told = ran(tmp_path / "brought.db", replace(asked(), sources=(str(series),)))
    (review,) = told.values()
    assert "the patch brings __builtin_return_address" in json.dumps(review)


def test_the_first_answer_counts(done: tuple[Path, Counting]) -> None:
    path, pool = done
    with sqlite3.connect(path) as db:
        before = db.execute("SELECT count(*) FROM unit").fetchone()
        row = db.execute("SELECT * FROM unit LIMIT 1").fetchone()
        db.execute("INSERT OR IGNORE INTO unit VALUES (?, 'x', 'x', 'x', 9, 9, 'lost', x'00')", row[:1])
        assert db.execute("SELECT count(*) FROM unit").fetchone() == before
        assert db.execute("SELECT * FROM unit WHERE key = ?", row[:1]).fetchone() == row
    assert before[0] == len({key_of(unit) for unit in pool.units})


def test_an_entry_of_the_tree_is_run_as_it_is(done: tuple[Path, Counting]) -> None:
    review = reviews(done[0])["folio_pte_batch()"]
    function = review["patches"][0]["functions"][0]
    assert (review["verdict"], function["name"], function["evidence"]) == ("clean", "folio_pte_batch", "exhaustive")
    assert reviews(done[0])["no_such_entry()"] is None


def test_rounds_and_seeds_are_one_result_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: tuple[Path, Counting]
) -> None:
    """The verdict is that of one round; what the rounds count adds up."""
    monkeypatch.setattr(hands, "ROUND", 1500)
    what, pool = asked(WRONG, seeds=(1, 2)), Counting()
    (review,) = ran(tmp_path / "rounds.db", what, pool).values()
    rounds = [u for u in pool.units if isinstance(u, Round)]
    assert rounds[0].asked and {u.asked for u in rounds} == {rounds[0].asked}
    assert {(u.seed, u.first, u.count) for u in rounds} == {
        (seed, first, count) for seed in (1, 2) for first, count in ((0, 1500), (1500, 1500), (3000, 1500), (4500, 500))
    }
    (alone,) = (r for name, r in reviews(done[0]).items() if name.startswith(WRONG))
    assert [(f["rule"], f["relation"]) for f in review["findings"]] == [
        (f["rule"], f["relation"]) for f in alone["findings"]
    ]
    with Store(str(tmp_path / "rounds.db"), write=False) as store:
        kept = [(u, store.answer(key_of(u))) for u in rounds]
    results = [((u.seed, u.first), a.result) for u, a in kept if a is not None and a.result is not None]
    whole = merged(results)
    assert whole.scenarios == sum(r.scenarios for _, r in results) > 8000 and whole.faults
    for order in itertools.islice(itertools.permutations(results), 0, None, 997):
        assert merged(order) == whole
    first, second, third = (r for _, r in sorted(results, key=lambda r: r[0])[:3])
    assert joined(joined(first, second), third) == joined(first, joined(second, third))


def test_what_fails_is_told_with_its_reason_and_nothing_is_claimed(tmp_path: Path) -> None:
    class Failing(Counting):
        def run(self, *_: object) -> tuple[Answer, float]:
            return Answer(why="the compiler crashed", again=True), 0.0

    path = tmp_path / "failed.db"
    (review,) = ran(path, asked(CLEAN), Failing()).values()
    assert review["verdict"] == "inconclusive"
    assert "the compiler crashed" in review["patches"][0]["functions"][0]["why"]
    with Store(str(path)) as store:
        store.forget_failed()
    (review,) = ran(path, asked(CLEAN)).values()
    assert review["verdict"] == "clean"


@pytest.mark.parametrize("text", ['#include "/etc/passwd"', "int f( {", "void w_side(void) { undefined_(); }"])
def test_a_worker_answers_whatever_it_is_sent(text: str, done: tuple[Path, Counting]) -> None:
    unit = next(u for u in done[1].units if isinstance(u, Round))
    answer = work(Forcing(unit.entry, (text, text), unit.flavour, 1, 10))
    assert answer.why and not answer.result


def test_a_file_of_another_version_or_of_none_is_told(tmp_path: Path, done: tuple[Path, Counting]) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"no database at all, and long enough to be none" * 9)
    with pytest.raises(ReviewError, match="no file of results"):
        Store(str(other))
    old = tmp_path / "old.db"
    Store(str(old)).close()
    with sqlite3.connect(old) as db:
        db.execute("UPDATE about SET value = '0.1 of old'")
    with pytest.raises(ReviewError, match="another version"):
        Store(str(old))
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(done[0].read_bytes())
    with sqlite3.connect(damaged) as db:
        db.execute("UPDATE unit SET answer = x'78da'")
    with Store(str(damaged)) as store, pytest.raises(HaltError, match="damaged"):
        store.answer(key_of(done[1].units[0]))


def test_a_mailbox_may_hold_many_series(tmp_path: Path) -> None:
    mails = [
        ("[PATCH v1 1/2] mm: a", "a1", ""), ("[PATCH v1 2/2] mm: b", "a2", "a1"),
        ("Re: [PATCH v1 1/2] mm: a", "r", "a1"),
        ("[PATCH] mm: alone", "c", ""), ("[PATCH v2 1/1] mm: a", "a3", "a1"), ("[PATCH 1/2] mm: x", "x1", ""),
        ("[PATCH 2/2] mm: y", "x2", ""),
    ]  # fmt: skip
    box = tmp_path / "list.mbox"
    box.write_bytes(b"".join(_mail(*mail) for mail in mails))
    found = [t.series for t in targets(str(box))]
    assert [(s.version, [p.subject for p in s.patches]) for s in found if s] == [
        (1, ["mm: a", "mm: b"]), (1, ["mm: alone"]), (2, ["mm: a"]), (1, ["mm: x", "mm: y"]),
    ]  # fmt: skip


def _mail(subject: str, ident: str, answers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Ann <ann@example.org>", subject
    mail["Date"], mail["Message-ID"] = "Tue, 3 Feb 2026 10:00:00 +0100", f"<{ident}@x>"
    if answers:
        mail["In-Reply-To"] = f"<{answers}@x>"
    diff = "" if subject.startswith("Re") else "---\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"
    mail.set_content(f"Text.\n{diff}")
    return b"From x Tue Feb  3 10:00:00 2026\n" + mail.as_bytes() + b"\n"


def test_show_asks_by_function_rule_and_series(
    done: tuple[Path, Counting], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (wrong,) = (r for name, r in reviews(done[0]).items() if name.startswith(WRONG))
    finding = next(f for f in wrong["findings"] if f["relation"] == "introduced")
    for options in (("--rule", finding["rule"]), ("--function", finding["function"]), ("--series", WRONG)):
        assert cli.main(["campaign", "show", *options, str(done[0])]) == 0
        out = capsys.readouterr().out
        assert finding["id"] in out
    assert cli.main(["campaign", "show", "--rule", "A1", str(done[0])]) == 0
    assert finding["id"] not in capsys.readouterr().out
    assert cli.main(["campaign", "show", "--series", "nobody's", str(done[0])]) == 2
    assert cli.main(["campaign", "show", str(tmp_path / "none.db")]) == 2


def test_the_page_stands_alone_and_escapes(done: tuple[Path, Counting], tmp_path: Path) -> None:
    path, page = tmp_path / "hostile.db", tmp_path / "page.html"
    path.write_bytes(done[0].read_bytes())
    with sqlite3.connect(path) as db:
        db.execute("UPDATE series SET subject = '<script>alert(1)</script>\x1b[31m'")
        db.execute("UPDATE function SET name = '\"><script>' || name")
    assert cli.main(["campaign", "show", "--html", str(page), str(path)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "\x1b" not in text and "&lt;script&gt;alert(1)" in text
    assert text.count("<svg") == 3 and "http" not in text.replace("http://www.w3.org", "")


def test_wrong_options_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["campaign", "--db", str(tmp_path / "x.db")]) == 2
    assert cli.main(["campaign", "--entry", "move_ptes", "--db", str(tmp_path / "x.db")]) == 2
    assert "--tree" in capsys.readouterr().err
    for options in (("--seeds", "3..1"), ("--budget", "0"), ("--workers", "-1")):
        assert cli.main(["campaign", "x.mbox", *options]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"review-patch: argument {options[0]}: must be")
        assert told.endswith("See review-patch campaign --help.\n")


def test_nothing_of_nothing_is_joined() -> None:
    empty = Result(3, (), frozenset({1}), frozenset(), allowed=(("YOUNG", 2),), unasked=("B10",))
    both = joined(empty, replace(empty, allowed=(("YOUNG", 1), ("KEPT", 1)), unasked=()))
    assert (both.scenarios, both.allowed, both.unasked) == (6, (("YOUNG", 3), ("KEPT", 1)), ())
    assert json.dumps(both.allowed)
