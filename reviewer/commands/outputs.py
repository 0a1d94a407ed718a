# SPDX-License-Identifier: GPL-2.0-or-later
"""The outputs of a review, in one table: a row for each, with its name and who writes it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewer.commands import config
from reviewer.errors import ReviewError
from reviewer.intake.addresses import written
from reviewer.model import Review
from reviewer.report import b4, document, nipa, outbox, patchwork, reply, sarif
from reviewer.report.wishes import Wishes

Content = str | Mapping[str, bytes]
STDOUT = "-"


@dataclass(frozen=True)
class Output:
    """write: the text of a review, as it is wished for; of a folder its files by name. short: an option that means it.
    fill: how a folder is filled; ready: fails where that must not be. status: the exit status, where the format has one
    of its own. omits: what it leaves out of what was asked for, a line each. unable: what is written in place of a
    review that could not be made, where it has words for that, and unable_status: the exit status then. empty: what is
    written where nothing is to be said."""

    name: str
    what: str
    write: Callable[[Review, Wishes], Content]
    short: str = ""
    fill: Callable[[Mapping[str, bytes], Path], object] | None = None
    ready: Callable[[Path], object] | None = None
    status: Callable[[Review], int] | None = None
    omits: Callable[[Review, Wishes], Sequence[str]] | None = None
    unable: Callable[[str], str] | None = None
    unable_status: int | None = None
    empty: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def metavar(self) -> str:
        return "DIR" if self.fill else "FILE"


def _json(review: Review, _wishes: Wishes) -> str:
    return document.dumps(document.review_document(review))


def _html(review: Review, wishes: Wishes) -> str:
    from reviewer.report import html  # templates and highlighting, for which few ask

    return html.page(review, preexisting=wishes.preexisting)


def _email(review: Review, wishes: Wishes) -> str:
    from reviewer.report import whole

    name, address = (config.git("config", f"user.{key}") or "" for key in ("name", "email"))
    sender = written(name, address) if address else ""
    return whole.mail(review, preexisting=wishes.preexisting, sender=sender).decode("utf-8")


def _fill(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


OUTPUTS = (
    Output("json", "the review as JSON", _json, "--json"),
    Output("html", "the review as one HTML page", _html, "--html"),
    Output("email", "the review as one mail, text and page, without To", _email, "--email"),
    Output(
        "replies",
        "drafts of replies to the list; nothing is ever sent",
        reply.replies,
        "--reply-dir",
        fill=outbox.write,
        ready=outbox.check,
        omits=reply.omitted,
    ),
    Output("b4-check", "lines of a check for b4 prep and b4 am; none when clean", b4.check, unable=b4.not_checked),
    Output("b4-review", "rows of a check for b4 review, JSON", b4.rows, unable=b4.no_rows, empty=b4.NO_ROWS),
    Output("b4-agent", "comments for b4 review, into .git/b4-review/COMMIT", b4.agent, fill=_fill),
    Output("patchwork", "checks for Patchwork, one a patch, JSON lines", patchwork.lines, unable=patchwork.no_lines),
    Output("sarif", "SARIF 2.1.0", sarif.dumps, unable=sarif.no_results),
    Output(
        "nipa",
        "description and exit status of a NIPA test",
        nipa.description,
        status=nipa.status,
        unable=nipa.not_described,
        unable_status=nipa.WARNING,
    ),
)


@dataclass(frozen=True)
class Destination:
    """An output that was asked for, and the file or folder it goes to, or standard output. option: as it was asked."""

    output: Output
    place: str
    option: str

    @property
    def on_stdout(self) -> bool:
        return self.place == STDOUT

    def check(self) -> None:
        """Fail before the long work when it cannot be written."""
        path, folder = Path(self.place), self.output.fill is not None
        if self.on_stdout and not folder:
            return
        if self.on_stdout:
            raise ReviewError("needs the name of a folder", place=self.option)
        try:
            if path.exists() and path.is_dir() != folder:
                what, wanted = ("file", "folder") if folder else ("folder", "file")
                raise ReviewError(f"this is a {what}, not a {wanted}", place=self.option)
            if not (folder or path.parent.is_dir()):
                raise ReviewError("there is no such folder", place=self.option, hint="Create it, or name another file.")
            if self.output.ready:
                self.output.ready(path)
        except OSError as error:  # a name that no file can have
            raise ReviewError(error.strerror or str(error), place="output") from error

    def write(self, review: Review, wishes: Wishes) -> None:
        """Write it, and say what is left out; ReviewError when that fails."""
        self.put(self.output.write(review, wishes))
        for line in self.output.omits(review, wishes) if self.output.omits else ():
            print(f"review-patch: {line}", file=sys.stderr)

    def put(self, content: Content) -> None:
        """Write what the output comes to; ReviewError when that fails."""
        try:
            if not isinstance(content, str):
                (self.output.fill or _fill)(content, Path(self.place))
            elif self.on_stdout:
                sys.stdout.write(content)
            else:
                Path(self.place).write_text(content, encoding="utf-8")
        except OSError as error:
            raise ReviewError(error.strerror or str(error), place=str(error.filename or "output")) from error


def add_options(parser: argparse.ArgumentParser) -> None:
    """--format, and the options that are short for one."""
    listed = "; ".join(f"{one.name}: {one.what}" for one in OUTPUTS)
    group = parser.add_argument_group("what is written")
    group.add_argument(
        "--format", metavar="NAME[=FILE]", dest="outputs", action="append", type=_asked, default=[],
        help=f"write the review in this format, too; without FILE, or with '-', to standard output and nothing else"
        f" there. {listed}",
    )  # fmt: skip
    for one in filter(lambda one: one.short, OUTPUTS):
        group.add_argument(
            one.short, metavar=one.metavar, dest="outputs", action="append", type=_short(one),
            help=f"write {one.what}; short for --format {one.name}={one.metavar}",
        )  # fmt: skip


def named(name: str) -> Destination:
    """The output of that name, on standard output."""
    return _asked(name)


def _short(output: Output) -> Callable[[str], Destination]:
    return lambda text: Destination(output, text, f"{output.short} {text}")


def _asked(text: str) -> Destination:
    name, _, place = text.partition("=")
    output = next((one for one in OUTPUTS if one.name == name), None)
    if output is None:
        raise argparse.ArgumentTypeError(f"no format is called {name!r}; there are {', '.join(map(str, OUTPUTS))}")
    return Destination(output, place or STDOUT, f"--format {text}")


def place_of(asked: Sequence[Destination], name: str) -> str:
    """The file that an output of that name goes to, "" where there is none."""
    return next((one.place for one in asked if one.output.name == name and not one.on_stdout), "")


def checked(asked: Sequence[Destination]) -> bool:
    """Whether standard output is one output's alone. Fails when an output cannot be written, or two want it."""
    for one in asked:
        one.check()
    alone = [one for one in asked if one.on_stdout]
    if alone[1:]:
        raise ReviewError("only one output goes to standard output", place=alone[1].option, hint="Give it a file.")
    return bool(alone)


def unable(asked: Sequence[Destination], why: str) -> bool:
    """Whether an output has words for a review that could not be made, which are then written."""
    told = [(one, one.output.unable) for one in asked]
    for one, words in told:
        if words is not None:
            one.put(words(why))
    return any(words for _, words in told)


def unable_status(asked: Sequence[Destination], usual: int) -> int:
    """The exit status where a review could not be made, as exit_status()."""
    return next((one.output.unable_status for one in asked if one.output.unable_status is not None), usual)


def exit_status(asked: Sequence[Destination], review: Review, usual: int) -> int:
    """The exit status: that of the first format that has one of its own, else the usual one."""
    return next((one.output.status(review) for one in asked if one.output.status), usual)
