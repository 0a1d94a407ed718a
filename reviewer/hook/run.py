# SPDX-License-Identifier: GPL-2.0-or-later
"""A turn of the hook: what git send-email is about to send is reviewed, and only a violation holds it back.

Whatever else goes wrong is told in a line and lets the mails go.
"""

from __future__ import annotations

import hashlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from oracle.rules import UnknownRuleError
from reviewer.commands import asking, config
from reviewer.errors import NoPatchError, ReviewError
from reviewer.hook import sending, single, words
from reviewer.hook.install import BLOCKED
from reviewer.limits import MAIL_FILE
from reviewer.model import Review
from reviewer.report import html, status
from reviewer.support import cache
from reviewer.support.bounded import content
from reviewer.support.interrupts import halted
from reviewer.trees.choice import stands_in_kernel

BUDGET = 0.5  # seconds a patch, where nothing else is set: with what building takes, five patches are some 20 s


def turn(file: str) -> int:
    """Review what git is about to send. BLOCKED for a violation, else 0, or what a signal asked for."""
    try:
        files = sending.collected(file)
        return _judged(files) if files else 0
    except NoPatchError:  # a cover letter, where git hands over one mail at a time
        return 0
    except ReviewError as error:
        print(words.unable(error.short), file=sys.stderr)
    except UnknownRuleError as error:
        print(words.unable(str(error)), file=sys.stderr)
    except Exception as error:
        if os.environ.get("REVIEW_PATCH_TRACE") == "raise":
            raise
        print(words.unable(f"{type(error).__name__}: {error}"), file=sys.stderr)
    return 0


def _judged(files: Sequence[str]) -> int:
    args = arguments(files)
    leave_repository()
    if not concerned(args):
        return 0
    done = _reviewed(args)
    if halted():
        print("review-patch: stopped, and nothing was sent", file=sys.stderr)
        return halted()
    failing = status.failing(done, args.fail_on)
    told = words.blocked(done, failing, _page(done)) if failing else [] if args.quiet else words.passed(done)
    for line in told:
        print(line, file=sys.stderr)
    return BLOCKED if failing else 0


def concerned(args: Namespace) -> bool:
    """Whether there is a kernel tree: what is sent out of another project is not ours to speak of."""
    return bool(args.tree or stands_in_kernel())


def _reviewed(args: Namespace) -> Review:
    """The review of the series, or, where it comes one patch at a time, of the patch."""
    settings = asking.settings(args)
    if sending.numbered() is None:
        (file,) = args.series
        return single.reviewed(args, settings, file, content(file, MAIL_FILE), sending.sender())
    return asking.reviewed(args, settings, asking.mailed(args), unasked=True)


def arguments(given: Sequence[str]) -> Namespace:
    """What a review is asked for by settings alone, in the time that one has who is about to send."""
    return config.parsed(asking.parser(), given, budget=BUDGET, quiet=False)


def leave_repository() -> None:
    """Forget what git told us of the repository it was called in: the tree may be another one."""
    for name in (config.git("rev-parse", "--local-env-vars") or "").split():
        os.environ.pop(name, None)


def _page(done: Review) -> Path | None:
    """Where the whole report is written to; None when there is no room for it."""
    name = hashlib.sha256(repr([f.id for f in done.findings]).encode()).hexdigest()[:12]
    with suppress(OSError, ReviewError):
        path = cache.writable() / f"sending-{name}.html"
        path.write_text(html.page(done), encoding="utf-8")
        return path
    return None
