# SPDX-License-Identifier: GPL-2.0-or-later
"""Who sends a series twice does not wait twice, and never gets the answer to another question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewer.commands.remembered import remembered
from reviewer.model import Message, Patch, Review, Series
from reviewer.settings import Settings
from reviewer.support import cache

MAIL = Message("1@a", "", (), "Ann <a@b>", (), (), "", "[PATCH] mm: x", "body", b"diff", "1.patch")
SERIES = Series("mm: x", 1, 1, (Patch(1, "mm: x", MAIL),))


def done(verdict: str) -> Review:
    return Review("0", 1, "cc", SERIES, "c0ffee", "", "linux", verdict, (), ())  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)


def verdict(series: Series = SERIES, base: str = "c0ffee", settings: Settings | None = None, last: bool = False) -> str:
    """What comes of asking, where a review that is made now is inconclusive."""
    return remembered(series, base, settings or Settings(), last, lambda: done("inconclusive")).verdict


def test_what_was_asked_before_is_known() -> None:
    remembered(SERIES, "c0ffee", Settings(), False, lambda: done("clean"))
    assert verdict() == "clean"
    again = replace(MAIL, message_id="2@a", date="later", source="/tmp/other")  # git send-email made it anew
    assert verdict(replace(SERIES, patches=(Patch(1, "mm: x", again),))) == "clean"
    assert verdict(settings=Settings(jobs=7)) == "clean"


@pytest.mark.parametrize("what", ["subject", "body", "diff"])
def test_another_mail_is_another_question(what: str) -> None:
    remembered(SERIES, "c0ffee", Settings(), False, lambda: done("clean"))
    others: dict[str, Any] = {what: b"other" if what == "diff" else "other"}
    other = replace(MAIL, **others)
    assert verdict(replace(SERIES, patches=(Patch(1, "mm: x", other),))) == "inconclusive"


def test_so_is_another_base_or_setting() -> None:
    remembered(SERIES, "c0ffee", Settings(), False, lambda: done("clean"))
    assert verdict(base="decaf") == "inconclusive"
    assert verdict(last=True) == "inconclusive"
    assert verdict(settings=Settings(budget=1.0)) == "inconclusive"
    assert verdict(settings=Settings(ignore=frozenset({"B5"}))) == "inconclusive"
    assert verdict(replace(SERIES, held=(1,))) == "inconclusive"


def test_what_is_damaged_is_made_anew(tmp_path: Path) -> None:
    remembered(SERIES, "c0ffee", Settings(), False, lambda: done("clean"))
    (kept,) = tmp_path.glob("review-*")
    cache.put(kept.name, b"{}")
    assert verdict() == "inconclusive"
