# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands beside a review itself: a row for each, from which dispatch, help, man page and completion are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """module: what has its parser() and main(), read when it is asked for, since git and b4 start us for every patch.
    usage: its arguments as the overview shows them; what: one line beside them, of 73 columns with the usage."""

    name: str
    module: str
    usage: str
    what: str


COMMANDS = {
    row.name: row
    for row in (
        Command("replay", "reviewer.commands.replay", "FINDING.json [--trace]",
                "run one counterexample again, before and after side by side"),
        Command("confirm", "reviewer.commands.confirm", "FINDING.json --kernel DIR",
                "try one on kernels that are built and booted, before and after"),
        Command("explain", "reviewer.commands.explain", "RULE|FINDING",
                "what a rule says, where from, right and wrong as pictures"),
        Command("survey", "reviewer.commands.survey", "--tree DIR [--json -]",
                "which functions of a tree can be exercised, and how well"),
        Command("bench", "reviewer.bench.command", "--tree DIR [--json -]",
                "what the tool finds of slips made on purpose in a tree"),
        Command("campaign", "reviewer.cluster.command", "SERIES... --db FILE",
                "many series, seeds or a long budget, on workers; campaign show FILE"),
        Command("hook", "reviewer.hook.command", "install|uninstall|status",
                "review each series before git send-email sends it"),
        Command("prep-check", "reviewer.hook.prep", "",
                "a patch on standard input, for the checks of b4 prep and b4 am"),
        Command("doctor", "reviewer.commands.doctor", "",
                "compiler, git, sandbox, tree: what is there, what is missing"),
        Command("cache", "reviewer.commands.caching", "[--clear]",
                "what is kept between runs, where, and how much of it"),
        Command("completion", "reviewer.commands.manual", "bash|zsh|tcsh", "what completes these commands in a shell"),
    )
}  # fmt: skip
HELP = Command("help", "", "[COMMAND]", "the options of a command")


def overview() -> str:
    """All commands as the help of a review lists them, a line each."""
    rows = [*COMMANDS.values(), HELP]
    return "\n".join(f"  {f'review-patch {r.name} {r.usage}'.rstrip():<44} {r.what}" for r in rows)
