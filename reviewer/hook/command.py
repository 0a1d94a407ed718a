# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch hook: reviews each series before git send-email sends it.

install, uninstall and status are about the repository one stands in, with --global about all of them; run is what
git calls.
"""

from __future__ import annotations

import re
from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence

from reviewer.commands import config
from reviewer.commands.arguments import Parser
from reviewer.hook import install, run
from reviewer.hook.install import Place

_WHOLE = (2, 41)  # of git: the first that says which file of how many it hands over


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch hook", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, what in (
        ("install", "put it in place; a hook that is there already is kept, and runs first if it runs"),
        ("uninstall", "take it away, and put back what was there before"),
        ("status", "where it is, and what it is set to"),
    ):
        one = commands.add_parser(name, help=what, description=what)
        one.add_argument("--global", dest="everywhere", action="store_true", help="for all repositories")
    running = commands.add_parser("run", help="what git calls, with each file it is about to send")
    running.add_argument("file", metavar="FILE", help="a mail")
    running.add_argument("headers", metavar="HEADERS", nargs="?", help="its headers, from git 2.41 on")
    return made


def main(argv: Sequence[str]) -> int:
    """Do what the first word says."""
    args = parser().parse_args(argv)
    if args.command == "run":
        return run.turn(args.file)
    if args.command == "status":
        return _status(args.everywhere)
    place = install.install(args.everywhere) if args.command == "install" else install.uninstall(args.everywhere)
    print(f"{args.command}ed{' for all repositories' * place.ours}: {place.hook}")
    if place.chained:
        print(f"The hook that was there {_before(place)}")
    return 0


def _status(everywhere: bool) -> int:
    place = install.place_of(everywhere)
    print(f"{_standing(place)}: {place.hook}")
    if place.chained:
        print(f"what was there before {_before(place)}")
    if place.ousted:
        print(place.ousted)
    print(f"reviews: {_manner()}")
    args = run.arguments(["-"])
    told = {
        "tree": args.tree or "the one it is sent from", "base": args.base or "found", "budget": f"{args.budget:g}",
        "flavours": " ".join(args.flavour) or "the usual ones", "failOn": args.fail_on,
        "quiet": str(args.quiet).lower(),
    }  # fmt: skip
    for name, value in told.items():
        print(f"{config.SECTION}.{name}: {value}")
    return 0


def _standing(place: Place) -> str:
    if not place.installed:
        return "not installed"
    return "installed for all repositories" if place.ours else "installed"


def _before(place: Place) -> str:
    """What becomes of the hook that was there before."""
    said = f"is kept, but does not run ({place.idle})" if place.idle else "runs first"
    return f"{said}: {place.kept}"


def _manner() -> str:
    """Whether git hands over a series, or one patch at a time."""
    told = (config.git("--version") or "git").replace("git version", "git")
    version = re.search(r"(\d+)\.(\d+)", told)
    whole = version is not None and (int(version[1]), int(version[2])) >= _WHOLE
    return "the series as a whole" if whole else f"each patch by itself, as {told} hands them over"
