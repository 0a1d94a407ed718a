# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree of source files in memory."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.trees.kernel import holds_word


class Files(dict[str, str]):
    """Path to text."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict has none, and a tree is a key

    def read(self, path: str) -> bytes | None:
        return self[path].encode() if path in self else None

    def list(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(p for p in self if p.rsplit("/", 1)[0] == folder))

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(p for p in self if holds_word(self[p].encode(), words)))
