# SPDX-License-Identifier: GPL-2.0-or-later
"""How a review is asked for on a command line, and the review that comes of it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from oracle.rules import select
from reviewer.commands import arguments, outputs
from reviewer.commands.arguments import Parser
from reviewer.commands.remembered import Remembered, remembered
from reviewer.errors import ReviewError
from reviewer.intake.mail import is_source, read_messages
from reviewer.intake.revisions import series_from_revisions
from reviewer.intake.series import series_from_messages
from reviewer.limits import DOCUMENT, MAILS
from reviewer.model import Review, Series, SeriesTrees
from reviewer.report import document
from reviewer.report.progress import patches
from reviewer.report.wishes import Wishes
from reviewer.settings import Settings
from reviewer.support.bounded import content
from reviewer.trees.choice import bare, choose_tree
from reviewer.trees.overlays import apply_series, open_tree


def parser(*, mail: bool = False) -> Parser:
    """The parser of a review's arguments, with those of its outputs. mail: as arguments.parser()."""
    made = arguments.parser(mail=mail)
    outputs.add_options(made)
    return made


def settings(args: argparse.Namespace) -> Settings:
    """What of the arguments the results depend on. UnknownRuleError for a rule that is none."""
    return Settings(
        budget=args.budget, seed=args.seed, flavours=tuple(args.flavour), only=select(args.only),
        ignore=select(args.ignore), jobs=args.jobs,
    )  # fmt: skip


def wishes(args: argparse.Namespace) -> Wishes:
    """What is asked of the outputs. ReviewError for what is about drafts where there are none."""
    if not any(asked.output.name == "replies" for asked in args.outputs) and (args.attach or args.reply_clean):
        raise ReviewError("needs --reply-dir", place="--attach" if args.attach else "--reply-clean")
    budget = ("--budget", f"{args.budget:g}") if args.budget != arguments.BUDGET else ()
    flavours = tuple(word for name in args.flavour for word in ("--flavour", name))
    return Wishes(args.preexisting, args.attach, args.reply_clean, options=(*budget, *flavours))


def reviewed(
    args: argparse.Namespace, asked: Settings, series: Series | None, *, unasked: bool = False, last: bool = False
) -> Review:
    """The review of a series, or of revisions of the tree. unasked: for a program, which gets one that was made before
    and no lines on the way. last: of the last patch alone, on those before it."""
    previous = document.load(content(args.previous, DOCUMENT), args.previous) if args.previous is not None else None
    place = choose_tree(args.tree, series)
    alone = any(one.on_stdout for one in args.outputs)
    with open_tree(place) as kernel, patches(quiet=bool(args.quiet), lines=not (alone or unasked)) as told:
        given = series or series_from_revisions(place, *args.series)
        trees = apply_series(given, kernel, base=args.base)

        def make() -> Review:
            from reviewer.pipeline import review  # most of what a command takes to start, and not always needed

            shown, steps = _last(given, trees) if last else (given, trees)
            told.of(len(steps.patches))
            # What is in a tree without git is not known without reading it; nor what was applied before the last.
            memory = Remembered(trees) if kernel.repo is not None and not last else None
            return review(shown, steps, asked, told, previous, memory=memory)

        known = unasked and kernel.repo is not None
        return remembered(given, trees.base, asked, last, make) if known else make()


def _last(series: Series, trees: SeriesTrees) -> tuple[Series, SeriesTrees]:
    """The last patch, on a tree that holds the others."""
    held = tuple(patch.index for patch in series.patches[:-1])
    return replace(series, patches=series.patches[-1:], held=held), replace(trees, patches=trees.patches[-1:])


def mailed(args: argparse.Namespace) -> Series | None:
    """The series in files; None when revisions are meant, since nothing of that name is there."""
    if not any(map(is_source, args.series)) or (args.series == ["HEAD"] and bare(Path.cwd())):
        return None
    MAILS.check(len(args.series), "SERIES")
    messages = [message for source in args.series for message in read_messages(source)]
    return series_from_messages(messages, held=args.patch)
