# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes move nothing: what a macro's loop runs stays in the loop, and has probes of its own."""

from __future__ import annotations

import re

import pytest

from reviewer.csource.items import Item
from reviewer.slicing.probes import instrument, lines_of


def probed(*lines: str) -> tuple[str, list[int]]:
    """(the body with its probes as P, the lines that have one)."""
    item = Item("f", "function", "mm/a.c", 1, "\n".join(["static void f(void)", "{", *lines, "}"]))
    text, probes = instrument(item, 0)
    body = " ".join(re.sub(r"W_COV\(\d+\);", "P", text).split("{", 1)[1].rsplit("}", 1)[0].split())
    return body, sorted(lines_of(item, probes))


@pytest.mark.parametrize("loop", ["scoped_guard(rcu)", "scoped_guard(spinlock, &l)", "list_for_each_entry(a, &b, c)"])
def test_a_loop_without_braces_keeps_its_statement(loop: str) -> None:
    assert probed(loop, "\tg(1);", "h();") == (f"P {loop} {{ P g(1); }} P h();", [3, 4, 5])


def test_a_loop_with_braces() -> None:
    assert probed("scoped_guard(rcu) {", "\tg(1);", "}") == ("P scoped_guard(rcu) { P g(1); }", [3, 4])


def test_loops_within_conditions() -> None:
    body, lines = probed("if (a)", "\tfor_each_set_bit(i, m, 4)", "\t\tif (b)", "\t\t\tg(1);")
    assert body == "P if (a) { P for_each_set_bit(i, m, 4) { P if (b) { P g(1); } } }"
    assert lines == [3, 4, 5, 6]


def test_a_call_with_such_a_name_is_a_call() -> None:
    assert probed("nr_for_each_zone(a, g);", "h();") == ("P nr_for_each_zone(a, g); P h();", [3, 4])


def test_a_guard_is_a_statement() -> None:
    assert probed("guard(spinlock)(&l);", "g(1);") == ("P guard(spinlock)(&l); P g(1);", [3, 4])
