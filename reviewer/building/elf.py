# SPDX-License-Identifier: GPL-2.0-or-later
"""What an object may hold before it is linked and run: the compiler was given text that came by mail.

Nothing that runs before main() or after it, nothing that the dynamic linker calls to choose, one name that is seen from
outside, and none from outside but the world's. Read by pyelftools, so that no program has to be trusted with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection

from reviewer.errors import SliceError

# All that compilers make of plain C; .init_array, .ctors, .preinit_array and their like are no part of it.
_KNOWN = re.compile(
    r"(?:\.rela?)?\.(?:text|data|bss|rodata|tbss|tdata|lbss|ldata|lrodata)(?:\.[\w.$]*)?|\.comment|\.note\.[\w.-]*|"
    r"(?:\.rela?)?\.eh_frame|\.symtab|\.strtab|\.shstrtab|\.group|\.llvm_addrsig|"
)
_IFUNC = "STT_LOOS"  # STT_GNU_IFUNC, as the format's neutral names have it
_TYPES = frozenset(("STT_NOTYPE", "STT_OBJECT", "STT_FUNC", "STT_SECTION", "STT_FILE", "STT_COMMON"))


def refuse_unsafe_object(content: bytes, exports: str, allowed: Iterable[str]) -> None:
    """Raise SliceError when an object holds what may not be run. exports: the one symbol that it is to define;
    allowed: those it may want from elsewhere."""
    try:
        sections = list(ELFFile(BytesIO(content)).iter_sections())
        symbols = [s for table in sections if isinstance(table, SymbolTableSection) for s in table.iter_symbols()]
        _sections(sections)
        _types((s.name, s["st_info"]["type"]) for s in symbols)
        outside = {s.name: s["st_shndx"] == "SHN_UNDEF" for s in symbols if s["st_info"]["bind"] != "STB_LOCAL"}
    except (ELFError, UnicodeDecodeError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise SliceError(f"what the compiler made is no object: {error}") from error
    foreign = {name for name, undefined in outside.items() if undefined and name} - set(allowed)
    if foreign:
        raise SliceError(f"the code calls {', '.join(sorted(foreign))}, which is not part of the simulated world")
    if seen := {name for name, undefined in outside.items() if not undefined} - {exports}:
        raise SliceError(f"the code defines {', '.join(sorted(seen))} for others than itself")


def renamed(content: bytes, old: str, new: str) -> bytes:
    """An object with the name of one symbol changed for one that is no longer. ValueError when it has none of it."""
    file = ELFFile(BytesIO(content))
    for table in (s for s in file.iter_sections() if isinstance(s, SymbolTableSection)):
        for symbol in table.iter_symbols():
            if symbol.name == old and symbol["st_info"]["bind"] == "STB_GLOBAL" and len(new) <= len(old):
                at = file.get_section(table["sh_link"])["sh_offset"] + symbol["st_name"]
                return content[:at] + new.encode().ljust(len(old), b"\0") + content[at + len(old) :]
    raise ValueError(f"no symbol {old}")


def _sections(sections: Iterable[Section]) -> None:
    for section in sections:
        if not _KNOWN.fullmatch(section.name):
            raise SliceError(f"the code has a section {section.name!r}, which may run by itself")


def _types(symbols: Iterable[tuple[str, str]]) -> None:
    for name, kind in symbols:
        if kind not in _TYPES:
            what = "chosen by code that runs first" if kind in {_IFUNC, "STT_GNU_IFUNC"} else f"of type {kind}"
            raise SliceError(f"{name!r} is {what}")
