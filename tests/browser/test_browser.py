# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in a browser: what it says, what its script does, and that mails can do nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sample
from evil import hostile

from reviewer.cli import main
from reviewer.model import PatchReview, Review, Series
from reviewer.report.html import page
from reviewer.resources import folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = 1 << 20
USABLE = 5.0  # seconds; on an idle machine it is a tenth


def _ten() -> Review:
    """Ten patches with two findings each."""
    patches = tuple(replace(sample.six().series.patches[0], index=at, subject=f"mm: step {at}") for at in range(1, 11))
    looked_at = tuple(PatchReview(p.index, p.subject, "x", (sample.function(),)) for p in patches)
    found = [sample.finding(id=f"v{at}", patch=at, traces=sample.TRACES) for at in range(1, 11)]
    found += [sample.cost(id=f"c{at}", patch=at) for at in range(1, 11)]
    return sample.review(series=Series("mm: ten", 1, 10, patches), patches=looked_at, findings=tuple(found))


MADE: dict[str, Callable[[], Review]] = {
    "six": sample.six, "ten": _ten, "clean": sample.single, "hostile": hostile,
    "two": lambda: sample.review(findings=(sample.finding(traces=sample.TRACES), sample.cost())),
}  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of a page by its name."""
    out = tmp_path_factory.mktemp("pages")
    for name, made in MADE.items():
        (out / f"{name}.html").write_text(page(made()), encoding="utf-8")
    return lambda name: (out / f"{name}.html").as_uri()


@contextmanager
def opened(chromium: Browser, address: str, **context: Any) -> Iterator[Page]:
    """The page, which says nothing on the console, asks nothing and fetches nothing."""
    heard: list[str] = []
    with chromium.new_context(**context) as around:
        tab = around.new_page()
        tab.on("console", lambda message: heard.append(message.text))
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("dialog", lambda dialog: heard.append(dialog.message))
        tab.on("dialog", lambda dialog: dialog.dismiss())
        tab.on("request", lambda request: heard.extend([request.url] * (request.url != address)))
        tab.goto(address)
        yield tab
        assert heard == []


def _focused(tab: Page) -> str:
    return str(tab.evaluate("document.activeElement.id"))


def test_the_filter_leaves_what_fits(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("six")) as tab:
        shown = tab.locator("article.finding:visible")
        assert tab.locator("#matching").inner_text() == "2 of 2 findings"
        tab.select_option("#by-severity", "high")
        assert [a.get_attribute("data-rule") for a in shown.all()] == ["E4"]
        assert tab.locator(".index > li:visible").count() == 1
        assert tab.locator("section.patch:visible").count() == 1
        tab.select_option("#by-patch", "5")
        assert (shown.count(), tab.locator("#matching").inner_text()) == (0, "0 of 2 findings")
        tab.select_option("#by-severity", "")
        tab.select_option("#by-rule", "X4")
        assert [a.get_attribute("data-patch") for a in shown.all()] == ["5"]


def test_keys_go_from_finding_to_finding(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("two")) as tab:
        ids = [a.get_attribute("id") for a in tab.locator("article.finding").all()]
        tab.keyboard.press("j")
        assert _focused(tab) == ids[0]
        tab.keyboard.press("j")
        tab.keyboard.press("j")
        assert (_focused(tab), tab.evaluate("location.hash")) == (ids[1], f"#{ids[1]}")
        tab.keyboard.press("k")
        assert _focused(tab) == ids[0]
        folded = tab.locator("article.finding").first.locator("details:not([open])")
        assert folded.count() > 0
        tab.keyboard.press("e")
        assert folded.count() == 0
        tab.focus("#by-rule")
        tab.keyboard.press("j")
        assert _focused(tab) == "by-rule"


def test_steps_move_the_picture(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("two")) as tab:
        film = tab.locator("details.film")
        told, cells = film.locator("output"), film.locator(".screen .state")
        assert told.inner_text() == "after step 3 of 3"
        last = cells.all_text_contents()
        film.get_by_label("To the start").click()
        start = cells.all_text_contents()
        assert (told.inner_text(), film.locator("tr.later").count()) == ("at the start", 3)
        assert start != last
        film.get_by_label("One step on").click()
        assert (told.inner_text(), film.locator("tr.now").count()) == ("after step 1 of 3", 1)
        film.get_by_label("Step of both runs").focus()
        tab.keyboard.press("ArrowRight")
        assert told.inner_text() == "after step 2 of 3"
        film.get_by_label("To the end").click()
        assert cells.all_text_contents() == last


def test_all_rows_unfold(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("two")) as tab:
        rows = tab.locator("article.finding").first.locator(".compare tbody tr")
        assert not rows.first.is_visible()
        tab.get_by_text("All 4 rows of the state").click()
        assert [row.locator("th").inner_text() for row in rows.all()] == ["PTE 0", "PTE 1", "PTE 2..7", "rss anon"]
        assert all(row.is_visible() for row in rows.all())


def test_a_link_unfolds_and_brings_back_what_it_leads_to(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("six")) as tab:
        tab.goto(f"{pages('six')}#t1-00000002")
        assert tab.locator("#t1-00000002 .why").is_visible()
        tab.select_option("#by-patch", "3")
        tab.evaluate("location.hash = 'x4-00000005'")
        tab.locator("#x4-00000005").wait_for()
        assert tab.locator("#by-patch").input_value() == ""


def test_without_scripts_all_is_there(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("two"), java_script_enabled=False) as tab:
        assert not tab.locator("#tools").is_visible()
        assert not tab.locator(".controls").is_visible()
        assert tab.locator("article.finding svg.ptes").first.is_visible()
        assert tab.locator(".beats tbody tr").count() == 3
        tab.get_by_text("All 4 rows of the state").click()
        assert tab.locator(".compare tbody tr").last.is_visible()


def test_what_a_mail_says_is_text(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("hostile")) as tab:
        assert tab.locator("img, iframe").count() == 0
        assert "<script>alert(1)</script>" in tab.locator("h1").inner_text()
        assert "<script>alert(1)</script>" in tab.locator(".lines .add").first.inner_text()
        ids = [a.get_attribute("id") for a in tab.locator("article.finding").all()]
        for name in ids:
            tab.keyboard.press("j")
            assert _focused(tab) == name
        assert any(name and name.startswith("</title>") for name in ids)
        tab.select_option("#by-patch", "1")


@pytest.mark.parametrize("name", MADE)
def test_the_page_fits_its_width(chromium: Browser, pages: Callable[[str], str], name: str) -> None:
    with opened(chromium, pages(name)) as tab:
        tab.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        for width in (400, 800, 1400, 1900):
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width


# The contrast of every text with what lies behind it (WCAG 2, 1.4.3).
CONTRAST = """() => {
  const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const bad = new Set();
  for (const one of document.querySelectorAll("body *:not(svg *, script, template)")) {
    if (![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !one.checkVisibility()) continue;
    if (getComputedStyle(one).opacity < 1 || one.closest(".link, .later")) continue;
    let behind = one, colour;
    do { colour = parts(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; }
    while (behind && colour[3] === 0);
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(colour)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.add(`${one.tagName}.${one.className}`);
  }
  return [...bad];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(chromium: Browser, pages: Callable[[str], str], scheme: str) -> None:
    with opened(chromium, pages("six"), color_scheme=scheme) as tab:
        assert tab.evaluate(CONTRAST) == []


def test_headings_and_pictures_speak(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("six")) as tab:
        levels = [int(h.evaluate("(h) => h.tagName[1]")) for h in tab.locator("h1, h2, h3, h4").all()]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        assert tab.get_by_role("main").count() == 1
        names = tab.locator("svg[role=img]").evaluate_all(
            "all => all.map((s) => s.ariaLabel || s.querySelector('title')?.textContent)"
        )
        assert names
        assert all(names)
        assert tab.get_by_role("search").get_by_label("Severity").count() == 1


def test_paper_has_all_but_the_controls(chromium: Browser, pages: Callable[[str], str]) -> None:
    with opened(chromium, pages("two")) as tab:
        tab.emulate_media(media="print")
        assert not tab.locator("#tools").is_visible()
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert tab.locator(".compare tbody tr").last.is_visible()
        assert 1 <= tab.pdf(format="A4").count(b"/Type /Page\n") <= 6


def test_ten_patches_weigh_little_and_are_there_at_once(chromium: Browser, pages: Callable[[str], str]) -> None:
    assert Path(pages("ten").removeprefix("file://")).stat().st_size < SIZE
    with opened(chromium, pages("ten")) as tab:
        entry = tab.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        assert entry / 1000 < USABLE
        tab.keyboard.press("j")
        assert _focused(tab) == "v1"


def test_a_real_review(chromium: Browser, tmp_path: Path) -> None:
    out = tmp_path / "review.html"
    series = str(folder("corpus") / "mremap-write-bit" / "series.mbox")
    with redirect_stdout(io.StringIO()):
        assert main([series, "--budget", "0.3", "--flavour", "x86-64", "--html", str(out)]) == 1
    with opened(chromium, out.as_uri(), viewport={"width": 1400, "height": 900}) as tab:
        card = tab.locator("article.finding.high")
        assert card.locator(".cell.wrong").count() == 1
        assert card.locator(".lines .guilty").count() == 0
        assert tab.locator(".hunk.noted", has=card).locator(".lines .guilty").count() > 3
        assert card.locator(".beats li.wrong").inner_text().startswith("! new PTE 1 = ")
        card.get_by_label("To the start").click()
        assert card.locator(".screen").is_visible()
        assert tab.locator("article.gain").count() == 1
