# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews that were made already: who sends a series twice does not wait twice.

A review is known by all that it depends on: the patches, the commit they are made on, how it is asked for, the compiler
and this tool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress

from reviewer import cache
from reviewer.errors import ReviewError
from reviewer.interrupts import halted
from reviewer.model import Review, Series
from reviewer.report import document
from reviewer.settings import Settings
from reviewer.toolchain import compiler_version
from reviewer.versions import tool


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
    return f"review-{hashlib.sha256(repr((mails, about, asked)).encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
