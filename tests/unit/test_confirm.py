# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch confirm: which kernels are asked, what is written where, and how it ends. No kernel is built here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sample

from reviewer import cli
from reviewer.booting import outputs, tools
from reviewer.booting.confirming import Side, confirmed
from reviewer.booting.model import Boot, Verdict
from reviewer.booting.sources import sides, whole
from reviewer.booting.trial import Place
from reviewer.commands import confirm
from reviewer.errors import TreeError
from reviewer.model import Booted, Confirmation, Confirmed, Finding, Relation
from reviewer.report import remarks
from reviewer.report.confirmed import sentence
from reviewer.report.document import dumps, finding_document, load, load_finding, review_document, series_of
from reviewer.reproducing.model import Cannot, Program
from reviewer.support import cache

_SHOWN = Boot(Verdict.SHOWN, ("Not so: kept",), ("TAP version 13", "not ok 1 - rule: kept"), (), "7.3.4")
_SILENT = Boot(Verdict.NOT_SHOWN, ("1 test of the rule, and none fails.",), ("TAP version 13",), (), "7.3.4")
_MISSED = Boot(Verdict.STATE_NOT_REACHED, ("Not so: a 64K folio",), (), (), "7.3.4")
_BROKEN = Boot(Verdict.NOT_BUILT, ("make bzImage failed", "mm/a.c:1: error: odd"))
_YES: Confirmation = "confirmed on a running kernel"
_NO, _MISS, _NOT = "not shown", "state not reached", "not tried"


@pytest.mark.parametrize(
    ("relation", "before", "after", "verdict", "asked"),
    [
        ("introduced", _SILENT, _SHOWN, _YES, "after before"),
        ("introduced", _SHOWN, _SHOWN, _NO, "after before"),
        ("introduced", _SILENT, _SILENT, _NO, "after"),
        ("introduced", _MISSED, _SHOWN, _MISS, "after before"),
        ("introduced", _SILENT, _BROKEN, _NOT, "after"),
        ("fixed", _SHOWN, _SILENT, _YES, "before after"),
        ("fixed", _SHOWN, _SHOWN, _NO, "before after"),
        ("fixed", _MISSED, _SILENT, _MISS, "before"),
        ("preexisting", _SHOWN, _SILENT, _YES, "before"),
        ("preexisting", _SILENT, _SHOWN, _NO, "before"),
    ],
)
def test_which_kernels_have_to_show_it(relation: Relation, before: Boot, after: Boot, verdict: str, asked: str) -> None:
    heard: list[str] = []

    def attempt(side: Side) -> Boot:
        heard.append(side)
        return before if side == "before" else after

    found = confirmed(sample.finding(relation=relation), "x86-64", attempt)
    assert (found.verdict, " ".join(heard)) == (verdict, asked)
    assert len(found.reasons) == len(found.boots) == len(heard)


# --- the source ---


def _kernel(place: Path) -> Path:
    for part in ("Makefile", "Kconfig", "scripts/kconfig/conf.c", "init/main.c", "kernel/fork.c", "mm/memory.c",
                 "usr/Makefile", "include/linux/mm.h"):  # fmt: skip
        (place / part).parent.mkdir(parents=True, exist_ok=True)
        (place / part).write_text("VERSION = 7\nPATCHLEVEL = 3\n", "utf-8")
    lines = [*("\n" * 2), "int a = 1;\n"]
    (place / "mm/shelf.c").write_text("".join(lines), "utf-8")
    return place


def test_only_a_whole_and_clean_source_is_built(tmp_path: Path) -> None:
    assert whole(str(_kernel(tmp_path))) == tmp_path.resolve()
    (tmp_path / ".config").touch()
    with pytest.raises(TreeError, match="a kernel was built in this source"):
        whole(str(tmp_path))
    (tmp_path / "usr/Makefile").unlink()
    with pytest.raises(TreeError, match="no whole kernel source: it has no usr/Makefile"):
        whole(str(tmp_path))
    with pytest.raises(TreeError, match="no such folder"):
        whole(str(tmp_path / "none"))


_DIFF = """\
diff --git a/mm/shelf.c b/mm/shelf.c
--- a/mm/shelf.c
+++ b/mm/shelf.c
@@ -1,3 +1,3 @@
\x20
\x20
-int a = {};
+int a = {};
"""


def _with_diffs(finding: Finding) -> str:
    """A review of two patches whose finding is of the second."""
    review = sample.review(findings=(finding,))
    patches = tuple(
        replace(p, message=replace(p.message, diff=_DIFF.format(p.index, p.index + 1).encode()))
        for p in review.series.patches
    )
    return dumps(review_document(replace(review, series=replace(review.series, patches=patches))))


def test_a_finding_carries_what_its_patches_change(tmp_path: Path) -> None:
    held = load_finding(_with_diffs(sample.finding(patch=2)), "r.json")
    series = series_of(held, "r.json")
    assert series is not None
    before, after = sides(_kernel(tmp_path), series, 2)
    assert (before["mm/shelf.c"], after["mm/shelf.c"]) == (b"\n\nint a = 2;\n", b"\n\nint a = 3;\n")
    before, _ = sides(tmp_path, series, 1)
    assert before == {}
    (tmp_path / "mm/shelf.c").write_text("int b;\n", "utf-8")
    with pytest.raises(TreeError, match="does not apply"):
        sides(tmp_path, series, 2)


def test_a_work_tree_may_have_the_series_already(tmp_path: Path) -> None:
    """What counts is the commit that was reviewed; edits of other files are put aside as well."""
    series = series_of(load_finding(_with_diffs(sample.finding(patch=2)), "r.json"), "r.json")
    assert series is not None

    def git(*words: str) -> str:
        named = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        done = subprocess.run(["git", *named, *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    _kernel(tmp_path)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "base")
    base = git("rev-parse", "HEAD")
    (tmp_path / "mm/shelf.c").write_text("\n\nint a = 3;\n", "utf-8")
    (tmp_path / "mm/memory.c").write_text("odd", "utf-8")
    git("commit", "-qam", "the series")
    before, after = sides(tmp_path, series, 2, base)
    assert (before["mm/shelf.c"], after["mm/shelf.c"]) == (b"\n\nint a = 2;\n", b"\n\nint a = 3;\n")
    assert before["mm/memory.c"] == after["mm/memory.c"] == b"VERSION = 7\nPATCHLEVEL = 3\n"
    with pytest.raises(TreeError, match="does not apply"):
        sides(tmp_path, series, 2, "0" * 40)


# --- the command ---


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the boots of a side come to, and what there is in place of a program."""
    answers: dict[str, object] = {"before": _SILENT, "after": _SHOWN, "program": Program("p", "int main;")}

    def tried(_program: Program, texts: Mapping[str, bytes | None], place: Place, side: str) -> object:
        answers[f"{side} texts"], answers["flavour"] = texts, place.flavour
        place.told("building: 1 s")
        return answers[side]

    monkeypatch.setattr(confirm, "program_of", lambda _finding, _place: answers["program"])
    monkeypatch.setattr(confirm, "tried", tried)
    return answers


def _command(tmp_path: Path, *more: str, finding: Finding | None = None) -> tuple[int, Path]:
    file = tmp_path / "r.json"
    file.write_text(_with_diffs(finding or sample.finding(patch=1)), "utf-8")
    return cli.main(["confirm", str(file), "--kernel", str(_kernel(tmp_path / "linux")), *more]), file


def test_the_verdict_is_written_and_told(
    tmp_path: Path, machine: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    status, file = _command(tmp_path, "--html", str(tmp_path / "r.html"))
    told = capsys.readouterr()
    assert status == 0, told.err
    assert "not ok 1 - rule: kept" in told.out and "Confirmed on a running kernel (linux 7.3.4" in told.out
    assert "review-patch: building" in told.err
    found = load(file.read_text("utf-8"), "r.json").findings[0].confirmed
    assert found is not None and [b.side for b in found.boots] == ["after", "before"]
    assert machine["after texts"] == {"mm/shelf.c": b"\n\nint a = 2;\n"}
    assert "not ok 1 - rule: kept" in (tmp_path / "r.html").read_text("utf-8")


def test_other_forms_need_a_whole_review(
    tmp_path: Path, machine: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is known before a kernel is built."""
    review = sample.review()
    file = tmp_path / "f.json"
    file.write_text(dumps(finding_document(review.findings[0], review)), "utf-8")
    options = ["confirm", str(file), "--kernel", str(_kernel(tmp_path / "linux"))]
    assert cli.main([*options, "--html", str(tmp_path / "f.html")]) == 2
    assert "after texts" not in machine and "missing" in capsys.readouterr().err


@pytest.mark.parametrize(("after", "status"), [(_SILENT, 1), (_MISSED, 3), (_BROKEN, 3)])
def test_the_status_says_how_it_went(
    tmp_path: Path, machine: dict[str, object], after: Boot, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    machine["after"] = after
    other = tmp_path / "other.json"
    assert _command(tmp_path, "--json", str(other))[0] == status
    assert after.reasons[0] in capsys.readouterr().out
    assert "confirmed" in json.loads(other.read_text("utf-8"))["findings"][0]
    assert "confirmed" not in json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"][0]


def test_what_cannot_be_made_a_program(
    tmp_path: Path, machine: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    machine["program"] = Cannot("an interleaving", "two processors have to meet in it")
    assert _command(tmp_path)[0] == 3
    assert "Not tried on a running kernel (x86-64): an interleaving: two processors" in capsys.readouterr().out


def test_the_doctor_says_what_is_missing_and_fails_by_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(["doctor"])
    monkeypatch.setattr("shutil.which", lambda name: None if name == "bison" else f"/usr/bin/{name}")
    monkeypatch.setattr(tools, "_LIBRARIES", ())
    assert {t.name: t.fix for t in tools.tools() if not t.found and t.name != "KVM"} == {
        "bison": "apt install bison", "static libc": "apt install libc6-dev",
    }  # fmt: skip
    assert status == 0 and "to confirm findings on running kernels" in capsys.readouterr().out


def test_the_cache_tells_of_kernels_and_clears_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache, "writable", lambda: tmp_path)
    with outputs.output(_kernel(tmp_path / "linux"), "x86-64") as made:
        (made.out / "vmlinux").write_bytes(bytes(3 << 20))
    assert cli.main(["cache"]) == 0
    assert f": 3 MiB, a kernel for x86-64 of {tmp_path}/linux" in capsys.readouterr().out
    assert cli.main(["cache", "--clear"]) == 0 and not made.folder.exists()


def test_forms_of_a_report_tell_it() -> None:
    found = Confirmed(_YES, "x86-64", ("The kernel after the patch shows the fault: Not so: kept",), (
        Booted("after", "shown", ("Not so: kept",), "7.3.4", ("TAP version 13",)),
    ))  # fmt: skip
    finding = sample.finding(confirmed=found)
    assert sentence(finding).startswith("Confirmed on a running kernel (linux 7.3.4, x86-64): The kernel after")
    assert sentence(sample.finding()) == ""
    review = sample.review(findings=(finding,))
    assert "Confirmed on a running kernel" in " ".join(remarks._block(finding, review, 40))
