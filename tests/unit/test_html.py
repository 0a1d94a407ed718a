"""The page: complete in itself, safe against what mails say, and all of the report on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample

from reviewer.errors import ToolError
from reviewer.model import PatchReview, Review, Series, State
from reviewer.report.html import page
from reviewer.resources import folder

VOID = {"meta", "br"}
EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x1b\u202e"


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

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> Iterator[str | None]:
        return (attrs[name] for _, attrs in self.tags if name in attrs)


def _hostile() -> Review:
    evil = sample.finding(
        id=EVIL,
        file=EVIL,
        function=EVIL,
        summary=EVIL,
        explanation=EVIL,
        flavours=(EVIL,),
        scenario={"rows": {EVIL: EVIL}, EVIL: EVIL},
        before=State("returned", {EVIL: "a"}),
        after=State("returned", {EVIL: EVIL}),
        cost={EVIL: {EVIL: EVIL}},
        precedents=(EVIL,),
        replay=EVIL,
    )
    function = sample.function(name=EVIL, entry=EVIL, why=EVIL, exhaustive=EVIL, stubs=(EVIL,))
    return sample.review(
        version=EVIL,
        compiler=EVIL,
        base=EVIL,
        base_how=EVIL,
        tree=EVIL,
        series=replace(sample.review().series, subject=EVIL),
        patches=(PatchReview(1, EVIL, EVIL, (function,)),),
        findings=(evil,),
    )


def test_hostile_text_adds_no_tag_and_no_attribute() -> None:
    text = page(_hostile())
    seen = Seen(text)
    assert not {tag for tag, _ in seen.tags} & {"script", "img", "iframe", "object", "link", "form"}
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on")]
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_page_needs_nothing_else() -> None:
    seen = Seen(page(sample.review()))
    assert not list(seen.values("src"))
    assert all(link and link.startswith("#") for link in seen.values("href"))
    assert "url(" not in page(sample.review())


def test_every_finding_has_its_anchor() -> None:
    seen = Seen(page(sample.review(), preexisting=True))
    ids = list(seen.values("id"))
    assert ids == [finding.id for finding in sample.review().findings]
    assert {f"#{name}" for name in ids} == set(seen.values("href"))


def test_what_was_there_before_is_one_line_unless_asked_for() -> None:
    line = "1 known of this tree, --preexisting shows them."
    quiet, told = page(sample.review()), page(sample.review(), preexisting=True)
    assert (line in quiet, line in told) == (True, False)
    assert (sample.OLD.id in quiet, sample.OLD.id in told) == (False, True)


def test_just_the_differing_row_and_cell_stand_out() -> None:
    text = page(sample.review(findings=(sample.finding(),)))
    assert text.count('<tr class="differs">') == 1
    assert '<td class="wrong">A[1] <mark>rw</mark> dirty young</td>' in text
    assert text.count('<td class="wrong">') == 1


def test_lines_that_did_not_run_are_told_apart() -> None:
    text = page(sample.single())
    assert '<span>49</span><span class="missed" title="did not run">50</span>' in text
    assert "5 of 6 changed lines run, not 50" in text


@pytest.mark.parametrize("verdict", ["clean", "inconclusive", "not-applicable"])
def test_the_verdict_is_on_top(verdict: str) -> None:
    body = page(sample.single(verdict=verdict)).split("<body>")[1]
    assert body.lstrip().startswith(f'<header>\n<p class="verdict {verdict}">{verdict.capitalize()}: ')


def test_a_patch_without_functions_says_so() -> None:
    empty = (PatchReview(1, "docs", "x@example.org", ()),)
    assert "No function changed" in page(sample.single(verdict="not-applicable", patches=empty))


def test_the_page_is_the_same_every_time() -> None:
    assert page(sample.review()) == page(sample.review())


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
