# SPDX-License-Identifier: GPL-2.0-or-later
"""Versions of a series: what of an earlier review still holds, and what became of its findings.

A patch whose digest is that of an earlier review would come out the same: it is not run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import oracle
import reviewer
from oracle.entries import ENTRIES
from oracle.flavours import FLAVOURS, GENERIC_HEADERS, GENERIC_SOURCES
from reviewer.model import Departed, Finding, PatchReview, PatchTrees, Previous, Review

Key = tuple[str, str]
_ASKED = ("introduced", "preexisting")
Told = tuple[PatchReview, list[Finding]]


@dataclass(frozen=True)
class Known:
    """What came of a patch. waits: (name, file) of what nothing has called up to it."""

    patch: PatchReview
    findings: tuple[Finding, ...]
    waits: frozenset[Key]


class Archive(Protocol):
    """What came of patches before. said: what that depends on beside the code and this tool."""

    def get(self, step: PatchTrees, said: str) -> Known | None:
        """What came of the same patch on the same tree, under its new number."""
        ...

    def put(self, step: PatchTrees, said: str, known: Known) -> None:
        """Keep what came of it."""
        ...


def digest_of(step: PatchTrees, settings: str, compiler: str) -> str:
    """What the results of a patch depend on, as 24 digits: this tool, how it is asked, and all code it may slice."""
    whole = hashlib.sha256(f"{tool()}\0{compiler}\0{settings}".encode())
    for path in sorted({*_sources(), *step.paths}):
        for tree in (step.before, step.after):
            content = tree.read(path)
            whole.update(f"\0{path}\0{'' if content is None else _sum(content)}".encode())
    return whole.hexdigest()[:24]


@cache
def _sources() -> frozenset[str]:
    """Files of a kernel that a slice may come from, beside those that a patch touches."""
    own = {file for entry in ENTRIES for file in entry.files}
    arch = {p for f in FLAVOURS.values() for p in (*f.headers, *f.sources, *(probe[1] for probe in f.probes))}
    return frozenset({*GENERIC_HEADERS, *GENERIC_SOURCES, *own, *arch})


@lru_cache(maxsize=256)
def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def tool() -> str:
    """The code of this tool: another version of it may find something else."""
    roots = [Path(str(package.__file__)).parent for package in (oracle, reviewer)]
    files = [p for root in roots for p in sorted(root.rglob("*")) if p.suffix in {".py", ".c", ".h", ".toml", ".scm"}]
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()


def taken_over(old: Review, digest: str, step: PatchTrees) -> Told | None:
    """The results of the patch with that digest, under its new number; None when there is none."""
    known = next((p for p in old.patches if p.digest == digest), None)
    if known is None:
        return None
    return renumbered(known, [f for f in old.findings if f.patch == known.index], step)


def renumbered(known: PatchReview, findings: Iterable[Finding], step: PatchTrees) -> Told:
    """The results of a patch as those of the same patch in this series."""
    patch = step.patch
    now = PatchReview(patch.index, patch.subject, patch.message.message_id, known.functions, known.digest)
    return now, [replace(f, patch=patch.index, fixed_by_patch=None, history="") for f in findings]


def compared(
    old: Review,
    findings: Sequence[Finding],
    patches: Sequence[PatchReview],
    wants: Callable[[str], bool],
    part: bool = False,
) -> tuple[list[Finding], Previous]:
    """The findings, each new or remaining, and what became of the earlier ones.

    Alike are findings with one id, else of one rule in one function. wants: whether a rule is asked for at all.
    part: not all patches of the series are here."""
    rest = [f for f in old.findings if f.relation in _ASKED and wants(f.rule)]
    matched: set[int] = set()
    for alike in (_same_id, _same_place):
        for at, finding in enumerate(findings):
            first = next((f for f in rest if alike(f, finding)), None) if at not in matched else None
            if first is not None and finding.relation in _ASKED:
                rest.remove(first)
                matched.add(at)
    told = [
        replace(f, history="remaining" if at in matched else "new") if f.relation in _ASKED else f
        for at, f in enumerate(findings)
    ]
    gone = tuple(_departed(f) for f in rest if _looked_at(f, patches, part))
    unchecked = tuple(_departed(f) for f in rest if not _looked_at(f, patches, part))
    kept = {p.digest for p in old.patches} - {""}
    return told, Previous(old.series.version, tuple(p.index for p in patches if p.digest in kept), gone, unchecked)


def _same_id(old: Finding, new: Finding) -> bool:
    return old.id == new.id


def _same_place(old: Finding, new: Finding) -> bool:
    return (old.rule, old.function, old.file) == (new.rule, new.function, new.file)


def _departed(f: Finding) -> Departed:
    return Departed(f.id, f.rule, f.kind, f.file, f.function, f.patch, f.summary, f.symbol)


def _looked_at(f: Finding, patches: Sequence[PatchReview], part: bool) -> bool:
    """Whether it would have shown: its function ran again in full where it did before, or is not changed any more."""
    again = [g for p in patches for g in p.functions if (g.name, g.file) == (f.function, f.file)]
    if part and not again:  # a patch that is not here may change it
        return False
    return f.kind == "static" or all(g.status == "exercised" and {*f.flavours} & {*g.flavours} for g in again)
