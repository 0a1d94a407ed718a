"""How a command ends: whatever happens, one exit status and at most one error, never a traceback.

Status 1 is a finding's alone: a review that fails for any other reason must not look like one.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from oracle.rules import UnknownRuleError
from reviewer.errors import ReviewError
from reviewer.interrupts import halted, interruptible
from reviewer.mishaps import TRACE
from reviewer.report import status
from reviewer.report.text import printable

_INTERRUPTED, _BROKEN_PIPE = 130, 141  # as a shell has them


def ended(command: Callable[[], int]) -> int:
    """Run a command; its exit status, or that of what ended it, told on standard error."""
    if sys.stderr is None:  # print() would take standard output for it
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    try:
        return _watched(command)
    except ReviewError as error:
        return _told(str(error))
    except UnknownRuleError as error:
        return _told(str(error))
    except KeyboardInterrupt:
        return halted() or _INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return _BROKEN_PIPE
    except Exception as error:
        return _unforeseen(error)


def _watched(command: Callable[[], int]) -> int:
    """The same with standard output written out, as long as an error can still be told."""
    if sys.stdout is None:
        raise ReviewError("is closed", place="standard output", hint="Give a file, or /dev/null.")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with interruptible():
            return command()
    finally:
        sys.stdout.flush()


def _unforeseen(error: Exception) -> int:
    """What no stage has a word for, in one line."""
    if os.environ.get(TRACE):
        traceback.print_exception(error)
    if isinstance(error, OSError):
        place = str(error.filename) if error.filename else _full()
        return _told(f"{place}: {error.strerror or error}")
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    at = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {os.path.basename(frame.filename)}:{frame.lineno}" for frame in at)  # noqa: PTH119
    return _told(f"internal error{where}: {what}\n  Set {TRACE}=1 to see the trace, and please report it.")


def _full() -> str:
    """Which output an error without a file name is about; standard output is given up if it is that."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
        return "standard output"
    return "input or output"


def _drop_output() -> None:
    """Nothing more goes to standard output: what it still holds would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(text: str) -> int:
    print(f"review-patch: {printable(text)}", file=sys.stderr)
    return status.ERROR
