"""A reply as a mail file: RFC 5322, plain text in UTF-8, no line above 998 octets.

Headers are folded here: the standard library makes encoded words of long References, which breaks threading.
"""

from __future__ import annotations

import quopri
from collections.abc import Iterable
from email.header import Header
from email.utils import formataddr, getaddresses

from reviewer.model import Message
from reviewer.report.text import one_line

_OCTETS = 998


def reply_to(mail: Message, body: str, sender: str = "") -> bytes:
    """A draft that answers a mail. It has no date, and From only when given: sending it adds them."""
    author = _addresses([mail.author])
    others = [entry for entry in _addresses([*mail.to, *mail.cc]) if entry[1] not in {e[1] for e in author}]
    subject = one_line(mail.subject)
    references = dict.fromkeys([*mail.references, mail.message_id])
    raw = body.encode("utf-8")
    encoding = "7bit" if body.isascii() else "8bit"
    if any(len(line) > _OCTETS for line in raw.split(b"\n")):
        raw, encoding = quopri.encodestring(raw), "quoted-printable"
    headers = {
        "From": _list(_addresses([sender])),
        "To": _list(author),
        "Cc": _list(others),
        "Subject": _text(subject if subject.lower().startswith("re:") else f"Re: {subject}"),
        "In-Reply-To": _ids([mail.message_id]),
        "References": _ids(references),
        "X-Unsent": "1",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": encoding,
    }
    head = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    return head.encode("ascii") + b"\n" + raw


def author_name(mail: Message) -> str:
    """Who wrote a mail, by name, else by address."""
    name, address = next(iter(_addresses([mail.author])), ("", ""))
    return name or address or "you"


def _addresses(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Name and address of each entry, every address once; what is no ASCII address is left out."""
    parsed = getaddresses([one_line(text) for text in texts if text])
    return list({addr.lower(): (name, addr) for name, addr in parsed if "@" in addr and addr.isascii()}.values())


def _list(entries: Iterable[tuple[str, str]]) -> str:
    return ",\n\t".join(formataddr(entry) for entry in entries)


def _ids(ids: Iterable[str]) -> str:
    clean = ("".join(entry.split()).strip("<>").encode("ascii", "ignore").decode() for entry in ids)
    return "\n\t".join(f"<{entry}>" for entry in clean if entry)


def _text(text: str) -> str:
    # Plain text is folded at blanks only: a word too long for any line has to be encoded.
    plain = text.isascii() and all(len(word) < _OCTETS // 2 for word in text.split())
    return Header(text, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name="Subject").encode()
