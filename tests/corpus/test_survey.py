# SPDX-License-Identifier: GPL-2.0-or-later
"""The survey of the embedded tree: its JSON, its table, and what counts as touching PTEs and as batching."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from reviewer.changes.touching import touching
from reviewer.cli import main
from reviewer.report import surveyed
from reviewer.resources import folder
from reviewer.trees.overlays import open_tree

_TREE = str(folder("corpus") / "tree")
_SCHEMA = json.loads((Path(surveyed.__file__).parent / "survey.schema.json").read_text("utf-8"))
_FEW = ["--function", "zap_pte_range", "--function", "zap_install_uffd_wp", "--function", "ptep_clear_flush",
        "--function", "move_ptes"]  # fmt: skip


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _survey(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["survey", "--tree", _TREE, "--budget", "0.02", *arguments]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return out.out


@pytest.fixture
def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_survey(capsys, "--json", "-", *_FEW))
    return read


def test_the_json_is_alone_on_standard_output_and_valid(document: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(_SCHEMA)
    Draft202012Validator(_SCHEMA).validate(document)
    assert document["tree"] == "linux 7.0.0-corpus"


@pytest.mark.parametrize(("key", "wrong"), [("covered", 0), ("flavours", []), ("violations", -1), ("lines", "2")])
def test_the_schema_refuses_what_a_survey_never_says(document: dict[str, Any], key: str, wrong: object) -> None:
    document["functions"][0][key] = wrong
    with pytest.raises(ValidationError):
        Draft202012Validator(_SCHEMA).validate(document)


def test_an_entry_a_helper_and_a_generic_entry(document: dict[str, Any]) -> None:
    found = {f["name"]: f for f in document["functions"]}
    assert found.keys() == {"zap_pte_range", "zap_install_uffd_wp", "ptep_clear_flush", "move_ptes"}
    assert all(f["exercisable"] and f["violations"] == 0 and f["stubs"] == f["ends"] == [] for f in found.values())
    assert found["zap_pte_range"]["why"] == ""
    assert found["zap_install_uffd_wp"]["why"] == "through zap_pte_range"
    assert found["zap_install_uffd_wp"]["batches"]
    assert (found["ptep_clear_flush"]["why"], found["ptep_clear_flush"]["covered"]) == ("", 2)
    assert found["move_ptes"]["covered"] == found["move_ptes"]["lines"]


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    first = _survey(capsys, "--json", "-", *_FEW)
    assert _survey(capsys, "--json", "-", "--jobs", "1", *_FEW) == first


def test_only_the_flavours_asked_for_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = _survey(capsys, "--json", "-", "--flavour", "x86-64", *_FEW)
    assert {tuple(f["flavours"]) for f in json.loads(text)["functions"]} == {("x86-64",)}


def test_the_table_has_totals(capsys: pytest.CaptureFixture[str]) -> None:
    text = _survey(capsys, *_FEW)
    assert "zap_install_uffd_wp" in text
    assert "4 functions touching PTEs, 4 can be exercised" in " ".join(text.split())


def test_what_touches_ptes_and_what_batches() -> None:
    with open_tree(_TREE) as kernel:
        found = {(f.name, f.file): f for f in touching(kernel.at(kernel.head))}
    assert found["zap_install_uffd_wp", "mm/memory.c"].batches
    assert not found["move_ptes", "mm/mremap.c"].batches
    assert found["__contpte_try_fold", "arch/arm64/mm/contpte.c"].flavours == ("arm64-4k",)
    # Computes on a pte_t, and never sees a table.
    assert not any(name == "pte_mkwrite" for name, _ in found)


def test_a_function_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", "--tree", str(folder("corpus") / "tree"), "--function", "nosuch"]) == 2
    assert "no function of" in capsys.readouterr().err
