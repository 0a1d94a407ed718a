# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers in words, as errors and reports have them alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def ranges(numbers: Iterable[int]) -> str:
    """Numbers of lines or patches for people: "44, 46-50"."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def count(number: int, word: str, many: str = "") -> str:
    """ "1 scenario", "120,000 scenarios"."""
    return f"{number:,} {word if number == 1 else many or word + 's'}"


def listing(names: Sequence[str]) -> str:
    """ "B5", "B5 and E2", "B5, E2 and S4"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def patches(numbers: Iterable[int]) -> str:
    """ "patch 2", "patches 1, 4-7"."""
    listed = list(numbers)
    return f"{'patch' if len(listed) == 1 else 'patches'} {ranges(listed)}"


def span(seconds: float) -> str:
    """1:02:03, or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
