# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutants and rewrites: each is one edit that parses, at the place it says, and the score adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sample

from reviewer.bench.mutants import OPERATORS, bound_dropped
from reviewer.bench.rewrites import REWRITES
from reviewer.bench.score import Try, _outcome, document, jobs
from reviewer.bench.source import Body, Edit, body_of, edited
from reviewer.bench.turned import Back, back
from reviewer.csource.items import items_of, parse
from reviewer.csource.preprocess import Macros, resolve
from reviewer.errors import SliceError
from reviewer.model import Review
from reviewer.running.claims import ALLOWED
from reviewer.trees.kernel import holds_word

_FILE = "mm/shelf.c"
_TEXT = b"""#include <linux/mm.h>

static int shelf_range(struct vm_area_struct *vma, pte_t *pte, unsigned long addr, unsigned long end)
{
	struct folio *folio = shelf_folio(pte);
	struct page *page = folio_page(folio, 3);
	unsigned int nr, max_nr = min(shelf_left(addr), pmd_addr_end(addr, end) - addr);
	pte_t ptent = ptep_get(pte);
	int done = 0; /* what is done
			of it */

#ifdef CONFIG_NOWHERE	/* for those who shelve twice */
	done = shelf_guests(vma) /* "or none" */ + 2;
#endif /* CONFIG_NOWHERE */
	VM_WARN_ON_ONCE(done && end);
	for (; addr < end; pte += nr, addr += nr * PAGE_SIZE) {
		nr = folio_pte_batch_flags(folio, vma, pte, &ptent, max_nr, FPB_RESPECT_WRITE | FPB_RESPECT_DIRTY);
		if (folio && done < 7)
			shelf_put(page, nr);
		else
			done++;
		ptent = pte_mkold(ptent);
		add_mm_counter(vma->vm_mm, MM_ANONPAGES, -nr);
		folio_remove_rmap_ptes(folio, page, nr, vma);
		shelf_uffd_wp(vma, addr, pte);
		shelf_note(page, folio, addr, end);
		shelf_keep(pte, ptent);
		flush_tlb_range(vma, addr, end);
		done += 1;
	}
	do {
		done--;
	} while (done > 3);
	while (done)
		done--;
	inc_mm_counter(vma->vm_mm, MM_FILEPAGES);
	if (pte_write(ptent))
		return 1;
	return done;
}
"""


class _Memory:
    def read(self, path: str) -> bytes | None:
        return _TEXT if path == _FILE else None

    def list(self, folder: str) -> tuple[str, ...]:
        return (_FILE,) if folder == "mm" else ()

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        return (_FILE,) if holds_word(_TEXT, words) else ()


@pytest.fixture
def body() -> Body:
    item = next(i for i, _ in items_of(_FILE, resolve(_TEXT, Macros())) if i.kind == "function")
    return body_of(_Memory(), item)


def _parses(body: Body, edits: list[Edit]) -> bytes:
    after = edited(_Memory(), body, edits).read(_FILE)
    assert after is not None
    assert after != _TEXT
    assert not parse(after).has_error
    return after


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.__name__)
def test_an_operator_makes_mutants_that_parse(operator: object, body: Body) -> None:
    assert callable(operator)
    mutants = list(operator(body))
    assert mutants
    for mutant in mutants:
        _parses(body, [mutant])


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda r: r.__name__)
def test_a_rewrite_parses(rewrite: object, body: Body) -> None:
    assert callable(rewrite)
    variants = list(rewrite(body))
    assert variants
    for edits in variants:
        _parses(body, edits)


def test_an_edit_is_where_it_says(body: Body) -> None:
    chosen = [j for j in jobs([body], 1, 99, 0) if j.kind == "mutant" and j.edits[0].operator == "flag-dropped"]
    texts = {_parses(body, list(j.edits)) for j in chosen}
    assert texts == {_TEXT.replace(flag, b"0") for flag in (b"FPB_RESPECT_WRITE", b"FPB_RESPECT_DIRTY")}


def test_comments_and_what_is_left_out_are_as_long_as_they_were(body: Body) -> None:
    names = list(body.nodes("identifier", "number_literal"))
    assert len(names) > 90
    assert all(_TEXT[body.at + n.start_byte : body.at + n.end_byte] == n.text for n in names)
    assert "guests" not in body.item.text
    assert "what is" not in body.item.text


def test_the_seed_decides(body: Body) -> None:
    assert jobs([body], 1, 2, 1) == jobs([body], 1, 2, 1)
    assert jobs([body], 1, 2, 1) != jobs([body], 2, 2, 1)


def test_text_elsewhere_is_refused(body: Body) -> None:
    class Other(_Memory):
        def read(self, path: str) -> bytes | None:
            return b"/* moved */\n" + (super().read(path) or b"")

    with pytest.raises(SliceError):
        body_of(Other(), body.item)


def test_the_score_adds_up() -> None:
    def one(kind: str, outcome: str, *rules: str) -> Try:
        return Try(kind, "op", "f", "mm/f.c", 3, "a -> b", outcome, rules)  # type: ignore[arg-type]

    found = document([one("mutant", "found", "B5"), one("mutant", "silent"), one("mutant", "same-code"),
                      one("mutant", "unbuilt"), one("rewrite", "silent"), one("rewrite", "found", "X1")])  # fmt: skip
    numbers = {name: found[name] for name in ("mutants", "found", "equivalent", "rewrites", "false_alarms", "unbuilt")}
    assert numbers == {"mutants": 3, "found": 1, "equivalent": 1, "rewrites": 2, "false_alarms": 1, "unbuilt": 1}
    assert found["by_operator"] == {"op": {"mutants": 3, "found": 1, "equivalent": 1}}
    assert len(found["survivors"]) == 1  # type: ignore[arg-type]


def _of(*findings: tuple[str, str, str]) -> Review:
    """A review with findings of these rules, relations and kinds."""
    made = tuple(sample.finding(rule=rule, relation=relation, kind=kind) for rule, relation, kind in findings)
    return replace(sample.review(), findings=made)


_SLIP, _QUESTION = ("B5", "introduced", "violation"), ("X1", "introduced", "behaviour")


@pytest.mark.parametrize(
    ("there", "again", "what", "rules"),
    [
        (_SLIP, [("B5", "fixed", "violation")], "fixed", ("B5",)),
        (_SLIP, [("X4", "fixed", "cost")], "fixed", ("X4",)),
        (_SLIP, [("B5", "fixed", "violation"), ("X4", "introduced", "cost")], "alarm", ("X4",)),
        (_SLIP, [_QUESTION], "question", ("X1",)),
        (_SLIP, [("G4", "preexisting", "violation"), ("Q8", "introduced", "static")], "silent", ()),
        (_QUESTION, [_QUESTION], "asked", ("X1",)),
        (_QUESTION, [], "asked", ()),
        (_QUESTION, [_SLIP], "alarm", ("B5",)),
        (_QUESTION, [("B5", "fixed", "violation")], "fixed", ("B5",)),
    ],
)
def test_what_comes_of_a_mutant_turned_round(
    there: tuple[str, str, str], again: list[tuple[str, str, str]], what: str, rules: tuple[str, ...]
) -> None:
    assert back(_of(there), _of(*again)) == Back(what, rules)  # type: ignore[arg-type]


def test_questions_are_not_counted_when_they_are_turned_round() -> None:
    def one(back: Back | None) -> Try:
        return Try("mutant", "op", "f", "mm/f.c", 3, "a -> b", "found" if back else "silent", (), "", back)

    tries = [one(Back("fixed")), one(Back("silent")), one(Back("asked")), one(Back("alarm", ("X4",))), one(None)]
    found = document(tries)
    assert found["turned"] == {"mutants": 3, "fixed": 1, "alarm": 1, "asked": 1, "question": 0, "silent": 1}
    left = found["turned_left"]
    assert [(row["back"], row["back_rules"]) for row in left] == [("silent", []), ("alarm", ["X4"])]  # type: ignore[attr-defined]
    assert "turned" not in document(tries[-1:])


def _reviewed(name: str, why: str, entry: str, exhaustive: str | None = None, status: str = "exercised") -> Review:
    function = sample.function(name=name, why=why, entry=entry, exhaustive=exhaustive, status=status, stubs=())
    whole = sample.review()
    return replace(whole, findings=(), patches=(replace(whole.patches[0], functions=(function,)),))


@pytest.mark.parametrize(
    ("entry", "differs", "outcome"),
    [
        ("copy_pte_range", "so (WRITE_LOST, 3 scenarios)", "allowed"),
        ("copy_pte_range", "so (WRITE_LOST, 3 scenarios); so (YOUNG, 1 scenarios)", "silent"),
        ("do_wp_page", "so (WRITE_LOST, 3 scenarios)", "silent"),
        ("try_to_unmap_one", "so (KEPT, 9 scenarios)", "silent"),
        ("wp_pte", "so (DIRTY_GAINED, 2 scenarios)", "silent"),
        ("no_adapter_of_its_own", "so (WRITE_LOST, 3 scenarios)", "silent"),
    ],
)
def test_what_may_differ_is_set_apart_unless_the_function_is_for_it(entry: str, differs: str, outcome: str) -> None:
    assert _outcome(_reviewed("f", ALLOWED + differs, entry), ()) == outcome


def test_evidence_and_what_is_none() -> None:
    assert _outcome(_reviewed("f", "", "move_ptes", exhaustive="all tables of up to 3 PTEs"), ()) == "exhaustive"
    assert _outcome(_reviewed("f", "", "move_ptes", exhaustive="all", status="partly"), ()) == "silent"
    assert _outcome(_reviewed("f", "", "move_ptes"), ()) == "silent"
    assert _outcome(_reviewed("f", "", "move_ptes"), ("B5",)) == "found"


def test_a_walk_is_within_its_pmd_already() -> None:
    inner = b"static int f(pmd_t *pmd, unsigned long addr, unsigned long end, struct mm_walk *walk)\n"
    outer = b"static int f(struct vm_area_struct *vma, unsigned long addr, unsigned long end)\n"
    text = b"{\n\treturn pmd_addr_end(addr, end) - addr;\n}\n"
    made = {}
    for head in (inner, outer):
        item = next(i for i, _ in items_of(_FILE, head + text) if i.kind == "function")
        made[head] = [e.new for e in bound_dropped(Body(item, 0))]
    assert made == {inner: [], outer: ["(end)"]}


def test_what_a_debug_check_asks_is_not_mutated(body: Body) -> None:

    check = body.item.text.encode().index(b"VM_WARN_ON_ONCE")
    asked = Edit("guard-dropped", check + 16, check + 20, "done", "")
    assert body.asserted(asked)
    assert not body.asserted(replace(asked, start=0, end=4))
