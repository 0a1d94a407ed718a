# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch explain: a rule, or the one that a finding names: what has to hold, why, and what it looks like.

WHAT is a rule (B5), a category (batch), a review or finding that --json wrote, the id of a finding in such a file
(or its first digits), a word of a report (flavour, A[3]), or 'words': all of them. Without WHAT the rules are listed.

examples:
  review-patch explain B5                       a rule, with a right and a wrong example
  review-patch explain review.json --id da26    a finding with all there is to it, and its rule
  review-patch explain words                    what A[3], should be, flavour, stubs mean
"""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from oracle.reference.rules import RuleCheck, all_rules
from oracle.rules import CATEGORIES, RULES, Rule, UnknownRuleError, rule
from oracle.rules_table import NOTES
from reviewer.commands.arguments import Parser
from reviewer.commands.examples import ExampleSide, cases
from reviewer.commands.glossary import WORDS, meanings
from reviewer.errors import ReviewError
from reviewer.findings.precedents import precedents
from reviewer.limits import DOCUMENT
from reviewer.model import Finding
from reviewer.report import drawn, terminal
from reviewer.report.console import console
from reviewer.report.document import load_finding
from reviewer.report.picture import Picture
from reviewer.report.text import printable
from reviewer.support.bounded import content

_WIDTH = 78
_FILE = "A finding is named with the file that --json wrote: review-patch explain REVIEW.json --id ID."
HARMS = {
    "crash": "the kernel crashes or does not end", "foreign": "memory of others is reached, or is freed too early",
    "write": "write or execute permission is gained", "lost": "data, or a bit that somebody waits for, is lost",
    "stale": "a translation or value is used that is no longer true", "count": "counters are wrong",
    "cost": "work is done for nothing", "none": "nothing by itself",
}  # fmt: skip
_SOURCES = {"static": "read in the patch's source, not run", "cost": "counted on fixed workloads, before and after"}


def parser() -> Parser:
    """The parser of review-patch explain."""
    made = Parser(prog="review-patch explain", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    made.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help="rule, category, FILE.json, id of a finding, a word of a report, 'words'",
    )
    made.add_argument("--id", default="", help="which finding of a review, when it has several")
    return made


def main(argv: Sequence[str]) -> int:
    """Explain what was asked for; 0."""
    args = parser().parse_args(argv)
    out = console(sys.stdout)
    files, names = _split(args.what)
    if args.id and not files:
        raise ReviewError("needs the file that the finding is in", place=f"--id {args.id}", hint=_FILE)
    if not args.what:
        _list(RULES.values(), out)
    if len(files) > 1:
        raise ReviewError("one file at a time", place=files[1])
    if files:
        _finding(load_finding(content(files[0], DOCUMENT), files[0], args.id or "".join(names)).finding, out)
        return 0
    for name in [" ".join(names)] if meanings(" ".join(names)) else names:
        if name.lower() == "words":
            _glossary(WORDS, out)
        elif name.lower() in CATEGORIES:
            _list((r for r in RULES.values() if r.category == name.lower()), out)
        elif name.upper() not in RULES and meanings(name):
            _glossary(meanings(name), out)
        else:
            explain(_rule(name), out)
    return 0


def _rule(name: str) -> Rule:
    try:
        return rule(name)
    except UnknownRuleError as error:
        hint = f"{_FILE}\n  What the words of a report mean: review-patch explain words."
        raise ReviewError(str(error), hint=hint) from error


def _split(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Files, and names of rules or findings."""
    known = {*RULES, *(name.upper() for name in CATEGORIES), "WORDS"}
    files = [w for w in words if w.upper() not in known and (w == "-" or w.endswith(".json") or Path(w).is_file())]
    return files, [w for w in words if w not in files]


def _list(rules: Iterable[Rule], out: Console) -> None:
    for one in rules:
        _wrapped(f"{one.id:4}{one.title}", out, hang=4)


def _finding(finding: Finding, out: Console) -> None:
    """A finding whole, and then its rule."""
    terminal.render_finding(printable(finding), out, explained=True)
    if finding.rule in RULES:
        out.print()
        explain(RULES[finding.rule], out)


def explain(one: Rule, out: Console) -> None:
    """All there is to say of a rule."""
    check = all_rules().get(one.id)
    out.print(Text.assemble((one.id, "bold magenta"), " ", (f"{one.title}.", "bold")), width=_WIDTH)
    for paragraph in _paragraphs(check):
        out.print()
        _wrapped(paragraph, out)
    out.print()
    for name, text in _facts(one, check):
        _wrapped(f"{name:10}{text}", out, hang=10)
    if check is not None:
        _example(cases(check), out)
    known = [p for p in precedents() if p.rule == one.id]
    if known:
        out.print(Text("\nseen before", style="bold"))
    for bug in known:
        _wrapped(f"  {bug.cited}", out, hang=4)
        _wrapped(f"    {bug.note}", out, hang=4)


def _paragraphs(check: RuleCheck | None) -> list[str]:
    """What the reference says of it beyond its title."""
    told = check.doc.split("\n\n")[1:] if check is not None else []
    return [" ".join(paragraph.split()) for paragraph in told]


def _facts(one: Rule, check: RuleCheck | None) -> list[tuple[str, str]]:
    source = (
        "; ".join(check.source.split("; ")) if check is not None else _SOURCES.get(one.category, "asked of every run")
    )
    told = [("asked", one.question), ("remedy", one.remedy), ("source", source)]
    told.append(("severity", f"{one.severity}; at worst {HARMS[one.harm]}"))
    return [*told, ("checked", NOTES[one.id])] if one.id in NOTES else told


def _example(pair: tuple[ExampleSide, ExampleSide], out: Console) -> None:
    legend = {sign: words for case in pair if case.picture for sign, words in case.picture.legend}
    for case in pair:
        out.print(Text(f"\nwrong: {case.verdict}" if case.verdict else "\nright", style="bold"), width=_WIDTH)
        for line in _lines(case.picture):
            out.print(Text(f"  {line}"), soft_wrap=True)
        for name, text in case.notes:
            _wrapped(f"  {name}: {text}", out, hang=4)
    if legend:
        _wrapped("  " + "; ".join(f"{sign} {words}" for sign, words in legend.items()), out, hang=2)


def _lines(picture: Picture | None) -> list[str]:
    return drawn.text(replace(picture, legend=())) if picture is not None else []


def _glossary(entries: Iterable[tuple[str, str]], out: Console) -> None:
    for name, text in entries:
        out.print(Text(name, style="bold"))
        _wrapped(f"  {text}", out, hang=2)


def _wrapped(text: str, out: Console, hang: int = 0) -> None:
    width = min(_WIDTH, out.width)
    lines = wrap(text, width, subsequent_indent=" " * hang, break_on_hyphens=False, break_long_words=False)
    for line in lines:
        out.print(Text(line), soft_wrap=True)
