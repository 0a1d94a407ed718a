# SPDX-License-Identifier: GPL-2.0-or-later
"""The smallest set of parts that mends, found with few questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from reviewer.findings.blame import fewest


def asking(needed: Callable[[set[str]], bool], limit: int = 99) -> tuple[Callable[[Sequence[str]], bool], list[str]]:
    """mends() of a fault that is gone where needed() holds, and the questions it was asked, at most limit."""
    asked: list[str] = []

    def mends(parts: Sequence[str]) -> bool:
        word = "".join(parts)
        if word not in asked and len(asked) < limit:
            asked.append(word)
        return word in asked and needed(set(parts))

    return mends, asked


@pytest.mark.parametrize("guilty", "abcdefgh")
def test_one_part_is_found(guilty: str) -> None:
    mends, asked = asking(lambda parts: guilty in parts)
    assert fewest("abcdefgh", mends) == [guilty]
    assert len(asked) <= 7


def test_of_two_that_each_mend_the_first_is_named() -> None:
    mends, asked = asking(lambda parts: bool(parts & set("bd")))
    assert fewest("abcd", mends) == ["b"]
    assert asked == ["abcd", "a", "ab", "b"]


def test_parts_that_are_needed_together_are_named_together() -> None:
    mends, _ = asking(lambda parts: parts >= set("ac"))
    assert fewest("abcd", mends) == ["a", "c"]


def test_what_does_not_compile_alone_does_not_mend() -> None:
    mends, _ = asking(lambda parts: "b" in parts and ("c" in parts) == ("d" in parts))
    assert fewest("abcd", mends) == ["b"]
    mends, _ = asking(lambda parts: "c" in parts and "d" in parts)
    assert fewest("abcd", mends) == ["c", "d"]


def test_when_questions_run_out_what_is_named_still_mends() -> None:
    mends, asked = asking(lambda parts: parts >= set("fg"), limit=3)
    assert set(fewest("abcdefgh", mends)) >= set("fg")
    assert len(asked) == 3


def test_nothing_is_named_where_all_together_do_not_mend() -> None:
    mends, _ = asking(lambda parts: not parts)
    assert fewest("abc", mends) == []
