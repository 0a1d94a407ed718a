"""The command line: what the user asked for, handed to the pipeline, and where the answer goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from oracle import sandbox
from oracle.rules import select
from reviewer import arguments, cache, doctor, explain, replay, survey
from reviewer.bench import command
from reviewer.bounded import content
from reviewer.choice import bare, choose_tree
from reviewer.cluster import command as campaign
from reviewer.ending import ended
from reviewer.errors import ReviewError
from reviewer.interrupts import halted
from reviewer.limits import DOCUMENT, MAILS
from reviewer.mail import is_source, read_messages
from reviewer.model import Review, Series
from reviewer.pipeline import Settings, review
from reviewer.report import document, html, reply, status, terminal
from reviewer.report.console import console
from reviewer.report.progress import patches
from reviewer.report.text import printable
from reviewer.revisions import series_from_revisions
from reviewer.series import series_from_messages
from reviewer.trees import apply_series, open_tree

_LATER = ("hook",)


def _help(words: Sequence[str]) -> int:
    """The help of a command, or of them all."""
    if words[:1] and words[0] not in _COMMANDS:
        raise ReviewError(f"no command is called {words[0]!r}", place="help", hint=f"There are {', '.join(_COMMANDS)}.")
    return _command([*(w for w in words[:1] if w != "help"), "--help"])


_COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "replay": replay.main,
    "survey": survey.main,
    "bench": command.main,
    "doctor": doctor.main,
    "cache": cache.main,
    "campaign": campaign.main,
    "explain": explain.main,
    "help": _help,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    return ended(lambda: _command(words))


def _command(words: Sequence[str]) -> int:
    first = words[0] if words else ""
    if first in _COMMANDS:
        return _COMMANDS[first](words[1:])
    if first in _LATER and not Path(first).exists():
        raise ReviewError(f"{first} is not part of this version", hint="See review-patch --help.")
    try:
        return _review(arguments.parser().parse_intermixed_args(words))
    except ReviewError as error:
        if not Path(first).exists() and (meant := get_close_matches(first, _COMMANDS, 1, 0.75)):
            error.hint = f"If {first} is no file or revision: did you mean the command {meant[0]}?"
        raise


def _review(args: argparse.Namespace) -> int:
    settings = Settings(
        budget=args.budget, seed=args.seed, flavours=tuple(args.flavour), only=select(args.only),
        ignore=select(args.ignore), jobs=args.jobs,
    )  # fmt: skip
    if args.require_sandbox:
        doctor.require_layers()
    _check_outputs(args)
    done = _run(args, settings, _earlier(args.previous))
    _write(args, done)
    if lacking := sandbox.missing():
        print(f"review-patch: contained without {', '.join(lacking)}: see review-patch doctor", file=sys.stderr)
    if args.json != "-":
        shown = terminal.Shown(
            preexisting=args.preexisting, whole=args.verbose, only=args.quiet, file=printable(args.json or "")
        )
        terminal.render(done, console(sys.stdout), shown)
    if halted():
        print("review-patch: stopped by a signal; what was not seen by then is named above", file=sys.stderr)
        return halted()
    return status.exit_status(done, args.fail_on)


def _earlier(path: str | None) -> Review | None:
    """The review that --previous names."""
    return document.load(content(path, DOCUMENT), path) if path is not None else None


def _run(args: argparse.Namespace, settings: Settings, previous: Review | None) -> Review:
    series = _mailed(args)
    place = choose_tree(args.tree, series)
    with open_tree(place) as kernel, patches(quiet=args.quiet, lines=args.json != "-") as told:
        series = series or series_from_revisions(place, *args.series)
        trees = apply_series(series, kernel, base=args.base)
        told.of(len(trees.patches))
        return review(series, trees, settings, told, previous)


def _mailed(args: argparse.Namespace) -> Series | None:
    """The series in files; None when revisions are meant, since nothing of that name is there."""
    if not any(map(is_source, args.series)) or (args.series == ["HEAD"] and bare(Path.cwd())):
        return None
    MAILS.check(len(args.series), "SERIES")
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
