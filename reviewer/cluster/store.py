# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign came to, in one SQLite file: each answer once, each series once, for good as soon as it is known.

A killed coordinator or a lost worker loses nothing that was recorded; who resumes skips it.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reviewer import __version__
from reviewer.cluster.record import packed, unpacked
from reviewer.cluster.units import Answer
from reviewer.errors import ReviewError
from reviewer.findings.versions import tool
from reviewer.model import Review
from reviewer.report import document

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unit (key TEXT PRIMARY KEY, kind TEXT NOT NULL, entry TEXT NOT NULL, flavour TEXT NOT NULL,
    scenarios INTEGER NOT NULL, seconds REAL NOT NULL, why TEXT NOT NULL, answer BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS series (key TEXT PRIMARY KEY, name TEXT NOT NULL, subject TEXT NOT NULL,
    verdict TEXT NOT NULL, why TEXT NOT NULL, document BLOB);
CREATE TABLE IF NOT EXISTS function (series TEXT NOT NULL REFERENCES series(key), patch INTEGER NOT NULL,
    name TEXT NOT NULL, file TEXT NOT NULL, status TEXT NOT NULL, evidence TEXT NOT NULL, changed INTEGER NOT NULL,
    covered INTEGER NOT NULL, scenarios INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS finding (series TEXT NOT NULL REFERENCES series(key), id TEXT NOT NULL,
    patch INTEGER NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL, relation TEXT NOT NULL, severity TEXT NOT NULL,
    function TEXT NOT NULL, file TEXT NOT NULL, flavours TEXT NOT NULL, summary TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS finding_rule ON finding (rule);
CREATE INDEX IF NOT EXISTS finding_function ON finding (function);
"""
_SECONDS = 30.0  # to wait for another's transaction
_MOST = 256 << 20  # bytes of a review


class HaltError(ReviewError):
    """The campaign cannot go on. What was recorded stays, and nothing is said of what was under way."""


@dataclass(frozen=True)
class Work:
    """What a unit was, for people, and what it took."""

    kind: str
    entry: str
    flavour: str
    scenarios: int
    seconds: float


class Store:
    """An open file of results, to be used by several threads; use as a context manager."""

    def __init__(self, path: str, *, write: bool = True) -> None:
        self._lock = threading.Lock()
        self._path = path
        if not write and not Path(path).is_file():
            raise ReviewError("there is no such file", place=path)
        try:
            self._db = sqlite3.connect(path, timeout=_SECONDS, check_same_thread=False, isolation_level=None)
            if write:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.executescript(_SCHEMA)
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('tool', ?)", (_made(),))
            made = self._db.execute("SELECT value FROM about WHERE name = 'tool'").fetchone()
        except sqlite3.Error as error:
            raise ReviewError(f"this is no file of results, or cannot be used: {error}", place=path) from error
        if write and made[0] != _made():
            self.close()
            hint = "Name another file with --db: results of two versions do not go together."
            raise ReviewError(f"another version of review-patch made this file ({made[0]})", place=path, hint=hint)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def answer(self, key: str) -> Answer | None:
        """The recorded answer to a unit."""
        rows = self.rows("SELECT answer FROM unit WHERE key = ?", (key,))
        try:
            return unpacked(rows[0]["answer"]) if rows else None
        except ValueError as error:
            raise HaltError(str(error), place=self._path) from error

    def record(self, key: str, work: Work, answer: Answer) -> None:
        """Keep an answer; the first one counts."""
        row = (key, work.kind, work.entry, work.flavour, work.scenarios, work.seconds, answer.why, packed(answer))
        self._write([("INSERT OR IGNORE INTO unit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)])

    def forget_failed(self) -> None:
        """Forget what did not run, and the series that it was for: they are done again."""
        gone = "series IN (SELECT key FROM series WHERE verdict IN ('inconclusive', 'failed'))"
        self._write([
            ("DELETE FROM unit WHERE why != ''", ()),
            (f"DELETE FROM function WHERE {gone}", ()),
            (f"DELETE FROM finding WHERE {gone}", ()),
            ("DELETE FROM series WHERE verdict IN ('inconclusive', 'failed')", ()),
        ])  # fmt: skip

    def has(self, series: str) -> bool:
        """Whether the result of a series is known."""
        return bool(self.rows("SELECT 1 FROM series WHERE key = ?", (series,)))

    def failed(self, key: str, name: str, why: str) -> None:
        """Keep that a series could not be reviewed."""
        self._write([("INSERT OR IGNORE INTO series VALUES (?, ?, '', 'failed', ?, NULL)", (key, name, why))])

    def reviewed(self, key: str, name: str, verdict: str, review: Review) -> None:
        """Keep the review of a series, at once or not at all."""
        blob = zlib.compress(document.dumps(document.review_document(review)).encode(), 6)
        row = (key, name, review.series.subject, verdict, "", blob)
        functions = [
            (key, p.index, f.name, f.file, f.status, f.evidence, len(f.changed_lines), len(f.covered_lines),
             f.scenarios, f.why)
            for p in review.patches for f in p.functions
        ]  # fmt: skip
        findings = [
            (key, f.id, f.patch, f.rule, f.kind, f.relation, f.severity, f.function, f.file, ", ".join(f.flavours),
             f.summary)
            for f in review.findings
        ]  # fmt: skip
        if self.has(key):
            return
        self._write([
            ("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?)", row),
            *(("INSERT INTO function VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", f) for f in functions),
            *(("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", f) for f in findings),
        ])  # fmt: skip

    def document(self, series: str) -> str:
        """The review of a series as JSON, empty where there is none."""
        blob = self.rows("SELECT document FROM series WHERE key = ?", (series,))[0]["document"]
        try:
            return zlib.decompressobj().decompress(blob, _MOST).decode() if blob else ""
        except (zlib.error, TypeError, UnicodeDecodeError) as error:
            raise ReviewError("a review in this file is damaged", place=self._path) from error

    def rows(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[dict[str, Any]]:
        """What a query finds, each row by column."""
        with self._lock:
            try:
                found = self._db.execute(query, values)
                names = [column[0] for column in found.description]
                return [dict(zip(names, row, strict=True)) for row in found]
            except sqlite3.Error as error:
                raise HaltError(f"cannot be read: {error}", place=self._path) from error

    def _write(self, statements: Sequence[tuple[str, Sequence[object]]]) -> None:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                for statement, values in statements:
                    self._db.execute(statement, values)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise HaltError(f"a result cannot be recorded: {error}", place=self._path) from error


def _made() -> str:
    """What answers depend on besides: this tool, all of its code."""
    return f"{__version__} {tool()[:16]}"
