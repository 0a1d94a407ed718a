# SPDX-License-Identifier: GPL-2.0-or-later
"""How a command ends: whatever happens, one exit status and at most one error, never a traceback.

Status 1 is a finding's alone: a review that fails for any other reason must not look like one.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO, cast

from oracle.rules import UnknownRuleError
from reviewer.errors import ReviewError
from reviewer.report.status import ERROR
from reviewer.report.text import printable
from reviewer.running.mishaps import TRACE
from reviewer.support.interrupts import halted, interruptible

_INTERRUPTED = 130  # as a shell has it


def ended(command: Callable[[], int]) -> int:
    """Run a command; its exit status, or that of what ended it, told on standard error."""
    if sys.stderr is None:  # print() would take standard output for it
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    with redirect_stderr(cast(TextIO, _Output(sys.stderr, told=False))):
        status = _status(command)
        sys.stderr.flush()
    return status


def _status(command: Callable[[], int]) -> int:
    try:
        return _watched(command)
    except ReviewError as error:
        return _told(str(error))
    except UnknownRuleError as error:
        return _told(str(error))
    except KeyboardInterrupt:
        print("review-patch: stopped by a signal before there was an answer", file=sys.stderr)
        return halted() or _INTERRUPTED
    except Exception as error:
        return _unforeseen(error)


def _watched(command: Callable[[], int]) -> int:
    """The same with standard output written out, as long as an error can still be told."""
    if sys.stdout is None:
        raise ReviewError("is closed", place="standard output", hint="Give a file, or /dev/null.")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    output = cast(TextIO, _Output(sys.stdout, told=True))
    with redirect_stdout(output):
        try:
            with interruptible():
                return command()
        finally:
            output.flush()


class _Output:
    """A stream that is given up when nothing more can be written to it: what it still holds would fail again when
    Python ends. A reader who has seen enough (| head) changes nothing of how the command ends; standard output that is
    full is an error (told)."""

    def __init__(self, stream: TextIO, told: bool) -> None:
        self._stream, self._told = stream, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._watched():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._watched():
            self._stream.flush()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if self._told and not isinstance(error, BrokenPipeError):
                raise ReviewError(error.strerror or str(error), place="standard output") from error


def _unforeseen(error: Exception) -> int:
    """What no stage has a word for, in one line."""
    if os.environ.get(TRACE):
        print(printable("".join(traceback.format_exception(error))), file=sys.stderr)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return _told(f"{place}{error.strerror or error}")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    said = " ".join(str(error).split())[:200]
    return _told(f"internal error: {what}: {said}\n  Set {TRACE}=1 to see the trace, and please report it.")


def _told(text: str) -> int:
    print(f"review-patch: {printable(text)}", file=sys.stderr)
    return ERROR
