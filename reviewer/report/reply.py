# SPDX-License-Identifier: GPL-2.0-or-later
"""Reply drafts: one for each patch that needs one, and on request two lines where nothing was found.

Drafts are files; nothing here sends mail. Mails get an answer, revisions of a tree do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reviewer.model import Finding, Message, Review
from reviewer.report import document, view
from reviewer.report.eml import Part, reply_to
from reviewer.report.outbox import sealed
from reviewer.report.recipients import recipients
from reviewer.report.related import of_relation
from reviewer.report.remarks import Draft, clean, remarks
from reviewer.report.text import printable
from reviewer.report.wishes import PLAIN, Wishes
from reviewer.words import patches

__all__ = ["Wishes", "omitted", "replies"]

_MOST = 20  # lines on who gets no draft


def replies(review: Review, wishes: Wishes = PLAIN) -> dict[str, bytes]:
    """The drafts by file name ("0002-reply.eml")."""
    safe, older = view.shown(printable(review), wishes.preexisting)
    drafts = [draft for draft in _drafts(safe) if recipients(draft.mail).to]
    made = {}
    for draft in drafts:
        text, full = remarks(draft, safe, wishes)
        made[f"{draft.index:04d}-reply.eml"] = _mail(draft.mail, text, _attached(full, review, wishes), wishes)
    if not drafts and wishes.clean and (first := _first(safe)) is not None and recipients(first[1]).to:
        index, mail = first
        made[f"{index:04d}-reply.eml"] = _mail(mail, clean(mail, safe, older), (), wishes)
    return made


def omitted(review: Review, wishes: Wishes = PLAIN) -> tuple[str, ...]:
    """What a draft was asked for and does not do, in a line each: why there is none, and who of a mail gets none."""
    if review.series.revisions:
        return ("no drafts: these are revisions of a tree, and a draft answers a mail: give the mails of the series",)
    safe, _ = view.shown(printable(review), wishes.preexisting)
    mails = {draft.index: draft.mail for draft in _drafts(safe)}
    if not mails and wishes.clean and (first := _first(safe)) is not None:
        mails = dict([first])
    told: dict[str, list[int]] = {}
    for index, mail in mails.items():
        who = recipients(mail)
        if not who.to:
            told.setdefault("no draft: its mail has nobody's address in From, To or Cc", []).append(index)
        elif who.instead:
            told.setdefault(f"its author has no address: the draft goes to {who.to[0][1]}", []).append(index)
        for left in who.left:
            told.setdefault(f"left out of the draft: {left}", []).append(index)
    lines = [f"{_mails(indices)}: {what}" for what, indices in told.items()]
    more = [f"and {len(lines) - _MOST} more that are no addresses"] if len(lines) > _MOST else []
    return (*lines[:_MOST], *more)


def _mails(indices: Sequence[int]) -> str:
    return "cover letter" if indices == [0] else patches(indices)


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
    return next(((index, mail) for index, mail in mails if recipients(mail).to), next(iter(mails), None))


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
