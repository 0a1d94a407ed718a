# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles by signature: functions of our own that detect batches, call what does, or cannot be told apart."""

from __future__ import annotations

import pytest

from reviewer.csource.items import Item, items_of
from reviewer.errors import SliceError
from reviewer.slicing.interposed import call_of, not_asked, wrappers
from reviewer.slicing.roles import Roles, roles_of

_SCAN = "int n = 1; while (n < max_nr) { if (differs(ptep + n, pte_advance_pfn(pte, n))) break; n++; } return n;"
_FIVE = "struct folio *folio, pte_t *ptep, pte_t pte, int max_nr, fpb_t flags"
DETECT = f"static int detect({_FIVE}) {{ {_SCAN} }}"

_ALL = ("B1", "B2", "B3", "B4", "B14")


def _functions(*texts: str, file: str = "mm/own.c") -> dict[str, Item]:
    return {i.name: i for text in texts for i, _ in items_of(file, text.encode())}


def _asked(*texts: str, flags: bool = True) -> tuple[str, ...]:
    functions = _functions(*texts)
    return not_asked(functions, roles_of(functions), flags, ())


def test_parameters_are_told_in_any_order_and_with_whatever_else() -> None:
    text = f"unsigned int run(fpb_t how, int cookie, pte_t e, int max_nr, pte_t *at, struct folio *f) {{ {_SCAN} }}"
    (found,) = roles_of(_functions(text.replace("ptep + n", "at + n"))).folio
    assert (found.ptep, found.first, found.nr, found.folio, found.flags) == ("at", "e", "max_nr", "f", "how")
    assert _asked(text) == ()


def test_a_pointer_to_a_copy_is_told_by_how_it_is_used() -> None:
    body = f"pte_t pte = *one; pte_t *ptep = two; {_SCAN}"
    (found,) = roles_of(_functions(f"int run(struct folio *f, pte_t *one, pte_t *two, int nr) {{ {body} }}")).folio
    assert (found.ptep, found.first, found.copy) == ("two", "one", True)


def test_what_decides_itself_is_a_caller_and_what_hands_on_is_not() -> None:
    caller = f"static int caller({_FIVE}) {{ if (!folio) return 1; return detect(folio, ptep, pte, max_nr, flags); }}"
    other = "static int near(struct folio *f, pte_t *p, pte_t e, int nr) { return detect(f, p, e, nr, 0); }"
    roles = roles_of(_functions(DETECT, caller, other))
    assert {d.name for d in roles.folio} == {"detect", "near"}
    assert all(d.bits for d in roles.folio)


@pytest.mark.parametrize(
    ("texts", "rules"),
    [
        # Which pointer is the copy, or which number the bound, nothing says.
        ([f"int run(struct folio *f, pte_t *a, pte_t *b, int nr) {{ pte_t *ptep = a, pte = get(b); {_SCAN} }}"], _ALL),
        ([f"int run(struct folio *f, pte_t *p, pte_t e, int nr_a, int nr_b) {{ {_SCAN} }}"], _ALL),
        # A scan in the midst of other work, of pages and of swap entries.
        ([f"static void walk(pte_t *ptep, pte_t pte, int max_nr) {{ {_SCAN.replace('return n;', 'use(n);')} }}"], _ALL),
        (
            ["static void walk(pte_t *p, pte_t e) { do { e = pte_next_swp_offset(e); } while (same(p++, e)); }"],
            ("B1", "B14", "F1"),
        ),
        # It looks at the folio itself; it compares what it likes.
        ([DETECT.replace("int n = 1;", "int n = 1; if (!folio_test_large(folio)) return 1;")], ("B3",)),
        ([DETECT.replace(", fpb_t flags", "")], ("B4",)),
        ([DETECT], ()),
        (["static int other(pte_t *ptep) { return use(ptep); }"], ()),
    ],
)
def test_what_nobody_asks_is_known(texts: list[str], rules: tuple[str, ...]) -> None:
    assert _asked(*texts) == rules


def test_flags_of_no_known_era_leave_bits_unasked() -> None:
    assert _asked(DETECT, flags=False) == ("B4", "B8")


def test_a_primitive_that_is_gone_is_missed_where_an_unknown_one_is_called() -> None:
    header = "static inline void write_run(pte_t *ptep, unsigned long addr, unsigned int nr) { use(ptep, addr, nr); }"
    functions = _functions(header, file="include/linux/pgtable.h") | _functions(
        "void f(pte_t *p) { write_run(p, 0, 2); }"
    )
    assert not_asked(functions, Roles(), True, ("set_ptes",)) == ("B1", "B11", "S1", "S2", "S3")
    assert not_asked(functions, Roles(), True, ("clear_nonpresent_ptes",)) == ()


def test_a_wrapper_passes_all_on_in_the_order_of_the_tree() -> None:
    functions = _functions(
        "void set_ptes(int why, pte_t pte, pte_t *at, unsigned int nr, unsigned long addr, struct mm_struct *mm) { }",
        file="include/linux/pgtable.h",
    )
    text = wrappers(functions, Roles())
    assert "w_set_asked(addr, at, pte, nr);" in text
    assert "(set_ptes)(why, pte, at, nr, addr, mm);" in text
    assert "#define set_ptes(...) w_of_set_ptes(__VA_ARGS__)" in text


def test_an_adapter_asks_detection_whatever_it_takes() -> None:
    (item,) = _functions(
        DETECT.replace("pte_t *ptep, pte_t pte", "unsigned long addr, pte_t pte, pte_t *ptep")
    ).values()
    assert call_of(item).endswith("(detect)((folio), w_addr_of(ptep), *(first), (ptep), (nr), (fpb_t)(flags))")
    (odd,) = _functions("int odd(struct folio *f, pte_t *p) { return 1; }").values()
    with pytest.raises(SliceError, match="cannot tell"):
        call_of(odd)
