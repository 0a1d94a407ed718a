"""Which rules carry weight: what goes unfound, of the corpus and of the wrong edits, with one rule switched off.

python tests/kernel/sensitivity.py [TREE] [--count N] [--only SUBSTRING] [--log FILE]

TREE: linux 7.2, for the edits of edits.toml; without it only the corpus is run. The filter of oracle.campaign.Task
drops judged hits and nothing before that, so one run of a case tells what any filter would leave. A case needs a rule
when all violations that it introduces bear that rule's name ("unfound"); it is "renamed" when the most telling one
goes and another is left. Prints a table, as docs/coverage.md has it; fails when a case has no violation, or when a
rule is never the most telling one and oracle/enforced.py does not say why. --log: one line a case is added to FILE,
and cases that it has are not run again.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corpus"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from test_corpus import CASES, applied, expectation

from oracle import cost
from oracle.campaign import timely
from oracle.enforced import FOLLOWS, NOTES
from oracle.entries import Entry
from oracle.flavours import DEFAULT, FLAVOURS
from oracle.judge import judge
from oracle.rules import RULES
from oracle.runner import Runner
from oracle.workloads import workloads
from reviewer.changed import changes
from reviewer.entries import plan
from reviewer.errors import SliceError
from reviewer.kernel import open_tree
from reviewer.model import Message, Patch, PatchTrees
from reviewer.pair import build
from tests.kernel.editing import edited

_BEHAVIOUR = frozenset(r.id for r in RULES.values() if r.category == "behaviour")
_EDITS = Path(__file__).with_name("edits.toml")
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")


@dataclass(frozen=True)
class Case:
    """rules: those that its violations name, the most telling first."""

    name: str
    rules: tuple[str, ...]


def introduced(step: PatchTrees, count: int) -> tuple[str, ...]:
    """The rules that a patch's hits name, over its entries and the usual flavours."""
    changed = changes(step)
    found: list[tuple[tuple[int, int, int, int], str]] = []
    for entry in plan(step, changed.functions, changed.names).entries:
        for flavour in (f for f in DEFAULT if f in (entry.flavours or DEFAULT)):
            found += _of_pair(step, entry, flavour, changed.names, count)
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _of_pair(
    step: PatchTrees, entry: Entry, flavour: str, names: frozenset[str], count: int
) -> list[tuple[tuple[int, int, int, int], str]]:
    try:
        pair = build(step.before, step.after, entry, flavour, names)
    except SliceError:
        return []
    with Runner(pair.program, timeout=600) as runner:
        hits = timely({(h.relation, h.what): h for h in runner.campaign(1, 0, count)})
        judged = [j for j in judge(entry.name, hits) if j.relation == "introduced"]
        dearer = cost.growth(cost.measure(runner, workloads(entry, FLAVOURS[flavour].cont_ptes)))
    return [
        *((j.rank, j.rule.id) for j in judged if j.kind == "violation"),
        *(((2, 0, 0, 0), "X4") for _ in dearer[:1]),
    ]


def cases(tree: str | None, only: str, count: int, done: Mapping[str, Case]) -> Iterator[Case]:
    """The corpus cases that break a rule, beyond those of behaviour, then the wrong edits; not those that are done."""
    for name in CASES:
        told = expectation(name)
        breaks = told["verdict"] == "findings" and not {f["rule"] for f in told["finding"]} <= _BEHAVIOUR
        if breaks and only in name and name not in done:
            rules = dict.fromkeys(r for step in applied(name).patches for r in introduced(step, count))
            yield Case(name, tuple(rules))
    if tree is None:
        return
    edits = tomllib.loads(_EDITS.read_text("utf-8"))["edit"]
    with open_tree(tree) as kernel:
        base = kernel.at(kernel.head)
        for edit in edits:
            if "rule" in edit and only in edit["name"] and edit["name"] not in done:
                step = PatchTrees(Patch(1, edit["name"], _MESSAGE), base, edited(base, edit), (edit["file"],))
                rules = introduced(step, count)
                # The test of the edit asserts what a review of it names first.
                yield Case(edit["name"], tuple(sorted(rules, key=lambda r: r != edit["rule"])))


def logged(path: Path | None) -> dict[str, Case]:
    """The cases of a log, by name: a line each, "name: RULE, RULE"."""
    lines = path.read_text("utf-8").splitlines() if path is not None and path.exists() else []
    found = (line.rpartition(": ") for line in lines)
    return {name: Case(name, tuple(r for r in rules.split(", ") if r in RULES)) for name, _, rules in found}


def table(done: Sequence[Case]) -> str:
    """A row for each rule that a case shows, or that no case does and nothing says why."""
    rows = ["| rule | unfound | renamed | needed by, or why by nothing |", "|---|---|---|---|"]
    for name in RULES:
        alone = [c.name for c in done if c.rules == (name,)]
        renamed = [c.name for c in done if c.rules[:1] == (name,) and len(c.rules) > 1]
        why = FOLLOWS.get(name) or NOTES.get(name) or ("no violation" if name in _BEHAVIOUR else "UNTESTED")
        rows.append(f"| {name} | {len(alone)} | {len(renamed)} | {'; '.join(alone or renamed) or why} |")
    return "\n".join(rows)


def untested(done: Sequence[Case]) -> list[str]:
    """Rules that are never the most telling, without a word of why in oracle/enforced.py. X1 is no violation."""
    first = {*_BEHAVIOUR, *(c.rules[0] for c in done if c.rules)}
    return [name for name in RULES if name not in first | FOLLOWS.keys() | NOTES.keys()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?")
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--log", type=Path)
    args = parser.parse_args()
    known = logged(args.log)
    done = list(known.values())
    for case in cases(args.tree, args.only, args.count, known):
        line = f"{case.name}: {', '.join(case.rules) or 'NOTHING'}"
        print(line, file=sys.stderr, flush=True)
        if args.log is not None:
            with args.log.open("a", encoding="utf-8") as log:
                log.write(line + "\n")
        done.append(case)
    print(table(done))
    missed, left = [c.name for c in done if not c.rules], untested(done)
    print(f"\nFound with no filter: {len(done) - len(missed)} of {len(done)}. Untested: {', '.join(left) or 'none'}.")
    return 1 if missed or left else 0


if __name__ == "__main__":
    sys.exit(main())
