# SPDX-License-Identifier: GPL-2.0-or-later
"""What a finding holds to be run again: the code of both sides, the scenario, the flavour."""

from __future__ import annotations

import re

from oracle.flavours import FLAVOURS
from oracle.wire import Scenario, scenario
from reviewer.errors import ReviewError
from reviewer.findings.findings import unpacked
from reviewer.limits import NUMBERS
from reviewer.model import Finding

_NUMBERS = re.compile(r"-?[0-9]{1,400}(?: -?[0-9]{1,400})*")
_WORD = 1 << 63


def prepared(finding: Finding, place: str) -> tuple[tuple[str, str], Scenario, str]:
    """The code of both sides, the scenario and the flavour that a finding holds.

    ReviewError where it holds none, or what no review writes."""
    if finding.kind == "static":
        raise ReviewError("this finding was read in the source: there is nothing to run", place=place)
    try:
        exact, flavour = finding.scenario["exact"], str(finding.scenario["flavour"])
        numbers = str(exact["numbers"])
        NUMBERS.check(numbers.count(" ") + 1, place)
        if _NUMBERS.fullmatch(numbers) is None:
            raise ValueError("its scenario is no row of numbers")
        code, what = unpacked(exact), scenario(numbers)
        if not all(abs(int(number)) < _WORD for number in numbers.split()):
            raise ValueError("a number of its scenario is beyond 64 bits")
        if flavour not in FLAVOURS:
            raise ValueError(f"no flavour is called {flavour!r}; there are {', '.join(FLAVOURS)}")
    except (KeyError, TypeError, ValueError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ReviewError(f"this finding cannot be replayed: {why}", place=place) from error
    return code, what, flavour
