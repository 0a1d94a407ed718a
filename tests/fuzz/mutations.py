# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs without coverage to lead: what a target starts from, cut, doubled, put together and spoilt."""

from __future__ import annotations

from hypothesis import strategies as st

# Where parsers turn.
_WORDS = tuple(
    word.encode("latin-1")
    for word in (
        "\n", "\r\n", "\n\n", "\x00", "\x1b[2J", "ÿ", "=?utf-8?q?=", "=?x?b?", "((((", '"', "\\", "<", ">",
        "[PATCH v2 1/2] ", "0/", "Re: ", "From ", "From: ", "Subject: ", "To: ",
        "Content-Type: multipart/mixed; boundary=x\n", "\n--x\n", "Content-Transfer-Encoding: base64\n",
        "diff --git a/x b/x\n", "--- a/x\n+++ b/x\n", "/dev/null", "@@ -1,2 +1,2 @@\n", "@@ -0,0 +1 @@\n",
        "@@ -9999999999 +1 @@", "GIT binary patch\nliteral 10\n", "copy from ../x\n", "rename to a/x\n",
        "new file mode 120000\n", "deleted file mode 100644\n", "index 1..2\n", "../", ".git/", "#if ", "#ifdef ",
        "#else\n", "#endif\n", "#define x(y) ", "#include ", "\\\n", "/*", "*/", "//", "'", "IS_ENABLED(", "defined ",
        "08", "!", "(", "{", "}", ";", ".y", "__attribute__((", "[[", "??/\n", "\x0c", "\x0b", "asm", ".\n", "?\n",
        " 0", " -1", " 99999999999999999999", "\t", "commit 0123456789\nAuthor: a\n",
    )
)  # fmt: skip


def inputs(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes that are near a seed, or near nothing."""
    piece = st.one_of(st.sampled_from(_WORDS), st.binary(max_size=12), st.builds(_many, st.sampled_from(_WORDS)))
    edit = st.tuples(st.floats(0, 1), st.integers(0, 80), piece)
    start = st.sampled_from([b"", *seeds])
    return st.builds(_edited, start, st.lists(edit, max_size=8))


def _many(word: bytes) -> bytes:
    return word * 300


def _edited(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for at, gone, new in edits:
        start = int(at * len(data))
        data = data[:start] + new + data[start + gone :]
    return data
