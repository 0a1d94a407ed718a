# SPDX-License-Identifier: GPL-2.0-or-later
"""The man page and shell completion say what the parsers say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewer.commands import manual

_ROOT = Path(__file__).resolve().parents[2]
_TRY = """
source /dev/stdin
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_shtab_review_patch 2>/dev/null
echo "${{COMPREPLY[@]}}"
"""


def _body(page: str) -> str:
    """All but the line with the date."""
    return page.partition("\n")[2]


def test_the_man_page_is_that_of_the_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = pytest.importorskip("argparse_manpage.manpage")
    monkeypatch.setenv("COLUMNS", "80")
    data = {"project_name": "review-patch", "manual_title": "User Commands",
            "description": "review Linux mm patches by running them"}  # fmt: skip
    made = _body(str(pages.Manpage(manual.whole(), _data={**data, "prog": "review-patch"})))
    committed = _body((_ROOT / "docs" / "review-patch.1").read_text("utf-8"))
    assert made.split() == committed.split(), "make man"


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manual.main([shell]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in manual.commands())


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("review-patch re", "replay"),
        ("review-patch --flavour arm64-1", "arm64-16k"),
        ("review-patch series.mbox --html READ", "README.md"),
        ("review-patch completion t", "tcsh"),
        ("review-patch doctor --tree corp", "corpus"),
    ],
)
def test_bash_completes(words: str, completed: str, capsys: pytest.CaptureFixture[str]) -> None:
    manual.main(["bash"])
    script = capsys.readouterr().out
    done = subprocess.run(
        ["bash", "-c", _TRY.format(words=words)], input=script, cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [completed]
