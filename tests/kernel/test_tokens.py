# SPDX-License-Identifier: GPL-2.0-or-later
"""The lexer and the preprocessor hold against gcc's own, on every source of mm/ and every header of include/linux/."""

from __future__ import annotations

import re
import subprocess
from functools import cache

import pytest

from reviewer.building.toolchain import compiler
from reviewer.csource.preprocess import Macros, conditionals
from reviewer.csource.tokens import DIRECTIVE, plain
from reviewer.trees.kernel import KernelTree

from .conftest import VERSIONS

pytestmark = pytest.mark.kernel
# Lines that no compiler is asked about here, and questions that each compiler answers for itself.
_APART = re.compile(rb"^[ \t]*#[ \t]*(?:include|error)\b.*", re.MULTILINE)
_ASKED = re.compile(rb"__has_\w+ ?\(")
# gcc 12 gives up on it under -fdirectives-only.
_NOT_TAKEN = "include/linux/zstd_lib.h"
# Stands between two files, so that what gcc leaves of one can be told from the next.
_NEXT = b"\nint w_next_file;\n"
_KNOWN = ("CONFIG_MMU", "CONFIG_SMP", "CONFIG_64BIT", "CONFIG_TRANSPARENT_HUGEPAGE", "__KERNEL__", "HZ", "TICK_NSEC",
          "USER_HZ", "NSEC_PER_SEC", "MSEC_PER_SEC", "USEC_PER_SEC")  # fmt: skip


@cache
def _text(kernel: KernelTree) -> bytes:
    """All the files in one: what one of them leaves open or defines, the next one finds."""
    tree = kernel.at(kernel.head)
    paths = [p for p in tree.list("mm") if p.endswith(".c")] + [p for p in tree.list("include/linux") if p[-2:] == ".h"]
    return _NEXT.join(tree.read(p) or b"" for p in paths if p != _NOT_TAKEN) + b"\n"


def _gcc(text: bytes, *options: str) -> bytes:
    command = [compiler(), "-E", "-P", "-std=gnu11", "-w", "-x", "c", *options, "-"]
    return subprocess.run(command, input=text, capture_output=True, check=False).stdout


def _told_apart(ours: bytes, theirs: bytes) -> list[tuple[bytes, bytes]]:
    """The first files that differ, white space aside."""
    squashed = [[b"".join(part.split()) for part in text.split(_NEXT.strip())] for text in (ours, theirs)]
    assert len(squashed[0]) == len(squashed[1]) > 100
    return [(a[:200], b[:200]) for a, b in zip(*squashed, strict=True) if a != b][:3]


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
def test_phases_1_to_3(kernel: KernelTree) -> None:
    text = _text(kernel)
    ours = plain(text)
    assert ours.count(b"\n") == text.count(b"\n")
    # Told that a text is preprocessed, gcc takes no splices, so they are taken here.
    theirs = _gcc(re.sub(rb"\\\n", b"", text), "-fpreprocessed", "-dD")
    # A stray backslash, in what assemblers read, is a stray of another kind.
    assert _told_apart(ours.replace(b"\\\n", b" ").replace(b"\\", b"@"), theirs.replace(b"\\", b"@")) == []


@pytest.mark.parametrize("kernel", VERSIONS, indirect=True)
def test_conditionals(kernel: KernelTree) -> None:
    text = _ASKED.sub(b"0 && (", _APART.sub(b"", _text(kernel)))
    macros = Macros(dict.fromkeys(_KNOWN, "1"))
    ours = conditionals(text, macros).text
    known = [f"-D{name}=1" for name in _KNOWN] + ["-DIS_ENABLED(x)=defined(x)"]
    theirs = _gcc(text, "-fdirectives-only", "-undef", "-nostdinc", *known)
    assert _told_apart(DIRECTIVE.sub(b"", ours), DIRECTIVE.sub(b"", plain(theirs))) == []
