# SPDX-License-Identifier: GPL-2.0-or-later
"""python -m reviewer, and the command review-patch: a signal that comes while the tool is still read is one, too."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """The exit status of the command."""
    # What a review makes stays until it ends: to look through it for cycles again and again costs a fifth of its time,
    # and finds none.
    gc.set_threshold(20_000, 20, 20)
    try:
        from reviewer.cli import main as command

        return command()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
