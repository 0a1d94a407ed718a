# SPDX-License-Identifier: GPL-2.0-or-later
"""The figure of what coverage.py measured: python tests/covered.py COVERAGE.json [FILES].

With FILES, those of each file, least covered first. What a review runs as a process of its own is not in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def told(name: str, of: dict[str, Any]) -> str:
    """Lines and branches of a file, or of all."""
    lines, branches = of["num_statements"], of["num_branches"]
    ran, taken = of["covered_lines"] / max(lines, 1), of["covered_branches"] / max(branches, 1)
    return f"{name}: {ran:.1%} of {lines:,} lines, {taken:.1%} of {branches:,} branches"


def main() -> int:
    found = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    files = {name: file["summary"] for name, file in found["files"].items()} if sys.argv[2:] else {}
    for name, of in sorted(files.items(), key=lambda one: one[1]["percent_covered"]):
        print(told(name, of))
    print(told("Python", found["totals"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
