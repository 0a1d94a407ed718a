# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail as a file: RFC 5322, text in UTF-8, no line above 998 octets, nothing in it that depends on the time.

Headers are folded here: the standard library makes encoded words of long References, which breaks threading.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, getaddresses

from reviewer.model import Message
from reviewer.report.text import one_line

_OCTETS = 998
_NAME = 128  # of a person; what is longer is none
# What no relay trips over: RFC 5322 allows more, of which no list makes use.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", re.ASCII)
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
    author = _addresses([mail.author])
    others = [entry for entry in _addresses([*mail.to, *mail.cc]) if entry[1] not in {e[1] for e in author}]
    subject = one_line(mail.subject)
    return unsent(
        {
            "From": _list(_addresses([sender])),
            "To": _list(author),
            "Cc": _list(others),
            "Subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
            **_thread(mail),
        },
        parts,
        "mixed",
    )


def report_on(mail: Message | None, subject: str, parts: Sequence[Part]) -> bytes:
    """A mail of its own, in the thread of the series where there is one; the parts say the same."""
    return unsent({"Subject": one_line(subject), **(_thread(mail) if mail else {})}, parts, "alternative")


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


def author_name(mail: Message) -> str:
    """Who wrote a mail, by name, else by address."""
    name, address = next(iter(_addresses([mail.author])), ("", ""))
    return name or address or "you"


def answerable(mail: Message) -> bool:
    """Whether there is a mail to answer, and somebody who wrote it."""
    return bool(_addresses([mail.author])) or bool(_ids([mail.message_id]))


def _thread(mail: Message) -> dict[str, str]:
    references = dict.fromkeys([*mail.references, mail.message_id])
    return {"In-Reply-To": _ids([mail.message_id]), "References": _ids(references)}


def _encoded(content: bytes) -> tuple[str, bytes]:
    if any(len(line) > _OCTETS for line in content.split(b"\n")):
        return "quoted-printable", quopri.encodestring(content)
    return "7bit" if content.isascii() else "8bit", content


def _in_lines(content: bytes) -> bytes:
    return base64.encodebytes(content)


def _addresses(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Name and address of each entry, every address once; what is no ASCII address is left out."""
    parsed = getaddresses([one_line(text) for text in texts if text])
    return list({addr.lower(): (name[:_NAME], addr) for name, addr in parsed if _ADDRESS.fullmatch(addr)}.values())


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
