# SPDX-License-Identifier: GPL-2.0-or-later
"""Without gcc: the clang of ziglang (extra [cc]) finds what gcc finds. Skipped where it is not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ziglang", reason="pip install 'review-patch[cc]'")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("case", ["mremap-write-bit", "mprotect-commit-helper"])
def test_the_same_verdict_and_findings(case: str, tmp_path: Path) -> None:
    told = []
    for compiler in ("gcc", "zig"):
        environment = {**os.environ, "CC": compiler, "REVIEW_PATCH_CACHE": str(tmp_path / compiler)}
        series = ROOT / "corpus" / case / "series.mbox"
        command = [
            sys.executable,
            "-m",
            "reviewer",
            str(series),
            "--budget",
            "0.1",
            "--json",
            "-",
            "--fail-on",
            "never",
        ]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        told.append((answer["verdict"], [(f["id"], f["rule"], f["relation"]) for f in answer["findings"]]))
    assert told[0] == told[1]
