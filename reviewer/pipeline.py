# SPDX-License-Identifier: GPL-2.0-or-later
"""The straight line: series and tree in, Review out. Every stage is a module; this is their order."""

from __future__ import annotations

from dataclasses import replace

from oracle import sandbox
from reviewer import __version__
from reviewer.building.toolchain import compiler_version
from reviewer.findings.precedents import citing
from reviewer.findings.repairs import fixed_later
from reviewer.findings.versions import Archive, compared
from reviewer.model import Finding, PatchReview, Review, Series, SeriesTrees
from reviewer.patches import Conditions, Hands, each
from reviewer.running.claims import joined, verdict
from reviewer.running.listener import Listener, Nobody
from reviewer.settings import Settings

__all__ = ["Settings", "review"]


def review(
    series: Series,
    trees: SeriesTrees,
    settings: Settings,
    told: Listener | None = None,
    previous: Review | None = None,
    hands: Hands | None = None,
    memory: Archive | None = None,
) -> Review:
    """Review a series that was applied. told: who hears how it goes.

    previous: the review of an earlier version; what has not changed since is taken from there. hands: what runs
    code. memory: what came of patches before, whatever series they were in. When a signal ends it the patches that are
    done are reviewed, and the others not seen; Halted when there are none."""
    done: list[PatchReview] = []
    found: list[Finding] = []
    halted = False
    asked = Conditions(settings, hands or Hands(), previous, memory)
    try:
        for one, more in each(trees, series.total, asked, told or Nobody()):
            done.append(one)
            found += more
    except sandbox.Halted:
        if not done:
            raise
        halted, series = True, _seen(series, {p.index for p in done})
    kept = citing(fixed_later(found))
    done = joined(done)
    kept, history = compared(previous, kept, done, settings.wants, series.part) if previous else (kept, None)
    return Review(
        version=__version__, seed=settings.seed, compiler=compiler_version(), series=series, base=trees.base,
        base_how=trees.how, tree=trees.tree, verdict=verdict(done, kept, whole=not halted),
        patches=tuple(done), findings=tuple(kept), previous=history, contained=sandbox.current().names,
    )  # fmt: skip


def _seen(series: Series, indexes: set[int]) -> Series:
    """The part of a series that was reviewed when a signal came: the rest was not seen."""
    here = tuple(patch for patch in series.patches if patch.index in indexes)
    unseen = {patch.index for patch in series.patches} - indexes
    return replace(series, patches=here, missing=tuple(sorted({*series.missing, *unseen})))
