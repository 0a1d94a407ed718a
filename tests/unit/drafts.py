# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts for the tests of replies: of a series of one patch with findings, read back as mails."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import sample

from reviewer.model import Message, Review
from reviewer.report.reply import replies
from reviewer.report.wishes import Wishes


def parse(raw: bytes) -> EmailMessage:
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    assert max(len(line) for line in raw.split(b"\n")) <= 998
    return mail


def body(raw: bytes) -> str:
    return str(parse(raw).get_content())


def with_mail(review: Review, **changes: Any) -> Review:
    """The review with its first patch's mail changed."""
    first, *rest = review.series.patches
    mail: Message = replace(first.message, **changes)
    return replace(review, series=replace(review.series, patches=(replace(first, message=mail), *rest)))


def found(*findings: Any, **changes: Any) -> Review:
    """A series of one patch with findings, its mail changed."""
    found = tuple(replace(finding, patch=1) for finding in findings or (sample.finding(),))
    return with_mail(sample.single(verdict="findings", findings=found), **changes)


def single(*findings: Any, **wishes: Any) -> str:
    return body(replies(found(*findings), Wishes(**wishes))["0001-reply.eml"])


def own(text: str) -> list[str]:
    """What is not quoted."""
    return [line for line in text.splitlines() if not line.startswith(">")]
