# SPDX-License-Identifier: GPL-2.0-or-later
"""What was reviewed already: who sends a series twice, or one of ten patches anew, does not wait twice.

A review is known by all that it depends on: the patches, the commit they are made on, how it is asked for, the compiler
and this tool. A patch is known by its own and those before it, which is the tree that it is made on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from oracle import sandbox
from reviewer.building.toolchain import compiler_version
from reviewer.errors import ReviewError
from reviewer.findings.versions import Known, renumbered, tool
from reviewer.model import Finding, PatchReview, PatchTrees, Review, Series, SeriesTrees
from reviewer.report import document
from reviewer.report.codec import decode, encode
from reviewer.settings import Settings
from reviewer.support import cache
from reviewer.support.interrupts import halted


def remembered(series: Series, base: str, settings: Settings, last: bool, make: Callable[[], Review]) -> Review:
    """The review of before, of which mails have their subjects alone; else the one that is made now. base: the commit;
    last: of the last patch alone."""
    name = _name(series, base, settings, last)
    if (text := cache.text(name)) is not None:
        with suppress(ReviewError):
            return document.load(text, name)
    done = make()
    if not halted():
        with suppress(ReviewError):  # a cache without room
            cache.put(name, document.dumps(document.review_document(done)).encode("ascii"))
    return done


def _name(series: Series, base: str, settings: Settings, last: bool) -> str:
    """What ids and dates a mail was given does not matter: git send-email makes new ones each time."""
    mails = [(p.index, p.message.subject, p.message.body, p.message.diff) for p in series.patches]
    about = (series.version, series.total, series.held, series.missing, series.base_commit, series.revisions)
    asked = (settings.told(), base, last, tool(), compiler_version())
    return f"review-{_digest((mails, about, asked))}"


def _digest(what: object) -> str:
    """40 digits of plain data: repr() tells where each part of it ends."""
    return hashlib.sha256(repr(what).encode("utf-8", "surrogatepass")).hexdigest()[:40]


class Remembered:
    """What came of each patch of a series before (versions.Memory)."""

    def __init__(self, trees: SeriesTrees) -> None:
        """trees: on a commit, which names all that it holds."""
        self._trees: dict[int, tuple[str, str]] = {}
        before = _digest(trees.base)
        for step in trees.patches:
            after = _digest((before, [(path, _digest(step.after.read(path))) for path in step.paths]))
            self._trees[step.patch.index], before = (before, after), after

    def get(self, step: PatchTrees, said: str) -> Known | None:
        """What came of the same patch on the same tree; None where that is not known, or cannot be read."""
        name = self._name(step, said)
        if (text := cache.text(name)) is None:
            return None
        with suppress(ReviewError, ValueError):
            kept = decode(_Kept, json.loads(text), name)
            patch, findings = renumbered(kept.patch, kept.findings, step)
            return Known(patch, tuple(findings), frozenset((one, other) for one, other in kept.waits))
        return None

    def put(self, step: PatchTrees, said: str, known: Known) -> None:
        """Keep what came of it, unless there is no room."""
        kept = _Kept(known.patch, known.findings, tuple(sorted(known.waits)))
        with suppress(ReviewError):
            cache.put(self._name(step, said), json.dumps(encode(kept)).encode("ascii"))

    def _name(self, step: PatchTrees, said: str) -> str:
        from reviewer.slicing.kept import (
            code,  # with the parser, which whoever only asks for a whole review does without
        )

        asked = (self._trees[step.patch.index], said, tool(), code(), compiler_version(), sandbox.current().names)
        return f"patch-{_digest(asked)}"


@dataclass(frozen=True)
class _Kept:
    """Known as it is written."""

    patch: PatchReview
    findings: tuple[Finding, ...]
    waits: tuple[tuple[str, ...], ...]
