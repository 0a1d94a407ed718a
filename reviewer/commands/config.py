# SPDX-License-Identifier: GPL-2.0-or-later
"""git config reviewpatch.*: what is set once, for reviews and the hook alike. The command line wins.

Git is asked as its user asks it, with the settings of the system, the user and the repository one stands in; what it
says is taken as if it stood on the command line, and no other way.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviewer.errors import ReviewError, ToolError

SECTION = "reviewpatch"
# The name of each setting, as git prints it, and of what it stands for on the command line.
SETTINGS = {
    "tree": "tree",
    "base": "base",
    "budget": "budget",
    "flavours": "flavour",
    "failon": "fail_on",
    "quiet": "quiet",
}
_TRUE, _FALSE = ("", "true", "yes", "on", "1"), ("false", "no", "off", "0")


def git(*words: str) -> str | None:
    """What git says of the repository one stands in, or of its user's settings; None when it has no answer."""
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False)
    except OSError as error:
        raise ToolError("git is needed and was not found", hint="Install git 2.32 or newer.") from error
    return os.fsdecode(done.stdout).removesuffix("\n") if done.returncode == 0 else None


def parsed(parser: argparse.ArgumentParser, words: Sequence[str], **defaults: Any) -> argparse.Namespace:
    """The arguments, with what git config says in place of what is not among them, and else these defaults."""
    chosen = {**defaults, **settings(parser)}
    lists = {name: value for name, value in chosen.items() if isinstance(value, list)}
    parser.set_defaults(**{name: value for name, value in chosen.items() if name not in lists})
    args = parser.parse_intermixed_args(words)
    for name, value in lists.items():
        setattr(args, name, getattr(args, name) or value)
    return args


def settings(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """What is set, by the names of the arguments. ReviewError where one is not what the option takes."""
    actions = {action.dest: action for action in parser._actions}
    told = git("config", "-z", "--get-regexp", rf"^{SECTION}\.") or ""
    found: dict[str, Any] = {}
    for entry in filter(None, told.split("\0")):
        key, _, value = entry.partition("\n")
        name = SETTINGS.get(key.removeprefix(f"{SECTION}."), "")
        if name:
            found[name] = _value(actions.get(name), key, value, found.get(name))
    if "tree" in found:
        found["tree"] = _place(found["tree"])
    return found


def _value(action: argparse.Action | None, key: str, text: str, before: Any) -> Any:
    """The value of one setting: of an option without a value, or of the hook's alone, true or false; of one that may
    be given several times a list."""
    if action is None or action.nargs == 0:
        if text.lower() not in _TRUE + _FALSE:
            raise ReviewError(f"{text!r} is neither true nor false", place=f"git config {key}")
        return text.lower() in _TRUE
    several = isinstance(action, argparse._AppendAction)
    words = text.replace(",", " ").split() if several else [text]
    values = [_checked(action, key, word) for word in words]
    return [*(before or []), *values] if several else values[0]


def _checked(action: argparse.Action, key: str, text: str) -> Any:
    try:
        value = action.type(text) if callable(action.type) else text
    except argparse.ArgumentTypeError as error:
        raise ReviewError(str(error), place=f"git config {key}") from error
    if action.choices is not None and value not in action.choices:
        raise ReviewError(f"{text!r} is none of {', '.join(action.choices)}", place=f"git config {key}")
    return value


def _place(text: str) -> str:
    """A folder as git has paths: of a home, else, when relative, from the top of the work tree."""
    path = Path(text)
    if text.startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError as error:
            raise ReviewError(str(error), place=f"git config {SECTION}.tree") from error
    return str(path if path.is_absolute() else Path(git("rev-parse", "--show-toplevel") or "", path))
