# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch says of itself: the words in which its message promises that behaviour stays as it is.

Only a plain promise counts. One in a quotation, in the title of another commit, in the log of versions below the
message, with a negation before it or an exception after it is none: what such a patch changes stays a question.
"""

from __future__ import annotations

import re

from reviewer.model import Message

_CHANGE = r"(?:functional|behaviou?ral|user[- ]visible)\s+(?:changes?|differences?)"
_PROMISE = re.compile(
    rf"\bno\s+(?:(?:intended|actual|real)\s+)?{_CHANGE}(?:\s+(?:is|are))?(?:\s+(?:intended|expected))?\b"
    rf"|\bwithout\s+(?:any\s+)?{_CHANGE}\b"
    rf"|\b(?:does|do)\s+not\s+(?:introduce|bring|make|cause)\s+any\s+{_CHANGE}\b"
    r"|\bno\s+(?:intended\s+)?changes?\s+(?:in|of|to)\s+(?:the\s+)?(?:functionality|behaviou?r)\b"
    r"|\bNFCI?\b(?!\s+(?:controller|chip|device|driver|tag))",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|cannot|never|neither|hardly|rather than|instead of|claim(?:s|ed)?|\w+n't)\b", re.IGNORECASE
)
_LIMITED = re.compile(
    r"\s*(?:[,(:;-]|--)?\s*(?:except|apart|aside|besides|but|other\s+than|save|unless|until|if|when|where|while|since|"
    r"between|compared|vs|yet|on|for\s+(?!now\b)|from\s+v?\d|\?)",
    re.IGNORECASE,
)
# Titles of other commits, and what stands in inverted commas.
_QUOTED = re.compile(r"\(\s*\"[^\"]*\"\s*\)|\"[^\"]*\"|``[^`]*``|`[^`]*`")
_READ = 1 << 15  # characters of a message: a sentence is sought back from each promise
_TRAILER = re.compile(r"[A-Z][\w-]+:\s")
_END = re.compile(r"[.!](?:\s|$)|\n\s*\n|^\s*[-*]\s", re.MULTILINE)


def promise(message: Message) -> str:
    """The words that promise no functional change, on one line; "" when the message does not."""
    for text in (_QUOTED.sub("", message.subject), _said(message.body)):
        found = next((m for m in _PROMISE.finditer(text) if _meant(text, m)), None)
        if found is not None:
            return " ".join(found.group().split())
    return ""


def _said(body: str) -> str:
    """The commit message: without quoted lines, trailers, and all below its end."""
    lines = re.split(r"^---\s*$", body[:_READ], maxsplit=1, flags=re.MULTILINE)[0].splitlines()
    kept = [line for line in lines if not line.lstrip().startswith(">") and not _TRAILER.match(line)]
    return _QUOTED.sub("", "\n".join(kept))


def _meant(text: str, found: re.Match[str]) -> bool:
    """Whether the sentence around it neither denies nor limits it."""
    if found.group().lower().startswith("nfc") and not found.group().isupper():
        return False
    starts = [m.end() for m in _END.finditer(text, 0, found.start())]
    return not _NEGATED.search(text, starts[-1] if starts else 0, found.start()) and not _LIMITED.match(
        text, found.end()
    )
