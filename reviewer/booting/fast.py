# SPDX-License-Identifier: GPL-2.0-or-later
"""KVM: whether machines can run at the speed of this one. In some virtual machines the device is there and nothing that
runs on it comes to its first word: that is found out once after each start of this machine."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from reviewer.errors import ReviewError
from reviewer.support import cache as kept

DEVICE = "/dev/kvm"
_GET_API_VERSION, _CREATE_VM, _API = 0xAE00, 0xAE01, 12  # include/uapi/linux/kvm.h
_STARTED = Path("/proc/sys/kernel/random/boot_id")
_FAILED = "kvm-runs-nothing"


def usable() -> bool:
    """Whether it is there, makes machines, and is not known to run none."""
    return _there() and kept.text(_FAILED) != _start()


def failed() -> None:
    """Remember that a machine said nothing under it, until this one is started anew."""
    with suppress(ReviewError):  # without room it is tried again
        kept.put(_FAILED, _start().encode())


def _start() -> str:
    with suppress(OSError):
        return _STARTED.read_text("ascii")
    return "unknown"


@cache
def _there() -> bool:
    """Tried, by making a machine."""
    with suppress(OSError):
        device = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
        try:
            if fcntl.ioctl(device, _GET_API_VERSION) == _API:
                os.close(fcntl.ioctl(device, _CREATE_VM))
                return True
        finally:
            os.close(device)
    return False
