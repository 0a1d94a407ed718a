# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file of results has to say, by function, rule and series: questions to SQLite, answers for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from reviewer.cluster.store import Store
from reviewer.errors import ReviewError
from reviewer.report.text import one_line, printable

Rows = Sequence[Mapping[str, Any]]
_FEW = 200  # rows on a terminal
_WHOLE = frozenset({"subject", "id", "rule", "relation", "verdict"})  # columns of one line

_TOTALS = """
SELECT (SELECT count(*) FROM series) AS series, (SELECT count(*) FROM function) AS functions,
    (SELECT count(*) FROM finding WHERE relation = 'introduced' AND kind != 'static') AS findings,
    (SELECT coalesce(sum(scenarios), 0) FROM unit) AS scenarios, (SELECT count(*) FROM unit) AS units,
    (SELECT count(*) FROM unit WHERE why != '') AS failed, (SELECT coalesce(sum(seconds), 0) FROM unit) AS seconds
"""
_VERDICTS = "SELECT verdict, count(*) AS number FROM series GROUP BY verdict ORDER BY number DESC, verdict"
_FUNCTIONS = """
SELECT f.name, f.file, count(DISTINCT f.series) AS series, sum(f.scenarios) AS scenarios, sum(f.changed) AS changed,
    sum(f.covered) AS covered, sum(f.evidence != 'none') AS claimed, count(*) AS number,
    (SELECT count(*) FROM finding g WHERE g.function = f.name AND g.file = f.file AND g.relation = 'introduced'
        AND g.kind != 'static') AS findings
FROM function f WHERE (:function = '' OR f.name = :function) AND (:series = '' OR f.series = :series)
GROUP BY f.name, f.file ORDER BY scenarios DESC, f.name, f.file
"""
_RULES = """
SELECT rule, relation, kind, count(*) AS number, count(DISTINCT series) AS series,
    group_concat(DISTINCT function) AS functions
FROM finding WHERE (:rule = '' OR rule = :rule) AND (:function = '' OR function = :function)
    AND (:series = '' OR series = :series)
GROUP BY rule, relation, kind ORDER BY relation != 'introduced', number DESC, rule, kind
"""
_FINDINGS = """
SELECT s.name, g.* FROM finding g JOIN series s ON s.key = g.series
WHERE (:rule = '' OR g.rule = :rule) AND (:function = '' OR g.function = :function)
    AND (:series = '' OR g.series = :series)
ORDER BY g.relation != 'introduced', s.name, g.patch, g.rule, g.id
"""
_SERIES = """
SELECT s.key, s.name, s.subject, s.verdict, s.why, (SELECT count(*) FROM finding g WHERE g.series = s.key
    AND g.relation = 'introduced' AND g.kind != 'static') AS findings,
    (SELECT coalesce(sum(f.scenarios), 0) FROM function f WHERE f.series = s.key) AS scenarios
FROM series s WHERE (:series = '' OR s.key = :series) AND (:function = '' OR EXISTS (SELECT 1 FROM function f
    WHERE f.series = s.key AND f.name = :function)) AND (:rule = '' OR EXISTS (SELECT 1 FROM finding g
    WHERE g.series = s.key AND g.rule = :rule))
ORDER BY s.verdict != 'findings', s.verdict, s.name, s.key
"""


@dataclass(frozen=True)
class Shown:
    """What a file says, or a part of it."""

    totals: Mapping[str, Any]
    verdicts: Rows
    functions: Rows
    rules: Rows
    findings: Rows
    series: Rows


def shown(store: Store, function: str = "", rule: str = "", series: str = "") -> Shown:
    """All of a file, or what has to do with a function, a rule, a series (by its name or subject)."""
    key = find(store, series) if series else ""
    asked = {"function": function, "rule": rule, "series": key}
    tables = (store.rows(q, asked) for q in (_FUNCTIONS, _RULES, _FINDINGS, _SERIES))
    found = Shown(store.rows(_TOTALS)[0], store.rows(_VERDICTS), *tables)
    return printable(found)


def find(store: Store, series: str) -> str:
    """The key of the series that is meant. ReviewError when there is none, or more than one."""
    for exact in (True, False):
        rows = [
            row for row in store.rows("SELECT key, name, subject FROM series ORDER BY name")
            if (series in (row["name"], row["subject"]) if exact else series in row["name"] + "\n" + row["subject"])
        ]  # fmt: skip
        if len(rows) == 1:
            return str(rows[0]["key"])
        if rows:
            names = [f"{row['name']}: {one_line(row['subject'])}" for row in rows[:10]]
            raise ReviewError(f"{len(rows)} series are meant", place=f"--series {series}", details=names)
    raise ReviewError("there is no such series", place=f"--series {series}")


def render(what: Shown, out: Console, *, narrow: bool) -> None:
    """Print it. narrow: a part was asked for, so findings are told one by one."""
    t = what.totals
    verdicts = ", ".join(f"{row['number']} {row['verdict']}" for row in what.verdicts)
    out.print(f"{t['series']} series{f': {verdicts}' if verdicts else ''}")
    out.print(f"{t['findings']} findings introduced; {t['functions']} functions; {t['scenarios']:,} scenarios in"
        f" {t['units']} units, {t['seconds']:,.0f} s of work; {t['failed']} units did not run")  # fmt: skip
    _table(out, "By function", what.functions, {
        "function": "name", "file": "file", "series": "series", "scenarios": "scenarios", "lines": "changed",
        "ran": "covered", "findings": "findings"})  # fmt: skip
    _table(out, "By rule", what.rules, {"rule": "rule", "relation": "relation", "kind": "kind", "number": "number",
        "series": "series", "functions": "functions"})  # fmt: skip
    if narrow:
        _table(out, "Findings", what.findings, {"id": "id", "rule": "rule", "relation": "relation", "series": "name",
            "function": "function", "summary": "summary"})  # fmt: skip
    rows = [{**row, "told": row["why"] or row["subject"]} for row in what.series]
    _table(out, "Series", rows, {"series": "name", "verdict": "verdict", "introduced": "findings", "subject": "told"})


def _table(out: Console, title: str, rows: Rows, columns: Mapping[str, str]) -> None:
    if not rows:
        return
    table = Table(title=title)
    for name in columns:
        table.add_column(name, no_wrap=name in _WHOLE, overflow="ellipsis" if name == "subject" else "fold")
    for row in rows[:_FEW]:
        values = (row[name] for name in columns.values())
        table.add_row(*(f"{v:,}" if isinstance(v, int) else one_line(str(v)) for v in values))
    out.print(table)
    if len(rows) > _FEW:
        out.print(f"and {len(rows) - _FEW} more: ask for one with --function, --rule or --series, or all with --html")
