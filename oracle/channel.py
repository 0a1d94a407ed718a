# SPDX-License-Identifier: GPL-2.0-or-later
"""The pipes to a pair's process: commands and keys out, sealed answers back, within their time and size.

The code under test runs in that process. An answer counts only if it ends in the seal over all its text and a key made
for it alone, which the runner reads when the code has run (world/pipes.c): so what else is written to the pipe, or
what answered an earlier command, is no answer.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import select
import time
from typing import IO

MOST = 64 << 20  # bytes of an answer
LONGEST = 1 << 16  # bytes of a line
_SEAL = 16
_PIECE = 1 << 16
_MARK = re.compile(rb"(?:^|\n)[.?]\n")
_TEXT = re.compile(rb"[\t\n -~]*")


class RunnerError(Exception):
    """The process died or did not answer; the pair cannot be exercised."""


class RefusedError(RunnerError):
    """The process does not take this command, or a scenario that no kernel can be in."""


def nonsense(why: str) -> RunnerError:
    """For what no runner answers."""
    return RunnerError(f"the pair's process answered nonsense: {why}")


class Channel:
    """timeout: seconds for a whole answer, however it comes."""

    def __init__(self, commands: IO[bytes], answers: IO[bytes], timeout: float) -> None:
        self.commands, self.answers, self.timeout = commands, answers, timeout
        os.set_blocking(commands.fileno(), False)
        os.set_blocking(answers.fileno(), False)

    def ask(self, command: str) -> list[str]:
        """Send one command and take its answer, without the closing mark and the seal. Raises RunnerError."""
        text, key = command.encode("ascii"), secrets.token_hex(_SEAL).encode()
        until = time.monotonic() + self.timeout
        try:
            self._send(b"%08x%b%b" % (len(text), text, key), until)
            lines = _opened(*self._receive(until), key)
        except (OSError, ValueError) as error:  # closed at the other end, or here
            raise RunnerError("the pair's process has ended") from error
        if lines.pop() == "?":
            raise RefusedError(f"the pair's process refused {command[:40]!r}")
        return lines

    def _send(self, text: bytes, until: float) -> None:
        while text:
            try:
                text = text[os.write(self.commands.fileno(), text) :]
            except BlockingIOError:
                self._wait(self.commands, select.POLLOUT, until)

    def _receive(self, until: float) -> tuple[bytes, bytes]:
        """All up to the mark of an answer, and the line behind it."""
        answer, mark = bytearray(), None
        while mark is None or b"\n" not in answer[mark.end() : mark.end() + _PIECE]:
            self._wait(self.answers, select.POLLIN, until)
            piece = os.read(self.answers.fileno(), _PIECE)
            if not piece:
                raise RunnerError("the pair's process has ended")
            if len(answer) + len(piece) > MOST:
                raise nonsense(f"more than {MOST >> 20} MiB")
            seen = max(0, len(answer) - 2)
            answer += piece
            mark = mark or _MARK.search(answer, seen)
        return bytes(answer[: mark.end()]), bytes(answer[mark.end() :])

    def _wait(self, stream: IO[bytes], event: int, until: float) -> None:
        left = until - time.monotonic()
        wanted = select.poll()
        wanted.register(stream, event)
        if left <= 0 or not wanted.poll(left * 1000):
            raise RunnerError(f"no answer within {self.timeout:.0f} s")


def _opened(text: bytes, last: bytes, key: bytes) -> list[str]:
    """The lines of an answer, once its last one is known to be its seal."""
    seal = hashlib.blake2s(text + key, digest_size=_SEAL).hexdigest()
    if not hmac.compare_digest(last, f"{seal}\n".encode()):
        raise nonsense("an answer without its seal")
    if _TEXT.fullmatch(text) is None:
        raise nonsense("bytes that are no text")
    lines = text.decode("ascii").split("\n")[:-1]
    if max(map(len, lines)) > LONGEST:
        raise nonsense("a line without end")
    return lines
