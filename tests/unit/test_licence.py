# SPDX-License-Identifier: GPL-2.0-or-later
"""Every source file names its licence in its first lines."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_KINDS = {".py", ".c", ".h", ".j2", ".css", ".js", ".scm"}
_LINE = "SPDX-License-Identifier: GPL-2.0-or-later"


def test_every_source_file_names_its_licence() -> None:
    tops = ("reviewer", "oracle", "templates", "tests", "docs")
    files = [
        path
        for top in tops
        for path in (_ROOT / top).rglob("*")
        if path.suffix in _KINDS and "_build" not in path.parts
    ]
    assert len(files) > 500
    lacking = [str(path.relative_to(_ROOT)) for path in files if _LINE not in path.read_text("utf-8")[:200]]
    assert lacking == []


def test_the_text_is_there() -> None:
    assert "Version 2, June 1991" in (_ROOT / "LICENSE").read_text("utf-8")
