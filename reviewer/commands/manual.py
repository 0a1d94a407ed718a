# SPDX-License-Identifier: GPL-2.0-or-later
"""All commands in one parser: the man page, shell completion and the documentation are made from it.

review-patch completion SHELL prints what completes the commands, their options and files in that shell.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import shtab

from reviewer.commands import asking
from reviewer.commands.arguments import Parser
from reviewer.commands.table import COMMANDS

_EPILOG = """\
to try it:       eval "$(review-patch completion bash)"
for every shell: review-patch completion bash > ~/.local/share/bash-completion/completions/review-patch
zsh:             review-patch completion zsh > DIR/_review-patch, with DIR in fpath
tcsh:            review-patch completion tcsh > ~/.review-patch.tcsh, and source that in ~/.tcshrc"""
# A SERIES is a file more often than not: where no command begins like that, files do.
_BASH = "\ncomplete -o bashdefault -o default -F _shtab_review_patch review-patch\n"
_FILE, _FOLDER = shtab.FILE, shtab.DIRECTORY
# The parsers that are put together have options in common: the last one counts.
_AS_WRITTEN: dict[str, Any] = {
    "formatter_class": argparse.RawDescriptionHelpFormatter, "conflict_handler": "resolve",
}  # fmt: skip
# What a word on the command line names, by its metavar.
_NAMES = {"SERIES": _FILE, "FILE": _FILE, "FINDING.json": _FILE, "OLD.json": _FILE, "DB": _FILE, "DIR": _FOLDER}


def parser() -> Parser:
    """The parser of review-patch completion."""
    made = Parser(
        prog="review-patch completion", description="Print what completes review-patch in a shell.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
    return made


def main(argv: Sequence[str]) -> int:
    """Print the completion of a shell."""
    shell = parser().parse_args(argv).shell
    sys.stdout.write(shtab.complete(whole(), shell) + (_BASH if shell == "bash" else ""))
    return 0


def review() -> Parser:
    """The parser of a review, which is what review-patch does without a command."""
    return asking.parser()


def commands() -> dict[str, Parser]:
    """The parser of each command."""
    modules = {name: import_module(row.module) for name, row in COMMANDS.items()}
    return {name: module.parser() for name, module in modules.items()}


def whole() -> Parser:
    """One parser for all that review-patch takes. It is for being described: a word that is no command is a SERIES,
    which argparse cannot say."""
    own, made = review(), Parser(prog="review-patch", add_help=False, **_AS_WRITTEN)
    made.usage = "review-patch [OPTION]... SERIES... | review-patch COMMAND [ARGUMENT]..."
    made.description, made.epilog = own.description, own.epilog
    below = made.add_subparsers(title="commands", metavar="COMMAND")
    for name, command in commands().items():
        about = " ".join((command.description or "").partition("\n\n")[0].split())
        about = about.removeprefix(f"review-patch {name}: ").rstrip(".").replace("%", "%%")
        one = below.add_parser(name, prog=command.prog, parents=[command], add_help=False, help=about,
            description=command.description, epilog=command.epilog, **_AS_WRITTEN)  # fmt: skip
        _complete(one)
    for action in own._actions:
        made._add_action(action)
    _complete(made)
    return made


def _complete(made: argparse.ArgumentParser) -> None:
    for action in made._actions:
        if isinstance(action.metavar, str) and action.metavar in _NAMES:
            action.complete = _NAMES[action.metavar]  # type: ignore[attr-defined]
