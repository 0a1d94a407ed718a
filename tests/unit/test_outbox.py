# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder of drafts: never those of another series beside these, and nobody's work written over."""

from __future__ import annotations

from pathlib import Path

import pytest
import sample

from reviewer.errors import ReviewError
from reviewer.report.outbox import check, sealed, write
from reviewer.report.reply import replies


def _drafts() -> dict[str, bytes]:
    return replies(sample.review())


def test_drafts_are_written_where_asked(tmp_path: Path) -> None:
    drafts = _drafts()
    paths = write(drafts, tmp_path / "new" / "replies")
    assert [path.name for path in paths] == list(drafts)
    assert [path.read_bytes() for path in paths] == list(drafts.values())
    (tmp_path / "file").write_text("")
    with pytest.raises(ReviewError, match="file"):
        write(drafts, tmp_path / "file")


def test_drafts_of_another_series_are_cleared_and_other_files_left_alone(tmp_path: Path) -> None:
    write({"0001-reply.eml": sealed(b"a"), "0007-reply.eml": sealed(b"b")}, tmp_path)
    (tmp_path / "notes.eml").write_text("mine")
    write(_drafts(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0002-reply.eml", "notes.eml"]
    write({}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.eml"]


def test_no_drafts_make_no_folder(tmp_path: Path) -> None:
    assert write({}, tmp_path / "replies") == ()
    assert not (tmp_path / "replies").exists()


@pytest.mark.parametrize("content", [b"Subject: mine\n\nx\n", sealed(b"Subject: x\n\nx\n") + b"and mine\n", b""])
def test_what_somebody_wrote_is_kept_and_nothing_written(tmp_path: Path, content: bytes) -> None:
    write({"0001-reply.eml": sealed(b"a")}, tmp_path)
    (tmp_path / "0005-reply.eml").write_bytes(content)
    with pytest.raises(ReviewError, match=r"0005-reply.eml was edited, or is no draft of this tool"):
        write(_drafts(), tmp_path)
    assert (tmp_path / "0005-reply.eml").read_bytes() == content
    assert (tmp_path / "0001-reply.eml").read_bytes() == sealed(b"a")


def test_a_folder_in_the_place_of_a_draft_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001-reply.eml").mkdir()
    with pytest.raises(ReviewError, match="no draft of this tool"):
        check(tmp_path)
