# SPDX-License-Identifier: GPL-2.0-or-later
"""What every form of the report says alike: the verdict, what a finding is about, what was exercised."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from oracle.rules import RULES
from reviewer.model import Finding, FunctionReview, Kind, Review
from reviewer.report.partial import this
from reviewer.report.related import lasting, of_relation, transient
from reviewer.report.since import known_since
from reviewer.report.text import count, one_line, ranges

_KINDS: Mapping[Kind, tuple[str, str]] = {
    "violation": ("violation", "violations"),
    "behaviour": ("change of behaviour", "changes of behaviour"),
    "cost": ("cost regression", "cost regressions"),
    "static": ("remark on the source", "remarks on the source"),
}
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def place(review: Review) -> str:
    """Where the review took place: tree, base (a commit id short) and why that one."""
    base = review.base[:12] if is_commit(review.base) else review.base
    return f"on {review.tree}, base {base}" + (f" ({review.base_how})" if review.base_how else "")


def is_commit(base: str) -> bool:
    """Whether a base is a commit, which others have, too."""
    return bool(_COMMIT.fullmatch(base))


SILENT = "No difference found"


def verdict(review: Review) -> str:
    """The verdict as one sentence."""
    if review.verdict == "not-applicable":
        return f"Nothing in {this(review.series)} touches code that the rules know."
    functions = [function for patch in review.patches for function in patch.functions]
    short = sum(not function.settled for function in functions)
    if review.verdict == "inconclusive":
        of = f"{short} of {count(len(functions), 'changed function')}"
        return f"{SILENT}, but {of} could not be exercised in full{_asked(review)}."
    if review.verdict == "clean" and all(finding.kind == "static" for finding in review.findings):
        return f"{SILENT}; {_claims(functions)}{_asked(review)}."
    parts = [f"{part} introduced" for part in kinds(lasting(review, "introduced"))]
    for words, others in (
        ("introduced and mended again within the series", transient(review)),
        ("there before", lasting(review, "preexisting")),
        ("fixed", [f for f in lasting(review, "fixed") if f.kind != "cost"]),
        ("made cheaper", [f for f in lasting(review, "fixed") if f.kind == "cost"]),
    ):
        parts += [f"{len(others)} {words}"] if others else []
    return f"{', '.join(parts)}."


def _claims(functions: list[FunctionReview]) -> str:
    """How many changed functions were exercised, and what is known of the others where nothing is open."""
    ran = sum(function.status == "exercised" for function in functions)
    alike = sum(function.status != "exercised" and function.evidence == "same-code" for function in functions)
    parts = [f"{count(ran, 'changed function')} exercised"] if ran else []
    parts += [f"{count(alike, 'changed function') if not ran else alike} the same code"] if alike else []
    later = len(functions) - ran - alike
    return ", ".join([*parts, *([f"{later} judged with a later patch"] if later else [])])


def kinds(findings: Sequence[Finding]) -> list[str]:
    """How many there are of each kind: "1 violation", "2 cost regressions"."""
    numbers = Counter(finding.kind for finding in findings)
    return [count(numbers[kind], *words) for kind, words in _KINDS.items() if numbers[kind]]


def _asked(review: Review) -> str:
    """The remarks on the source, which change no verdict: "; 2 remarks on the source"."""
    number = sum(finding.kind == "static" for finding in review.findings)
    return f"; {count(number, *_KINDS['static'])}" if number else ""


def shown(review: Review, preexisting: bool) -> tuple[Review, str]:
    """The review without what was wrong before, and the line that stands for it; all of it, and none, where asked."""
    known = of_relation(review, "preexisting")
    if preexisting or not known:
        return review, ""
    rest = tuple(finding for finding in review.findings if finding.relation != "preexisting")
    return replace(review, findings=rest), f"{len(known)} known of this tree, --preexisting shows them."


def title(finding: Finding) -> str:
    """What has to hold, by the finding's rule; of a saving what it is."""
    if (finding.kind, finding.relation) == ("cost", "fixed"):
        return "the patch makes the work cheaper"
    return RULES[finding.rule].title if finding.rule in RULES else finding.category


def origin(finding: Finding, review: Review) -> str:
    """Which patch brought it, and which later one takes it away again."""
    words = {"introduced": "introduced by", "preexisting": "there before", "fixed": "fixed by"}
    said = "made cheaper by" if (finding.relation, finding.kind) == ("fixed", "cost") else words[finding.relation]
    text = f"{said} patch {finding.patch}/{review.series.total}"
    text += f", gone after patch {finding.fixed_by_patch}" if finding.fixed_by_patch else ""
    return f"{text}, {known}" if (known := known_since(finding, review)) else text


def seen(finding: Finding) -> str:
    """Where it shows: on flavours, or in the source alone."""
    if finding.kind == "static":
        return "read in the source, not run"
    return f"on {', '.join(finding.flavours) or 'every flavour'}"


def given(finding: Finding) -> str:
    """The plain values of the scenario beside its table: "nr 8, flags 0x1"."""
    values = finding.scenario.items()
    return ", ".join(f"{key} {one_line(str(v))}" for key, v in values if isinstance(v, str | int) and v != "")


def exercised(function: FunctionReview) -> bool:
    """Whether any of the function ran."""
    return function.status in ("exercised", "partly")


def settled(function: FunctionReview) -> bool:
    """Whether nothing of it is open although it was not run itself."""
    return function.settled and not exercised(function)


def claim(function: FunctionReview) -> str:
    """What is claimed of it, in two words."""
    if function.judged_with is not None:
        return f"judged with patch {function.judged_with}"
    return "the same code" if settled(function) else function.status


def ran(function: FunctionReview) -> str:
    """How many of the changed lines ran."""
    changed = set(function.changed_lines)
    return f"{len(changed & set(function.covered_lines))} of {count(len(changed), 'changed line')} run"


def coverage(function: FunctionReview) -> str:
    """How many changed lines ran, and which did not."""
    return f"{ran(function)}, not {ranges(function.uncovered)}" if function.uncovered else ran(function)
