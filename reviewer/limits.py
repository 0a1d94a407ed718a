# SPDX-License-Identifier: GPL-2.0-or-later
"""What is too much: every limit on input from outside, in one table. `python -m reviewer.limits` prints it.

Each is well above what a mailing list carries and low enough that whatever lies beyond it is refused in moments.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from reviewer.errors import ReviewError
from reviewer.words import count

_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Limit:
    """At most so many. name: of what, as a noun; unit: "" for a plain number; why: what lies below and above."""

    name: str
    most: int
    unit: str
    why: str

    def told(self, value: int) -> str:
        """A value as people read it: "16 MiB", "2,000 mails"."""
        if self.unit != "byte":
            return count(value, self.unit)
        for size, unit in ((_GIB, "GiB"), (_MIB, "MiB"), (_KIB, "KiB")):
            if value >= size:
                return f"{value / size:.1f}".removesuffix(".0") + f" {unit}"
        return count(value, "byte")

    def check(self, value: int, place: str, error: type[ReviewError] = ReviewError, *, read: bool = False) -> None:
        """Raise the error where the value is above the limit. read: no more than one beyond it was looked at."""
        if value > self.most:
            met = "" if read else f"{self.told(value)}, which is "
            raise error(f"{self.name}: {met}over the limit of {self.told(self.most)}", place=place, hint=_HINT)


_HINT = "docs/limits.md and `python -m reviewer.limits` have all limits."

MAIL_FILE = Limit("size of the mails given, unpacked", 32 * _MIB, "byte", "a thread of a thousand mails is some 10 MiB")
MAILS = Limit("number of mails given", 2_000, "mail", "the longest threads have some hundreds")
MEMBERS = Limit("members of a gzip file", 1_000, "member", "files put together have one each")
PATCH_MAILS = Limit("mails with a patch, parts or an encoding", 500, "mail", "git decodes each in a process of its own")
MAIL = Limit("size of one mail", 8 * _MIB, "byte", "lists take less than 1 MiB")
HEADERS = Limit("size of the headers of a mail", 128 * _KIB, "byte", "hundreds of recipients are some 20 KiB")
HEADER_LINES = Limit("lines of the headers of a mail", 2_000, "line", "hundreds of recipients, one a line")
ENCODED_WORDS = Limit("encoded words in the headers of a mail", 1_000, "word", "each is decoded by its charset")
MIME_DEPTH = Limit("depth of the parts of a mail", 8, "level", "signed, mixed, alternative and related make four")
MIME_PARTS = Limit("parts of a mail", 200, "part", "a series as attachments of one mail")
LINE = Limit("length of a line", 64 * _KIB, "byte", "a mail has lines of 998 bytes at most")
PATCH = Limit("size of a patch", 8 * _MIB, "byte", "the largest on a list are some hundreds of KiB")
FILE_LINES = Limit(
    "lines a patch adds to a file that is looked at", 10_000, "line", "the longest of mm have some 8,000"
)
FILE_SIZE = Limit("size of what a patch adds to a file that is looked at", 1 * _MIB, "byte", "mm/memory.c is 200 KiB")
FILES = Limit("files of a patch", 1_000, "file", "the whole of mm has some 200")
PATCH_LINES = Limit("lines of a patch", 250_000, "line", "the whole of mm has some 195,000")
HUNKS = Limit("hunks of a patch", 3_000, "hunk", "a change of the whole of mm has some hundreds")
DIGITS = Limit("digits of a hunk's line numbers", 9, "digit", "the longest file of a kernel has some 10^5 lines")
PATH = Limit("length of a path", 512, "byte", "the longest of a kernel have some 120")
DEPTH = Limit("depth of a path", 32, "folder", "the deepest of a kernel have some 12")
BINARY = Limit("binary content of a patch, unpacked", 1 * _MIB, "byte", "by the sizes that the patch declares")
GIT_MEMORY = Limit("memory of git on a mail or patch", 512 * _MIB, "byte", "address space, set on the process")
GIT_SECONDS = Limit("time of git on a mail or patch", 2, "second", "of the processor, and half a minute by the clock")
DOCUMENT = Limit("size of a review or finding in JSON", 16 * _MIB, "byte", "a finding is some 100 KiB")
NESTING = Limit("nesting of a review or finding in JSON", 32, "level", "the format has eight")
CODE = Limit("code of a finding, unpacked", 4 * _MIB, "byte", "a slice is some 100 KiB")
DIFFS = Limit("diffs that a review carries, packed", 4 * _MIB, "byte", "a series of 30 patches packs to some 100 KiB")
NUMBERS = Limit("numbers of a scenario", 4_500, "number", "1024 slots and 40 folios, four numbers each")

_OF_HEADERS = (HEADERS, HEADER_LINES, ENCODED_WORDS)
TABLE = {
    "mails": (MAIL_FILE, MEMBERS, MAILS, PATCH_MAILS, MAIL, *_OF_HEADERS, MIME_DEPTH, MIME_PARTS, LINE),
    "patches": (
        PATCH,
        PATCH_LINES,
        FILE_LINES,
        FILE_SIZE,
        FILES,
        HUNKS,
        DIGITS,
        PATH,
        DEPTH,
        BINARY,
        GIT_MEMORY,
        GIT_SECONDS,
    ),
    "replay, confirm and --previous": (DOCUMENT, NESTING, CODE, DIFFS, NUMBERS),
}


def summary() -> str:
    """All limits in a few lines, for the help."""
    lines = []
    for about, limits in TABLE.items():
        text = "; ".join(f"{limit.name}: {limit.told(limit.most)}" for limit in limits)
        lines += textwrap.wrap(f"{about}, {text}", 108, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def page() -> str:
    """The table as docs/limits.md has it."""
    lines = ["# Limits on input", ""]
    lines += ["What lies beyond one of these is refused with status 2. The message names the limit, and the value met"]
    lines += ["where all of it was looked at; a file to which a patch adds too much is named as not looked at."]
    lines += ["`python -m reviewer.limits` prints this page."]
    for about, limits in TABLE.items():
        lines += ["", f"## {about.capitalize()}", "", "| limit on | at most | why so much |", "|---|---|---|"]
        lines += [f"| {limit.name} | {limit.told(limit.most)} | {limit.why} |" for limit in limits]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page())
