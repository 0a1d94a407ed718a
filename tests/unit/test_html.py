# SPDX-License-Identifier: GPL-2.0-or-later
"""The page: complete in itself, safe against what mails say, and all of the report on it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample
from evil import hostile

from reviewer.errors import ToolError
from reviewer.model import PatchReview, Review, Series, State
from reviewer.report.html import page
from reviewer.resources import folder

VOID = {"meta", "br", "input"}


class Seen(HTMLParser):
    """Tags and attributes as a browser would see them; checks that tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> Iterator[str]:
        return (attrs[name] or "" for _, attrs in self.tags if name in attrs)


def test_hostile_text_adds_no_tag_and_no_attribute() -> None:
    text = page(hostile())
    seen = Seen(text)
    names = [tag for tag, _ in seen.tags]
    assert (names.count("script"), names.count("style")) == (1, 1)
    assert not set(names) & {"img", "iframe", "object", "link", "form", "base"}
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on") or name == "style"]
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_only_the_one_script_and_the_one_style_are_let_in() -> None:
    text = page(hostile())
    policy = next(v for v in Seen(text).values("content") if "default-src" in v)
    for tag in ("script", "style"):
        inside = text.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_needs_nothing_else() -> None:
    text = page(sample.six())
    seen = Seen(text)
    assert not list(seen.values("src"))
    assert "url(" not in text
    links = set(seen.values("href"))
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(seen.values("id"))


def test_every_finding_has_an_anchor_of_its_own() -> None:
    found = sample.review().findings
    twins = sample.review(findings=(*found, replace(found[0], patch=1)))
    ids = list(Seen(page(twins, preexisting=True)).values("id"))
    assert len(ids) == len(set(ids))
    assert {f.id for f in found} | {f"{found[0].id}-2"} <= set(ids)


def test_what_was_there_before_is_one_line_unless_asked_for() -> None:
    line = "1 known of this tree, --preexisting shows them."
    quiet, told = page(sample.review()), page(sample.review(), preexisting=True)
    assert (line in quiet, line in told) == (True, False)
    assert (sample.OLD.id in quiet, sample.OLD.id in told) == (False, True)


def test_just_the_differing_row_and_cell_stand_out() -> None:
    text = page(sample.review(findings=(sample.finding(),)))
    rows = text.rsplit("All rows of B5", 1)[1]
    assert rows.count('<tr class="differs">') == 1
    assert rows.count('<td class="wrong"') == 1
    assert "A[1] <mark>rw</mark> dirty young</td>" in rows
    assert len(re.findall(r'class="cell wrong"', text)) == 1


def test_every_row_is_there() -> None:
    rows = {f"page A[{at}]": "mapcount 1" for at in range(80)}
    found = sample.finding(before=State("returned", rows), after=State("returned", {**rows, "x": "1"}), reference=None)
    text = page(sample.review(findings=(found,)))
    assert "All 81 rows" not in text  # like rows are one
    assert "page A[0..79]" in text
    odd = {f"page A[{at}]": f"mapcount {at * at}" for at in range(80)}
    found = replace(found, before=State("returned", odd), after=State("returned", {**odd, "x": "1"}))
    text = page(sample.review(findings=(found,)))
    assert all(f"mapcount {at * at}<" in text for at in range(80))


@pytest.mark.parametrize("verdict", ["clean", "inconclusive", "not-applicable"])
def test_the_verdict_is_the_first_thing_said(verdict: str) -> None:
    body = page(sample.single(verdict=verdict)).split("<header>")[1]
    assert body.lstrip().startswith(f'<p class="verdict {verdict}"><strong>{verdict.capitalize()}:</strong> ')


def test_work_that_became_less_is_not_filed_under_more() -> None:
    text = page(sample.six(findings=(sample.cost(relation="fixed", severity="low"),)))
    assert "more costly" not in text
    assert "the same work at less cost" in text
    assert "more costly" in page(sample.six(findings=(sample.cost(),)))


def test_what_the_series_mends_itself_is_told_once_and_small() -> None:
    seen = Seen(page(sample.six()))
    small = [attrs["id"] for _, attrs in seen.tags if attrs.get("class") == "brief"]
    assert small == ["t1-00000002"]
    at_length = [attrs["data-patch"] for tag, attrs in seen.tags if tag == "article"]
    assert at_length == ["3", "5"]


def test_a_patch_without_functions_says_so() -> None:
    empty = (PatchReview(1, "docs", "x@example.org", ()),)
    assert "No function changed" in page(sample.single(verdict="not-applicable", patches=empty))


def test_the_page_is_the_same_every_time() -> None:
    assert page(sample.six()) == page(sample.six())


def test_data_is_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    package = tmp_path / "site" / "reviewer"
    (package / "_data" / "templates").mkdir(parents=True)
    (package.parent / "corpus").mkdir()
    assert folder("templates", package) == package / "_data" / "templates"
    assert folder("corpus", package) == package.parent / "corpus"
    with pytest.raises(ToolError, match="nowhere"):
        folder("nowhere", package)


def test_a_series_of_no_known_patch_still_makes_a_page() -> None:
    bare = Review("0.1.0", 1, "gcc", Series("s", 1, 0, ()), "b", "", "t", "not-applicable", (), ())
    Seen(page(bare))
