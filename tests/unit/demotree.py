# SPDX-License-Identifier: GPL-2.0-or-later
"""A tiny tree in the layout of a kernel, invented for the tests; the sample mails are made on it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reviewer.intake.mail import read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Message, Series, SeriesTrees
from reviewer.trees.overlays import apply_series, open_tree

DATA = Path(__file__).parents[1] / "data" / "mail"

FILES = {
    "Makefile": b"VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 1\nEXTRAVERSION = -rc3\nNAME = Paper Boat\n\nall:\n",
    "include/linux/mm.h": b"#define DEMO_MAX 16\nint demo_count(const int *slots, int nr);\n",
    "mm/demo.c": b"""#include <linux/mm.h>

static int demo_full(int slot)
{
	return slot > 0;
}

int demo_count(const int *slots, int nr)
{
	int count = 0;
	int i;

	for (i = 0; i < nr; i++)
		if (demo_full(slots[i]))
			count++;
	return count;
}
""",
    "mm/tail.c": b"int demo_tail(void)\n{\n\treturn 0;\n}",
}

DEMO = FILES["mm/demo.c"]
# The id of the commit that make_repository makes of FILES; the sample mails name it.
BASE = "2aaa2c81d0833f34f4ed9e211d64152dbbab6cc1"

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Ada Demo" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "2025-06-02T10:00:00+0000" for who in ("AUTHOR", "COMMITTER")},
}


def git(tree: Path, *arguments: str) -> str:
    """Run git in a tree the test made; always the same person and time, so commit ids are known."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(tree), *arguments]
    done = subprocess.run(command, env=keep | _ENVIRONMENT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write_files(tree: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(content)


def make_repository(tree: Path) -> Path:
    """A repository of one commit on branch main."""
    write_files(tree, FILES)
    git(tree, "init", "-q", "-b", "main")
    commit(tree, "demo: start")
    return tree


def commit(tree: Path, subject: str) -> str:
    """Commit all there is; the id."""
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "--allow-empty", "-m", subject)
    return git(tree, "rev-parse", "HEAD")


def load(name: str) -> Series:
    """The series of one sample."""
    return series_from_messages(read_messages(str(DATA / name)))


def message(subject: str, diff: bytes = b"", body: str = "", message_id: str = "") -> Message:
    """One mail, with nothing in it but what the test is about."""
    return Message(message_id, "", (), "Ada <ada@example.org>", (), (), "", subject, body, diff, "test.mbox")


def series_of(*diffs: str) -> Series:
    """A series with these diffs."""
    total = len(diffs)
    return series_from_messages(
        message(f"[PATCH {n}/{total}] mm: step {n}", diff.encode()) for n, diff in enumerate(diffs, 1)
    )


def applied(path: Path, series: Series, base: str = "") -> SeriesTrees:
    """Apply and read everything that changes, with the tree closed afterwards."""
    with open_tree(path) as kernel:
        trees = apply_series(series, kernel, base)
        for patch in trees.patches:
            assert all(patch.before.read(name) != patch.after.read(name) for name in patch.paths)
        return trees


def edit(path: str, old: str, new: str) -> str:
    """A diff that replaces the first line of a file."""
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{old}\n+{new}\n"
