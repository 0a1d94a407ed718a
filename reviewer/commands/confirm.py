# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch confirm: a finding tried on kernels that are built before and after the patch, and booted.

A program is made of the finding's scenario, and boots, in a virtual machine, as the first process of each kernel. What
it printed, and the verdict, are written into the review, so that every form of it tells them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from oracle.flavours import DEFAULT
from reviewer.booting.confirming import Side, confirmed, untried
from reviewer.booting.model import Boot
from reviewer.booting.sources import Texts, sides, whole
from reviewer.booting.targets import TARGETS
from reviewer.booting.trial import Place, tried
from reviewer.commands import outputs
from reviewer.commands.arguments import Parser, jobs
from reviewer.errors import ReviewError
from reviewer.intake.mail import is_source, read_messages
from reviewer.intake.revisions import series_from_revisions
from reviewer.intake.series import series_from_messages
from reviewer.limits import DOCUMENT
from reviewer.model import Confirmation, Confirmed, Finding, Review, Series
from reviewer.report import document
from reviewer.report.confirmed import printed, sentence
from reviewer.report.document import FindingFile, load_finding
from reviewer.report.progress import progress
from reviewer.report.text import printable
from reviewer.report.wishes import Wishes
from reviewer.reproducing.model import Cannot
from reviewer.reproducing.program import program_of
from reviewer.support.bounded import content

_STATUS: dict[Confirmation, int] = {
    "confirmed on a running kernel": 0, "not shown": 1, "state not reached": 3, "not tried": 3,
}  # fmt: skip
_EPILOG = """\
exit status: 0 confirmed; 1 the kernels do not show it; 2 usage or tool error; 3 it could not be tried: no program can
bring its state about, or none did, or a kernel is not built or does not boot"""


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch confirm", description=__doc__, epilog=_EPILOG,
                  formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    add = made.add_argument
    add("finding", metavar="FINDING.json", help="a finding, or a whole review written with --json, into which the"
        " verdict is written unless --json names another file")  # fmt: skip
    add("--id", default="", help="which finding of a review, when it has several")
    add("--kernel", metavar="DIR", required=True, help="a whole kernel source, as it is before the series; only read")
    add("--flavour", metavar="NAME", choices=sorted(TARGETS), help="on this one (default: that of the finding)")
    add("--series", metavar="SERIES", help="the mails of the series, or revisions of DIR, where the review does not"
        " carry what they change")  # fmt: skip
    add("--keep", metavar="DIR", help="leave kernels, initramfs, program and consoles there")
    add("--jobs", metavar="N", type=jobs, default=0, help="of make at a time (default: all cores)")
    add("--quiet", action="store_true", help="no progress")
    outputs.add_options(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Try a finding on running kernels; 0 when they confirm it."""
    args = parser().parse_args(argv)
    alone = outputs.checked(args.outputs)
    text = content(args.finding, DOCUMENT)
    held = load_finding(text, args.finding, args.id)
    if any(one.output.name != "json" for one in args.outputs):
        document.load(text, args.finding)  # that it is a whole review has to be known before the long work
    source, series = whole(args.kernel), _series(args.series, args.kernel)
    found = _tried(held, args, source, series)
    finding = replace(held.finding, confirmed=found)
    told = document.dumps(document.with_confirmed(text, args.finding, held.finding, found))
    _write(args, told, series)
    if not alone:
        _print(finding, found)
    return _STATUS[found.verdict]


def _tried(held: FindingFile, args: argparse.Namespace, source: Path, series: Series | None) -> Confirmed:
    finding = held.finding
    flavour = args.flavour or str(finding.scenario.get("flavour", DEFAULT[0]))
    made = program_of(replace(finding, scenario={**finding.scenario, "flavour": flavour}), args.finding)
    if isinstance(made, Cannot):
        return untried(flavour, printable(f"{made.kind}: {made.sentence}"))
    texts = _texts(held, source, series, args.finding)
    with _told(bool(args.quiet)) as told:
        place = Place(source, flavour, told, args.jobs, Path(args.keep) if args.keep else None)

        def attempt(side: Side) -> Boot:
            return tried(made, texts[side], place, side)

        return confirmed(finding, flavour, attempt)


def _texts(held: FindingFile, source: Path, series: Series | None, place: str) -> dict[Side, Texts]:
    """What differs from the source on each side of the finding's patch."""
    finding = held.finding
    given = series or document.series_of(held, place)
    if given is not None:
        base = held.series.base if held.series else ""
        before, after = sides(source, given, finding.patch, given.base_commit or base)
        return {"before": before, "after": after}
    if finding.relation != "preexisting":
        raise ReviewError("it does not carry what its patch changes", place=place, hint="Give the mails with --series.")
    return {"before": {}, "after": {}}


def _series(said: str | None, kernel: str) -> Series | None:
    if said is None:
        return None
    return series_from_messages(read_messages(said)) if is_source(said) else series_from_revisions(kernel, said)


def _write(args: argparse.Namespace, text: str, series: Series | None) -> None:
    """The review with the verdict in it: as JSON, and in whatever other form is asked for."""
    asked = args.outputs
    if not any(one.output.name == "json" for one in asked) and args.finding != outputs.STDOUT:
        _replace(Path(args.finding).resolve(), text)
    others = [one for one in asked if one.output.name != "json"]
    for one in (one for one in asked if one.output.name == "json"):
        one.put(text)
    if others:
        review = _with_mails(document.load(text, args.finding), series)
        for one in others:
            one.write(review, Wishes())


def _replace(file: Path, text: str) -> None:
    """Write a file anew: it is there as it was until all of it is written."""
    aside = file.with_name(f".{file.name}.new")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        hint = "Name another file with --json."
        raise ReviewError(error.strerror or str(error), place=str(file), hint=hint) from error


def _with_mails(review: Review, series: Series | None) -> Review:
    """The review with the mails that it was made of, whom drafts answer."""
    if series is None:
        return review
    known = {patch.index for patch in review.series.patches}
    mine = tuple(patch for patch in series.patches if patch.index in known)
    return replace(review, series=replace(review.series, patches=mine, cover=series.cover, revisions=series.revisions))


def _print(finding: Finding, found: Confirmed) -> None:
    for boot in found.boots:
        print(f"# the kernel {boot.side} the patch: {boot.verdict}")
        print(printable(printed(boot) or "\n".join(f"# {line}" for line in boot.reasons)))
    print(printable(sentence(finding)))


@dataclass
class _Lines:
    """What is being done, a line each where nothing is drawn."""

    last: str = ""

    def __call__(self, what: str) -> None:
        head = what.rpartition(":")[0]
        if head != self.last:
            self.last = head
            print(f"review-patch: {head}", file=sys.stderr)


@contextmanager
def _told(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Progress: on a terminal a line that changes."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None) if quiet else _Lines()
        return
    with progress(1) as steps:
        yield steps.says
