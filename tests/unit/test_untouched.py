# SPDX-License-Identifier: GPL-2.0-or-later
"""The user's tree stays as it is, runs nothing, and neither settings nor surroundings change the result."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest
from demotree import DATA, DEMO, applied, commit, git, load, make_repository, write_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import ReviewError
from reviewer.intake.mail import messages_from_bytes
from reviewer.intake.revisions import series_from_revisions
from reviewer.intake.series import series_from_messages


def fingerprint(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file below a folder, .git included: mode, time and content; folders with their time."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found


def test_the_users_tree_is_untouched_and_runs_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = tree.parent / "alarm"
    hook = tree.parent / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {alarm}\n")
    hook.chmod(0o755)
    write_files(tree, {".gitattributes": b"*.c diff=spy filter=spy\n"})
    commit(tree, "attributes")
    for key in ("core.fsmonitor", "diff.spy.textconv", "filter.spy.smudge", "diff.external", "gpg.program"):
        git(tree, "config", key, str(hook))
    git(tree, "config", "log.showSignature", "true")
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        (tree / ".git/hooks" / name).write_bytes(hook.read_bytes())
        (tree / ".git/hooks" / name).chmod(0o755)
    write_files(tree, {"mm/demo.c": b"work in progress", "mm/untracked.c": b"mine"})
    # As in a hook that git runs: its variables point elsewhere.
    monkeypatch.setenv("GIT_DIR", str(tree.parent / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tree.parent / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tree.parent))
    monkeypatch.chdir(tree)
    before = fingerprint(tree)
    assert applied(tree, load("series.mbox")).how == "base-commit trailer"
    assert applied(tree, load("single.patch")).how == "blob ids of the index lines"
    assert len(series_from_revisions(tree, "HEAD^..HEAD").patches) == 1
    assert fingerprint(tree) == before
    assert not alarm.exists()


def test_a_repository_around_the_temporary_folder_does_not_matter(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tree.parent / "gitconfig"
    config.write_text("[core]\n\tautocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setattr(tempfile, "tempdir", str(tree / "mm"))
    after = applied(tree, load("single.patch")).patches[0].after
    assert after.read("mm/demo.c") == DEMO.replace(b"> 0", b"!= 0")


def test_a_tree_of_another_user_is_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert applied(tree, load("series.mbox")).how == "base-commit trailer"


MAIL = (DATA / "single.patch").read_bytes()
DIFF = MAIL.index(b"diff --git")
MUTATIONS = st.lists(
    st.tuples(st.integers(DIFF, len(MAIL)), st.integers(0, 20), st.binary(max_size=6)), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def shared_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("shared") / "tree")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MUTATIONS)
def test_damaged_diffs_apply_or_end_in_a_review_error(
    shared_tree: Path, mutations: list[tuple[int, int, bytes]]
) -> None:
    data = MAIL
    for start, length, replacement in mutations:
        data = data[:start] + replacement + data[start + length :]
    try:
        applied(shared_tree, series_from_messages(messages_from_bytes("fuzz", data)))
    except ReviewError as error:
        str(error).encode()
