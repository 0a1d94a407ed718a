# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as SARIF 2.1.0, the format in which tools of static analysis hand on results."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from oracle.rules import RULES
from reviewer import __version__
from reviewer.model import Departed, Finding, FunctionReview, Review
from reviewer.report import checks, places, view
from reviewer.report.text import one_line, printable
from reviewer.report.wishes import PLAIN, Wishes

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "SRCROOT"
_LEVELS = {"fail": "error", "warn": "warning", "note": "note"}
_SINCE = {"new": "new", "remaining": "unchanged"}


def dumps(review: Review, wishes: Wishes = PLAIN) -> str:
    """The log of one run; with what was wrong before, which the patch is not to blame for, where that is wished."""
    safe = view.shown(printable(review), wishes.preexisting)[0]
    found = [f for f in safe.findings if f.relation != "fixed"]
    gone = safe.previous.gone if safe.previous else ()
    used = sorted({*(f.rule for f in found), *(f.rule for f in gone)})
    driver = _driver([_rule(name) for name in used])
    functions = [f for patch in safe.patches for f in patch.functions if not f.settled]
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [_unseen(f) for f in functions]},
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": f"the top of the kernel tree, {view.place(safe)}"}}},
        "results": [*map(_result, found), *map(_absent, gone)],
        "properties": {"verdict": safe.verdict, "seed": safe.seed, "compiler": safe.compiler},
    }
    return _log(run)


def no_results(why: str) -> str:
    """The log of a run that came to no review: no results, which is not the same as none found."""
    told = {"level": "error", "message": {"text": checks.not_reviewed(why)}}
    failed = {"executionSuccessful": False, "toolExecutionNotifications": [told]}
    return _log({"tool": {"driver": _driver([])}, "invocations": [failed], "results": []})


def _driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": "review-patch", "version": __version__, "rules": rules}


def _log(run: dict[str, Any]) -> str:
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    known = RULES.get(name)
    if known is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": known.title},
        "help": {"text": known.remedy},
        "properties": {"category": known.category, "severity": known.severity},
    }


def _result(finding: Finding) -> dict[str, Any]:
    said = [finding.summary, finding.explanation, places.mended(finding)]
    since = {"baselineState": _SINCE[finding.history]} if finding.history else {}
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[checks.level(finding)],
        "message": {"text": one_line(" ".join(filter(None, said)))},
        "locations": [_location(finding.file, finding.line, finding.function)],
        "partialFingerprints": {"findingId/v1": finding.id},
        **since,
        "properties": {
            "patch": finding.patch, "relation": finding.relation, "severity": finding.severity,
            "flavours": list(finding.flavours), "replay": finding.replay,
        },
    }  # fmt: skip


def _absent(finding: Departed) -> dict[str, Any]:
    """What an earlier version of the series had."""
    return {
        "ruleId": finding.rule,
        "message": {"text": one_line(finding.summary)},
        "locations": [_location(finding.file, 0, finding.function)],
        "partialFingerprints": {"findingId/v1": finding.id},
        "baselineState": "absent",
    }


def _unseen(function: FunctionReview) -> dict[str, Any]:
    text = f"{places.called(function)} was not exercised in full: {function.why or 'nothing reached it'}"
    lines: Iterable[int] = function.uncovered or function.changed_lines or (0,)
    return {
        "level": "warning",
        "message": {"text": one_line(text)},
        "locations": [_location(function.file, min(lines), function.name)],
    }


def _location(file: str, line: int, function: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file), "uriBaseId": _ROOT}}
    if line > 0:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place, "logicalLocations": [{"name": function, "kind": "function"}]}
