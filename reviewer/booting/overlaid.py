# SPDX-License-Identifier: GPL-2.0-or-later
"""Patched sources without a copy of them: what is to be laid over a tree that is only read.

make goes by times. So a text that was ever laid over is kept with the time at which it last changed, also when it is
again that of the tree: from before a patch to after it and back, just what differs is built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from reviewer.errors import TreeError

Shown = tuple[tuple[Path, str], ...]
_RECORD = "texts.json"


def laid(store: Path, source: Path, texts: Mapping[str, bytes | None], at: str) -> Shown:
    """What is seen, and under which name, so that the tree source is at a place "at" with these texts, None for a file
    that is gone: each later one over the earlier ones. store: a folder of one output folder, for the texts.

    TreeError for a path that does not lie in the tree."""
    known = _known(store)
    new, gone = set[str](), set[str]()
    shown = dict[str, Path]()
    for path in sorted({*known, *texts}):
        own = _own(source, path)
        text = texts.get(path, own)
        if text == own and path not in known:
            continue
        known[path] = _kept(store, path, text, known.get(path))
        if (text is None) != (own is None):
            (gone if text is None else new).add(path)
        elif text is not None:
            shown[path] = _place(store, path)
    (store / _RECORD).write_text(json.dumps(known, sort_keys=True), "utf-8")
    folders = _folders(store, source, new, gone, at)
    return ((source, at), *folders, *((real, f"{at}/{path}") for path, real in shown.items()))


def _known(store: Path) -> dict[str, str]:
    """path -> digest of the text that was last laid over; "" for none."""
    with suppress(OSError, ValueError):
        return {str(path): str(said) for path, said in json.loads((store / _RECORD).read_text("utf-8")).items()}
    return {}


def _own(source: Path, path: str) -> bytes | None:
    """The tree's own text, None where it has no such file."""
    pure, file = PurePosixPath(path), source / path
    inside = path and "\0" not in path and not pure.is_absolute() and ".." not in pure.parts and str(pure) == path
    if not inside or file.resolve() != source.resolve() / path:
        raise TreeError("this is no path of a file in the tree", place=path)
    if file.is_dir():
        raise TreeError("this is a folder of the tree", place=path)
    return file.read_bytes() if file.is_file() else None


def _place(store: Path, path: str) -> Path:
    return store / hashlib.sha256(path.encode()).hexdigest()


def _kept(store: Path, path: str, text: bytes | None, before: str | None) -> str:
    """Keep a text, with the present time if it is another one than before. Returns its digest."""
    digest = hashlib.sha256(text).hexdigest() if text is not None else ""
    place = _place(store, path)
    if digest == before and (text is None or place.is_file()):
        return digest
    place.unlink(missing_ok=True)
    if text is not None:
        place.write_bytes(text)
    return digest


def _folders(store: Path, source: Path, new: set[str], gone: set[str], at: str) -> list[tuple[Path, str]]:
    """Copies of the folders in which a file is new or gone, in which nothing else can be made to be or not; what lies
    below them is the tree's own."""
    changed: dict[str, list[str]] = {}
    for path in (*new, *gone):
        there = next(p for p in PurePosixPath(path).parents if (source / p).is_dir())
        changed.setdefault(str(there), []).append(path)
    shown = []
    for folder, paths in sorted(changed.items(), key=lambda one: len(PurePosixPath(one[0]).parts)):
        copy = store / "folders" / hashlib.sha256(folder.encode()).hexdigest()
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True)
        place = at if folder == "." else f"{at}/{folder}"
        below = _copied(source / folder, copy, {PurePosixPath(p).name for p in paths if p in gone})
        for path in (p for p in paths if p in new):
            file = copy / PurePosixPath(path).relative_to(folder)
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(_place(store, path), file)
        shown += [(copy, place), *((source / folder / name, f"{place}/{name}") for name in below)]
    return shown


def _copied(folder: Path, copy: Path, gone: set[str]) -> Sequence[str]:
    """Copy the files of a folder with their times, but for those that are gone. Returns the names of its folders."""
    below = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                (copy / entry.name).mkdir()
                below.append(entry.name)
            elif entry.name not in gone:
                shutil.copy2(entry.path, copy / entry.name, follow_symlinks=False)
    return sorted(below)
