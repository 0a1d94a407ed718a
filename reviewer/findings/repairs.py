# SPDX-License-Identifier: GPL-2.0-or-later
"""What one patch of a series breaks and a later one repairs."""

from __future__ import annotations

from dataclasses import replace

from reviewer.findings.costs import undoes
from reviewer.model import Finding


def fixed_later(found: list[Finding]) -> list[Finding]:
    """A fault of one patch that a later one of the series repairs names that patch."""

    def repaired(f: Finding) -> Finding:
        later = [g.patch for g in found if f.relation == "introduced" and _repairs(g, f)]
        return replace(f, fixed_by_patch=min(later)) if later else f

    return [repaired(f) for f in found]


def _repairs(later: Finding, f: Finding) -> bool:
    if later.relation != "fixed" or later.rule != f.rule or later.patch <= f.patch:
        return False
    if later.scenario.get("entry") != f.scenario.get("entry"):
        return False
    return f.kind != "cost" or undoes(later, f)
