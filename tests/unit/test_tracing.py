# SPDX-License-Identifier: GPL-2.0-or-later
"""A trace is told call by call, each at the statement of the code under test that makes it."""

from __future__ import annotations

from reviewer.findings.tracing import Call, Statement, Write, calls, statements
from reviewer.findings.tracing import told as for_report

SLICE = """\
#define HIDDEN 1
#line 10 "include/linux/shelf.h"
static inline void shelf_set(int at, int what)
{
\tW_COV(0); slot[at] = what;
}
#line 40 "mm/shelf.c"
static void shelf_move(int n)
{
\tint old = shelf_take(n);

\tW_COV(1); if (n > 1) {
\t\tW_COV(2); shelf_set(n,
\t\t\t  shelf_old(old));
\t\tW_COV(3); shelf_mark_pte(n);
\t}
}
#line 20 "mm/shelf.h"
static void shelf_take(int n)
{
\tW_COV(4); slot[n] = 0;
}
"""
PLACES = statements(SLICE)


def told(*lines: str, changed: frozenset[str] = frozenset()) -> list[Call]:
    return calls(lines, PLACES, changed)


def test_a_probe_stands_at_its_statement() -> None:
    assert [(p.function, p.file, p.line) for p in PLACES.values()] == [
        ("shelf_set", "include/linux/shelf.h", 12),
        ("shelf_move", "mm/shelf.c", 44),
        ("shelf_move", "mm/shelf.c", 45),
        ("shelf_move", "mm/shelf.c", 47),
        ("shelf_take", "mm/shelf.h", 22),
    ]
    assert PLACES[1].text == "if (n > 1) "
    assert PLACES[2].text == "shelf_set(n,\n\t\t\t  shelf_old(old))"
    assert "W_COV" not in PLACES[1].rest


def test_what_lies_beneath_is_one_call() -> None:
    first, last = told("@ 2", "@ 4", "@ 0", "PTE 1\tnone", "@ 0", "PTE 2\tA[2] rw", "flush 1 page from PTE 1", "@ 3")
    assert (first.told(), first.function) == ("shelf_set() at mm/shelf.c:45", "shelf_move")
    assert first.writes == (Write("PTE 1", "none"), Write("PTE 2", "A[2] rw"))
    assert first.events[2] == "flush 1 page from PTE 1"
    assert last.events == ()


def test_a_macro_is_called_by_its_own_name() -> None:
    assert told("@ 3", "@ 0", "PTE 1\tnone")[0].told() == "shelf_mark_pte() at mm/shelf.c:47"


def test_a_broken_rule_belongs_to_the_call() -> None:
    first, _ = told("@ 2", "rule 0", "@ 0", "PTE 1\tnone", "@ 3")
    assert len(first.rules) == 1
    assert first.writes


def test_a_changed_function_is_told_wherever_it_stands() -> None:
    lines = ("@ 2", "@ 0", "PTE 1\tnone")
    assert told(*lines)[-1].function == "shelf_move"
    assert told(*lines, changed=frozenset({"shelf_set"}))[-1].told() == "shelf_set() at include/linux/shelf.h:12"


def test_nothing_before_the_first_statement() -> None:
    assert calls(["PTE 1\tnone"], {0: Statement("f", "mm/f.c", 1, "x;", "x;")}, ()) == []


def _call(*events: Write | str, rules: tuple[str, ...] = ()) -> Call:
    return Call("shelf_move", "mm/shelf.c", 45, "shelf_set", events, rules, "x" * 500)


def test_a_run_is_told_by_the_calls_that_did_something() -> None:
    run = for_report(
        [_call(), _call(Write("PTE 1", "none")), _call(rules=("B5",)), _call("full barrier")], barriers=False
    )
    assert [(step.events, step.rules) for step in run.steps] == [(("PTE 1 = none",), ()), ((), ("B5",))]
    assert len(for_report([_call("full barrier")], barriers=True).steps) == 1


def test_what_a_report_takes_of_a_run_is_bounded() -> None:
    run = for_report([_call(*(Write(f"PTE {at}", "none") for at in range(300)))] * 50, barriers=False)
    assert (len(run.steps), run.more) == (48, 2)
    assert (len(run.steps[0].events), run.steps[0].more, len(run.steps[0].text)) == (256, 44, 163)
