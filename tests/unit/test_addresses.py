# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of addresses as people and mailers write them: a broken one costs itself and no other."""

from __future__ import annotations

import time

import pytest

from reviewer.intake.addresses import entries, parsed, written
from reviewer.intake.headers import Headers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"List, Demo" <l@example.org>, b@example.org', [("List, Demo", "l@example.org"), ("", "b@example.org")]),
        ('a@example.org, "x\\" <b@c>, d@example.org', [("", "a@example.org"), ("x", "b@c"), ("", "d@example.org")]),
        ('"x\\" <b@c>, "Foo" <d@example.org>', [("x", "b@c"), ("Foo", "d@example.org")]),
        ("stable@example.org # 6.17, 6.12, b@example.org", [("", "stable@example.org"), ("", "b@example.org")]),
        ("<s@example.org> # v6.1+, Foo <foo at x.org>", [("", "s@example.org"), ("Foo", "foo at x.org")]),
        ("a#b@example.org", [("", "a#b@example.org")]),
        ("Ida Lund <ida@>", [("Ida Lund", "ida@")]),
        ("Ida Lund <ida@example.org", [("Ida Lund", "ida@example.org")]),
        ("ida@example.org (Ida, of shelves)", [("Ida, of shelves", "ida@example.org")]),
        ('"A \\"B\\" C" <a@example.org>', [('A "B" C', "a@example.org")]),
        ("team: a@example.org, b@example.org;", [("", "a@example.org"), ("", "b@example.org")]),
        ("undisclosed-recipients:;", [("", "")]),
        ("not an address", [("", "not an address")]),
        ("Ida\0Lund <ida@example.org>", [("Ida Lund", "ida@example.org")]),
        (", ,;", []),
    ],
)
def test_each_entry_by_itself(text: str, found: list[tuple[str, str]]) -> None:
    assert [parsed(entry) for entry in entries(text)] == found


@pytest.mark.parametrize("name", ["Ida Lund", "Lund, Ida", 'A "B" C', "a\\b", "Ida (shelves)", "x <y>", "\\u202ex"])
def test_what_is_written_is_read_again(name: str) -> None:
    assert [parsed(entry) for entry in entries(written(name, "a@example.org"))] == [(name, "a@example.org")]


def test_a_header_keeps_what_is_no_address_and_decodes_names_after_the_split() -> None:
    headers = Headers.of(b"Cc: =?utf-8?q?M=C3=BCller=2C_J?= <m@example.org>,\n foo bar\nCc: b@example.org\n\n")
    assert headers.addresses("Cc") == ('"Müller, J" <m@example.org>', "foo bar", "b@example.org")


@pytest.mark.parametrize("part", ['"\\', "(\\", "<", '"', "a #", "a #,6", "(", "a@b,", ' "a" b', ") "])
def test_headers_of_the_largest_size_take_no_time(part: str) -> None:
    began = time.process_time()
    for entry in entries(part * (120_000 // len(part))):
        parsed(entry)
    assert time.process_time() - began < 5
