# SPDX-License-Identifier: GPL-2.0-or-later
"""What is too much is refused at once, by the name of its limit; what is not quite is read."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import shutil
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from demotree import load, message, series_of
from memory import Files

from reviewer import limits
from reviewer.commands.arguments import parser
from reviewer.errors import MailError, ReviewError, TreeError
from reviewer.intake.mail import messages_from_bytes, read_messages
from reviewer.model import Patch
from reviewer.support import gitio
from reviewer.support.gitio import run_outside
from reviewer.trees.applying import apply_patch

_SECONDS = 2.0  # of this process and its children: what others do on this machine is not asked
_MIB = 1 << 20
_HEAD = b"From: Ada <ada@example.org>\nSubject: [PATCH] mm: a step\n"
_DIFF = b"diff --git a/mm/demo.c b/mm/demo.c\n--- a/mm/demo.c\n+++ b/mm/demo.c\n@@ -1 +1 @@\n-a\n+b\n"
_FROM = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
_PARTS = _HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"
_PART = b"--x\nContent-Type: text/plain\n\ntext\n"


def _nested(depth: int) -> bytes:
    kind = b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n"
    return _HEAD + b"".join(kind % (n, n) for n in range(depth)) + b"\n" + _DIFF


def _spent(what: Callable[[], object]) -> float:
    start = os.times()
    what()
    return sum(os.times()[:4]) - sum(start[:4])


def _refused(what: Callable[[], object], error: type[ReviewError], words: str) -> None:
    def refused() -> None:
        with pytest.raises(error, match=words) as caught:
            what()
        assert max(map(len, str(caught.value).split("\n"))) < 500

    assert _spent(refused) < _SECONDS


_MAILS = {
    "one long line": (_HEAD + b"\n" + b"x" * _MIB, "length of a line: 1 MiB, which is over the limit of 64 KiB"),
    "fifty MiB in one line": (_HEAD + b"\n" + b"x" * (30 * _MIB), "size of one mail: 30 MiB"),
    "two million header lines": (_HEAD + b"X: y\n" * 2_000_000 + b"\n" + _DIFF, "size of one mail"),
    "a million header lines": (_HEAD + b"X: y\n" * 1_000_000 + b"\n" + _DIFF, "size of the headers of a mail"),
    "headers": (_HEAD + b"X: y\n" * 2_001 + b"\n" + _DIFF, "lines of the headers of a mail: 2,003 lines"),
    "encoded words": (_HEAD + b" =?utf-8?q?x?=\n" * 1_900 + b"\n" + _DIFF, "encoded words in the headers"),
    "a hundred thousand encoded words": (_HEAD[:-1] + b" =?utf-8?q?x?=" * 100_000 + b"\n\n", "length of a line"),
    "mails": ((_FROM + _HEAD + b"\ntext\n\n") * 50_000, "number of mails given"),
    "mails with a patch": ((_FROM + _HEAD + b"\n" + _DIFF + b"\n") * 501, "parts or an encoding: 501 mails"),
    "commits": (b"commit 0123456789\nAuthor: A\n\n    x\n\n" * 2_001, "number of mails given: 2,001 mails"),
    "parts": (_PARTS + _PART * 300_000, "size of one mail"),
    "many parts": (_PARTS + _PART * 201, "parts of a mail"),
    "parts within parts": (_nested(100), "depth of the parts of a mail: 9 levels"),
    "lines put together": (
        _HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"a=\n" * 2_000_000, "length of a line",
    ),
    "a gzip bomb": (gzip.compress(bytes(300 * _MIB), 1), "size of the mails given, unpacked"),
    "gzip members": (gzip.compress(b"") * 100_000, "members of a gzip file: 100,000 members"),
    "no mail": (b"x" * (30 * _MIB), "is not mail"),
}  # fmt: skip


@pytest.mark.parametrize("name", _MAILS)
def test_a_mail_beyond_a_limit_is_refused(name: str) -> None:
    data, words = _MAILS[name]
    _refused(lambda: messages_from_bytes("big.mbox", data), MailError, words)


@pytest.mark.slow
def test_a_folder_beyond_a_limit_is_refused(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.patch").write_bytes(_HEAD + b"\n" + b"text\n" * (7 * _MIB // 5))
    _refused(lambda: read_messages(str(tmp_path)), MailError, "size of the mails given, unpacked: over the limit")
    for number in range(5):  # packed, they are small
        packed = gzip.compress((tmp_path / f"{number}.patch").read_bytes())
        (tmp_path / f"{number}.patch").write_bytes(packed)
    _refused(lambda: read_messages(str(tmp_path)), MailError, "size of the mails given, unpacked: over the limit")
    for number in range(2_001):
        (tmp_path / f"{number}.patch").write_bytes(b"")
    _refused(lambda: read_messages(str(tmp_path)), MailError, "number of mails given: 2,001 mails")
    _refused(lambda: read_messages("/dev/zero"), MailError, "size of the mails given")


@pytest.mark.parametrize(
    "data",
    [
        _HEAD + b"X: y\n" * 1_900 + b"\n" + _DIFF,
        _HEAD + b"To: " + b"a,\n " * 1_500 + b"b\n\n" + _DIFF,
        _HEAD + b"To: " + b"(" * 60_000 + b"\n\n" + _DIFF,
        _HEAD[:-1] + b" =?utf-8?q?x?=\n" * 900 + b"\n" + _DIFF,
        b"From: Ada <ada@example.org>\nSubject: " + b"[a]" * 20_000 + b"\n\n" + _DIFF,
        _PARTS + _PART * 150 + b"--x\n\n" + _DIFF,
        _nested(8),
        _HEAD + b"\n" + b"--- a\n" * (_MIB // 2) + _DIFF,
        (_FROM + _HEAD + b"\ntext\n\n") * 1_990 + _FROM + _HEAD + b"\n" + _DIFF,
    ],
)
def test_a_mail_within_all_limits_is_read(data: bytes) -> None:
    found: list[bytes] = []
    assert _spent(lambda: found.extend(m.diff for m in messages_from_bytes("big.mbox", data))) < 2 * _SECONDS
    assert next(filter(None, found)).startswith(b"diff --git")


def test_git_decodes_only_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def counted(folder: Path, *words: str, stdin: Path | None = None) -> gitio.Output:
        ran.append(words[0])
        return run_outside(folder, *words, stdin=stdin)

    monkeypatch.setattr("reviewer.intake.mail.run_outside", counted)
    cover = _FROM + _HEAD.replace(b"[PATCH]", b"[PATCH 0/1]") + b"\ntext\n\n"
    reply = _FROM + _HEAD.replace(b"[PATCH]", b"Re: [PATCH]") + b"\n> quoted\ntext\n\n"
    found = messages_from_bytes("thread.mbox", cover + reply * 50 + _FROM + _HEAD + b"\n" + _DIFF)
    assert (len(found), ran) == (52, ["mailinfo", "mailinfo"])
    assert found[1].body == "> quoted\ntext\n\n"


def _hunks(number: int, path: str = "mm/demo.c") -> str:
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n" + "".join(
        f"@@ -{3 * n + 1},3 +{3 * n + 1},3 @@\n a\n-b\n+c\n d\n" for n in range(number)
    )


def _binary(kind: str, size: int, data: bytes) -> str:
    lines = [data[at : at + 52] for at in range(0, len(data), 52)]
    letters = [chr((64 if len(line) <= 26 else 70) + len(line)) for line in lines]
    packed = [base64.b85encode(line, pad=True).decode() for line in lines]
    text = "".join(f"{letter}{line}\n" for letter, line in zip(letters, packed, strict=True))
    return (
        "diff --git a/mm/x.bin b/mm/x.bin\nnew file mode 100644\n"
        f"index {'0' * 40}..{'1' * 40}\nGIT binary patch\n{kind} {size}\n{text}\nliteral 0\nHcmV?d00001\n\n"
    )


_MOVED = "diff --git a/mm/demo.c b/mm/e.c\nsimilarity index 100%\n{0} from {1}\n{0} to {2}\n"
_PATCHES = {
    "size": (_hunks(1) + "+x\n" * (3 * _MIB), "size of a patch: 9 MiB, which is over the limit of 8 MiB"),
    "lines": (_hunks(1) + "+\n" * 250_000, "lines of a patch"),
    "line": (_hunks(1) + "+" * 70_000 + "\n", "length of a line"),
    "hunks": (_hunks(3_001), "hunks of a patch: 3,001 hunks"),
    "files": ("".join(_hunks(1, f"mm/{n}.c") for n in range(1_001)), "files of a patch"),
    "digits": (_hunks(1).replace("-1,3", f"-{'9' * 5000},3"), "digits of a hunk's line numbers: 5,000 digits"),
    "depth": (_hunks(1, "a/" * 100 + "x"), "depth of a path: 101 folders"),
    "three thousand folders": (_hunks(1, "a/" * 3_000 + "x"), "length of a path: 5.9 KiB"),
    "declared": (_binary("literal", 3 << 30, b"x"), "binary content of a patch, unpacked: 3 GiB"),
    "declared in parts": (_binary("delta", 600_000, b"x") * 2, "binary content of a patch, unpacked: 1.1 MiB"),
    "copied from outside": (_MOVED.format("copy", "../../etc/passwd", "mm/e.c"), "../etc/passwd is no plain path"),
    "copied to outside": (_MOVED.format("copy", "mm/demo.c", "../../tmp/e.c"), "../tmp/e.c is no plain path"),
    "renamed from outside": (_MOVED.format("rename", "/etc/passwd", "mm/e.c"), "/etc/passwd is no plain path"),
    "renamed to git's": (_MOVED.format("rename", "mm/demo.c", ".git/config"), ".git/config is no plain path"),
    "quoted": (_MOVED.format("rename", "mm/demo.c", '"mm/\\033[2J"'), "is no plain path"),
    "quoted, new": (
        'diff --git "a/mm/\\"q\\".c" "b/mm/\\"q\\".c"\n--- /dev/null\n+++ "b/mm/\\"q\\".c"\n@@ -0,0 +1 @@\n+x\n',
        r': "a/mm/\\"q\\"\.c" is no plain path',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _PATCHES)
def test_a_patch_beyond_a_limit_is_refused(name: str) -> None:
    diff, words = _PATCHES[name]
    tree = Files({"mm/demo.c": "a\n"})
    patch = Patch(1, "mm: a step", message("[PATCH] mm: a step", diff.encode()))
    _refused(lambda: apply_patch(patch, tree), TreeError, words)


def test_a_binary_patch_that_unpacks_to_more_than_it_says_costs_no_memory() -> None:
    data = zlib.compress(bytes(100 * _MIB), 9)
    patch = Patch(1, "mm: a step", message("[PATCH] mm: a step", _binary("literal", 1_000_000, data).encode()))
    _refused(lambda: apply_patch(patch, Files()), TreeError, "patch")


def test_a_binary_delta_that_makes_gigabytes_costs_none() -> None:
    base = "x" * _MIB
    old = hashlib.sha1(f"blob {len(base)}\0{base}".encode()).hexdigest()

    def size(number: int) -> bytes:
        low = number & 127
        return bytes([low]) if number < 128 else bytes([low | 128]) + size(number >> 7)

    copy = bytes([0x80 | 0x40]) + (_MIB >> 16).to_bytes(1, "little")  # a MiB of the base, from its start
    delta = size(len(base)) + size(3000 * _MIB) + copy * 3000
    diff = (
        _binary("delta", len(delta), zlib.compress(delta)).replace("new file mode 100644\n", "").replace("0" * 40, old)
    )
    patch = Patch(1, "mm: a step", message("[PATCH] mm: a step", diff.encode()))
    _refused(lambda: apply_patch(patch, Files({"mm/x.bin": base})), TreeError, "it takes more than 512 MiB of memory")


def test_git_has_a_limit_on_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitio, "GIT_MEMORY", limits.Limit("memory", 64 << 20, "byte", ""))
    (tmp_path / "mail").write_bytes(_HEAD + b"\n" + b"text\n" * (30 * _MIB))
    done = gitio.run_outside(tmp_path, "hash-object", "--no-filters", "mail")
    assert (done.spent, bool(done.status)) == ("it takes more than 64 MiB of memory", True)


def test_hunks_that_fit_nowhere_are_not_looked_for_without_end() -> None:
    tree = Files({"mm/demo.c": "xyz\n" * 100_000})
    patch = Patch(1, "mm: a step", message("[PATCH] mm: a step", _hunks(3_000).encode()))
    _refused(lambda: apply_patch(patch, tree), TreeError, "0 of 3,000 hunks fit")


def test_sample_series_are_far_below_all_limits() -> None:
    assert all(patch.message.diff for patch in load("series.mbox").patches)
    assert series_of(_hunks(3)).patches


def test_the_page_is_that_of_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "limits.md"
    assert page.read_text("utf-8") == limits.page() + "\n"
    told = " ".join(parser().format_help().split())
    assert all(f"{one.name}: {one.told(one.most)}" in told for group in limits.TABLE.values() for one in group)


def test_a_folder_goes_though_a_signal_comes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tries = [KeyboardInterrupt]

    def removed(made: Path, ignore_errors: bool) -> None:
        if tries:
            raise tries.pop()
        shutil.rmtree(made, ignore_errors)

    monkeypatch.setattr(gitio, "rmtree", removed)
    with pytest.raises(KeyboardInterrupt), gitio.scratch() as folder:
        (folder / "a").touch()
    assert list(tmp_path.iterdir()) == []


def test_time_is_told_apart_from_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitio, "_SLOWER", 0.05)
    start = time.monotonic()
    done = gitio.run_outside(tmp_path, "-c", "alias.wait=!sleep 5", "wait")
    assert time.monotonic() - start < 4
    assert done.spent == "it takes more than 2 seconds"
