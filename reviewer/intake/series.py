# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to a series: its patches in order, its version, its cover letter and what they say of the base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewer.errors import MailError, NoPatchError
from reviewer.intake.subjects import Subject, parse_subject
from reviewer.model import Message, Patch, Series

# No line of a diff starts with these words, so they can be looked for below it too (git puts them there).
_TRAILER = r"^{}:[ \t]*(\S+)[ \t]*$"
_BASE = re.compile(_TRAILER.format("base-commit"), re.MULTILINE)
_CHANGE = re.compile(_TRAILER.format("change-id"), re.MULTILINE)
_COMMIT = re.compile(r"[0-9a-f]{12,64}")


@dataclass(frozen=True)
class _Mail:
    """A message and what its subject says."""

    message: Message
    subject: Subject


def series_from_messages(messages: Iterable[Message], version: int | None = None, held: bool = False) -> Series:
    """The series in a mailbox: the newest version unless one is asked for; some of its patches may be missing.

    held: the tree holds the patches before the first one here. MailError when there is no patch, when there is
    none of that version, or when it is not clear which patch is meant.
    """
    mails = [_Mail(message, parse_subject(message.subject)) for message in _once(messages)]
    covers = [mail for mail in mails if _is_cover(mail.subject)]
    chosen, left = _version(_patches(mails), covers, version)
    total = chosen[0].subject.total
    cover = next((mail.message for mail in reversed(covers) if _same_set(mail, chosen[0])), None)
    patches = _numbered(chosen, total) if total else _unnumbered(chosen)
    texts = [cover, *(patch.message for patch in patches)]
    before = tuple(range(1, patches[0].index)) if held else ()
    here = {*before, *(patch.index for patch in patches)}
    return Series(
        subject=_title(cover) or patches[0].subject,
        version=chosen[0].subject.version,
        total=total or len(patches),
        patches=patches,
        cover=cover,
        base_commit=next((base for base in _trailers(_BASE, texts) if _COMMIT.fullmatch(base)), ""),
        change_id=next(iter(_trailers(_CHANGE, texts)), ""),
        missing=tuple(number for number in range(1, total + 1) if number not in here),
        held=before,
        left_out=tuple(mail.subject.text or mail.message.source for mail in left),
    )


def _once(messages: Iterable[Message]) -> list[Message]:
    """Each message once: the list's copy and the direct copy share their Message-ID."""
    kept: dict[object, Message] = {}
    for message in messages:
        kept.setdefault(message.message_id or object(), message)
    return list(kept.values())


def _patches(mails: Sequence[_Mail]) -> list[_Mail]:
    """The mails that are patches. A diff in a reply is an idea, used only when there is nothing else."""
    diffs = [mail for mail in mails if mail.message.diff and not _is_cover(mail.subject)]
    posted = [mail for mail in diffs if not mail.subject.reply]
    tagged = [mail for mail in posted if mail.subject.patch]
    replied = [mail for mail in diffs if mail.subject.reply]
    if tagged or posted:
        return tagged or posted
    if not replied:
        raise NoPatchError(
            "no patch in this mail" if len(mails) == 1 else f"no patch in any of these {len(mails)} mails",
            place=mails[0].message.source if len(mails) == 1 else "",
            hint="A patch quoted in a reply does not count; give the mail in which it was posted.",
        )
    if len(replied) > 1:
        places = "; ".join(mail.message.source for mail in replied)
        raise MailError(
            "no patch was posted here, but several replies hold a diff",
            place=places,
            hint="Save the one that is meant to a file of its own.",
        )
    # Its n/m is that of the mail it answers.
    only = replied[0]
    return [_Mail(only.message, Subject(only.subject.text, True, True, only.subject.version, 0, 0))]


def _version(mails: Sequence[_Mail], covers: Sequence[_Mail], version: int | None) -> tuple[list[_Mail], list[_Mail]]:
    """The patches of one version: of several sets, the one with most patches announced; and the other sets."""
    # A cover letter counts: with that of v5 and the patches of v4, it is v5 that is incomplete.
    wanted = max(mail.subject.version for mail in (*mails, *covers)) if version is None else version
    same = [mail for mail in mails if mail.subject.version == wanted]
    if not same:
        found = ", ".join(f"v{number}" for number in sorted({mail.subject.version for mail in mails}))
        hint = "" if version else f"Save the whole thread of v{wanted}, or give a mailbox without it."
        raise MailError(f"there is no patch of version {wanted} here, only of {found}", hint=hint)
    total = max(mail.subject.total for mail in same)
    return [m for m in same if m.subject.total == total], [m for m in same if m.subject.total != total]


def _is_cover(subject: Subject) -> bool:
    return subject.numbered and subject.index == 0 and not subject.reply


def _same_set(one: _Mail, other: _Mail) -> bool:
    return (one.subject.version, one.subject.total) == (other.subject.version, other.subject.total)


def _numbered(mails: Sequence[_Mail], total: int) -> tuple[Patch, ...]:
    """The patches by number. Posted twice under one subject, the later one counts."""
    found: dict[int, _Mail] = {}
    for mail in mails:
        index, text = mail.subject.index, mail.subject.text
        if index in found and found[index].subject.text != text:
            raise MailError(
                f'"{found[index].subject.text}" and "{text}" are both patch {index} of {total}',
                place=mail.message.source,
                hint="Give one series at a time.",
            )
        found[index] = mail
    return tuple(_patch(index, found[index]) for index in sorted(found))


def _unnumbered(mails: Sequence[_Mail]) -> tuple[Patch, ...]:
    """Patches without n/m, in the order they came. Posted twice under one subject, the later one counts."""
    latest = {mail.subject.text or mail.message.source: mail for mail in mails}
    return tuple(_patch(index, mail) for index, mail in enumerate(latest.values(), 1))


def _patch(index: int, mail: _Mail) -> Patch:
    return Patch(index, mail.subject.text or mail.message.source, mail.message)


def _title(cover: Message | None) -> str:
    """What a cover letter calls the series; empty when git's form was not filled in."""
    text = parse_subject(cover.subject).text if cover else ""
    return "" if text == "*** SUBJECT HERE ***" else text


def _trailers(pattern: re.Pattern[str], messages: Sequence[Message | None]) -> list[str]:
    """All values of a trailer, in order of the messages."""
    texts = (text for m in messages if m for text in (m.body, m.diff.decode("utf-8", "replace")))
    return [value for text in texts for value in pattern.findall(text)]
