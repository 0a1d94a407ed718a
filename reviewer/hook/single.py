# SPDX-License-Identifier: GPL-2.0-or-later
"""One patch of a series, handed over by itself: by b4 for a check, and by git before 2.41.

It is made on a tree that holds the patches before it. Where the tree does not, those that were handed over before it by
the same process lie below it; they were reviewed in their turn.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from reviewer.commands import asking
from reviewer.errors import TreeError
from reviewer.hook import sending
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.series import series_from_messages
from reviewer.intake.subjects import parse_subject
from reviewer.model import Message, Review, Series
from reviewer.settings import Settings


def reviewed(args: Namespace, settings: Settings, place: str, mail: bytes, giver: int) -> Review:
    """The review of a mail, which comes from place, by the process that gave it. As asking.reviewed()."""
    messages = messages_from_bytes(place, mail)
    series = series_from_messages(messages, held=True)
    earlier = sending.before(giver, mail)
    try:
        return asking.reviewed(args, settings, series, unasked=True)
    except TreeError:
        below = [message for one in earlier for message in messages_from_bytes(place, one)]
        whole = _whole(series, below, messages)
        if whole is None:
            raise
        return asking.reviewed(args, settings, whole, unasked=True, last=True)


def _whole(series: Series, below: Sequence[Message], messages: Sequence[Message]) -> Series | None:
    """The series up to its last patch here; None when one before that was not given."""
    index = series.patches[-1].index
    known = {}
    for message in below:
        subject = parse_subject(message.subject)
        if (subject.version, subject.total) == (series.version, series.total) and 0 < subject.index < index:
            known[subject.index] = message
    if index == 1 or len(known) != index - 1:
        return None
    return series_from_messages([*known.values(), *messages])
