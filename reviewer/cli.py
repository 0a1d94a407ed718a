"""The command line: what the user asked for, handed to the pipeline, and where the answer goes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from oracle.flavours import DEFAULT, FLAVOURS
from oracle.rules import UnknownRuleError, select
from reviewer import __version__, doctor, replay, survey
from reviewer.bench import command
from reviewer.choice import choose_tree
from reviewer.cluster import command as campaign
from reviewer.errors import ReviewError
from reviewer.mail import is_source, read_messages
from reviewer.model import Review, Series
from reviewer.pipeline import Settings, review
from reviewer.report import document, html, reply, status, terminal
from reviewer.report.progress import progress
from reviewer.report.text import printable
from reviewer.revisions import series_from_revisions
from reviewer.series import series_from_messages
from reviewer.trees import apply_series, open_tree

_DESCRIPTION = """\
Review a patch series that batches PTE operations: run the real C of the functions before and after each patch
on a simulated MMU and show the smallest page table on which they differ.

SERIES is an mbox (also .gz), a maildir, a folder of patches, patch files, '-' for standard input (mails, or what
git show, git log -p and git diff print), or revisions of the tree: main..topic, HEAD or topic^! for that one commit,
-3 for the last three, -3 topic. What is missing of a series is named, and the rest reviewed."""
_EPILOG = """\
other commands:
  review-patch replay FINDING.json [--trace]   run one counterexample again, before and after side by side
  review-patch survey --tree DIR [--json -]    which functions of a tree can be exercised, and how well
  review-patch bench --tree DIR [--json -]     what the tool finds of slips made on purpose in a tree
  review-patch campaign SERIES... --db FILE    many series, seeds or a long budget, on workers; campaign show FILE
  review-patch doctor                          compiler, git, sandbox, tree: what is there, what is missing

exit status: 0 nothing introduced; 1 an introduced violation; 2 usage or tool error; 3 something changed that
could not be exercised, and nothing worse

examples:
  b4 am -o - 20250101-series@example.org | review-patch - --tree ~/linux
  review-patch v6.17-rc1..topic --tree ~/linux --html report.html --reply-dir replies
  git format-patch -1 --stdout | review-patch --patch - --tree ~/linux"""


_LATER = ("hook",)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        if arguments[:1] == ["replay"]:
            return replay.main(arguments[1:])
        if arguments[:1] == ["doctor"]:
            return doctor.main(arguments[1:])
        if arguments[:1] == ["bench"]:
            return command.main(arguments[1:])
        if arguments[:1] == ["campaign"]:
            return campaign.main(arguments[1:])
        if arguments[:1] == ["survey"]:
            return survey.main(arguments[1:])
        if arguments[:1] and arguments[0] in _LATER and not Path(arguments[0]).exists():
            raise ReviewError(f"{arguments[0]} is not part of this version", hint="See review-patch --help.")
        return _review(_parser().parse_intermixed_args(arguments))
    except ReviewError as error:
        print(f"review-patch: {printable(str(error))}", file=sys.stderr)
        return status.ERROR
    except UnknownRuleError as error:
        print(f"review-patch: {error}", file=sys.stderr)
        return status.ERROR
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="review-patch",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("series", metavar="SERIES", nargs="+", help="the series, see above")
    add("--tree", metavar="DIR", help="kernel tree: git checkout, bare repository or unpacked tarball"
        " (default: the tree one stands in, else the embedded one if the series is made for it)")  # fmt: skip
    add("--base", metavar="REV", default="", help="revision to apply to (default: base-commit trailer, blob ids, HEAD)")
    add("--patch", action="store_true", help="a mail out of a series: the tree holds the patches before it already")
    add("--json", metavar="FILE", help="write the review as JSON; '-' for standard output and nothing else there")
    add("--html", metavar="FILE", help="write the review as one HTML page")
    add("--reply-dir", metavar="DIR", help="write drafts of replies to the list; nothing is ever sent")
    add("--previous", metavar="OLD.json", help="the review of an earlier version: say what is gone, what remains and"
        " what is new, and do not run unchanged patches again")  # fmt: skip
    add("--preexisting", action="store_true", help="show what was wrong before the series, too, not only how much")
    add("--budget", metavar="SECONDS", type=_seconds, default=2.0, help="effort for each patch; a second stands"
        " for a fixed number of scenarios, so the answer is the same on any machine (default: 2)")  # fmt: skip
    add("--seed", metavar="N", type=int, default=1, help="seed of the scenarios (default: 1)")
    add("--flavour", metavar="NAME", action="append", default=[], choices=sorted(FLAVOURS),
        help=f"run only on these: {', '.join(FLAVOURS)} (default: {' and '.join(DEFAULT)})")  # fmt: skip
    add("--only", metavar="RULE", action="append", default=[], help="report only these rules or categories")
    add("--ignore", metavar="RULE", action="append", default=[], help="do not report these rules or categories")
    add("--fail-on", choices=("violation", "difference", "never"), default="violation", help="what makes exit status 1")
    add(
        "--jobs",
        metavar="N",
        type=_jobs,
        default=os.cpu_count() or 1,
        help="pairs to run at a time (default: all cores)",
    )
    add("--version", action="version", version=f"review-patch {__version__}")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError("must be more than 0 and at most a day")
    return value


def _jobs(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _review(args: argparse.Namespace) -> int:
    settings = Settings(
        budget=args.budget, seed=args.seed, flavours=tuple(args.flavour), only=select(args.only),
        ignore=select(args.ignore), jobs=args.jobs,
    )  # fmt: skip
    _check_outputs(args)
    done = _run(args, settings, _earlier(args.previous))
    _write(args, done)
    if args.json != "-":
        terminal.render(done, terminal.console(sys.stdout), preexisting=args.preexisting)
    return status.exit_status(done, args.fail_on)


def _earlier(path: str | None) -> Review | None:
    """The review that --previous names."""
    if path is None:
        return None
    try:
        return document.load(Path(path).read_bytes(), path)
    except OSError as error:
        raise ReviewError(error.strerror or str(error), place=f"--previous {path}") from error


def _run(args: argparse.Namespace, settings: Settings, previous: Review | None) -> Review:
    series = _mailed(args)
    place = choose_tree(args.tree, series)
    with open_tree(place) as kernel:
        series = series or series_from_revisions(place, *args.series)
        trees = apply_series(series, kernel, base=args.base)
        with progress(len(trees.patches)) as steps:

            def tell(text: str, part: float) -> None:
                if text:
                    steps.step(text)
                if part:
                    steps.advance(part)

            return review(series, trees, settings, tell, previous)


def _mailed(args: argparse.Namespace) -> Series | None:
    """The series in files; None when revisions are meant, since nothing of that name is there."""
    if not any(map(is_source, args.series)):
        return None
    messages = [message for source in args.series for message in read_messages(source)]
    return series_from_messages(messages, held=args.patch)


def _check_outputs(args: argparse.Namespace) -> None:
    """Fail before the long work when an output cannot be written."""
    try:
        _check_places(args)
    except OSError as error:  # a name that no file can have
        raise ReviewError(error.strerror or str(error), place="output") from error


def _check_places(args: argparse.Namespace) -> None:
    for option, path in (("--json", args.json), ("--html", args.html)):
        if path and path != "-" and Path(path).is_dir():
            raise ReviewError("this is a folder, not a file", place=f"{option} {path}")
        if path and path != "-" and not Path(path).parent.is_dir():
            raise ReviewError(
                "there is no such folder", place=f"{option} {path}", hint="Create it, or name another file."
            )
    if args.reply_dir and Path(args.reply_dir).exists() and not Path(args.reply_dir).is_dir():
        raise ReviewError("this is a file, not a folder", place=f"--reply-dir {args.reply_dir}")


def _write(args: argparse.Namespace, done: Review) -> None:
    text = document.dumps(document.review_document(done))
    try:
        if args.json == "-":
            sys.stdout.write(text)
        elif args.json:
            Path(args.json).write_text(text, encoding="utf-8")
        if args.html:
            Path(args.html).write_text(html.page(done, preexisting=args.preexisting), encoding="utf-8")
        if args.reply_dir:
            reply.write(reply.replies(done, preexisting=args.preexisting), Path(args.reply_dir))
    except OSError as error:
        raise ReviewError(error.strerror or str(error), place=str(error.filename or "output")) from error


if __name__ == "__main__":
    sys.exit(main())
