# SPDX-License-Identifier: GPL-2.0-or-later
"""Who gets a draft: who is to be answered, and the others of the mail. Whoever is left out is told, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reviewer.intake.addresses import entries, parsed
from reviewer.model import Message
from reviewer.report.text import one_line, shortened
from reviewer.words import listing

_NAME = 128  # of a person; what is longer is none
_SHOWN = 80  # of what is no address
# What no relay trips over: RFC 5322 allows more, of which no list makes use.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", re.ASCII)
Person = tuple[str, str]  # name and address


@dataclass(frozen=True)
class Recipients:
    """Each address once. left: who is left out, and why, in words. instead: nobody who wrote it has an address."""

    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    left: tuple[str, ...]
    instead: bool


def recipients(mail: Message) -> Recipients:
    """A reply goes where the mail asks for it, else to its authors, else to the first of those that the mail went to;
    all others of the mail get a copy."""
    told = {"Reply-To": mail.reply_to, "From": (mail.author,), "To": mail.to, "Cc": mail.cc}
    good = {header: people(texts) for header, texts in told.items()}
    wanted = good["Reply-To"] or good["From"]
    every = _once([*wanted, *(person for found in good.values() for person in found)])
    first = len(wanted) or 1
    left = [f"{header} {one_line(shortened(entry, _SHOWN))!r} {why}"
            for header, texts in told.items() for entry in _each(texts) if (why := _wrong(entry))]  # fmt: skip
    return Recipients(tuple(every[:first]), tuple(every[first:]), tuple(dict.fromkeys(left)), not wanted)


def people(texts: Iterable[str]) -> list[Person]:
    """Name and address of each entry that has one, every address once."""
    return _once((name[:_NAME], a) for name, a in map(parsed, _each(texts)) if _ADDRESS.fullmatch(a))


def _once(found: Iterable[Person]) -> list[Person]:
    kept: dict[str, Person] = {}
    for person in found:
        kept.setdefault(person[1].lower(), person)
    return list(kept.values())


def author_name(mail: Message) -> str:
    """Who wrote a mail, by name, else by what stands there."""
    return listing([name or address for name, address in map(parsed, _each([mail.author])) if name or address]) or "you"


def _each(texts: Iterable[str]) -> list[str]:
    return [entry for text in texts for entry in entries(one_line(text))]


def _wrong(entry: str) -> str:
    """Why nothing can be sent there; empty where it can, and where nobody is named: "undisclosed-recipients:"."""
    name, address = parsed(entry)
    if _ADDRESS.fullmatch(address) or not (name or address):
        return ""
    if not address or "@" not in address:
        return "has no address"
    return "is no address" if address.isascii() else "is no address in ASCII"
