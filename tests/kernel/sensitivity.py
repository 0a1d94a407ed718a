"""Which rules carry weight: what goes unfound, of the corpus and of the wrong edits, with one rule switched off.

python tests/kernel/sensitivity.py [TREE] [--count N] [--only SUBSTRING]

TREE: linux 7.2, for the edits of edits.toml; without it only the corpus is run. The filter of oracle.campaign.Task
drops judged hits and nothing before that, so one run of a case tells what any filter would leave: a case needs a rule
when all that it introduces bears that rule's name ("unfound"); it is "found under another name" when the most telling
hit goes and another is left.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corpus"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from test_corpus import CASES, applied, expectation

from oracle import cost
from oracle.campaign import timely
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
from tests.kernel.test_edits import edited

_EDITS = Path(__file__).with_name("edits.toml")
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")


@dataclass(frozen=True)
class Case:
    """rules: what it introduces, the most telling first."""

    name: str
    rules: tuple[str, ...]


def introduced(step: PatchTrees, count: int) -> tuple[str, ...]:
    """The rules that a patch's hits name, over its entries and the usual flavours."""
    changed = changes(step)
    found: list[tuple[tuple[int, int, int], str]] = []
    for entry in plan(step, changed.functions, changed.names).entries:
        for flavour in (f for f in DEFAULT if f in (entry.flavours or DEFAULT)):
            found += _of_pair(step, entry, flavour, changed.names, count)
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _of_pair(
    step: PatchTrees, entry: Entry, flavour: str, names: frozenset[str], count: int
) -> list[tuple[tuple[int, int, int], str]]:
    try:
        pair = build(step.before, step.after, entry, flavour, names)
    except SliceError:
        return []
    with Runner(pair.program, timeout=600) as runner:
        hits = timely({(h.relation, h.what): h for h in runner.campaign(1, 0, count)})
        judged = [j for j in judge(entry.name, hits) if j.relation == "introduced"]
        dearer = cost.growth(cost.measure(runner, workloads(entry, FLAVOURS[flavour].cont_ptes)))
    return [*((j.rank, j.rule.id) for j in judged), *(((2, 0, 0), "X4") for _ in dearer[:1])]


def cases(tree: str | None, only: str, count: int) -> Iterator[Case]:
    """The corpus cases that hold a wrong patch, then the wrong edits."""
    for name in CASES:
        if only in name and expectation(name)["verdict"] == "findings":
            rules = dict.fromkeys(r for step in applied(name).patches for r in introduced(step, count))
            yield Case(name, tuple(rules))
    if tree is None:
        return
    edits = tomllib.loads(_EDITS.read_text("utf-8"))["edit"]
    with open_tree(tree) as kernel:
        base = kernel.at(kernel.head)
        for edit in edits:
            if "rule" in edit and only in edit["name"]:
                step = PatchTrees(Patch(1, edit["name"], _MESSAGE), base, edited(base, edit), (edit["file"],))
                yield Case(edit["name"], introduced(step, count))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?")
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    done = []
    for case in cases(args.tree, args.only, args.count):
        print(f"{case.name}: {', '.join(case.rules) or 'NOTHING'}", file=sys.stderr, flush=True)
        done.append(case)
    print("rule   unfound   found under another name only")
    for name in RULES:
        alone = [c.name for c in done if c.rules == (name,)]
        renamed = [c.name for c in done if c.rules[:1] == (name,) and len(c.rules) > 1]
        if alone or renamed:
            print(f"{name:6} {len(alone):7}   {len(renamed):7}   {'; '.join(alone)}")
    hit = {r for c in done for r in c.rules}
    needed = {c.rules[0] for c in done if c.rules}
    print(f"never needed, though hit: {', '.join(r for r in RULES if r in hit - needed) or 'none'}")
    print(f"never hit: {', '.join(r for r in RULES if r not in hit) or 'none'}")
    missed = [c.name for c in done if not c.rules]
    print(f"found with no filter: {len(done) - len(missed)} of {len(done)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
