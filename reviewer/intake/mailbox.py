# SPDX-License-Identifier: GPL-2.0-or-later
"""A mailbox to its mails, each within the limits, and which of them git has to decode."""

from __future__ import annotations

import re

from reviewer import limits
from reviewer.errors import MailError
from reviewer.intake.headers import Headers
from reviewer.intake.subjects import parse_subject
from reviewer.support.bounded import check_lines

# What git mailsplit takes for the start of a mail (builtin/mailsplit.c, is_from_line): a time and a year after 1990.
_FROM = re.compile(rb"^From (?=[^\n]*\d.\d\d:\d\d\s*0*(?:9[1-9]|[1-9]\d\d)[^:\n]*$)", re.MULTILINE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\n\n")
# May only be too wide: whether a mail holds a diff is seen when git has decoded it.
_MAY_HOLD_DIFF = re.compile(
    rb"^(?:diff |--- |Index: |content-transfer-encoding:\s*(?:base64|quoted-printable)|content-type:\s*multipart/)",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(rb"^content-transfer-encoding:\s*quoted-printable", re.MULTILINE | re.IGNORECASE)
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.MULTILINE | re.IGNORECASE)
_PART = re.compile(rb"^content-type:\s*multipart/(?:[^\n]|\n[ \t])*|^--([^\n]{1,200})$", re.MULTILINE | re.IGNORECASE)
_BOUNDARY = re.compile(rb'boundary\s*=\s*"?([^"\s;]{1,200})', re.IGNORECASE)


def split(label: str, data: bytes) -> list[bytes]:
    """The mails of an mbox in order, or the one mail or patch that a file holds, as git mailsplit would write them.

    Archives write "From mboxrd@z" and escape every From line. MailError for more than the limits allow."""
    data = data.replace(b"\r\n", b"\n")
    starts = [0]
    if _FROM.match(data):
        for found in _FROM.finditer(data, 1):
            starts.append(found.start())
            limits.MAILS.check(len(starts), label, MailError, read=True)
    mails = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    return [_ESCAPED.sub(rb"\1", mail) for mail in mails] if data.startswith(b"From mboxrd@z ") else mails


def check(place: str, mail: bytes, *, headed: bool) -> None:
    """MailError for a mail that is beyond a limit. headed: it is not a bare patch, without headers."""
    limits.MAIL.check(len(mail), place, MailError)
    check_lines(mail, limits.LINE, place, MailError)
    if not headed:
        return
    if _QUOTED.search(mail):  # git is quadratic in lines put together
        check_lines(mail.replace(b"=\n", b""), limits.LINE, place, MailError)
    block = _BLANK_LINE.split(mail, maxsplit=1)[0]
    limits.HEADERS.check(len(block), place, MailError)
    limits.HEADER_LINES.check(block.count(b"\n") + 1, place, MailError)
    limits.ENCODED_WORDS.check(block.count(b"=?"), place, MailError)
    if _MULTIPART.search(block):
        _check_parts(place, mail)


def matters(mail: bytes, headers: Headers) -> bool:
    """Whether what is in a mail matters: it may hold a patch, or it is a cover letter."""
    subject = parse_subject(headers.text("Subject"))
    cover = subject.numbered and subject.index == 0 and not subject.reply
    return cover or bool(_MAY_HOLD_DIFF.search(mail))


def _check_parts(place: str, mail: bytes) -> None:
    boundaries: list[bytes] = []
    parts = 0
    for found in _PART.finditer(mail):
        if (line := found[1]) is None:
            boundaries += _BOUNDARY.findall(found[0])[:1]
            limits.MIME_DEPTH.check(len(boundaries), place, MailError)
        elif line.rstrip() in boundaries:
            del boundaries[boundaries.index(line.rstrip()) + 1 :]
            parts += 1
            limits.MIME_PARTS.check(parts, place, MailError, read=True)
        elif (bare := line.rstrip().removesuffix(b"--")) in boundaries:
            del boundaries[boundaries.index(bare) :]
