# SPDX-License-Identifier: GPL-2.0-or-later
"""What a slice may not contain: its text came by mail and is given to a compiler.

Code that runs before the sandbox closes (constructors), leaves it (inline assembly) or reads files of this
machine (includes) is refused before any compiler sees it. Looked for is the text that the compiler sees, after splices,
comments, digraphs and literals; what pasting makes of it the compiler refuses itself (base.h).
"""

from __future__ import annotations

import re

from reviewer.csource.tokens import DIRECTIVE, bare, plain
from reviewer.errors import SliceError

_OWN_INCLUDE = re.compile(rb'#include "[a-z_0-9]+\.h"')
_OWN_LINE = re.compile(rb'#line \d+ "[^"\\\n]*"')
_DEFINING = frozenset((b"define", b"undef"))
_WORDS = (
    rb"__attribute\w*|__declspec|_Pragma|__pragma|(?:__)?asm(?:__)?|__asm|(?:__)?(?:constructor|destructor|ifunc)(?:__)?|"
    rb"__(?:section|alias|naked|cleanup|init_priority)__|__has_(?:include|embed)\w*|"
    rb"__builtin_(?:apply|return|longjmp|setjmp|eh_return)\w*"
)
_FORBIDDEN = re.compile(rb"(?<![\w$])(?:" + _WORDS + rb")(?![\w$])|\[(?:\s|\\\n)*\[|::|\?\?[=/'()!<>-]|@")


def refuse_unsafe(text: str) -> None:
    """Raise SliceError when the slice holds something that may not be compiled."""
    seen = plain(text.encode("utf-8", "replace"))
    found = _FORBIDDEN.search(bare(seen))
    told = [(found.start(), found.group(0).decode("latin-1"))] if found is not None else []
    told += [(m.start(), f"#{m.group(1).decode('latin-1')}") for m in DIRECTIVE.finditer(seen) if not _allowed(m)]
    if told:
        at, what = min(told)
        word = "".join(what.replace("\\\n", "").split())
        raise SliceError(f"the code uses {word}, which is never compiled here", place=_place(seen, at))


def _allowed(directive: re.Match[bytes]) -> bool:
    """Whether a directive is one that the slicer writes, or a macro."""
    whole = directive.group(0).strip()
    if directive.group(1) in _DEFINING:
        return True
    return (_OWN_INCLUDE.fullmatch(whole) or _OWN_LINE.fullmatch(whole)) is not None


def _place(text: bytes, at: int) -> str:
    """The kernel file and line of a position, from the #line before it."""
    marks = list(re.finditer(rb'^#line (\d+) "([^"\n]*)"$', text[:at], re.MULTILINE))
    if not marks:
        return "slice"
    line = int(marks[-1].group(1)[:9]) + text.count(b"\n", marks[-1].end(), at) - 1
    return f"{marks[-1].group(2).decode('utf-8', 'replace')}:{line}"
