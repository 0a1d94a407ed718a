# SPDX-License-Identifier: GPL-2.0-or-later
"""The documentation builds without a warning; its links lead somewhere, and what it says of a review is so."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from oracle.rules import RULES
from tests.once import once

_ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("sphinx")
pytestmark = pytest.mark.slow


@dataclass
class _Page(HTMLParser):
    """ids, where its links lead, and what it loads."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.ids |= {told[name] for name in ("id", "name") if name in told}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        self.loaded += [told[name] for name in ("src", "href") if name in told and tag in ("script", "img", "link")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "docs", str(folder)]
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return once(tmp_path_factory, "site", make)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    read = {path: _Page() for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    for path, page in read.items():
        page.feed(path.read_text("utf-8"))
    return read


def test_links_lead_somewhere(site: Path, pages: dict[Path, _Page]) -> None:
    def leads(path: Path, link: str) -> bool:
        place, anchor = map(unquote, urldefrag(link))
        target = (path.parent / place).resolve() if place else path
        if anchor and target in pages:
            return anchor in pages[target].ids
        return target.is_relative_to(site) and target.is_file()

    inner = [(path, link) for path, page in pages.items() for link in page.links if not urlsplit(link).scheme]
    assert len(inner) > 1000
    assert [(path.name, link) for path, link in inner if not leads(path, link)] == []


def test_nothing_is_fetched(pages: dict[Path, _Page]) -> None:
    assert [link for page in pages.values() for link in page.loaded if urlsplit(link).netloc] == []


def test_every_rule_has_an_anchor(site: Path, pages: dict[Path, _Page]) -> None:
    assert {name.lower() for name in RULES} <= pages[site / "reference" / "rules.html"].ids


def test_the_review_of_the_tutorial_is_what_the_tutorial_says(site: Path) -> None:
    told = (_ROOT / "docs" / "reference" / "review.txt").read_text("utf-8")
    assert told.startswith("FINDINGS: 1 violation introduced, 1 cost regression introduced")
    assert told.index("\nB5 ") < told.index("\nX4 ") < told.index("Exercised")
    assert "x86-64, arm64-4k" in told
    assert "Re: [PATCH v2 2/2]" in (_ROOT / "docs" / "reference" / "reply.eml").read_text("utf-8")
    assert (site / "review.html").is_file()
