# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch prep-check: a patch on standard input, for the checks that b4 runs.

To be set once: git config --global --add b4.prep-perpatch-check-cmd 'review-patch prep-check'
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from reviewer.commands import asking, config, outputs
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.hook import single
from reviewer.hook.run import BUDGET, concerned
from reviewer.limits import MAIL_FILE
from reviewer.report import status
from reviewer.support.bounded import content


def parser() -> Parser:
    """That of a review, whose SERIES is standard input here."""
    made = asking.parser(mail=True)
    made.prog, made.description, made.epilog = "review-patch prep-check", __doc__, None
    made.usage = "%(prog)s [OPTION]... < PATCH"
    return made


def main(argv: Sequence[str]) -> int:
    """Write what b4 reads, nothing when all is well. What keeps a patch from being reviewed is a warning."""
    args = parser().parse_args(argv)
    asked = args.outputs or [outputs.named("b4-check")]
    outputs.checked(asked)
    wishes = asking.wishes(args)  # what is wrong with the options is an error
    try:
        args = config.parsed(parser(), ["--patch", *argv], budget=BUDGET)
        if not concerned(args):
            for one in filter(lambda one: one.output.empty, asked):
                one.put(one.output.empty)
            return 0
        settings, wishes = asking.settings(args), asking.wishes(args)
        done = single.reviewed(args, settings, "standard input", content("-", MAIL_FILE), os.getppid())
    except ReviewError as error:
        if not outputs.unable(asked, error.short):
            raise
        return outputs.unable_status(asked, 0)
    for one in asked:
        one.write(done, wishes)
    return outputs.exit_status(asked, done, status.exit_status(done, args.fail_on))
