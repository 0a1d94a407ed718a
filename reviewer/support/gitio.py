# SPDX-License-Identifier: GPL-2.0-or-later
"""Running git so that neither the user's settings nor an untrusted repository have a say in it.

Everything goes through GitPython's command interface with an environment of our own: no system or user
configuration, no hooks, no fsmonitor, no network for missing objects, no inherited GIT_DIR (git sets that
one for the hooks that call us).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from reviewer.errors import ToolError, TreeError
from reviewer.limits import GIT_MEMORY, GIT_SECONDS, MAIL_FILE

if TYPE_CHECKING:
    from git import Git, Repo

# Settings of a repository that could run a program or change what the commands print.
_OVERRIDES = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "log.showSignature": "false",
}
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_CONFIG_COUNT": str(len(_OVERRIDES)),
    **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(_OVERRIDES)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_OVERRIDES.values())},
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone would fetch what is missing, into the user's object store: allow no transport at all.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
}


# How git says that the limit on its memory was met.
_NO_MEMORY = re.compile("out of memory|malloc failed|cannot allocate memory", re.IGNORECASE)
_NOT_FOUND = 127  # of a shell
_SLOWER = 15  # by the clock than by the processor's time, on a machine that is busy


class Output(NamedTuple):
    """What one git command left: status 0 is success; errors is its standard error, stripped.

    spent: which limit it met, empty when none."""

    status: int
    out: bytes
    errors: str
    spent: str = ""


def git_outside(folder: Path) -> Git:
    """Git in a folder that belongs to no repository, whatever lies above it or GIT_DIR says.

    ToolError when git is not installed.
    """
    git: Git = _library().Git(os.fspath(folder))
    # /dev/null is no repository, which git takes for "there is none" without looking further up.
    git.update_environment(**_ENVIRONMENT, GIT_DIR=os.devnull)
    return git


def run(git: Git, *arguments: str, stdin: Path | None = None) -> Output:
    """Run one git command to its end; a failure is in the status, only a missing git raises (ToolError)."""
    status, out, errors = _run(git, ["git", *arguments], stdin, None)
    return Output(status, out, errors)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for run_outside(), gone afterwards, and where a signal comes while it goes, too."""
    made = Path(mkdtemp(prefix="review-patch-"))
    try:
        yield made
    finally:
        try:
            rmtree(made, ignore_errors=True)
        except KeyboardInterrupt:  # there is one at most (interrupts.py)
            rmtree(made, ignore_errors=True)
            raise


def run_outside(folder: Path, *arguments: str, stdin: Path | None = None) -> Output:
    """Run one git command on a mail or a patch, within the limits, in a folder that belongs to no repository."""
    seconds = GIT_SECONDS.most
    try:
        status, out, errors = _run(
            git_outside(folder), ["sh", "-c", _limited(), "git", *arguments], stdin, seconds * _SLOWER
        )
    except subprocess.TimeoutExpired:
        status, out, errors = -signal.SIGXCPU, b"", ""
    if status == _NOT_FOUND:
        raise _no_git()
    spent = ""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        spent = f"it takes more than {GIT_SECONDS.told(seconds)}"
    elif status == -signal.SIGXFSZ:
        spent = f"it writes more than {MAIL_FILE.told(MAIL_FILE.most)}"
    elif status and _NO_MEMORY.search(errors):
        spent = f"it takes more than {GIT_MEMORY.told(GIT_MEMORY.most)} of memory"
    return Output(status, out, errors, spent)


def _limited() -> str:
    """Shell that sets the limits and becomes a command: none begins to read without them. A stricter one stays."""
    kept = {"t": GIT_SECONDS.most, "v": GIT_MEMORY.most >> 10, "f": MAIL_FILE.most >> 9, "c": 0}
    return "; ".join([*(f"ulimit -{which} {most} 2>/dev/null" for which, most in kept.items()), 'exec "$0" "$@"'])


def _run(git: Git, command: Sequence[str], stdin: Path | None, seconds: float | None) -> tuple[int, bytes, str]:
    """Status, output and errors; subprocess.TimeoutExpired after so many seconds."""
    from git.exc import GitCommandNotFound

    with (stdin or Path(os.devnull)).open("rb") as stream:
        try:
            # Whatever ends us ends it: the wrapper kills what still runs.
            process = git.execute(command, istream=stream, as_process=True)
        except GitCommandNotFound as error:  # also what keeps it from starting
            why = error.__cause__
            if isinstance(why, OSError) and not isinstance(why, FileNotFoundError):
                raise ToolError(f"git cannot be started: {why.strerror}") from error
            raise _no_git() from error
        try:
            out, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            if process.proc is not None:
                process.proc.wait()  # and not for what it may have started
            raise
    # git prints the names of files as they are.
    return process.returncode, out, errors.decode("utf-8", "replace").strip()


def open_repository(path: Path) -> Repo | None:
    """The repository at path: a work tree's top, a linked work tree or a bare one. None when it is none.

    Close it after use. TreeError when there is a .git that is no repository, ToolError without git.
    """
    library = _library()
    try:
        repo: Repo = library.Repo(path.absolute(), expand_vars=False)
    except library.InvalidGitRepositoryError as error:
        if (path / ".git").exists():
            raise TreeError(
                "its .git is not a git repository",
                place=str(path),
                hint="Check it with `git -C DIR status`, or give an unpacked tree without a .git.",
            ) from error
        return None
    repo.git.update_environment(
        **_ENVIRONMENT,
        GIT_DIR=str(Path(repo.git_dir).resolve()),
        GIT_OBJECT_DIRECTORY=str(Path(repo.common_dir, "objects").resolve()),
    )
    return repo


def find_object(repo: Repo, name: str) -> str:
    """The full id of an object, by any name git knows ("topic", "HEAD:mm/a.c"); empty when there is none."""
    from git.compat import safe_decode

    if "\n" in name:  # would be a second question to the process that answers
        return ""
    try:
        return safe_decode(repo.git.get_object_header(name)[0]) or ""
    except ValueError:  # missing or ambiguous
        return ""


def find_commit(repo: Repo, revision: str) -> str:
    """The full id of the commit a revision names; empty when it names none."""
    return find_object(repo, f"{revision}^{{commit}}")


def _library() -> ModuleType:
    """GitPython, which looks for the git program when it is imported, and fails without."""
    try:
        import git
    except ImportError as error:
        raise _no_git() from error
    return git


def _no_git() -> ToolError:
    return ToolError("git is needed and was not found", hint="Install git 2.32 or newer.")
