# SPDX-License-Identifier: GPL-2.0-or-later
"""Files are read once: what was read of a text is kept in this process, and in the cache for the next one.

A review reads the same headers for every entry, flavour and side, and the next review the same again. They are kept by
path and bytes, each with all ways in which it reads (reading.py). Results are shared and not to be changed.
"""

from __future__ import annotations

import atexit
import hashlib
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from functools import cache as once
from pathlib import Path

from oracle import sandbox
from reviewer.csource.macros import Macros
from reviewer.errors import ToolError
from reviewer.slicing.reading import Read, made
from reviewer.slicing.stored import answers, packed, unpacked
from reviewer.support import cache

# Bytes of texts. The headers and sources of a review on two flavours have 10 MB, and some differ before and after.
_MOST = 24 << 20
_WAYS = 6  # in which one text reads, that are worth keeping
_MUCH = 12  # answers, to write a file anew for
_FOLDER = Path(__file__).parent
_CSOURCE = _FOLDER.parent / "csource"
# The code that reading a file runs (tests/unit/test_kept.py): another version of it may read another thing.
CODE = (
    *(_FOLDER / f"{name}.py" for name in ("reading", "stored", "search", "declared")),
    *sorted(path for path in _CSOURCE.glob("*.py") if path.name != "__init__.py"),
    _CSOURCE / "locals.scm",
)
_PARSER = ("tree_sitter._binding", "tree_sitter_c._binding")
_Shown = tuple[tuple[int, int], ...]
_Key = tuple[str, bytes, _Shown]


def read(path: str, raw: bytes, before: Macros, shown: _Shown = ()) -> Read:
    """The items of a file read after these macros. shown: the branches to read whatever they ask for."""
    sandbox.check()
    key = (path, raw, shown)
    ways = _KEPT.get(key)
    found = _fitting(ways, before)
    if found is None and not ways:
        ways = unpacked(path, cache.content(_name(key)) or b"")
        found = _fitting(ways, before)
        _KEPT.put(key, ways)
        _save_at_end()
    if found is None:
        found = made(path, raw, before, dict(shown))
        ways = (found, *ways)[:_WAYS]
        _KEPT.put(key, ways)
        with suppress(ToolError):  # a full disk is no reason not to read
            cache.put(_name(key), packed(ways))
    return found


@once
def _save_at_end() -> None:
    atexit.register(save)


def save() -> None:
    """Put what items were asked meanwhile beside what was read, where it is more than a little."""
    for key, ways, known in _KEPT.grown():
        if answers(ways) - known >= _MUCH:
            with suppress(ToolError):
                cache.put(_name(key), packed(ways))


def _fitting(ways: tuple[Read, ...], before: Macros) -> Read | None:
    return next((one for one in ways if one.fits(before)), None)


def _name(key: _Key) -> str:
    path, raw, shown = key
    whole = hashlib.sha256(f"{code()}\0{path}\0{shown}\0".encode("utf-8", "replace"))
    whole.update(raw)
    return f"read-{whole.hexdigest()[:40]}"


@once
def code() -> str:
    """What tells this version of the code that reads from any other."""
    parser = [Path(getattr(sys.modules.get(name), "__file__", None) or "") for name in _PARSER]
    files = (path.read_bytes() for path in (*CODE, *parser) if path.is_file())
    return hashlib.sha256(b"\0".join([sys.version.encode(), *files])).hexdigest()


class _Kept:
    """What was read in this process, up to a size of the texts; what was used longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[_Key, tuple[Read, ...]] = OrderedDict()
        self._known: dict[_Key, int] = {}  # answers of the items that were there at first
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: _Key) -> tuple[Read, ...]:
        """The ways in which a text was read."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key, ())

    def put(self, key: _Key, ways: tuple[Read, ...]) -> None:
        """Keep them."""
        with self._lock:
            self._size += len(key[1]) * (len(ways) - len(self._held.pop(key, ())))
            self._held[key], self._known[key] = ways, answers(ways)
            while self._size > self._most and len(self._held) > 1:
                old, gone = self._held.popitem(last=False)
                self._size -= len(old[1]) * len(gone)
                del self._known[old]

    def grown(self) -> list[tuple[_Key, tuple[Read, ...], int]]:
        """All that is held, with the answers that were there at first."""
        with self._lock:
            return [(key, ways, self._known[key]) for key, ways in self._held.items()]


_KEPT = _Kept(_MOST)
