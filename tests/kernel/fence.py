# SPDX-License-Identifier: GPL-2.0-or-later
"""One token changed in each function of a tree that touches PTEs: no such patch may come out as none of our business.

python tests/kernel/fence.py TREE [--under PREFIX,...] [--only NAME,...] [--budget SECONDS] [--flavour NAME] [--log F]

The first comparison, logical or arithmetic operator or number that is no part of an assertion becomes another; where
there is none, the first call whose result nobody uses is left out. Prints a table by file, as docs/coverage.md has it,
and fails when a review is not-applicable, or clean without lines run or code proven the same, or does not name the
function. --log: one line a function is added to F, and functions that it has are not run again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oracle.flavours import DEFAULT
from reviewer.bench.source import Body, Edit, body_of, called, edited, text
from reviewer.changes.hidden import hidden_items
from reviewer.changes.touching import Touching, compiling, functions_of, touches, touching
from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees.kernel import open_tree

UNDER = ("mm/", "fs/proc/")
OUTCOMES = ("found", "run, silent", "same code", "inconclusive", "WRONG")
_OTHER = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "&&": "||", "||": "&&", "+": "-",
          "-": "+", "&": "|", "|": "&", "<<": ">>", ">>": "<<", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=",
          "++": "--", "--": "++", "!": "", "true": "false", "false": "true"}  # fmt: skip
_MESSAGE = Message("", "", (), "", (), (), "", "one token", "", b"", "")


@dataclass(frozen=True)
class Outcome:
    """What a review said of one function."""

    function: Touching
    what: str
    note: str


def item_of(tree: Tree, function: Touching) -> Item:
    """The function in its file, as the first flavour compiles it, or read as if it were compiled."""
    flavours = list(function.flavours) or compiling(function.file)
    hidden = () if function.flavours else hidden_items(tree, function.file, flavours, touches)
    visible = functions_of(tree, (function.file,), (flavours or DEFAULT)[0])
    return next(i for i in [*(h.item for h in hidden), *visible] if i.name == function.name)


def one_token(body: Body) -> Edit | None:
    """The edit of a function; None where it has nothing but calls whose results are used."""
    for node in body.nodes(*_OTHER, "number_literal"):
        new = _OTHER.get(node.type, f"{text(node)} + 1")
        edit = Edit("one-token", node.start_byte, node.end_byte, new, f"{text(node)} -> {new}")
        address = node.parent is not None and node.parent.type == "pointer_expression"
        inside = not node.children and node.start_byte >= len(body.item.signature.encode())
        if inside and not address and not body.asserted(edit):
            return edit
    for node in body.nodes("expression_statement"):
        edit = Edit("call-dropped", node.start_byte, node.end_byte, ";", f"{called(node)}() left out")
        if called(node) and not body.asserted(edit):
            return edit
    return None


def step_of(tree: Tree, function: Touching) -> tuple[PatchTrees, Edit] | None:
    """A patch that changes one token of a function; None where there is nothing to change."""
    body = body_of(tree, item_of(tree, function))
    edit = one_token(body)
    patch = Patch(1, "one token", _MESSAGE)
    return (PatchTrees(patch, tree, edited(tree, body, [edit]), (function.file,)), edit) if edit is not None else None


def reviewed(tree: Tree, function: Touching, settings: Settings) -> Outcome | None:
    """Make the edit and review it as a patch; None where there is nothing to change."""
    try:
        made = step_of(tree, function)
    except SliceError as error:
        return Outcome(function, "WRONG", str(error))
    if made is None:
        return None
    step, edit = made
    series = Series("one token", 1, 1, (step.patch,))
    done = review(series, SeriesTrees("linux", "HEAD", "HEAD", (step,)), settings)
    what, why = judged(done, function)
    return Outcome(function, what, f"{edit.note}; {why}".replace("\n", " "))


def judged(done: Review, function: Touching) -> tuple[str, str]:
    """(outcome, why) of a review of one function's change."""
    told = [f for p in done.patches for f in p.functions if (f.name, f.file) == (function.name, function.file)]
    if done.verdict == "findings":
        return "found", next(f.rule for f in done.findings if f.relation == "introduced")
    if not told or done.verdict == "not-applicable":
        return "WRONG", done.verdict
    if done.verdict == "inconclusive":
        return "inconclusive", f"{told[0].status}: {told[0].why}"
    if told[0].covered_lines and told[0].scenarios:
        return "run, silent", told[0].entry
    return ("same code" if told[0].evidence == "same-code" else "WRONG"), told[0].why


def outcomes(tree: Tree, chosen: Sequence[Touching], settings: Settings, log: Path | None) -> Iterator[Outcome]:
    """Of each function; those of the log are taken from there."""
    lines = log.read_text("utf-8").splitlines() if log is not None and log.exists() else []
    known = {tuple(line.split("\t")[:2]): line.split("\t")[2:4] for line in lines}
    for function in chosen:
        if (had := known.get((function.file, function.name))) is not None:
            yield Outcome(function, had[0], had[1])
            continue
        if (one := reviewed(tree, function, settings)) is None:
            continue
        if log is not None:
            with log.open("a", encoding="utf-8") as out:
                out.write(f"{function.file}\t{function.name}\t{one.what}\t{one.note}\n")
        yield one


def table(done: Sequence[Outcome]) -> str:
    """A row for each file."""
    rows = [f"| file | functions | {' | '.join(OUTCOMES)} |", "|---" * (len(OUTCOMES) + 2) + "|"]
    count = Counter((o.function.file, o.what) for o in done)
    files = sorted({o.function.file for o in done})
    for file in [*files, "all"]:
        cells = [sum(n for (f, w), n in count.items() if w == what and file in {f, "all"}) for what in OUTCOMES]
        rows.append(f"| {file} | {sum(cells)} | {' | '.join(str(c or '') for c in cells)} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("tree")
    add("--under", default=",".join(UNDER))
    add("--only", default="")
    add("--budget", type=float, default=0.1)
    add("--flavour", default="")
    add("--log", type=Path)
    args = parser.parse_args()
    only = [name for name in args.only.split(",") if name]
    settings = Settings(
        budget=args.budget, flavours=tuple(args.flavour.split(",")) if args.flavour else DEFAULT, smallest=False
    )
    with open_tree(args.tree) as kernel:
        tree = kernel.at(kernel.head)
        under = tuple(args.under.split(","))
        chosen = [f for f in touching(tree) if f.file.startswith(under) and (not only or f.name in only)]
        done = list(outcomes(tree, chosen, settings, args.log))
    print(table(done))
    wrong = [o for o in done if o.what == "WRONG"]
    for one in wrong:
        print(f"{one.function.file}: {one.function.name}(): {one.note}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
