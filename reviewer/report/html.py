# SPDX-License-Identifier: GPL-2.0-or-later
"""The report as one page that needs nothing else: to be sent, printed, or opened years later.

What a mail says can become neither markup nor script: the template escapes all of it, and the browser runs and applies
only the one script and the one style whose hashes stand in the page's policy.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from oracle.rules import RULES
from reviewer.model import Finding, PatchReview, Review
from reviewer.report import (
    confirmed,
    counted,
    page_costs,
    page_rail,
    page_traces,
    partial,
    places,
    related,
    since,
    states,
    view,
)
from reviewer.report.page_diff import Diff, diff_of
from reviewer.report.picture import picture
from reviewer.report.svg import svg
from reviewer.report.text import count, printable
from reviewer.resources import folder

_ROWS = 4000  # of all tables


@dataclass(frozen=True)
class Chapter:
    """A patch on the page. ran: changed lines that ran, of how many."""

    patch: PatchReview
    diff: Diff
    ran: tuple[int, int]


def page(review: Review, *, preexisting: bool = False) -> str:
    """The whole page; all text from the series is escaped. preexisting: with all that was wrong before."""
    bare = replace(review, findings=tuple(_without_code(f) for f in review.findings))
    shown, older = view.shown(printable(bare), preexisting)
    told = page_rail.told(shown)
    environment = _environment(len(shown.findings) or 1)
    anchors = _anchors(shown.findings)
    return environment.get_template("report.html.j2").render(
        review=shown,
        older=older,
        told=told,
        passing=related.transient(shown),
        stops=page_rail.stops(shown),
        chapters=_chapters(shown, told),
        anchor=lambda finding: anchors[id(finding)],
        style=_verbatim(environment, "page/page.css"),
        script=_verbatim(environment, "page/page.js"),
    )


def _environment(findings: int) -> Environment:
    """findings: how many share the page, so that it stays small."""
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["rules"] = RULES
    environment.filters |= {
        "charts": page_costs.charts,
        "count": count,
        "asked": asked,
        "called": places.called,
        "claim": view.claim,
        "confirmed": confirmed.sentence,
        "costs": counted.costs,
        "counted": counted.table,
        "coverage": view.coverage,
        "departed": since.departed,
        "departed_line": since.departed_line,
        "exercised": view.exercised,
        "film": lambda finding: page_traces.film(finding, findings),
        "given": view.given,
        "mended": lambda finding: places.mended(finding, quoted=True),
        "gain": page_rail.gain,
        "origin": view.origin,
        "picture": picture,
        "place": view.place,
        "printed": confirmed.printed,
        "seen": view.seen,
        "since": since.since,
        "size": partial.size,
        "svg": lambda drawn: Markup(drawn if isinstance(drawn, str) else svg(drawn)),
        "table": lambda finding: states.narrow(states.table(finding)),
        "title": title,
        "unseen": partial.unseen,
        "verdict": view.verdict,
        "whole": lambda finding: states.table(finding, whole=True, limit=max(_ROWS // findings, 40)),
    }
    return environment


def title(finding: Finding) -> str:
    """What has to hold; of work that became less, that it did."""
    return "the same work at less cost" if page_rail.gain(finding) else view.title(finding)


def asked(finding: Finding) -> tuple[tuple[str, str], ...]:
    """What to ask of whoever breaks the rule, and what mends it."""
    known = RULES.get(finding.rule) if finding.relation == "introduced" else None
    return (("Ask", known.question), ("Remedy", known.remedy)) if known else ()


def _without_code(finding: Finding) -> Finding:
    """The finding without the code that replays it, which no page shows."""
    exact = finding.scenario.get("exact")
    numbers = {"numbers": exact["numbers"]} if isinstance(exact, Mapping) and "numbers" in exact else {}
    return replace(finding, scenario={**finding.scenario, "exact": numbers})


def _chapters(review: Review, told: Sequence[Finding]) -> tuple[Chapter, ...]:
    patches = {patch.index: patch for patch in review.series.patches}

    def chapter(reviewed: PatchReview) -> Chapter:
        mine = [f for f in told if f.patch == reviewed.index]
        patch = patches.get(reviewed.index)
        diff = diff_of(patch, reviewed.functions, mine, len(review.patches)) if patch else Diff(apart=tuple(mine))
        return Chapter(reviewed, diff, page_rail.run_of(reviewed.functions))

    return tuple(chapter(reviewed) for reviewed in review.patches)


def _anchors(findings: Sequence[Finding]) -> Mapping[int, str]:
    """The id of each finding; what one patch breaks and another mends is one counterexample, there twice."""
    names: dict[str, int] = {}
    anchors = {}
    for finding in findings:
        names[finding.id] = names.get(finding.id, 0) + 1
        anchors[id(finding)] = finding.id if names[finding.id] == 1 else f"{finding.id}-{names[finding.id]}"
    return anchors


def _verbatim(environment: Environment, name: str) -> tuple[Markup, str]:
    """A style or script of ours as it stands in the page, and the hash by which the browser knows it."""
    loader = environment.loader
    assert loader is not None
    text = loader.get_source(environment, name)[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"
