# SPDX-License-Identifier: GPL-2.0-or-later
"""What names the embedded tree: one number over the paths and contents of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def base_of(tree: Path) -> str:
    """40 hex digits, the same on any machine: a sha1 over "path NUL sha1-of-content LF", sorted by path."""
    files = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*") if path.is_file()}
    digest = hashlib.sha1(usedforsecurity=False)
    for name in sorted(files):
        content = hashlib.sha1(files[name].read_bytes(), usedforsecurity=False).hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()
