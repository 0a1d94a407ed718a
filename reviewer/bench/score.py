# SPDX-License-Identifier: GPL-2.0-or-later
"""The tool judged on a tree: mutants it should find, rewrites it should be silent on."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from oracle.entries import entry
from oracle.flavours import DEFAULT
from reviewer.bench.mutants import OPERATORS
from reviewer.bench.rewrites import REWRITES
from reviewer.bench.source import Body, Edit, body_of, edited
from reviewer.bench.turned import Back, back
from reviewer.bench.turned import document as document_back
from reviewer.changes.touching import functions_of, touching
from reviewer.errors import ReviewError
from reviewer.model import FunctionReview, Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.running.claims import ALLOWED

Outcome = Literal["found", "silent", "same-code", "exhaustive", "allowed", "unbuilt", "unreached"]
# mm/page_table_check.c only asserts: a slip there changes nothing of tables or pages.
_OURS = re.compile(r"^(mm/(?!page_table_check\.c)[^/]+\.[ch]|arch/arm64/mm/contpte\.c)$")
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")
# (seconds of budget, flavours), one after the other until something shows: most mutants do within the first scenarios,
# and on the first flavour, which spares compiling the others.
_TRIES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.04, DEFAULT[:1]),
    (0.04, DEFAULT),
    (0.4, DEFAULT),
    (3.0, DEFAULT),
)
# Outcomes of a mutant that nobody saw, and those that are evidence that there is nothing to see.
LEFT = ("silent", "unreached")
EVIDENCE = {
    "same-code": "both sides compile to the same machine code on every flavour",
    "exhaustive": "silent on all scenarios within a bound",
    "allowed": "the states differ, but in nothing that a patch may not change",
}
# Adapters of functions that are for what is no loss elsewhere: a fault that gives no write comes again, and what
# cleans leaves nothing dirty.
_GIVE = frozenset(("do_fault.h", "do_fault_of.h", "finish_fault.h", "filemap_map_pages.h", "insert_pages.h", "mfill.h"))
_CLEAN = frozenset(("mapping_dirty.h", "page_mkclean_one.h", "madvise_free_pte_range.h", "contpte.h"))


@dataclass(frozen=True)
class Try:
    """One edit and what came of it. rules: of the findings; kind: "mutant" or "rewrite"; told: what the review says
    of what it ran, where it found nothing; back: what came of a found mutant turned round."""

    kind: str
    operator: str
    function: str
    file: str
    line: int
    note: str
    outcome: Outcome
    rules: tuple[str, ...] = ()
    told: str = ""
    back: Back | None = None


@dataclass(frozen=True)
class Attempt:
    """A mutant or a rewrite to try: edits of one function."""

    kind: str
    body: Body
    edits: tuple[Edit, ...]


def functions(tree: Tree, names: frozenset[str] = frozenset()) -> list[Body]:
    """The functions of the tree that batch PTEs, or those of these names, in the order of their files."""
    chosen = {
        (f.name, f.file): f for f in touching(tree) if not f.hidden and (f.name in names or (not names and f.batches))
    }
    bodies = []
    for (name, file), what in chosen.items():
        if _OURS.match(file):
            item = next(i for i in functions_of(tree, (file,), what.flavours[-1]) if i.name == name)
            bodies.append(body_of(tree, item))
    return bodies


def jobs(bodies: Iterable[Body], seed: int, most: int, rewrites: int) -> list[Attempt]:
    """Edits of each function: at most so many of an operator, drawn by the seed."""
    chosen: list[Attempt] = []
    for body in bodies:
        draw = random.Random(f"{seed}:{body.item.file}:{body.item.name}")
        for operator in OPERATORS:
            sites = list({(e.start, e.new): e for e in operator(body) if not body.asserted(e)}.values())
            picked = draw.sample(sites, most) if len(sites) > most else sites
            chosen += [Attempt("mutant", body, (e,)) for e in picked]
        for rewrite in REWRITES:
            variants = list(rewrite(body))
            picked_sets = draw.sample(variants, rewrites) if len(variants) > rewrites else variants
            chosen += [Attempt("rewrite", body, tuple(v)) for v in picked_sets]
    return chosen


def run(
    tree: Tree, chosen: Sequence[Attempt], seed: int, workers: int, tell: Callable[[Try], None], turned: bool = False
) -> list[Try]:
    """Try each edit; the answers come in the order of the jobs. turned: and each mutant that is found the other way."""

    def work(job: Attempt) -> Try:
        done = _try(tree, job, seed, turned)
        tell(done)
        return done

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, chosen))


def _try(tree: Tree, job: Attempt, seed: int, turned: bool) -> Try:
    item = job.body.item
    after = edited(tree, job.body, list(job.edits))
    outcome: Outcome = "unbuilt"
    rules: tuple[str, ...] = ()
    told = ""
    way: Back | None = None
    for budget, flavours in _TRIES if job.kind == "mutant" else _TRIES[2:3]:
        settings = Settings(budget=budget, seed=seed, jobs=1, smallest=False, flavours=flavours)
        try:
            done = _reviewed(tree, after, item.file, settings)
        except ReviewError:
            break
        rules = tuple(dict.fromkeys(f.rule for f in done.findings if f.relation == "introduced"))
        outcome = _outcome(done, rules)
        told = "; ".join(dict.fromkeys(f.exhaustive or f.why for p in done.patches for f in p.functions))
        if outcome == "found" and turned and job.kind == "mutant":
            way = back(done, _reviewed(after, tree, item.file, settings))
        if outcome == "found" or (outcome not in ("silent", "allowed", "unreached") and flavours == DEFAULT):
            break
    line = item.line + item.text.encode()[: job.edits[0].start].count(b"\n")
    return Try(
        job.kind, job.edits[0].operator, item.name, item.file, line, job.edits[0].note, outcome, rules, told, way
    )


def _outcome(done: Review, rules: tuple[str, ...]) -> Outcome:
    functions = [f for p in done.patches for f in p.functions]
    if rules:
        return "found"
    if not functions or any(f.status == "not-runnable" or f.name in f.stubs for f in functions):
        return "unbuilt"
    if all(f.evidence == "same-code" for f in functions):
        return "same-code"
    if not any(f.status in {"exercised", "partly"} for f in functions):
        return "unreached"
    if all(f.status == "exercised" and f.exhaustive for f in functions):
        return "exhaustive"
    return "allowed" if all(_allowed(f) for f in functions) else "silent"


def _allowed(function: FunctionReview) -> bool:
    """Whether it did differ, and in nothing but what no function it ran through is for.

    Blocks not folded, or an unmap that gives up elsewhere, do not count: those are what a shorter batch costs."""
    told = function.why.removeprefix(ALLOWED)
    adapters = {e.adapter for name in function.entry.split(", ") if (e := entry(name)) is not None}
    fine = {"SOFT_UNSEEN"}
    fine |= set() if adapters & _GIVE else {"WRITE_LOST"}
    fine |= set() if adapters & _CLEAN else {"DIRTY_GAINED", "SOFT_GAINED"}
    differs = set(re.findall(r"\(([A-Z_]+),", told)) if told != function.why else set()
    return bool(differs and adapters) and differs <= fine


def _reviewed(before: Tree, after: Tree, file: str, settings: Settings) -> Review:
    patch = Patch(1, "an edit", _MESSAGE)
    step = PatchTrees(patch, before, after, (file,))
    return review(Series("an edit", 1, 1, (patch,)), SeriesTrees("", "", "", (step,)), settings)


def document(tries: Sequence[Try]) -> dict[str, object]:
    """The score (JSON contract of bench)."""
    mutants = [t for t in tries if t.kind == "mutant" and t.outcome != "unbuilt"]
    rewrites = [t for t in tries if t.kind == "rewrite" and t.outcome != "unbuilt"]
    return {
        "mutants": len(mutants),
        "found": sum(t.outcome == "found" for t in mutants),
        "equivalent": sum(t.outcome in EVIDENCE for t in mutants),
        "evidence": {what: sum(t.outcome == what for t in mutants) for what in EVIDENCE},
        "rewrites": len(rewrites),
        "false_alarms": sum(t.outcome == "found" for t in rewrites),
        "unbuilt": sum(t.outcome == "unbuilt" for t in tries),
        "by_function": _by(mutants, lambda t: t.function),
        "by_operator": _by(mutants, lambda t: t.operator),
        "survivors": [_row(t) for t in mutants if t.outcome in LEFT],
        "set_apart": [_row(t) for t in mutants if t.outcome in EVIDENCE and t.outcome != "same-code"],
        "alarms": [_row(t) for t in rewrites if t.outcome == "found"],
        **({"turned": document_back([t.back for t in mutants if t.back])} if any(t.back for t in mutants) else {}),
        "turned_left": [_row(t) for t in mutants if t.back and t.back.what not in ("fixed", "asked")],
    }


def _by(tries: Sequence[Try], of: Callable[[Try], str]) -> dict[str, dict[str, int]]:
    table = {}
    for name, group in groupby(sorted(tries, key=of), key=of):
        members = list(group)
        table[name] = {
            "mutants": len(members),
            "found": sum(t.outcome == "found" for t in members),
            "equivalent": sum(t.outcome in EVIDENCE for t in members),
        }
    return table


def _row(t: Try) -> dict[str, object]:
    return {"operator": t.operator, "function": t.function, "file": t.file, "line": t.line, "edit": t.note,
            "outcome": t.outcome, "rules": list(t.rules), "told": t.told,
            **({"back": t.back.what, "back_rules": list(t.back.rules)} if t.back else {})}  # fmt: skip
