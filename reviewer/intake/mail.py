# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes to messages, each decoded by git mailinfo: mbox, maildir, patch files, standard input."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from reviewer import limits
from reviewer.errors import MailError
from reviewer.intake.headers import Headers
from reviewer.intake.mailbox import check, matters, split
from reviewer.intake.shown import is_shown
from reviewer.intake.shown import mails as commits
from reviewer.model import Message
from reviewer.support.bounded import content, standard_input
from reviewer.support.gitio import run_outside, scratch

_SUFFIXES = ("patch", "mbx", "mbox", "eml", "diff")  # of the files of a folder: the first of which there are any
_GZIP = b"\x1f\x8b"
_PACKED = {b"\xfd7zXZ\0": "xz", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd", b"PK\3\4": "zip"}
_HINT = (
    "Give an mbox, a maildir, a folder of *.patch files or one patch as git format-patch or git show writes it "
    "(a web page of an archive is none of these; most archives offer the thread as mbox)."
)
# Where a patch begins: text like "--- a" or "diff --git" alone also occurs in prose.
_DIFF = re.compile(
    rb"^(?:diff --git [^\n]+\n(?:index |old mode |new file |deleted file |similarity |rename |copy |--- )"
    rb"|--- [^\n]+\n\+\+\+ [^\n]+\n@@ -)",
    re.MULTILINE,
)


def read_messages(source: str, stdin: BinaryIO | None = None) -> tuple[Message, ...]:
    """All messages of a file, a maildir, a folder of *.patch files, or standard input ("-").

    In the order they are found. MailError when the source is missing, empty or no mail.
    """
    messages: list[Message] = []
    for label, data in _inputs(source, stdin):
        messages += messages_from_bytes(label, data)
        limits.MAILS.check(len(messages), source, MailError, read=True)
        limits.PATCH_MAILS.check(sum(bool(m.diff) for m in messages), source, MailError, read=True)
        limits.MAIL_FILE.check(sum(len(m.body) + len(m.diff) for m in messages), source, MailError, read=True)
    return tuple(messages)


def messages_from_bytes(label: str, data: bytes) -> tuple[Message, ...]:
    """The messages of one mbox or patch file, which may be gzip'ed; label names it for people."""
    data = _unpacked(label, data).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data:
        raise MailError("is empty", place=label, hint=_HINT)
    # git am keeps a patch from its diffstat on.
    bare = bool(_DIFF.match(data) or (data.startswith(b"---\n") and _DIFF.search(data)))
    shown = is_shown(data)
    if not (shown or bare or Headers.of(data).complete):
        raise MailError(f"is not mail: {_otherwise(data)}", place=label, hint=_HINT)
    mails = list(commits(label, data)) if shown else [data] if bare else split(label, data)
    several = len(mails) > 1
    named = [(f"{label}, message {n}" if several else label, mail) for n, mail in enumerate(mails, 1)]
    for place, mail in named:
        check(place, mail, headed=not bare)
    heads = [Headers.of(b"" if bare else mail) for mail in mails]
    whole = [bare or matters(mail, headers) for mail, headers in zip(mails, heads, strict=True)]
    limits.PATCH_MAILS.check(sum(whole), label, MailError)
    return tuple(
        _message(place, mail, headers, whole=decode)
        for (place, mail), headers, decode in zip(named, heads, whole, strict=True)
    )


def is_source(source: str) -> bool:
    """Whether this is standard input, or the name of something that is there."""
    try:
        return source == "-" or Path(source).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _otherwise(data: bytes) -> str:
    """What it is that is no mail."""
    for magic, name in _PACKED.items():
        if data.startswith(magic):
            return f"it is packed with {name}, and only gzip is read here"
    if data.startswith(b"\x1b["):
        return "it holds the colours of a terminal: make it with --no-color"
    if data.startswith((b"diff --cc", b"diff --combined")):
        return "it is the combined diff of a merge"
    return "it is binary data" if b"\0" in data[:8192] else "it does not start with mail headers (From, Subject)"


def _inputs(source: str, stdin: BinaryIO | None) -> Iterator[tuple[str, bytes]]:
    most = limits.MAIL_FILE.most
    if source == "-":
        yield "standard input", standard_input(stdin).read(most + 1)
        return
    size = 0
    try:
        for path in _files(Path(source)):
            with path.open("rb") as stream:
                data = stream.read(most + 1)
            size += len(data)
            limits.MAIL_FILE.check(size, source, MailError, read=True)
            yield path.name, data
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise MailError(f"cannot be read: {reason}", place=source) from error


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    boxes = [path / name for name in ("cur", "new") if (path / name).is_dir()]
    if boxes:
        kinds = [sorted((mail for box in boxes for mail in box.iterdir()), key=lambda mail: mail.name)]
    else:
        kinds = [_quilted(path), *(sorted(path.glob(f"*.{suffix}")) for suffix in _SUFFIXES)]
    plain = ([mail for mail in kind if mail.is_file() and not mail.name.startswith(".")] for kind in kinds)
    if files := next(filter(None, plain), None):
        limits.MAILS.check(len(files), str(path), MailError)
        return files
    what = "this maildir is empty" if boxes else "this folder is no maildir and holds no *.patch files"
    raise MailError(what, place=str(path), hint=_HINT)


def _quilted(folder: Path) -> list[Path]:
    """The patches of a folder of quilt, in the order its file "series" has them."""
    series = folder / "series"
    text = content(str(series), limits.MAIL_FILE) if series.is_file() else b""
    lines = text.decode("utf-8", "replace").splitlines()
    limits.MAILS.check(len(lines), str(series), MailError)
    names = [words[0] for line in lines if (words := line.partition("#")[0].split())]
    listed = [folder / name for name in names if not {"..", "/"} & set(Path(name).parts)]
    there = [path.is_file() for path in listed]
    if any(there) and not all(there):
        gone = listed[there.index(False)].name
        raise MailError(f"its file series names {gone}, which is not there", place=str(folder))
    return listed


def _unpacked(label: str, data: bytes) -> bytes:
    if data.startswith(_GZIP):
        limits.MEMBERS.check(data.count(_GZIP + b"\x08"), label, MailError)
        try:
            with gzip.open(BytesIO(data)) as stream:
                data = stream.read(limits.MAIL_FILE.most + 1)
        except (OSError, EOFError, zlib.error) as error:
            what = f"is a damaged gzip file: {error}"
            raise MailError(what, place=label, hint="Download it again.") from error
    limits.MAIL_FILE.check(len(data), label, MailError, read=True)
    return data


def _message(source: str, mail: bytes, headers: Headers, *, whole: bool) -> Message:
    body, diff = _decoded(source, mail) if whole else (mail.partition(b"\n\n")[2].decode("utf-8", "replace"), b"")
    return Message(
        message_id=headers.identifier("Message-ID"),
        in_reply_to=headers.identifier("In-Reply-To"),
        references=headers.identifiers("References"),
        author=", ".join(headers.addresses("From")),
        to=headers.addresses("To"),
        cc=headers.addresses("Cc"),
        date=headers.text("Date"),
        subject=headers.text("Subject"),
        body=body,
        diff=diff,
        source=source,
        reply_to=headers.addresses("Reply-To"),
    )


def _decoded(source: str, mail: bytes) -> tuple[str, bytes]:
    """The text before the diff, and the diff, with transfer encoding, charset and CRLF undone."""
    with scratch() as folder:
        whole, text, patch = (folder / name for name in ("mail", "text", "patch"))
        whole.write_bytes(mail)
        # A charset nobody knows fails the first; the patch itself needs no charset.
        for charset in ("-u", "-n"):
            options = ["--no-scissors", "--quoted-cr=strip", charset]
            result = run_outside(folder, "mailinfo", *options, str(text), str(patch), stdin=whole)
            if not result.status or result.spent:
                break
        if result.status:
            why = result.spent or result.errors or "it crashes"
            raise MailError(f"git mailinfo cannot decode it: {why}", place=source)
        before, rest = text.read_bytes(), patch.read_bytes()
    start = _DIFF.search(rest)
    cut = start.start() if start else len(rest)
    return (before + rest[:cut]).decode("utf-8", "replace"), rest[cut:]
