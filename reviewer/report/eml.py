# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail as a file: RFC 5322, text in UTF-8, no line above 998 octets, nothing in it that depends on the time but the
date of a mail of its own.

Headers are folded here: the standard library makes encoded words of long References, which breaks threading.
"""

from __future__ import annotations

import base64
import hashlib
import os
import quopri
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from reviewer.errors import ReviewError
from reviewer.model import Message
from reviewer.report.recipients import people, recipients
from reviewer.report.text import one_line

_OCTETS = 998
_EPOCH = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/
_SELF = "review-patch <review-patch@localhost>"
_ID = re.compile(r"[!-;=?A-Z^-~]{1,400}@[!-;=?A-Z^-~]{1,400}|[!-;=?A-Z^-~]{1,800}")


@dataclass(frozen=True)
class Part:
    """One part of a mail. name: of the file, when it is attached."""

    kind: str
    content: bytes
    name: str = ""

    def lines(self) -> bytes:
        """Its headers and its text, encoded as it needs to be."""
        encoding, raw = _encoded(self.content) if self.kind == "text/plain" else ("base64", _in_lines(self.content))
        charset = "; charset=utf-8" if self.kind.startswith("text/") else ""
        place = f'Content-Disposition: attachment; filename="{self.name}"\n' if self.name else ""
        head = f"Content-Type: {self.kind}{charset}\nContent-Transfer-Encoding: {encoding}\n{place}\n"
        return head.encode("ascii") + raw


def reply_to(mail: Message, parts: Sequence[Part], sender: str = "") -> bytes:
    """A draft that answers a mail. It has no date, and From only when given: sending it adds them."""
    who = recipients(mail)
    subject = one_line(mail.subject)
    return unsent(
        {
            "From": _list(people([sender])),
            "To": _list(who.to),
            "Cc": _list(who.cc),
            "Subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
            **_thread(mail),
        },
        parts,
        "mixed",
    )


def report_on(mail: Message | None, subject: str, parts: Sequence[Part], sender: str = "") -> bytes:
    """A mail of its own, in the thread of the series where there is one; the parts say the same. It names nobody whom
    it goes to: whoever sends it does."""
    digest = hashlib.sha256(b"".join([subject.encode(errors="replace"), *(part.content for part in parts)])).hexdigest()
    return unsent(
        {
            "From": _list(people([sender])) or _SELF,
            "Date": _date(),
            "Message-ID": f"<{digest[:32]}@review-patch.invalid>",
            "Subject": one_line(subject),
            **(_thread(mail) if mail else {}),
        },
        parts,
        "alternative",
    )


def _date() -> str:
    """Now, or when SOURCE_DATE_EPOCH says, so that the same review is the same bytes."""
    epoch = os.environ.get(_EPOCH, "")
    try:
        return format_datetime(datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise ReviewError("is no time in seconds since 1970", place=f"{_EPOCH}={epoch}") from error


def unsent(headers: Mapping[str, str], parts: Sequence[Part], how: str) -> bytes:
    """A mail that nobody has sent yet. how: what several parts are to each other."""
    told = {**headers, "Subject": _text(headers["Subject"]), "X-Unsent": "1", "MIME-Version": "1.0"}
    head = "".join(f"{name}: {value}\n" for name, value in told.items() if value).encode("ascii")
    if len(parts) == 1:
        return head + parts[0].lines()
    bodies = [part.lines() for part in parts]
    mark = f"=_{hashlib.sha256(b''.join(bodies)).hexdigest()[:32]}"
    inner = b"".join(f"--{mark}\n".encode() + body + b"\n" for body in bodies)
    return head + f'Content-Type: multipart/{how}; boundary="{mark}"\n\n'.encode() + inner + f"--{mark}--\n".encode()


def _thread(mail: Message) -> dict[str, str]:
    references = dict.fromkeys([*mail.references, mail.message_id])
    return {"In-Reply-To": _ids([mail.message_id]), "References": _ids(references)}


def _encoded(content: bytes) -> tuple[str, bytes]:
    if any(len(line) > _OCTETS for line in content.split(b"\n")):
        return "quoted-printable", quopri.encodestring(content)
    return "7bit" if content.isascii() else "8bit", content


def _in_lines(content: bytes) -> bytes:
    return base64.encodebytes(content)


def _list(entries: Iterable[tuple[str, str]]) -> str:
    return ",\n\t".join(_person(*entry) for entry in entries)


def _person(name: str, address: str) -> str:
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', maxlinelen=70).encode()}\n\t<{address}>"


def _ids(ids: Iterable[str]) -> str:
    clean = ("".join(entry.split()).strip("<>") for entry in ids)
    return "\n\t".join(f"<{entry}>" for entry in clean if _ID.fullmatch(entry))


def _text(text: str) -> str:
    # Plain text is folded at blanks only: a word too long for any line has to be encoded.
    plain = text.isascii() and all(len(word) < _OCTETS // 2 for word in text.split())
    return Header(text, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name="Subject").encode()
