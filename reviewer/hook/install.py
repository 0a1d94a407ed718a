# SPDX-License-Identifier: GPL-2.0-or-later
"""git's hook sendemail-validate: put in place and taken away again without a trace.

What was there before is kept in a folder beside it under its own name, which some hooks ask for, runs first, and is put
back as it was. Git is asked where hooks are, so that core.hooksPath counts. For all repositories git has no place but
that setting, with which it no longer looks at a repository's own hooks: where it is not set, a folder of ours takes its
place in which each hook runs the repository's.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs

from reviewer.commands.config import git
from reviewer.errors import ReviewError, ToolError

NAME = "sendemail-validate"
BLOCKED = 10  # what the run says when nothing may be sent; all else that is not a signal lets the mails go
_KEPT = f"before-review-patch/{NAME}"
_MARK = "# review-patch hook"
_MADE = f"{_MARK}: folders made for it: "
_SETTING = "core.hooksPath"
# Hooks of git, but for push-to-checkout, which changes what git does by being there.
_OTHERS = """applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg
    post-commit pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update
    reference-transaction pre-auto-gc post-rewrite post-index-change""".split()
_OWN = """\
own="$(git rev-parse --git-common-dir)/hooks/$(basename -- "$0")"
if [ -x "$own" ]; then
	"$own" "$@" || exit
fi
"""
_THROUGH = f"""\
#!/bin/sh
{_MARK}: runs the repository's own hook, which git does not while core.hooksPath is set
{_OWN}"""
_REVIEW = """\
#!/bin/sh
{mark}: reviews a series before git send-email sends it
# To be removed with "review-patch hook uninstall", which also puts back what was here before.
kept="$(dirname -- "$0")/{kept}"
if [ -x "$kept" ]; then
	"$kept" "$@" || exit
fi
{own}python={python}
if [ ! -x "$python" ]; then
	echo "review-patch: $python is not there any more, so nothing was reviewed" >&2
	exit 0
fi
"$python" -P -m reviewer hook run "$@"
status=$?
case $status in
0 | 2) ;;
{blocked} | 129 | 130 | 143) exit 1 ;;
*) echo "review-patch: ended with status $status, so nothing was held back" >&2 ;;
esac
exit 0
"""


@dataclass(frozen=True)
class Place:
    """A folder of hooks. ours: made for this alone, for all repositories."""

    folder: Path
    ours: bool = False

    @property
    def hook(self) -> Path:
        return self.folder / NAME

    @property
    def kept(self) -> Path:
        return self.folder / _KEPT

    @property
    def installed(self) -> bool:
        """Whether the hook there is this one."""
        return _is_ours(self.hook)

    @property
    def chained(self) -> bool:
        """Whether another hook was there before."""
        return self.installed and os.path.lexists(self.kept)

    @property
    def idle(self) -> str:
        """Why what was there before does not run, as it did not before; "" when it runs first."""
        if not self.kept.exists():
            return "it leads nowhere"
        return "" if os.access(self.kept, os.X_OK) else "it is not executable"

    @property
    def ousted(self) -> str:
        """What became of a hook of ours that is not there any more, when it left one behind; else ""."""
        if self.installed or not os.path.lexists(self.kept):
            return ""
        what = "Another hook took its place" if os.path.lexists(self.hook) else "It was removed by hand"
        return f"{what}. The one that was there before it is still kept: {self.kept}"


def place_of(everywhere: bool) -> Place:
    """Where the hooks of this repository are, or of all of them. ReviewError outside of a repository."""
    ours = _ours()
    if everywhere:
        named = _named("--global")
        return Place(Path(named), Path(named) == ours) if named else Place(ours, True)
    found = git("rev-parse", "--git-path", "hooks")
    if found is None:
        raise ReviewError("this is no git repository", hint="Go into one, or install it for all with --global.")
    _named()
    folder = Path(found).absolute()
    return Place(folder, folder == ours)


def _named(*scope: str) -> str | None:
    """What core.hooksPath is set to. ReviewError for nothing, which git-rev-parse takes for the work tree, and git for
    no hooks."""
    named = git("config", *scope, "--type=path", "--get", _SETTING)
    if named == "":
        raise ReviewError("is empty, so git runs no hooks", place=_SETTING, hint="Set it to a folder, or unset it.")
    return named


def install(everywhere: bool) -> Place:
    """Put the hook in place, or in its newest form. ReviewError where that would lose something."""
    place = place_of(everywhere)
    if place.ousted:
        raise ReviewError("is in the way", place=str(place.kept), hint="A hook was kept under that name; move it.")
    try:
        made = _made(place)
        place.folder.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place.hook) and not place.installed:
            place.kept.parent.mkdir(exist_ok=True)
            _move(place.hook, place.kept, lambda target: f"../{target}")
            for path in map(place.kept.parent.joinpath, _beside(place)):
                if not os.path.lexists(path):
                    path.symlink_to(f"../{path.name}")
        _put(place.hook, _script(place, made))
        if place.ours:
            _pass_on(place.folder)
    except OSError as error:
        raise ToolError(f"cannot be written: {error.strerror}", place=str(place.hook)) from error
    return place


def uninstall(everywhere: bool) -> Place:
    """Take it away, and put back what was there before. ReviewError where it is not installed."""
    place = place_of(everywhere)
    if place.ours and not everywhere:
        raise ReviewError("it is installed for all repositories", hint="Add --global to remove it from all of them.")
    if not place.installed:
        raise ReviewError("it is not installed there", place=str(place.hook), hint=place.ousted)
    try:
        made = _made(place)
        if os.path.lexists(place.kept):
            _move(place.kept, place.hook, lambda target: target.removeprefix("../"))
        else:
            place.hook.unlink()
        if place.ours:
            for path in (place.folder / name for name in _OTHERS):
                if _is_ours(path):
                    path.unlink()
            git("config", "--global", "--unset", _SETTING)
        for path in map(place.kept.parent.joinpath, _beside(place)):
            if path.is_symlink() and str(path.readlink()) == f"../{path.name}":
                path.unlink()
        with suppress(OSError):
            place.kept.parent.rmdir()
        with suppress(OSError):  # somebody else has put something there
            for folder in (place.folder, *place.folder.parents)[:made]:
                folder.rmdir()
    except OSError as error:
        raise ToolError(f"cannot be removed: {error.strerror}", place=str(place.hook)) from error
    return place


def _move(path: Path, to: Path, target: Callable[[str], str]) -> None:
    """Move a hook to or from the folder below; a link that is relative leads where it led."""
    led = os.readlink(path) if path.is_symlink() else "/"  # noqa: PTH115  Path would tidy it
    if led.startswith("/"):
        path.replace(to)
        return
    to.unlink(missing_ok=True)
    to.symlink_to(target(led))
    path.unlink()


def _beside(place: Place) -> list[str]:
    """What the hook that is kept finds beside it by way of links, since it may read a file of the folder it is in."""
    around = {path.name for folder in (place.folder, place.kept.parent) if folder.is_dir() for path in folder.iterdir()}
    return sorted(name for name in around - {NAME, place.kept.parent.name} if not name.endswith(".sample"))


def _made(place: Place) -> int:
    """How many of the folders that the hook is in were made for it, or are to be."""
    if place.installed:
        told = re.search(rf"^{_MADE}(\d+)$", place.hook.read_text("utf-8", "replace"), re.MULTILINE)
        return int(told[1]) if told else 0
    return sum(not folder.exists() for folder in (place.folder, *place.folder.parents))


def _ours() -> Path:
    return Path(platformdirs.user_config_dir("review-patch")) / "hooks"


def _is_ours(path: Path) -> bool:
    """Whether we wrote a hook. A link leads to somebody else's."""
    try:
        return not path.is_symlink() and _MARK in path.read_text("utf-8", "replace")[:200]
    except OSError:
        return False


def _script(place: Place, made: int) -> str:
    head = f"{_MADE}{made}\n" if made else ""
    own = head + (_OWN if place.ours else "")
    return _REVIEW.format(mark=_MARK, kept=_KEPT, own=own, python=shlex.quote(sys.executable), blocked=BLOCKED)


def _pass_on(folder: Path) -> None:
    """Have git look there, and find the hooks of each repository by way of it."""
    for name in _OTHERS:
        _put(folder / name, _THROUGH)
    if git("config", "--global", _SETTING, str(folder)) is None:
        raise ToolError(f"git config --global {_SETTING} cannot be set")


def _put(path: Path, text: str) -> None:
    """Write an executable file, at once or not at all."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as stream:
        stream.write(text)
    aside = Path(stream.name)
    aside.chmod(0o755)
    aside.replace(path)
