# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON contract: it fits its schema, it is the same every time, and it reads back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import sample
from jsonschema import Draft202012Validator

from reviewer.errors import ReviewError
from reviewer.model import Hunk
from reviewer.report.document import dumps, finding_document, load, load_finding, review_document

SCHEMA = json.loads(files("reviewer.report").joinpath("schema.json").read_text("utf-8"))
WHOLE = Draft202012Validator(SCHEMA)


def finding_validator() -> Draft202012Validator:
    """The schema of a finding file, with the definitions of the whole."""
    return Draft202012Validator({"$ref": "#/$defs/findingDocument", "$defs": SCHEMA["$defs"]})


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", [sample.review, sample.single, sample.six])
def test_a_review_fits_the_schema(make: Callable[[], Any]) -> None:
    WHOLE.validate(review_document(make()))


def test_both_runs_of_a_finding_read_back() -> None:
    again = load(dumps(review_document(sample.six())), "review.json")
    assert [f.traces for f in again.findings] == [None, sample.TRACES, None, None]


def test_the_guilty_lines_and_a_macro_fit_it_and_read_back() -> None:
    hunk = Hunk("mm/shelf.c", (46, 47), (44,), mends=True, others=1, of=3)
    found = sample.finding(hunk=hunk, symbol="macro")
    function = sample.function(symbol="macro")
    whole = sample.single(verdict="findings", findings=(found,))
    whole = replace(whole, patches=(replace(whole.patches[0], functions=(function,)),))
    WHOLE.validate(review_document(whole))
    again = load(dumps(review_document(whole)), "review.json")
    assert (again.findings[0].hunk, again.findings[0].symbol) == (hunk, "macro")
    assert again.patches[0].functions[0].symbol == "macro"


def test_keys_come_in_the_order_of_the_contract() -> None:
    document = review_document(sample.review())
    assert list(document) == ["schema", "tool", "series", "verdict", "patches", "findings", "diffs"]
    assert list(document["tool"]) == ["version", "seed", "compiler"]
    assert list(document["series"]) == ["subject", "version", "base", "tree", "patches"]
    assert " ".join(document["patches"][0]["functions"][0]) == (
        "name file entry status why changed_lines covered_lines uncovered scenarios exhaustive evidence not_asked "
        "flavours stubs"
    )
    assert " ".join(document["findings"][0]) == (
        "id rule category kind relation severity patch fixed_by_patch file function line summary explanation "
        "flavours scenario before after reference cost precedents replay"
    )


def _surplus(document: dict[str, Any]) -> None:
    document["date"] = "today"


def _surplus_in_finding(document: dict[str, Any]) -> None:
    document["findings"][0]["host"] = "here"


def _wrong_word(document: dict[str, Any]) -> None:
    document["findings"][0]["relation"] = "new"


def _missing(document: dict[str, Any]) -> None:
    del document["patches"][0]["functions"][0]["why"]


def _wrong_type(document: dict[str, Any]) -> None:
    document["tool"]["seed"] = True


@pytest.mark.parametrize("harm", [_surplus, _surplus_in_finding, _wrong_word, _missing, _wrong_type])
def test_schema_and_reader_refuse_what_the_contract_lacks(harm: Callable[[dict[str, Any]], None]) -> None:
    document = review_document(sample.review())
    harm(document)
    assert not WHOLE.is_valid(document)
    with pytest.raises(ReviewError, match=r"r\.json"):
        load(dumps(document), "r.json")


def test_the_error_names_the_spot() -> None:
    document = review_document(sample.review())
    document["findings"][1]["patch"] = "two"
    with pytest.raises(ReviewError, match=r"r\.json: findings\[1\]\.patch: expected a whole number, got text"):
        load(dumps(document), "r.json")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "review-patch/9"}', b"\xff"])
def test_other_files_are_refused(text: str | bytes) -> None:
    with pytest.raises(ReviewError, match=r"r\.json"):
        load(text, "r.json")


def test_the_same_review_gives_the_same_ascii_text() -> None:
    texts = {dumps(review_document(sample.single(tree="linux \u2603"))) for _ in range(2)}
    assert len(texts) == 1
    assert texts.pop().isascii()


def test_a_review_reads_back() -> None:
    document = review_document(sample.review())
    again = load(dumps(document), "r.json")
    assert review_document(again) == document
    assert again.findings == sample.review().findings
    assert again.patches == sample.review().patches


def test_rows_keep_their_order() -> None:
    state = sample.state("b", "a", zoo="1", ape="2")
    text = dumps(review_document(sample.single(findings=(sample.finding(after=state),))))
    assert list(load(text, "r.json").findings[0].after.rows) == ["PTE 0", "PTE 1", "zoo", "ape"]


def test_a_finding_file_fits_and_reads_back() -> None:
    review = sample.review()
    document = finding_document(review.findings[0], review)
    finding_validator().validate(document)
    assert not finding_validator().is_valid({**document, "host": "here"})
    loaded = load_finding(dumps(document), "f.json")
    assert loaded.finding == review.findings[0]
    assert loaded.tool is not None
    assert (loaded.tool.seed, loaded.series and loaded.series.base) == (7, "0123456789ab")


def test_a_bare_finding_reads_too() -> None:
    bare = review_document(sample.review())["findings"][0]
    loaded = load_finding(dumps(bare), "f.json")
    assert (loaded.finding, loaded.tool, loaded.series) == (sample.finding(), None, None)


def test_a_finding_is_taken_out_of_a_whole_review() -> None:
    text = dumps(review_document(sample.review()))
    assert load_finding(text, "r.json", sample.OLD.id).finding == sample.OLD
    with pytest.raises(ReviewError, match=sample.OLD.id):
        load_finding(text, "r.json")
