# SPDX-License-Identifier: GPL-2.0-or-later
"""Every kind of mailbox gives the same messages; every kind of garbage gives a MailError."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import MailError
from reviewer.intake.mail import messages_from_bytes, read_messages
from reviewer.intake.series import series_from_messages
from reviewer.model import Message

DATA = Path(__file__).parents[1] / "data" / "mail"
SERIES = (DATA / "series.mbox").read_bytes()


def only(name: str) -> Message:
    (message,) = read_messages(str(DATA / name))
    return message


def test_mbox_headers_are_decoded() -> None:
    messages = read_messages(str(DATA / "series.mbox"))
    assert [m.message_id for m in messages] == [f"{i}@example.org" for i in ("s-0", "s-2", "r-2", "s-1", "s-1")]
    cover, reply = messages[0], messages[2]
    assert cover.subject == "[PATCH mm-unstable 0/2] mm: count the full slots only"
    assert cover.author == "Ada Demo <ada@example.org>"
    assert cover.to == ("linux-mm@example.org",)
    assert cover.cc == ("Bo Sample <bo@example.org>", '"List, Demo" <list@example.org>')
    assert cover.date == "Mon, 2 Jun 2025 12:00:00 +0200"
    assert cover.source == "series.mbox, message 1"
    assert reply.author == "Björn Sample <bo@example.org>"
    assert reply.in_reply_to == "s-2@example.org"
    assert reply.references == ("s-0@example.org", "s-2@example.org")


def test_body_ends_where_the_diff_begins() -> None:
    message = only("single.patch")
    assert message.body.startswith("Below zero is full.\n")
    assert message.body.endswith("1 file changed, 1 insertion(+), 1 deletion(-)\n\n")
    assert message.diff.startswith(b"diff --git a/mm/demo.c b/mm/demo.c\n")


def test_quoted_patch_is_no_diff_and_mboxrd_is_unescaped() -> None:
    messages = read_messages(str(DATA / "series.mbox"))
    assert "> diff --git a/mm/demo.c" in messages[2].body
    assert messages[2].diff == b""
    assert "\nFrom here on zero means empty.\n" in messages[0].body


@pytest.mark.parametrize("name", ["base64.patch", "quoted-printable-crlf.patch"])
def test_transfer_encodings_and_crlf_are_undone(name: str) -> None:
    message = only(name)
    assert message.subject.endswith("mm: größer")
    assert message.body.startswith("Größer heißt voll.\n")
    assert b"\r" not in message.diff
    # Like git am: the text becomes UTF-8, the diff stays in the bytes it was made of.
    charset = "utf-8" if name == "base64.patch" else "latin-1"
    assert "+\treturn slot > 0; /* größer */\n".encode(charset) in message.diff


def test_flowed_lines_are_joined_and_unstuffed() -> None:
    message = only("flowed.patch")
    assert "A paragraph that is flowed over two lines.\n" in message.body
    assert b"\n static int demo_full(int slot)\n {\n-\treturn slot > 0;\n+\treturn slot != 0;\n" in message.diff


def test_no_newline_marker_survives() -> None:
    assert only("no-newline.patch").diff.count(b"\n\\ No newline at end of file\n") == 1


def test_every_container_gives_the_same_messages(tmp_path: Path) -> None:
    mbox = read_messages(str(DATA / "series.mbox"))
    packed = tmp_path / "series.mbox.gz"
    packed.write_bytes(gzip.compress(SERIES))
    folder = tmp_path / "patches"
    folder.mkdir()
    for mail in (DATA / "maildir").glob("*/*"):
        (folder / f"{mail.name}.patch").write_bytes(mail.read_bytes())

    def essence(messages: Iterable[Message]) -> dict[str, tuple[str, str, bytes]]:
        return {m.message_id: (m.subject, m.body, m.diff) for m in messages}

    assert essence(read_messages(str(packed))) == essence(mbox)
    assert essence(read_messages("-", io.BytesIO(SERIES))) == essence(mbox)
    posted = {key: value for key, value in essence(mbox).items() if key != "r-2@example.org"}
    assert {k: v[0] for k, v in essence(read_messages(str(folder))).items()} == {k: v[0] for k, v in posted.items()}
    assert essence(read_messages(str(DATA / "maildir"))) == essence(read_messages(str(folder)))


def test_a_byte_order_mark_is_no_header() -> None:
    assert messages_from_bytes("bom.patch", b"\xef\xbb\xbf" + SERIES)[0].message_id == "s-0@example.org"


def test_a_bare_diff_is_taken() -> None:
    diff = only("single.patch").diff
    (message,) = messages_from_bytes("bare.diff", diff)
    assert (message.subject, message.diff) == ("", diff)


def test_git_settings_of_the_user_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[mailinfo]\n\tscissors = true\n[am]\n\tkeepcr = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    mail = (DATA / "single.patch").read_bytes().replace(b"Below zero", b"Above the cut.\n\n-- >8 --\nBelow zero")
    (message,) = messages_from_bytes("cut.patch", mail)
    assert message.body.startswith("Above the cut.\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x7fELF\x02\x00\x00\x00", "binary data"),
        (b"Re: [PATCH] mm: a page of an archive\nDate: today\n\ndiff --git a/x b/x\n", "mail headers"),
        (gzip.compress(SERIES, mtime=0)[:100], "damaged gzip"),
        (b"\x1f\x8bnot gzip at all", "damaged gzip"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (lzma.compress(SERIES), "packed with xz"),
        (bz2.compress(SERIES), "packed with bzip2"),
    ],
)
def test_what_is_no_mail_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(MailError, match=words) as caught:
        read_messages("-", io.BytesIO(data))
    assert caught.value.place == "standard input"


def test_missing_and_empty_places_are_refused(tmp_path: Path) -> None:
    (tmp_path / "box" / "cur").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    expected = {
        "gone.mbox": "No such file",
        "box": "maildir is empty",
        "none": "no maildir",
        "a\0b": "cannot be read",
    }
    for name, words in expected.items():
        with pytest.raises(MailError, match=words):
            read_messages(f"{tmp_path}/{name}")


def test_folders_of_quilt_and_of_b4(tmp_path: Path) -> None:
    patch = (DATA / "single.patch").read_bytes()
    for name in ("quilt", "b4"):
        (tmp_path / name).mkdir()
    for name in ("a.patch", "b.patch", "c.patch"):
        (tmp_path / "quilt" / name).write_bytes(patch.replace(b"Subject: ", b"Subject: " + name[:1].encode()))
    (tmp_path / "quilt" / "series").write_text(
        "# the stack\nc.patch -p1\n\na.patch # first\n../../etc/passwd\n/etc/passwd\n"
    )
    assert [m.source for m in read_messages(str(tmp_path / "quilt"))] == ["c.patch", "a.patch"]
    (tmp_path / "quilt" / "c.patch").unlink()
    with pytest.raises(MailError, match=r"names c\.patch, which is not there"):
        read_messages(str(tmp_path / "quilt"))
    (tmp_path / "b4" / "v1.mbx").write_bytes(SERIES)
    (tmp_path / "b4" / "v1.cover").write_text("Nothing that is a mail.")
    assert read_messages(str(tmp_path / "b4"))[0].message_id == "s-0@example.org"


@pytest.mark.parametrize("value", ["((((", "(" * 5000, "a:" * 5000, '"((( <@,;:', "=?idna?q?=ff?= <a@b>", "\0"])
def test_addresses_that_no_parser_likes_lose_no_patch(value: str) -> None:
    data = (DATA / "single.patch").read_bytes()
    for name in ("To", "Cc"):
        mail = data.replace(b"\nSubject:", f"\n{name}: {value}\nSubject:".encode(), 1)
        (message,) = messages_from_bytes("odd.patch", mail)
        assert message.diff.startswith(b"diff --git")
    # git mailinfo itself crashes over some authors.
    only_a_mail_error(data.replace(b"\nFrom:", f"\nFrom: {value}\nOther:".encode(), 1))


def test_parts_within_parts_hold_the_patch() -> None:
    head, body = (DATA / "single.patch").read_bytes().split(b"\n\n", 1)
    outer, inner = (
        b"Content-Type: multipart/mixed; boundary=out\n",
        b"Content-Type: multipart/alternative; boundary=in\n",
    )
    parts = (
        b"--out\n" + inner + b"\n--in\nContent-Type: text/plain\n\n" + body + b"\n--in\nContent-Type: text/html\n\n<b>"
    )
    kept = b"\n".join(line for line in head.split(b"\n") if not line.startswith(b"Content-"))
    (message,) = messages_from_bytes("parts.patch", kept + b"\n" + outer + b"\n" + parts + b"\n--in--\n--out--\n")
    assert message.diff.startswith(b"diff --git a/mm/demo.c")


def test_an_unknown_charset_does_not_lose_the_patch() -> None:
    data = (DATA / "base64.patch").read_bytes().replace(b"charset=utf-8", b"charset=klingon")
    (message,) = messages_from_bytes("odd.patch", data)
    assert b"+\treturn slot > 0;" in message.diff


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    read_messages("-", io.BytesIO(SERIES))
    assert list(tmp_path.iterdir()) == []


MUTATIONS = st.lists(
    st.tuples(st.integers(0, len(SERIES)), st.integers(0, 60), st.binary(max_size=12)), min_size=1, max_size=6
)


def only_a_mail_error(data: bytes) -> None:
    try:
        series_from_messages(messages_from_bytes("fuzz", data))
    except MailError as error:
        str(error).encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MUTATIONS)
def test_damaged_mailboxes_end_in_a_series_or_a_mail_error(mutations: list[tuple[int, int, bytes]]) -> None:
    data = SERIES
    for start, length, replacement in mutations:
        data = data[:start] + replacement + data[start + length :]
    only_a_mail_error(data)


HEADER = st.sampled_from([b"From", b"Subject", b"Cc", b"References", b"Content-Type", b"Content-Transfer-Encoding"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(HEADER, st.binary(max_size=40)), max_size=5), st.binary(max_size=200))
def test_random_headers_and_bytes_end_in_a_mail_error(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    only_a_mail_error(b"".join(name + b": " + value + b"\n" for name, value in headers) + b"\n" + body)
    only_a_mail_error(b"From: a@example.org\nSubject: [PATCH 1/1] =?" + body + b"\n\ndiff --git a/x b/x\nindex " + body)
