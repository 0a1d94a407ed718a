# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: what the user asked for, handed to the pipeline, and where the answer goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from oracle import sandbox
from reviewer.commands import asking, config, doctor, outputs
from reviewer.commands.ending import ended
from reviewer.commands.table import COMMANDS, HELP
from reviewer.errors import ReviewError
from reviewer.report import status, terminal
from reviewer.report.console import console
from reviewer.report.text import printable
from reviewer.support.interrupts import halted


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    return ended(lambda: _command(words))


def _command(words: Sequence[str]) -> int:
    first = words[0] if words else ""
    if first == HELP.name:
        return _help(words[1:])
    if first in COMMANDS:
        return int(import_module(COMMANDS[first].module).main(words[1:]))
    try:
        return _review(config.parsed(asking.parser(), words))
    except ReviewError as error:
        if not Path(first).exists() and (meant := get_close_matches(first, COMMANDS, 1, 0.75)):
            error.hint = f"If {first} is no file or revision: did you mean the command {meant[0]}?"
        raise


def _help(words: Sequence[str]) -> int:
    """The help of a command, or of them all."""
    if words[1:]:
        raise ReviewError(f"takes one command, and not {' '.join(words[1:])!r}", place=HELP.name)
    if words[:1] and words[0] not in (*COMMANDS, HELP.name):
        raise ReviewError(f"no command is called {words[0]!r}", place="help", hint=f"There are {', '.join(COMMANDS)}.")
    return _command([*(w for w in words[:1] if w != HELP.name), "--help"])


def _review(args: argparse.Namespace) -> int:
    settings, wishes = asking.settings(args), asking.wishes(args)
    if args.require_sandbox:
        doctor.require_layers()
    alone = outputs.checked(args.outputs)
    try:
        done = asking.reviewed(args, settings, asking.mailed(args))
    except ReviewError as error:
        if not outputs.unable(args.outputs, error.short):
            raise
        print(f"review-patch: {printable(str(error))}", file=sys.stderr)
        return outputs.unable_status(args.outputs, status.ERROR)
    for output in args.outputs:
        output.write(done, wishes)
    if not alone:
        if lacking := sandbox.missing():
            print(f"review-patch: contained without {', '.join(lacking)}: see review-patch doctor", file=sys.stderr)
        kept = printable(outputs.place_of(args.outputs, "json"))
        shown = terminal.Detail(preexisting=args.preexisting, whole=args.verbose, only=args.quiet, file=kept)
        terminal.render(done, console(sys.stdout), shown)
    if halted():
        print("review-patch: stopped by a signal; what was not seen by then is named above", file=sys.stderr)
        return halted()
    return outputs.exit_status(args.outputs, done, status.exit_status(done, args.fail_on))


if __name__ == "__main__":
    sys.exit(main())
