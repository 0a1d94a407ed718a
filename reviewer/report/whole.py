# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole review as one mail, for a list of one's own or CI: what the terminal says, and the page."""

from __future__ import annotations

import io

from reviewer.model import Review
from reviewer.report import html, partial, terminal
from reviewer.report.console import console
from reviewer.report.eml import Part, report_on
from reviewer.report.plain import WIDTH
from reviewer.report.text import one_line, printable

_SUBJECT = 120  # of the series' own


def mail(review: Review, *, preexisting: bool = False, sender: str = "") -> bytes:
    """multipart/alternative in the thread of the series, from whoever asks for it."""
    series, said = printable(review.series), io.StringIO()
    out = console(said)
    out.width = WIDTH
    terminal.render(review, out, terminal.Detail(preexisting=preexisting, whole=True))
    text = "".join(f"{line.rstrip()}\n" for line in said.getvalue().split("\n")).rstrip("\n") + "\n"
    subject = one_line(series.subject)
    short = subject if len(subject) <= _SUBJECT else f"{subject[:_SUBJECT]}..."
    first = series.cover or next((patch.message for patch in series.patches), None)
    return report_on(
        first,
        f"[review-patch] {review.verdict}: {short} (v{series.version}, {partial.size(series)})",
        (
            Part("text/plain", text.encode("utf-8")),
            Part("text/html", html.page(review, preexisting=preexisting).encode()),
        ),
        sender,
    )
