# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages that are read off the sources: rules, commands, and a review of the embedded series for the tutorial.

docs/conf.py calls write() before a build. Nothing of this is committed, so nothing of it can be out of date.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from oracle.reference.rules import RuleCheck, all_rules
from oracle.rules import CATEGORIES, RULES, Rule
from oracle.rules_table import FOLLOWS, NOTES, Enforcement, enforcement
from reviewer.commands import manual
from reviewer.commands.examples import cases
from reviewer.commands.explain import HARMS
from reviewer.commands.glossary import WORDS
from reviewer.findings.precedents import Precedent, precedents
from reviewer.report import document, drawn, picture
from reviewer.report.slots import LETTERS

_ROOT = Path(__file__).resolve().parents[1]
SERIES = "corpus/mremap-write-bit/series.mbox"
REVIEW = ("--budget", "0.5", "--json", "review.json", "--html", "review.html", "--reply-dir", "replies")
_MARKUP = re.compile(r"([\\*_<>\[\]$])")


def write(folder: Path) -> None:
    """All pages that are made, into that folder."""
    (folder / "site").mkdir(parents=True, exist_ok=True)
    _put(folder / "rules.md", rules())
    _put(folder / "commands.md", commands())
    _put(folder / "letters.md", letters())
    _put(folder / "words.md", words())
    _review(folder)


def _put(path: Path, text: str) -> None:
    """Only where it differs: Sphinx reads again what is newer."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


# --- rules ------------------------------------------------------------------------------------


def rules() -> str:
    """Every rule under an anchor of its own."""
    checks, how = all_rules(), enforcement()
    lines = ["# Rules", "",
        "What the judge holds against a run, in the order of oracle/rules.toml. A finding is named after one of them;",
        "`--only` and `--ignore` take their names and those of their categories. The examples are run by a test: the",
        "check beside each rule in oracle/reference/checks/ accepts the right one and refuses the wrong one. They are",
        "drawn as [findings](../reading.md#the-picture) are. `review-patch explain RULE` prints one rule,",
        "[What enforces each rule](../rules.md) has all of them as tables.", ""]  # fmt: skip
    for category in CATEGORIES:
        ids = [r.id for r in RULES.values() if r.category == category]
        lines.append(f"- **{category}**: " + " ".join(f"[{i}](#{i.lower()})" for i in ids))
    for category in CATEGORIES:
        lines += ["", f"## {category}"]
        for rule in (r for r in RULES.values() if r.category == category):
            lines += ["", *_rule(rule, checks.get(rule.id), how[rule.id])]
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, check: RuleCheck | None, how: Enforcement) -> Iterator[str]:
    yield f"({rule.id})="
    yield f"### {rule.id}: {_plain(rule.title)}"
    yield ""
    yield f"Severity {rule.severity}. Broken, it means at worst: {HARMS[rule.harm]}."
    if check:
        yield from ("", _plain(check.doc.partition("\n")[2].strip()), "", f"In the kernel: {_plain(check.source)}.")
    yield from ("", f"Asked of who breaks it: {_plain(rule.question)} What mends it: {_plain(rule.remedy)}.")
    yield from _seen_by(rule, how)
    if check:
        yield from _examples(check)
    yield from _cited(p for p in precedents() if p.rule == rule.id)


def _seen_by(rule: Rule, how: Enforcement) -> Iterator[str]:
    words = []
    if how.raised:
        words.append("while it runs or on what it leaves, in " + ", ".join(f"`{name}`" for name in how.raised))
    if how.differences:
        words.append("by comparison, as " + ", ".join(f"`{name}`" for name in how.differences))
    if words:
        yield from ("", f"Seen {'; '.join(words)}.")
    if rule.id in NOTES:
        yield from ("", f"No check of its own: {_plain(NOTES[rule.id])}.")
    if rule.id in FOLLOWS:
        yield from ("", f"A breach always shows {_plain(FOLLOWS[rule.id])} as well.")


def _examples(check: RuleCheck) -> Iterator[str]:
    for case in cases(check):
        yield from ("", f"Wrong: {_plain(case.verdict)}" if case.verdict else "Right", "", "```text")
        yield from drawn.text(case.picture) if case.picture else ()
        yield from (f"{name}: {text}" for name, text in case.notes)
        yield "```"


def _cited(known: Iterable[Precedent]) -> Iterator[str]:
    for n, p in enumerate(known):
        if not n:
            yield from ("", "Seen in Linux:", "")
        mended = f" Mends {', '.join(p.fixes)}." if p.fixes else ""
        yield f"- {_plain(p.cited)}, in {_plain(p.function)}(): {_plain(p.note)}{mended}"


def _plain(text: str) -> str:
    """Text that is no Markdown; what stands in backticks stays so."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _MARKUP.sub(r"\\\1", text.replace("`", "'"))
    return "`".join(part if n % 2 else _MARKUP.sub(r"\\\1", part) for n, part in enumerate(parts))


# --- commands ---------------------------------------------------------------------------------


def commands() -> str:
    """The help of every command, as it prints it."""
    os.environ["COLUMNS"] = "80"
    lines = ["# Commands", "", "Made from the parsers: what each command prints with `--help`. The same is in",
             "`man review-patch`, and `review-patch completion bash` completes it.", ""]  # fmt: skip
    for name, parser in {"": manual.review(), **manual.commands()}.items():
        lines += [f"## review-patch {name}".rstrip(), "", "```text", parser.format_help().rstrip(), "```", ""]
    return "\n".join(lines)


# --- the picture ------------------------------------------------------------------------------


def letters() -> str:
    """The bits of an entry: a part of reading.md."""
    rows = [f"| `{letter}` | {meaning} | `{word}` |" for letter, (word, meaning) in LETTERS.items()]
    return "\n".join(["| letter | the entry is | in words |", "|---|---|---|", *rows]) + "\n"


def words() -> str:
    """What review-patch explain words says: a part of reading.md."""
    rows = [f"| `{word}` | {_plain(meaning).replace('|', chr(92) + '|')} |" for word, meaning in WORDS]
    return "\n".join(["| in a report | it means |", "|---|---|", *rows]) + "\n"


def _drawn(review: Path) -> str:
    """The picture of the finding that the tutorial is about."""
    text = review.read_text(encoding="utf-8")
    made = picture.picture(next(f for f in document.load(text.encode(), str(review)).findings if f.rule == "B5"))
    assert made is not None
    return "\n".join(drawn.text(made)) + "\n"


# --- a review ---------------------------------------------------------------------------------


def _review(folder: Path) -> None:
    """Review the embedded series the way a reader would, in a folder of its own; the reports are pages of the site."""
    work = folder / "review"
    work.mkdir(exist_ok=True)
    done = _run(work, str(_ROOT / SERIES), *REVIEW)
    if done.returncode != 1:
        raise SystemExit(f"the review of {SERIES} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    _put(folder / "held.txt", _held())
    _put(folder / "review.txt", "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n")
    _put(folder / "picture.txt", _drawn(work / "review.json"))
    _put(folder / "reply.eml", (work / "replies" / "0002-reply.eml").read_text(encoding="utf-8"))
    _put(folder / "site" / "review.html", (work / "review.html").read_text(encoding="utf-8"))


def _held() -> str:
    """What the author of that series reads who is about to send it: the hook, called as git calls it."""
    with TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        tree = str(_ROOT / "corpus" / "tree")
        subprocess.run(["git", "-C", folder, "config", "reviewpatch.tree", tree], check=True)
        subprocess.run(["git", "mailsplit", f"-o{folder}", str(_ROOT / SERIES)], check=True, capture_output=True)
        mails = sorted(Path(folder).glob("0*"))
        for n, mail in enumerate(mails, 1):
            place = {"GIT_SENDEMAIL_FILE_COUNTER": str(n), "GIT_SENDEMAIL_FILE_TOTAL": str(len(mails))}
            said = _run(Path(folder), "hook", "run", mail.name, **place).stderr
    told = said[said.index("review-patch:") :]
    return re.sub(r"/\S+/(sending-\w+\.html)", r"~/.cache/review-patch/\1", told)


def _run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """review-patch with these words, in that folder, whatever its user has set."""
    plain = {"PYTHONPATH": str(_ROOT), "COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
             "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "reviewer", *words], cwd=folder, env={**os.environ, **plain, **more},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
