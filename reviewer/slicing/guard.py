"""What a slice may not contain: its text came by mail and is given to a compiler.

Code that runs before the sandbox closes (constructors), leaves it (inline assembly) or reads files of this
machine (includes) is refused before any compiler sees it.
"""

from __future__ import annotations

import re

from reviewer.errors import SliceError

_OWN_INCLUDES = re.compile(r'^#include "[a-z_0-9]+\.h"$', re.MULTILINE)
_FORBIDDEN = re.compile(
    r"^[ \t]*#[ \t]*(?:include|include_next|embed|pragma|import)\b.*|__attribute\w*|\b_Pragma\b|\b(?:__)?asm(?:__)?\b|"
    r"\b(?:constructor|destructor|ifunc|__builtin_(?:apply|return|longjmp|setjmp|eh_return)\w*)\b|%:|<:|\?\?=|\.incbin",
    re.MULTILINE,
)
_LITERALS = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.DOTALL)


def refuse_unsafe(text: str) -> None:
    """Raise SliceError when the slice holds something that may not be compiled."""
    bare = _LITERALS.sub(_blank, _OWN_INCLUDES.sub(_blank, text))
    found = _FORBIDDEN.search(bare)
    if found is not None:
        word = found.group(0).strip().split()[0]
        raise SliceError(f"the code uses {word}, which is never compiled here", place=_place(text, found.start()))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group(0))


def _place(text: str, at: int) -> str:
    """The kernel file and line of a position, from the #line before it."""
    marks = list(re.finditer(r'^#line (\d+) "([^"]*)"$', text[:at], re.MULTILINE))
    if not marks:
        return "slice"
    line = int(marks[-1].group(1)) + text[marks[-1].end() : at].count("\n") - 1
    return f"{marks[-1].group(2)}:{line}"
