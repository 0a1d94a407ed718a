# SPDX-License-Identifier: GPL-2.0-or-later
"""Reply drafts: one for each patch that needs one, and on request two lines where nothing was found.

Drafts are files; nothing here sends mail. Mails get an answer, revisions of a tree do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.model import Finding, Message, Review
from reviewer.report import document, view
from reviewer.report.eml import Part, answerable, reply_to
from reviewer.report.outbox import sealed
from reviewer.report.related import of_relation
from reviewer.report.remarks import Draft, clean, remarks
from reviewer.report.text import printable
from reviewer.report.wishes import PLAIN, Wishes

__all__ = ["Unanswered", "Wishes", "replies", "unanswered"]


@dataclass(frozen=True)
class Unanswered:
    """A patch that needs a draft and gets none. why: what is wrong with its mail."""

    patch: int
    why: str


def replies(review: Review, wishes: Wishes = PLAIN) -> dict[str, bytes]:
    """The drafts by file name ("0002-reply.eml")."""
    safe, older = view.shown(printable(review), wishes.preexisting)
    drafts = [draft for draft in _drafts(safe) if answerable(draft.mail)]
    made = {}
    for draft in drafts:
        text, full = remarks(draft, safe, wishes)
        made[f"{draft.index:04d}-reply.eml"] = _mail(draft.mail, text, _attached(full, review, wishes), wishes)
    if not drafts and wishes.clean and (first := _first(safe)) is not None:
        index, mail = first
        made[f"{index:04d}-reply.eml"] = _mail(mail, clean(mail, safe, older), (), wishes)
    return made


def unanswered(review: Review, wishes: Wishes = PLAIN) -> tuple[Unanswered, ...]:
    """The patches with findings whose mails cannot be answered."""
    safe, _ = view.shown(review, wishes.preexisting)
    why = "its mail names neither itself nor anybody who wrote it"
    return tuple(Unanswered(draft.index, why) for draft in _drafts(safe) if not answerable(draft.mail))


def _drafts(review: Review) -> list[Draft]:
    if review.series.revisions:
        return []
    drafts: list[Draft] = []
    for patch in review.series.patches:
        own = [f for f in review.findings if f.patch == patch.index]
        new = [f for f in own if f.relation == "introduced"]
        kept, passing = (tuple(f for f in new if bool(f.fixed_by_patch) == gone) for gone in (False, True))
        older = tuple(f for f in own if f.relation == "preexisting")
        if new or older:
            drafts.append(Draft(patch.index, patch.message, kept, passing, older, first=not drafts))
    return drafts


def _first(review: Review) -> tuple[int, Message] | None:
    """The mail that hears that nothing was found: the cover letter, else the first patch."""
    if review.series.revisions or review.verdict == "not-applicable" or of_relation(review, "introduced"):
        return None
    mails = [(0, review.series.cover)] if review.series.cover else []
    mails += [(patch.index, patch.message) for patch in review.series.patches[:1]]
    return next(((index, mail) for index, mail in mails if answerable(mail)), None)


def _mail(mail: Message, text: str, attached: Sequence[Part], wishes: Wishes) -> bytes:
    return sealed(reply_to(mail, (Part("text/plain", text.encode("utf-8")), *attached), wishes.sender))


def _attached(findings: Sequence[Finding], review: Review, wishes: Wishes) -> tuple[Part, ...]:
    """Each finding that is told in full, as replay takes it: without all that was counted."""
    if not wishes.attach:
        return ()
    whole: Mapping[str, Finding] = {f.id: f for f in review.findings if f.relation == "introduced"}
    kept = [replace(whole.get(f.id, f), counts=()) for f in findings if f.kind != "static"]
    texts = [document.dumps(document.finding_document(f, review)).encode("ascii") for f in kept]
    return tuple(Part("application/json", text, f"{f.id}.json") for f, text in zip(kept, texts, strict=True))
