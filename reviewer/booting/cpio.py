# SPDX-License-Identifier: GPL-2.0-or-later
"""An initramfs: a newc archive (Documentation/driver-api/early-userspace/buffer-format.rst), as init/initramfs.c of a
kernel unpacks it. A device node in it needs no root here."""

from __future__ import annotations

import stat
from dataclasses import dataclass

_FOLDERS = ("dev", "proc", "sys", "mnt", "tmp")
_CONSOLE = (5, 1)  # major and minor, Documentation/admin-guide/devices.txt


@dataclass(frozen=True)
class Entry:
    """A file, folder or node of an archive. mode: with its type; device: (major, minor) of a node."""

    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def initramfs(init: bytes) -> bytes:
    """An archive that holds a program as /init, a console for it, and folders to mount on."""
    folders = (Entry(name, stat.S_IFDIR | 0o755) for name in _FOLDERS)
    return archive((
        *folders,
        Entry("dev/console", stat.S_IFCHR | 0o600, device=_CONSOLE),
        Entry("init", stat.S_IFREG | 0o755, init),
    ))  # fmt: skip


def archive(entries: tuple[Entry, ...]) -> bytes:
    """The entries in their order, all of root's and of no time."""
    return b"".join(
        (*(_packed(number, one) for number, one in enumerate(entries, 1)), _packed(0, Entry("TRAILER!!!", 0)))
    )


def _packed(number: int, entry: Entry) -> bytes:
    name = entry.name.encode() + b"\0"
    # inode, mode, owner, group, links, time, size, the device it lies on, the one it is, length of its name, checksum
    fields = (number, entry.mode, 0, 0, 1, 0, len(entry.content), 0, 0, *entry.device, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(head + name) + _padded(entry.content)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
