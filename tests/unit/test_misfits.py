# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said where a patch and a tree part: every place, the first lines that differ, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from demotree import DATA, DEMO, applied, commit, edit, git, message, series_of, write_files

from reviewer.errors import ReviewError, TreeError
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.series import series_from_messages

SINGLE = (DATA / "single.patch").read_bytes()
HUNK = "mm/demo.c, hunk 1 of 1 (@@ -2,7 +2,7 @@): "


def refused(tree: Path, content: bytes, mail: bytes = SINGLE) -> TreeError:
    """The error of the sample patch on a tree whose mm/demo.c holds this."""
    write_files(tree, {"mm/demo.c": content})
    commit(tree, "mm: another state")
    with pytest.raises(TreeError) as caught:
        applied(tree, series_from_messages(messages_from_bytes("single.patch", mail)), "HEAD")
    return caught.value


@pytest.mark.parametrize(
    ("content", "details"),
    [
        (
            DEMO.replace(b"slot > 0", b"slot > 1"),
            [
                HUNK + "line 5 of the file differs",
                "         wanted                        found",
                "  4     {                        4     {",
                "  5  !          return slot > 0;  5  !          return slot > 1;",
                "  6     }                        6     }",
            ],
        ),
        (DEMO.replace(b"\treturn slot > 0;\n", b""), [HUNK + "a line is missing after line 4 of the file"]),
        (DEMO.replace(b"{\n\treturn", b"{\n\tslot++;\n\treturn"), [HUNK + "line 5 of the file is new to the patch"]),
        (b"/*\n * Text.\n */\n" + DEMO.replace(b"> 0", b"> 1"), [HUNK + "line 8 of the file differs"]),
        (DEMO.replace(b"slot > 0", b"slot >  0"), [HUNK + "only white space differs"]),
        (DEMO.replace(b"\n", b"\r\n"), [HUNK + "only white space differs"]),
        (b"int other(void);\n", [HUNK + "demo_full() is not in this file; none of its lines found"]),
        (
            b"static bool demo_full(struct slot *s)\n{\n\treturn !!s->nr;\n}\n",
            [HUNK + "demo_full() has another form in this tree; 2 of its 5 lines found"],
        ),
    ],
)
def test_a_hunk_that_does_not_fit(tree: Path, content: bytes, details: list[str]) -> None:
    error = refused(tree, content)
    assert error.message == "does not apply: 0 of 1 hunk fits"
    assert [line.split() for line in error.details[: len(details)]] == [line.split() for line in details]
    assert error.details[-1].split()[2:] == ["0", "of", "1", "hunk", "fits"]


def test_columns_are_aligned_and_what_differs_is_marked(tree: Path) -> None:
    table = refused(tree, DEMO.replace(b"slot > 0", b"slot > 1")).details[1:4]
    assert table == (
        "        wanted                          found",
        "  4     {                         4     {",
        "  5  !          return slot > 0;  5  !          return slot > 1;",
    )


def test_blanks_that_nobody_sees_are_spelt(tree: Path) -> None:
    error = refused(tree, DEMO, SINGLE.replace(b"\treturn", b"        return"))
    assert any("        return slot > 0;" in line and "\\treturn slot > 0;" in line for line in error.details)
    assert "mail client" in error.hint


def test_what_is_there_already_is_said_so(tree: Path) -> None:
    error = refused(tree, DEMO.replace(b"slot > 0", b"slot != 0"))
    assert error.message == "is in this tree already: it applies in reverse"
    assert "--base" in error.hint


def test_every_hunk_and_file_is_told(tree: Path) -> None:
    gone = edit("mm/gone.c", "a", "b")
    wrong = edit("mm/demo.c", "nothing of the kind", "b")
    again = (
        "diff --git a/mm/tail.c b/mm/tail.c\nnew file mode 100644\n--- /dev/null\n+++ b/mm/tail.c\n@@ -0,0 +1 @@\n+a\n"
    )
    fits = edit("include/linux/mm.h", "#define DEMO_MAX 16", "#define DEMO_MAX 17").replace(
        "@@ -1 +1 @@", "@@ -1,2 +1,2 @@"
    )
    fits += " int demo_count(const int *slots, int nr);\n"
    with pytest.raises(TreeError) as caught:
        applied(tree, series_of(gone + wrong + again + fits))
    assert caught.value.message == "does not apply: 1 of 4 hunks fits"
    assert caught.value.details[:3] == (
        "mm/gone.c is not in this tree",
        "mm/demo.c, hunk 1 of 1 (@@ -1,1 +1,1 @@): none of its lines found",
        "mm/tail.c exists already, and the patch adds it",
    )


def test_some_hunks_of_many_are_enough(tree: Path) -> None:
    head = "diff --git a/mm/demo.c b/mm/demo.c\n--- a/mm/demo.c\n+++ b/mm/demo.c\n"
    hunks = "".join(f"@@ -{3 * n},2 +{3 * n},2 @@\n no line {n}\n-b\n+c\n" for n in range(1, 101))
    with pytest.raises(TreeError) as caught:
        applied(tree, series_of(head + hunks))
    assert caught.value.message == "does not apply: 0 of 100 hunks fit"
    assert "and 60 hunks more" in caught.value.details


def test_the_first_difference_of_a_long_hunk_is_found(tree: Path) -> None:
    lines = [f"line {n};\n" for n in range(1000)]
    write_files(tree, {"mm/long.c": "".join(lines).replace("line 700;", "other;").encode()})
    commit(tree, "mm: long")
    body = "".join(f" {line}" for line in lines[:-1])
    head = "diff --git a/mm/long.c b/mm/long.c\n--- a/mm/long.c\n+++ b/mm/long.c\n@@ -1,1000 +1,1000 @@\n"
    diff = f"{head}{body}-line 999;\n+x\n"
    with pytest.raises(TreeError) as caught:
        applied(tree, series_of(diff))
    assert caught.value.details[0].endswith("line 701 of the file differs")


def test_a_missing_patch_is_what_is_in_the_way(tree: Path) -> None:
    first = edit("mm/demo.c", "#include <linux/mm.h>", "#include <linux/mman.h>").replace("-1 +1", "-1,2 +1,2") + " \n"
    second = first.replace("mman.h", "list.h").replace("linux/mm.h", "linux/mman.h")
    mails = [message(f"[PATCH {n}/3] mm: {n}", diff.encode()) for n, diff in ((1, first), (2, second), (3, "")) if diff]
    applied(tree, series_from_messages(mails))
    with pytest.raises(TreeError) as caught:
        applied(tree, series_from_messages(mails[1:]))
    assert caught.value.message == "does not apply without patch 1, not given here: 0 of 1 hunk fits"
    with pytest.raises(TreeError) as caught:
        applied(tree, series_from_messages(mails[1:], held=True))
    assert caught.value.message == "does not apply: 0 of 1 hunk fits"
    assert "has to hold patch 1:" in caught.value.hint


def test_the_nearest_base_is_the_one_that_is_shown(tree: Path) -> None:
    write_files(tree, {"mm/one.c": b"else\n", "mm/two.c": b"else\n"})
    far = commit(tree, "mm: far")
    write_files(tree, {"mm/one.c": b"one\n"})
    near = commit(tree, "mm: near")
    series = series_of(edit("mm/one.c", "one", "1"), edit("mm/two.c", "two", "2"))
    with pytest.raises(TreeError) as caught:
        applied(tree, replace(series, base_commit=far))
    assert caught.value.place == 'patch 2 "mm: step 2"'
    assert caught.value.details[-2:] == (
        f"  base-commit trailer  {far[:12]}  0 of 2 patches apply, then 0 of 1 hunk fits",
        f"  HEAD                 {near[:12]}  1 of 2 patches applies, then 0 of 1 hunk fits",
    )


ADDED = "diff --git mm/n.c mm/n.c\nnew file mode 100644\n--- /dev/null\n+++ mm/n.c\n@@ -0,0 +1 @@\n+b\n"
BINARY = "diff --git a/{0} b/{0}\nindex 1111111..2222222 100644\nBinary files a/{0} and b/{0} differ\n"
RENAMED = "diff --git a/mm/a.c b/mm/b.c\nsimilarity index 100%\nrename from mm/a.c\nrename to mm/b.c\n"
HEAD = "diff --git a/mm/demo.c b/mm/demo.c\n{}--- a/mm/demo.c\n+++ b/mm/demo.c\n"


@pytest.mark.parametrize(
    ("diff", "words"),
    [
        (HEAD.format("") + f"@@ -{'9' * 5000} +1 @@\n-a\n+b\n", "digits of a hunk"),
        (HEAD.format("") + f"@@ -{'9' * 30} +1 @@\n-a\n+b\n", "digits of a hunk"),
        (HEAD.format("") + f"@@ -{'9' * 9} +1 @@\n-a\n+b\n", "does not apply"),
        (HEAD.format("") + "@@ -1,4294967297 +1 @@\n-a\n+b\n", "digits of a hunk"),
        (HEAD.format("index \n") + "@@ -1 +1 @@\n-a\n+b\n", "does not apply"),
        (HEAD.format("index ..\n") + "@@ -1 +1 @@\n-a\n+b\n", "does not apply"),
        (HEAD.format("index 12\n"), "does not apply|damaged"),
        ("diff --git mm/demo.c mm/demo.c\n--- mm/demo.c\n+++ mm/demo.c\n@@ -1 +1 @@\n-a\n+b\n", "no a/ and b/"),
        (ADDED, "no a/ and b/"),
        (HEAD.format("") + "@@ -5 +5 @@\n-\treturn slot > 0;\n+\treturn 1;\n", "no context"),
        (BINARY.format("mm/x"), "not in this tree"),
        (BINARY.format("mm/demo.c"), "a binary file is changed"),
        (RENAMED, "not in this tree"),
    ],
)
def test_garbage_is_one_message(tree: Path, diff: str, words: str) -> None:
    with pytest.raises(ReviewError, match=words) as caught:
        applied(tree, series_of(diff))
    assert len(str(caught.value)) < 1500


def test_binary_files_modes_and_renames_apply(tree: Path) -> None:
    git(tree, "mv", "mm/tail.c", "mm/end.c")
    (tree / "mm/demo.c").chmod(0o755)
    write_files(tree, {"logo.bin": bytes(range(256)) * 9})
    commit(tree, "binary, mode, rename")
    diff = git(tree, "diff", "--binary", "HEAD^", "HEAD") + "\n"
    paths = applied(tree, series_of(diff), "HEAD^").patches[0].paths
    assert paths == ("logo.bin", "mm/end.c", "mm/tail.c")
