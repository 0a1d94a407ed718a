# SPDX-License-Identifier: GPL-2.0-or-later
"""One function for each kind of input, from bytes. Nothing but our own errors may leave it."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from oracle.channel import Channel
from oracle.runner import Runner, RunnerError
from oracle.wire import scenario
from reviewer.changes.changed import changes
from reviewer.csource.items import items_of
from reviewer.csource.preprocess import Macros, conditionals
from reviewer.errors import ReviewError
from reviewer.findings.exact import prepared
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.series import series_from_messages
from reviewer.model import Message, Patch, PatchTrees, Tree
from reviewer.report import document, terminal
from reviewer.report.console import console
from reviewer.report.text import printable
from reviewer.slicing.guard import refuse_unsafe
from reviewer.trees.applying import apply_patch

_HERE = Path(__file__).parent
CORPUS = _HERE / "corpus"
_MAILS = _HERE.parent / "data" / "mail"
_SOURCE = b"#include <linux/mm.h>\n\nint demo_full(int slot)\n{\n\treturn slot > 0;\n}\n"


class _Memory(dict[str, bytes]):
    """A tree of a few files."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict has none, and a tree is a key

    def read(self, path: str) -> bytes | None:
        return self.get(path)

    def list(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self if path.rpartition("/")[0] == folder))

    def holding(self, words: object) -> tuple[str, ...]:
        return tuple(self) if words else ()


_BEFORE = _Memory({"mm/demo.c": _SOURCE})


def mail(data: bytes) -> None:
    """A mailbox, and the series in it."""
    with suppress(ReviewError):
        series_from_messages(messages_from_bytes("fuzz", data))


def series(data: bytes) -> None:
    """Mails by their subjects, one a line; a line that starts with "+" has a patch, with "-" a base-commit."""
    with suppress(ReviewError):
        series_from_messages(_posted(n, line) for n, line in enumerate(data.decode("utf-8", "replace").split("\n")))


def diff(data: bytes) -> None:
    """A patch: the files it names, and what it makes of a tree."""
    tree: Tree = _Memory({"mm/demo.c": _SOURCE, "mm/tail.c": b"int a;"})
    with suppress(ReviewError):
        for path, content in apply_patch(Patch(1, "fuzz", _message("[PATCH] fuzz", data)), tree).items():
            assert not path.startswith("/")
            assert ".." not in path.split("/")
            assert content is None or len(content) < 64 << 20


def source(data: bytes) -> None:
    """C text: its directives, its definitions, what a compiler may not see."""
    text = data + b"\n\n"  # as a splice at the very end joins nothing
    with suppress(ReviewError):
        resolved = conditionals(text, Macros({"CONFIG_MMU": "1", "N": "4"}))
        assert resolved.text.count(b"\n") == text.count(b"\n")
        items_of("mm/demo.c", resolved.text)
    with suppress(ReviewError):
        refuse_unsafe(data.decode("utf-8", "replace"))


def changed(data: bytes) -> None:
    """A file that a patch made of another: which functions of it differ, and what no flavour compiles."""
    with suppress(ReviewError):
        patch = Patch(1, "fuzz", _message("[PATCH] fuzz"))
        changes(PatchTrees(patch, _BEFORE, _Memory({"mm/demo.c": data}), ("mm/demo.c",)))


def replay(data: bytes) -> None:
    """A finding's file: JSON as it is, or a sound one changed in places that the bytes choose."""
    text = data if data[:1] in (b"{", b"[") else _changed(data)
    out = console(io.StringIO())
    with suppress(ReviewError):
        finding = document.load_finding(text, "fuzz").finding
        with suppress(ReviewError):
            prepared(finding, "fuzz")
        terminal.render_finding(printable(finding), out)
    with suppress(ReviewError):
        terminal.render(document.load(text, "fuzz"), out)


def answers(data: bytes) -> None:
    """What a pair's process answers, whatever it was asked: as lines once it is opened, and as it comes through the
    pipe."""
    lines = data.decode("ascii", "replace").split("\n") if data else []
    for ask in _QUESTIONS:
        runner = Runner.__new__(Runner)
        vars(runner).update(ask=lambda _command: list(lines), reached=(frozenset(), frozenset()))
        with suppress(RunnerError):
            ask(runner)
    with suppress(RunnerError), _pipe(b"", ended=False) as (commands, _), _pipe(data, ended=True) as (_, printed):
        Channel(commands, printed, 1.0).ask("able")


TARGETS: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {target.__name__: target for target in (mail, series, diff, source, changed, replay, answers)}
)


def seeds(name: str) -> list[bytes]:
    """What a target starts from: its corpus, and what the other tests have of that kind."""
    kind = "source" if name == "changed" else name
    found = [path.read_bytes() for path in sorted(CORPUS.glob(f"{kind}/*"))]
    if name in ("mail", "series", "diff"):
        found += [path.read_bytes() for path in sorted(_MAILS.rglob("*")) if path.is_file()]
    return found


def _message(subject: str, diff: bytes = b"", body: str = "") -> Message:
    return Message("", "", (), "Ada <ada@example.org>", (), (), "", subject, body, diff, "fuzz")


def _posted(number: int, line: str) -> Message:
    changed = b"diff --git a/x b/x\n" if line.startswith("+") else b""
    return _message(line.lstrip("+-"), changed, f"base-commit: {number:040x}\n" if line.startswith("-") else "")


# What JSON may hold in the place of anything.
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 2**64, "", "x", "\x1b[2J", "\ud800", [], {}, [[]], {"": {}}, ["a"], {"rows": []},
    "arm64-4k", "static", "1 " * 40, "0" * 30,
)  # fmt: skip


def _changed(data: bytes) -> str:
    """The finding of the corpus with values replaced: of each two bytes, the first says where, the second what by."""
    whole = json.loads((CORPUS / "replay" / "review.json").read_text("utf-8"))
    for where, what in zip(data[::2], data[1::2], strict=False):
        if not (spots := list(_spots(whole))):
            break
        holder, key = spots[(where * 7 + what) % len(spots)]
        if what == 255:
            del holder[key]
        else:
            holder[key] = deepcopy(_ODD[what % len(_ODD)])
    return json.dumps(whole)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value, as what holds it and its key there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _spots(value[key])


_SCENARIO = scenario("0 " * 18)
_QUESTIONS: tuple[Callable[[Runner], object], ...] = (
    lambda runner: runner.campaign(1, 0, 8),
    lambda runner: runner.tables(4),
    lambda runner: runner.exhaust(0, 8, "0"),
    lambda runner: runner.steer(1, 8, 8, range(4)),
    lambda runner: runner.table(0, "0"),
    lambda runner: runner.digests("after", 1, 0, 8),
    lambda runner: runner.scenario(1, 0),
    lambda runner: runner.trace("after"),
    lambda runner: runner.run(_SCENARIO, rows=True),
    lambda runner: runner.attempt(_SCENARIO, whole=True),
    lambda runner: runner.digest("after", _SCENARIO),
    lambda runner: runner.unasked(),
    lambda runner: runner.coverage(),
)


@contextmanager
def _pipe(data: bytes, *, ended: bool) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A pipe that holds these bytes: its ends, to write and to read. ended: nothing more comes."""
    reading, writing = os.pipe()
    with open(writing, "wb", buffering=0) as commands, open(reading, "rb", buffering=0) as printed:  # noqa: PTH123
        commands.write(data[:60_000])
        if ended:
            commands.close()
        yield commands, printed
