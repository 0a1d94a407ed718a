# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews for the report tests: a small series of our own, with one finding of each relation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reviewer.model import (
    Counted,
    Finding,
    FunctionReview,
    Message,
    Patch,
    PatchReview,
    Review,
    Series,
    State,
    Step,
    Trace,
    Traces,
)

DIFF = b"""\
diff --git a/mm/shelf.c b/mm/shelf.c
index 1111111..2222222 100644
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -3,4 +3,5 @@ int unrelated(void)
 \tint a = 1;
 \tint b = 2;
+\tint c = 3;
\x20
 \treturn a + b;
@@ -40,12 +41,15 @@ static void shelf_move(struct shelf *from, struct shelf *to)
 {
 \tint at;
 \tint n;
+\tint first;
\x20
-\tfor (at = 0; at < from->len; at++) {
-\t\tto->slot[at] = from->slot[at];
-\t\tfrom->slot[at] = 0;
+\tfor (at = 0; at < from->len; at += n) {
+\t\tn = shelf_batch(from, at);
+\t\tfirst = from->slot[at];
+\t\tshelf_set(to, at, first, n);
+\t\tshelf_clear(from, at, n);
 \t}
 \tto->len = from->len;
 \tfrom->len = 0;
 \tshelf_wake(to);
 }
"""


def state(*texts: str, ending: str = "returned", **more: str) -> State:
    """A state with one row per entry, in order."""
    return State(ending, {f"PTE {at}": text for at, text in enumerate(texts)} | more)


def message(index: int, **changes: Any) -> Message:
    """A mail of the series; 0 is the cover letter."""
    mail = Message(
        message_id=f"20260203-shelf-{index}@example.org",
        in_reply_to="20260203-shelf-0@example.org" if index else "",
        references=("20260203-shelf-0@example.org",) if index else (),
        author="Ann Author <ann@example.org>",
        to=("Max Keeper <max@example.org>",),
        cc=("Ann Author <ann@example.org>", "shelf@lists.example.org"),
        date="Tue, 3 Feb 2026 10:00:00 +0100",
        subject=f"[PATCH v2 {index}/2] mm/shelf: step {index}",
        body="Move faster.\n",
        diff=DIFF if index else b"",
        source=f"series.mbox, message {index + 1}",
    )
    return replace(mail, **changes)


def finding(**changes: Any) -> Finding:
    """An entry that gains the write bit, found in patch 2."""
    rows = {f"PTE {at}": f"A[{at}] {'rw' if at == 0 else 'ro'} dirty young" for at in range(8)}
    right = state(*rows.values(), **{"rss anon": "8"})
    found = Finding(
        id="b5-3f2a90c1",
        rule="B5",
        category="batch",
        kind="violation",
        relation="introduced",
        severity="high",
        patch=2,
        fixed_by_patch=None,
        file="mm/shelf.c",
        function="shelf_move",
        line=49,
        summary="Entry 1 was read-only and is writable after the move.",
        explanation="shelf_set() repeats the first entry's bits, and shelf_batch() does not compare write.",
        flavours=("x86-64", "arm64-4k"),
        scenario={"rows": rows, "entry": "shelf_move", "nr": 8, "choices": [3, 1, 4]},
        before=right,
        after=replace(right, rows={**right.rows, "PTE 1": "A[1] rw dirty young"}),
        reference=right,
        precedents=("R1",),
        replay="review-patch replay b5-3f2a90c1.json",
    )
    return replace(found, **changes)


def function(**changes: Any) -> FunctionReview:
    """A function that was exercised, but for one line."""
    exercised = FunctionReview(
        name="shelf_move",
        file="mm/shelf.c",
        entry="shelf_shift",
        status="exercised",
        why="",
        changed_lines=(44, 46, 47, 48, 49, 50),
        covered_lines=(44, 46, 47, 48, 49),
        uncovered=(50,),
        scenarios=120000,
        exhaustive="all tables of up to 6 PTEs over 10 states",
        flavours=("x86-64", "arm64-4k"),
        stubs=("shelf_wake",),
    )
    return replace(exercised, **changes)


SKIPPED = function(
    name="shelf_trim",
    entry="",
    status="not-runnable",
    why="takes a struct shelf_ops, which nothing here can build",
    covered_lines=(),
    uncovered=(),
    changed_lines=(90, 91),
    scenarios=0,
    exhaustive=None,
    flavours=(),
    stubs=(),
)
OLD = finding(id="g4-0badcafe", rule="G4", category="refs", relation="preexisting", severity="medium")
FIXED = finding(id="s7-00c0ffee", rule="S7", category="set", relation="fixed", patch=1)


def review(**changes: Any) -> Review:
    """Two patches and a cover letter; the second patch has the finding."""
    patches = tuple(Patch(at, f"mm/shelf: step {at}", message(at)) for at in (1, 2))
    cover = message(0)
    looked_at = (
        PatchReview(1, "mm/shelf: step 1", message(1).message_id, (SKIPPED,)),
        PatchReview(2, "mm/shelf: step 2", message(2).message_id, (function(),)),
    )
    whole = Review(
        version="0.1.0",
        seed=7,
        compiler="gcc 12.2.0",
        series=Series("mm/shelf: move in batches", 2, 2, patches, cover),
        base="0123456789ab",
        base_how="base-commit trailer",
        tree="linux 7.2.13",
        verdict="findings",
        patches=looked_at,
        findings=(finding(), OLD, FIXED),
    )
    return replace(whole, **changes)


def single(diff: bytes = DIFF, **changes: Any) -> Review:
    """A series of one patch without a cover letter and without findings."""
    mail = message(1, subject="[PATCH] mm/shelf: move in batches", diff=diff, in_reply_to="", references=())
    patch = Patch(1, "mm/shelf: move in batches", mail)
    alone = review(
        series=Series("mm/shelf: move in batches", 1, 1, (patch,)),
        patches=(PatchReview(1, patch.subject, mail.message_id, (function(),)),),
        verdict="clean",
        findings=(),
    )
    return replace(alone, **changes)


def step(name: str, line: int, *events: str, rules: tuple[str, ...] = (), more: int = 0) -> Step:
    """A statement of shelf_move() that calls a function."""
    return Step("shelf_move", "mm/shelf.c", line, name, f"{name}(to, at, first, n)", events, rules, more)


TRACES = Traces(
    before=Trace(
        (
            step("shelf_set", 45, "PTE 0 = A[0] rw dirty young"),
            step("shelf_set", 45, "PTE 1 = A[1] ro dirty young"),
            step("shelf_wake", 50, "flush 2 pages from PTE 0"),
        )
    ),
    after=Trace(
        (
            step("shelf_set_all", 49, "PTE 0 = A[0] rw dirty young", "PTE 1 = A[1] rw dirty young"),
            step("shelf_wake", 55, "flush 2 pages from PTE 0", rules=("E2",)),
        ),
        more=3,
    ),
)


def cost(**changes: Any) -> Finding:
    """Lookups that each PTE costs since patch 2, on ranges of 16 to 512."""
    moved = {f"folio lookups per PTE, order {order}, x86-64": {"before": 0.062, "after": 1.0} for order in (0, 2)}
    counts = tuple(
        Counted("x86-64", f"order {order}", ptes, {"folio lookups": 1 / ptes}, {"folio lookups": 1.0})
        for order in (0, 2)
        for ptes in (16, 64, 256, 512)
    )
    empty = state()
    found = finding(
        id="x4-5eed0001", rule="X4", category="cost", kind="cost", severity="medium", line=47,
        summary="shelf_move does 1.00 folio lookups per PTE, 0.06 before the patch.", scenario={"rows": {}},
        before=empty, after=empty, reference=None, cost=moved, counts=counts,
    )  # fmt: skip
    return replace(found, **changes)


def six(**changes: Any) -> Review:
    """Six patches: the second breaks what the fourth mends, the third breaks more, the fifth makes work cheaper."""
    patches = tuple(Patch(at, f"mm/shelf: step {at}", message(at)) for at in range(1, 7))
    looked_at = tuple(PatchReview(p.index, p.subject, p.message.message_id, (function(),)) for p in patches)
    scenario = {"rows": finding().scenario["rows"], "entry": "shelf_move"}
    found = (
        finding(id="t1-00000002", patch=2, fixed_by_patch=4, scenario=scenario),
        finding(patch=3, rule="E4", scenario=scenario, traces=TRACES),
        finding(id="t1-00000002", patch=4, relation="fixed", scenario=scenario),
        cost(id="x4-00000005", patch=5, relation="fixed", severity="low"),
    )
    series = Series("mm/shelf: move in batches", 3, 6, patches, message(0))
    return review(**{"series": series, "patches": looked_at, "findings": found, **changes})
