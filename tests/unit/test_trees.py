# SPDX-License-Identifier: GPL-2.0-or-later
"""Trees before and after each patch, on the right base, with the user's tree left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from demotree import BASE, DATA, DEMO, FILES, applied, commit, edit, git, load, series_of, write_files

from reviewer.errors import TreeError
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.revisions import series_from_revisions
from reviewer.intake.series import series_from_messages
from reviewer.trees.overlays import KernelTree, Overlay, open_tree


@pytest.fixture
def kernel(tree: Path) -> Iterator[KernelTree]:
    with open_tree(tree) as opened:
        yield opened


# --- kinds of tree ----------------------------------------------------------------------------


def test_git_bare_and_unpacked_trees_give_the_same(tree: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(tree), "bare.git")
    git(tree, "worktree", "add", "-q", str(tmp_path / "linked"))
    write_files(tmp_path / "unpacked", FILES)
    series = load("series.mbox")
    for name in ("tree", "bare.git", "linked", "unpacked"):
        trees = applied(tmp_path / name, series)
        first, second = trees.patches
        assert trees.tree == "linux 7.2.1-rc3"
        assert (first.paths, second.paths) == (("mm/demo.c",), ("mm/demo.c", "mm/note.c"))
        assert first.before.read("mm/demo.c") == DEMO
        assert first.after.read("mm/demo.c") == second.before.read("mm/demo.c") == DEMO.replace(b"> 0", b"!= 0")
        assert b"nr = DEMO_MAX" in (second.after.read("mm/demo.c") or b"")
        assert first.after.list("mm") == ("mm/demo.c", "mm/tail.c")
        assert second.after.list("mm") == ("mm/demo.c", "mm/note.c", "mm/tail.c")
        assert second.after.read("include/linux/mm.h") == FILES["include/linux/mm.h"]
        assert second.after.read("mm/none.c") is None
        if name == "unpacked":
            assert (trees.base, trees.how) == ("unpacked linux 7.2.1-rc3", "files as they are")
        else:
            assert (trees.base, trees.how) == (BASE, "base-commit trailer")


def test_every_sample_applies(tree: Path) -> None:
    for mail in DATA.iterdir():
        if mail.name != ".gitattributes":
            applied(tree, load(mail.name))


def test_names(kernel: KernelTree) -> None:
    assert (kernel.name, kernel.codename, kernel.head) == ("linux 7.2.1-rc3", "Paper Boat", BASE)


def test_uncommitted_changes_are_not_seen(tree: Path) -> None:
    write_files(tree, {"mm/demo.c": b"broken", "mm/new.c": b""})
    with open_tree(tree) as kernel:
        assert kernel.at(kernel.head).read("mm/demo.c") == DEMO
        assert kernel.at(kernel.head).list("mm/") == ("mm/demo.c", "mm/tail.c")


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "mm/../mm/demo.c", "mm", "", "mm/link.c", "mm/dir/x"])
@pytest.mark.parametrize("unpacked", [False, True])
def test_only_plain_files_inside_are_read(tree: Path, unpacked: bool, path: str) -> None:
    (tree.parent / "outside").write_text("secret")
    (tree / "mm/link.c").symlink_to("../../outside")
    (tree / "mm/dir").symlink_to("..")
    commit(tree, "links")
    if unpacked:
        (tree / ".git").rename(tree.parent / "gone")
    with open_tree(tree) as kernel:
        assert kernel.at(kernel.head).read(path) is None
        assert kernel.at(kernel.head).list("mm") == ("mm/demo.c", "mm/tail.c")


@pytest.mark.usefixtures("tree")
def test_what_is_no_kernel_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    git(tmp_path, "init", "-q", "empty")
    expected = {
        "gone": "no such folder",
        "tree/mm": "not a kernel tree",
        "empty": "no commit",
        "broken": "not a git",
    }
    for name, words in expected.items():
        with pytest.raises(TreeError, match=words):
            open_tree(tmp_path / name)


# --- patches ----------------------------------------------------------------------------------


def test_new_deleted_and_renamed_files(tree: Path) -> None:
    git(tree, "checkout", "-q", "-b", "topic")
    git(tree, "mv", "mm/tail.c", "mm/end.c")
    commit(tree, "mm: rename")
    git(tree, "mv", "mm/demo.c", "mm/moved.c")
    write_files(tree, {"mm/moved.c": DEMO.replace(b"> 0", b"> 2"), "mm/sub/new.c": b"", "mm/end.c": b"x"})
    commit(tree, "mm: rename, change and add")
    (tree / "mm/end.c").unlink()
    commit(tree, "mm: delete")
    git(tree, "checkout", "-q", "main")
    first, second, third = applied(tree, series_from_revisions(tree, "main..topic")).patches
    assert first.paths == ("mm/end.c", "mm/tail.c")
    assert (first.after.read("mm/tail.c"), first.after.read("mm/end.c")) == (None, FILES["mm/tail.c"])
    assert second.paths == ("mm/demo.c", "mm/end.c", "mm/moved.c", "mm/sub/new.c")
    assert second.after.read("mm/moved.c") == DEMO.replace(b"> 0", b"> 2")
    assert second.after.list("mm/sub") == ("mm/sub/new.c",)
    assert third.after.list("mm") == ("mm/moved.c",)


def test_no_newline_at_the_end(tree: Path) -> None:
    after = applied(tree, load("no-newline.patch")).patches[0].after
    assert after.read("mm/tail.c") == FILES["mm/tail.c"].replace(b"0", b"1")


LINK = (
    "diff --git a/mm/l b/mm/l\nnew file mode 120000\nindex 0000000..1\n"
    "--- /dev/null\n+++ b/mm/l\n@@ -0,0 +1 @@\n+/etc\n"
)


@pytest.mark.parametrize(
    ("diff", "words"),
    [
        (edit("../outside", "a", "b"), "refused"),
        (edit("mm/../../outside", "a", "b"), "refused"),
        (edit("/etc/hosts", "a", "b"), "refused"),
        (edit(".git/config", "a", "b"), "refused"),
        (edit("mm/\\001x", "a", "b"), "refused"),
        (LINK, "mm/l is a symlink or a submodule: refused"),
        (LINK.replace("120000", "160000"), "refused"),
        (edit("mm/demo.c", "a", "b").replace("@@ -1 +1", "@@ -1,9 +1,9"), "damaged"),
        (edit("mm/demo.c", "a", "b").replace("+b\n", "+b\n@@ nonsense\n@@ -5 +5 @@\nx\n"), "damaged"),
        (edit("mm/demo.c/" + "x" * 300, "a", "b"), "mm/demo.c/x+"),
        (edit("mm/gone.c", "a", "b"), "mm/gone.c is not in this tree"),
        (
            edit("mm/demo.c", "a", "b").replace("--- a/mm/demo.c", "new file mode 100644\n--- /dev/null"),
            "demo.c",
        ),
    ],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_hostile_and_damaged_patches_are_refused(tree: Path, diff: str, words: str, unpacked: bool) -> None:
    (tree.parent / "outside").write_text("a\n")
    if unpacked:
        (tree / ".git").rename(tree.parent / "gone")
    with pytest.raises(TreeError, match=words):
        applied(tree, series_of(diff))
    assert (tree.parent / "outside").read_text() == "a\n"


HIDDEN = "diff --git a/mm/tail.c b/mm/tail.c\nsimilarity index 100%\ncopy from mm/tail.c\ncopy to mm/evil.c\n"
ADD = "diff --git a/{0} b/{0}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+a\n"


def test_a_change_that_only_git_sees_is_refused(tree: Path) -> None:
    with pytest.raises(TreeError, match="not clear what it does to mm/evil"):
        applied(tree, series_of(HIDDEN))


def test_a_file_below_a_file_is_refused(tree: Path) -> None:
    below = ADD.format("mm/tail.c/x")
    with pytest.raises(TreeError, match=r"patch 2 .*damaged"):
        applied(tree, series_of(below, below + edit("mm/tail.c", "int demo_tail(void)", "b")))


def test_a_patch_through_a_symlink_is_refused(tree: Path) -> None:
    (tree / "mm/dir").symlink_to("../include")
    commit(tree, "link")
    with pytest.raises(TreeError, match="not in this tree"):
        applied(tree, series_of(edit("mm/dir/linux/mm.h", "#define DEMO_MAX 16", "x")))


def test_overlay_adds_replaces_and_hides() -> None:
    class Base:
        def read(self, path: str) -> bytes | None:
            return {"mm/a.c": b"a", "mm/b.c": b"b"}.get(path)

        def list(self, folder: str) -> tuple[str, ...]:
            return ("mm/a.c", "mm/b.c") if folder == "mm" else ()

        def holding(self, words: Sequence[str]) -> tuple[str, ...]:
            return tuple(path for path in self.list("mm") if path[3] in words)

    overlay = Overlay(Base(), {"mm/a.c": None, "mm/c.c": b"c", "fs/d.c": b"d", "fs/d.txt": b"d"})
    assert overlay.list("mm") == ("mm/b.c", "mm/c.c")
    assert (overlay.read("mm/a.c"), overlay.read("mm/b.c"), overlay.read("mm/c.c")) == (None, b"b", b"c")
    assert overlay.list("fs") == ("fs/d.c", "fs/d.txt")
    assert overlay.holding("abcd") == ("fs/d.c", "mm/b.c", "mm/c.c")


@pytest.mark.parametrize("bare", [True, False])
def test_the_files_that_hold_a_word(tree: Path, bare: bool) -> None:
    write_files(tree, {"lib/far/ä.c": b"int demo_full;", "mm/other.c": b"demo_fullest", "mm/text.rst": b"demo_full"})
    commit(tree, "more files")
    if not bare:
        (tree / ".git").rename(tree.parent / "gone")
    with open_tree(tree) as kernel:
        assert kernel.at(kernel.head).holding(["demo_full", "absent"]) == ("lib/far/ä.c", "mm/demo.c")
        assert kernel.at(kernel.head).holding(["absent"]) == ()


def test_a_search_for_the_same_words_runs_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_tree(tree) as kernel:
        first = kernel.at(kernel.head).holding(["demo_full"])
        monkeypatch.setattr("reviewer.trees.kernel.run", lambda *_: pytest.fail("it was searched again"))
        assert Overlay(kernel.at(kernel.head), {"mm/x.c": b""}).holding(["demo_full"]) == first


def test_latin1_mail_of_a_latin1_file(tree: Path) -> None:
    write_files(tree, {"mm/old.c": "/* gr\u00f6\u00dfer */\n".encode("latin-1")})
    commit(tree, "mm: old text")
    diff = edit("mm/old.c", "/* größer */", "/* bigger */").encode("latin-1")
    series = series_from_messages(messages_from_bytes("old.diff", diff))
    assert applied(tree, series).patches[0].after.read("mm/old.c") == b"/* bigger */\n"
