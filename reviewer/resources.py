# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the data beside the code lies: in a checkout at its top, in a wheel under reviewer/_data."""

from __future__ import annotations

from pathlib import Path

from reviewer.errors import ToolError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str, package: Path = _PACKAGE) -> Path:
    """The folder "templates" or "corpus"; ToolError when this installation lacks it."""
    # The wheel's place comes first: above site-packages a folder of that name may be anyone's.
    for place in (package / "_data" / name, package.parent / name):
        if place.is_dir():
            return place
    hint = "Install review-patch again, or run it from a whole checkout."
    raise ToolError(f"the folder {name}/ is missing", hint=hint)
