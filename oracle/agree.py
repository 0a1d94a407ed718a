"""Whether flavours with pages of one size agree on what a function does, before a patch and after it.

Each flavour runs the same scenarios; the runner cuts them down to what all of them can represent and answers with
digests of the logical state (world/agree.c). Where they agreed before a patch and do not after, the flavour whose own
state changed is the odd one.
"""

from __future__ import annotations

from dataclasses import dataclass

from oracle.runner import Runner
from oracle.wire import names


@dataclass(frozen=True)
class Disagreement:
    """odd: which flavours changed at the patch, empty when they disagreed before it too. aspects: differences that
    tell the states apart. count: scenarios, of which first is the first."""

    odd: tuple[str, ...]
    aspects: tuple[str, ...]
    count: int
    first: int


def compare(runners: dict[str, Runner], seed: int, count: int) -> list[Disagreement]:
    """Every way in which two flavours disagree over scenarios 0 to count, the most frequent first."""
    (a, b) = runners
    states = {
        (flavour, side): runner.digests(side, seed, 0, count)
        for flavour, runner in runners.items()
        for side in ("before", "after")
    }
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for index in sorted(set.intersection(*(set(s) for s in states.values()))):
        here = {key: s[index] for key, s in states.items()}
        if here[a, "after"] == here[b, "after"]:
            continue
        before = here[a, "before"] == here[b, "before"]
        odd = tuple(f for f in runners if before and here[f, "before"] != here[f, "after"])
        pairs = zip(names("ASPECTS"), here[a, "after"], here[b, "after"], strict=True)
        found.setdefault((odd, tuple(n for n, x, y in pairs if x != y)), []).append(index)
    told = [Disagreement(odd, aspects, len(at), at[0]) for (odd, aspects), at in found.items()]
    return sorted(told, key=lambda d: -d.count)
