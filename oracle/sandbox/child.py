# SPDX-License-Identifier: GPL-2.0-or-later
"""What a contained process does to itself before it becomes the program: limits, Landlock, the seccomp filter.

Run as a script, in an interpreter of its own: python -I -S child.py POLICY PROGRAM [ARGUMENT...], with POLICY as
command.py writes it; it imports little, since it is run for each program. With no PROGRAM it ends with 0 once all that
was asked for is in force. 70: it could not be.
"""

from __future__ import annotations

import binascii
import ctypes
import json
import os
import resource
import signal
import stat
import sys

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
FAILED = 70


class _Program(ctypes.Structure):
    """struct sock_fprog, include/uapi/linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))


def _landlock(reads: list[str], writes: list[str]) -> None:
    from landlock import FSAccess, Ruleset

    rules = Ruleset()
    for paths, rights in ((reads, FSAccess.READ_FILE | FSAccess.READ_DIR | FSAccess.EXECUTE), (writes, FSAccess.all())):
        for path in paths:
            if os.access(path, os.F_OK):
                folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 (pathlib costs more than all the rest)
                rules.allow(path, rules=rights if folder else rights & FSAccess.all_file())
    rules.apply()


def _filter(program: bytes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    code = _Program(len(program) // 8, program)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(code), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def main(policy: dict[str, object], command: list[str]) -> None:
    """Close the layers and become the program."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _limit(policy["limits"])  # type: ignore[arg-type]
    if policy["landlock"]:
        _landlock(policy["reads"], policy["writes"])  # type: ignore[arg-type]
    if policy["filter"]:
        _filter(binascii.a2b_base64(policy["filter"]))  # type: ignore[arg-type]
    if command:
        os.execve(command[0], command, dict(policy["environment"]))  # type: ignore[call-overload]


if __name__ == "__main__":
    try:
        asked = json.loads(sys.argv[1])
        sys.path.append(asked["packages"])
        main(asked, sys.argv[2:])
    except Exception as error:  # whatever it is, the program must not start
        print(f"the sandbox cannot be closed: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(FAILED)
