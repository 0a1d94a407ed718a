# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON contract review-patch/1, both ways: a whole review, and one finding as replay takes it.

schema.json beside this file is the published form. Nothing here depends on the time, the machine or
the order of a set: the same review gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from reviewer.errors import ReviewError
from reviewer.limits import DOCUMENT, NESTING
from reviewer.model import Confirmed, Finding, Message, Patch, PatchReview, Previous, Review, Series, Verdict
from reviewer.report.carried import Diff, carried, unpack
from reviewer.report.codec import decode, encode
from reviewer.report.places import called

SCHEMA: Literal["review-patch/1"] = "review-patch/1"
_LISTED = 20  # findings in an error
_HINT = "Give a file that review-patch wrote with --json, or one finding out of it."


@dataclass(frozen=True)
class Tool:
    """What made a document: with the same tool, seed and compiler it can be made again. contained: the layers that
    were closed around compiler and runner."""

    version: str
    seed: int
    compiler: str
    contained: tuple[str, ...] = field(default=(), metadata={"optional": True})


@dataclass(frozen=True)
class SeriesHead:
    """The series a document is about; patches is the number of those reviewed.

    missing: numbers of those that were not seen; held: of those that the tree is said to hold; left_out: subjects of
    patches that came with it and are numbered otherwise.
    """

    subject: str
    version: int
    base: str
    tree: str
    patches: int
    missing: tuple[int, ...] = field(default=(), metadata={"optional": True})
    held: tuple[int, ...] = field(default=(), metadata={"optional": True})
    left_out: tuple[str, ...] = field(default=(), metadata={"optional": True})


@dataclass(frozen=True)
class Document:
    """The whole contract, field by field in its order. diffs: of the patches up to the last one with a finding; none
    where they are too large."""

    schema: Literal["review-patch/1"]
    tool: Tool
    series: SeriesHead
    verdict: Verdict
    patches: tuple[PatchReview, ...]
    findings: tuple[Finding, ...]
    previous: Previous | None = field(default=None, metadata={"optional": True})
    diffs: tuple[Diff, ...] = field(default=(), metadata={"optional": True})


@dataclass(frozen=True)
class FindingFile:
    """A finding as replay takes it; tool and series are None when the file held the bare finding. diffs: of the patches
    that it came with, up to its own."""

    finding: Finding
    tool: Tool | None
    series: SeriesHead | None
    diffs: tuple[Diff, ...] = ()


def review_document(review: Review) -> dict[str, Any]:
    """The review as the contract has it."""
    tool, head = _origin(review)
    last = max((f.patch for f in review.findings), default=0)
    whole = Document(SCHEMA, tool, head, review.verdict, review.patches, review.findings, review.previous,
                     carried(review.series, last))  # fmt: skip
    document: dict[str, Any] = encode(whole)
    return document


def finding_document(finding: Finding, review: Review) -> dict[str, Any]:
    """One finding of the review, with what is needed to run it again: schema, tool and series in front."""
    tool, head = _origin(review)
    diffs = encode(carried(review.series, finding.patch))
    held = {"diffs": diffs} if diffs else {}
    return {"schema": SCHEMA, "tool": encode(tool), "series": encode(head), **held, **encode(finding)}


def dumps(document: dict[str, Any]) -> str:
    """The text of a document. Plain ASCII, so that it can be written to any standard output."""
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def load(text: str | bytes, source: str) -> Review:
    """Read a whole review back; source names the file in errors.

    Mails come back as far as the document knows them: subject, message id, and the diffs that findings need.
    """
    parsed: Document = _placed(Document, _parse(text, source), source)
    diffs = {d.index: unpack(d.diff, source) for d in parsed.diffs}
    patches = tuple(Patch(p.index, p.subject, _bare_mail(p, source, diffs.get(p.index, b""))) for p in parsed.patches)
    head = parsed.series
    total = head.patches + len(head.missing) + len(head.held)
    series = Series(
        head.subject, head.version, total, patches, base_commit=head.base,
        missing=head.missing, held=head.held, left_out=head.left_out,
    )  # fmt: skip
    return Review(
        version=parsed.tool.version,
        seed=parsed.tool.seed,
        compiler=parsed.tool.compiler,
        series=series,
        base=head.base,
        base_how="",
        tree=head.tree,
        verdict=parsed.verdict,
        patches=parsed.patches,
        findings=parsed.findings,
        previous=parsed.previous,
        contained=parsed.tool.contained,
    )


def load_finding(text: str | bytes, source: str, finding_id: str = "") -> FindingFile:
    """Read one finding: from a file of its own, or out of a whole review that holds one, or by its id."""
    data = _parse(text, source)
    tool = _placed(Tool, data["tool"], source) if "tool" in data else None
    head = _placed(SeriesHead, data["series"], source) if "series" in data else None
    if "findings" in data:
        whole: Document = _placed(Document, data, source)
        found = whole.findings
        chosen = [f for f in found if f.id.startswith(finding_id)]
        # What one patch breaks and a later one mends is one counterexample.
        if len({f.id for f in chosen}) == 1:
            chosen = [f for f in chosen if f.relation == "introduced"][:1] or chosen[:1]
        if len(chosen) != 1:
            raise _unclear(chosen or found, source, finding_id, fits=bool(chosen))
        diffs = tuple(d for d in whole.diffs if d.index <= chosen[0].patch)
        return FindingFile(chosen[0], tool, head, diffs)
    said = data.get("diffs", [])
    diffs = tuple(_placed(Diff, one, source) for one in (said if isinstance(said, list) else [said]))
    own = {key: entry for key, entry in data.items() if key not in ("schema", "tool", "series", "diffs")}
    return FindingFile(_placed(Finding, own, source), tool, head, diffs)


def series_of(held: FindingFile, source: str) -> Series | None:
    """The patches that a finding came with, to be applied; None where it does not carry them."""
    if not held.diffs:
        return None
    blank = PatchReview(0, "", "", ())
    patches = tuple(
        Patch(d.index, d.subject, _bare_mail(blank, f"{source}, patch {d.index}", unpack(d.diff, source)))
        for d in held.diffs
    )
    head = held.series
    return Series(head.subject if head else "", head.version if head else 1, len(patches), patches)


def with_confirmed(text: str | bytes, source: str, finding: Finding, found: Confirmed) -> dict[str, Any]:
    """The same document with what running kernels showed of one of its findings."""
    data = _parse(text, source)
    for entry in data.get("findings", [data]):
        if (entry["id"], entry["relation"], entry["patch"]) == (finding.id, finding.relation, finding.patch):
            entry["confirmed"] = encode(found)
    return data


def _unclear(listed: Sequence[Finding], source: str, finding_id: str, *, fits: bool) -> ReviewError:
    """None or more than one finding fits: those that there are to choose from."""
    what = "which finding?" if fits else f"no finding here has the id {finding_id!r}" if finding_id else "no findings"
    lines = list(dict.fromkeys(f"{f.id}  {f.rule} {called(f)}, {f.relation}, patch {f.patch}" for f in listed))
    lines[_LISTED:] = [f"... {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    return ReviewError(what, place=source, details=lines, hint="Name one with --id." if listed else "")


def _origin(review: Review) -> tuple[Tool, SeriesHead]:
    series = review.series
    head = SeriesHead(
        series.subject, series.version, review.base, review.tree, len(series.patches),
        series.missing, series.held, series.left_out,
    )  # fmt: skip
    return Tool(review.version, review.seed, review.compiler, review.contained), head


def _parse(text: str | bytes, source: str) -> dict[str, Any]:
    DOCUMENT.check(len(text), source)
    try:
        data = json.loads(text, parse_constant=_no_number)
    except RecursionError as problem:
        NESTING.check(NESTING.most + 1, source, read=True)
        raise ReviewError("this is no JSON", place=source) from problem
    except ValueError as problem:
        raise ReviewError(f"this is no JSON: {problem}", place=source) from problem
    _check_nesting(data, source)
    if not isinstance(data, dict) or data.get("schema", SCHEMA) != SCHEMA:
        raise ReviewError(f"this is no {SCHEMA} document", place=source, hint=_HINT)
    return data


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _check_nesting(data: Any, source: str) -> None:
    level, depth = [data], 0
    while level := [entry for value in level if isinstance(value, dict | list) for entry in _entries(value)]:
        depth += 1
        NESTING.check(depth, source, read=True)


def _entries(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _placed(cls: type, data: Any, source: str) -> Any:
    try:
        decoded = decode(cls, data)
        for finding in (decoded,) if cls is Finding else decoded.findings if cls is Document else ():
            decode(Mapping[str, Any], finding.scenario.get("rows", {}), "scenario.rows")
        return decoded
    except ReviewError as problem:
        place = ": ".join(filter(None, (source, problem.place)))
        raise ReviewError(problem.message, place=place, hint=_HINT) from problem


def _bare_mail(patch: PatchReview, source: str, diff: bytes) -> Message:
    blank: dict[str, Any] = {item.name: "" for item in fields(Message)}
    known = {"message_id": patch.message_id, "subject": patch.subject, "source": source}
    return Message(**{**blank, "references": (), "to": (), "cc": (), "diff": diff, **known})
