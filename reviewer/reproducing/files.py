# SPDX-License-Identifier: GPL-2.0-or-later
"""A program as a folder that builds by itself, or beneath tools/testing/selftests/ of a kernel."""

from __future__ import annotations

from pathlib import Path

from reviewer.errors import ReviewError
from reviewer.reproducing.model import Program

_MAKEFILE = """# SPDX-License-Identifier: GPL-2.0-or-later
CFLAGS += -O1 -Wall -Wextra -static
TEST_GEN_PROGS := {name}
ifneq ($(wildcard ../../lib.mk),)
include ../../lib.mk
else
all: {name}
endif
"""


def written(program: Program, folder: Path) -> list[Path]:
    """The files that were written: source, harness, Makefile, and what of a kernel's configuration it takes.

    ReviewError where they cannot be."""
    files = {
        f"{program.name}.c": program.source,
        **dict(program.headers),
        "Makefile": _MAKEFILE.format(name=program.name),
        "config": "".join(f"CONFIG_{option}=y\n" for option in program.needs.options),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReviewError(f"the program cannot be written: {error.strerror}", place=str(folder)) from error
    return [folder / name for name in files]
