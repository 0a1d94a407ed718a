# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers of a mail as text, however broken they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser

from reviewer.intake.addresses import entries, parsed, written
from reviewer.limits import HEADER_LINES, HEADERS

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_IDENTIFIER = re.compile(r"<([^<>\s]+)>")


@dataclass(frozen=True)
class Headers:
    """Headers by name; a missing one reads as empty. No method raises, whatever the mail holds."""

    fields: Message

    @classmethod
    def of(cls, mail: bytes) -> Headers:
        """The headers of one mail, with or without the From line of an mbox before them, up to the limits."""
        if mail.startswith(b"From "):
            mail = mail.partition(b"\n")[2]
        block = _BLANK_LINE.split(mail[: HEADERS.most], maxsplit=1)[0]
        block = b"\n".join(block.split(b"\n", HEADER_LINES.most)[: HEADER_LINES.most])
        # Raw UTF-8 in headers is common; decoding first keeps surrogates out of everything that follows.
        return cls(HeaderParser().parsestr(block.decode("utf-8", "replace")))

    @property
    def complete(self) -> bool:
        """Whether this is the head of a mail: the headers without which neither git nor a list takes it."""
        return "From" in self.fields and "Subject" in self.fields

    def text(self, name: str) -> str:
        """One header decoded (RFC 2047) and unfolded."""
        return _decoded(self._raw(name))

    def addresses(self, name: str) -> tuple[str, ...]:
        """The entries of all headers of that name, as "Name <user@example.org>"; also those that are no address."""
        # Names are decoded after the split: an encoded one may hold a comma.
        raw = [" ".join(str(value).split()) for value in self.fields.get_all(name, [])]
        pairs = [parsed(entry) for text in raw for entry in entries(text)]
        return tuple(written(_decoded(person), address) for person, address in pairs if person or address)

    def identifiers(self, name: str) -> tuple[str, ...]:
        """The message ids in a header, without angle brackets."""
        return tuple(_IDENTIFIER.findall(self._raw(name)))

    def identifier(self, name: str) -> str:
        """The first message id in a header, empty when there is none."""
        return next(iter(self.identifiers(name)), "")

    def _raw(self, name: str) -> str:
        return str(self.fields.get(name, ""))


def _decoded(value: str) -> str:
    unfolded = " ".join(value.split())
    try:
        return " ".join(str(make_header(decode_header(unfolded))).split())
    except (MessageError, LookupError, ValueError):  # unknown charset, broken base64: show it as it came
        return unfolded
