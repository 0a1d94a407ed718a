# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch prep-check: a patch on standard input, for the checks that b4 runs.

To be set once: git config --global --add b4.prep-perpatch-check-cmd 'review-patch prep-check'
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from reviewer import asking, config, outputs
from reviewer.arguments import Parser
from reviewer.bounded import content
from reviewer.errors import ReviewError
from reviewer.hook import single
from reviewer.hook.run import BUDGET, in_short
from reviewer.limits import MAIL_FILE
from reviewer.report import status


def parser() -> Parser:
    """That of a review, whose SERIES is standard input here."""
    made = asking.parser()
    made.prog, made.description, made.epilog = "review-patch prep-check", __doc__, None
    made.usage = "%(prog)s [OPTION]... <PATCH"
    return made


def main(argv: Sequence[str]) -> int:
    """Write what b4 reads, nothing when all is well. What keeps a patch from being reviewed is a warning."""
    args = config.parsed(parser(), ["-", "--patch", *argv], budget=BUDGET)
    asked = args.outputs or [outputs.named("b4-check")]
    outputs.checked(asked)
    settings, wishes = asking.settings(args), asking.wishes(args)
    try:
        done = single.reviewed(args, settings, "standard input", content("-", MAIL_FILE), os.getppid())
    except ReviewError as error:
        for one in asked:
            if one.output.unable is None or not one.on_stdout:
                raise
            sys.stdout.write(one.output.unable(in_short(error)))
        return 0
    for one in asked:
        one.write(done, wishes)
    return outputs.exit_status(asked, done, status.exit_status(done, args.fail_on))
