# SPDX-License-Identifier: GPL-2.0-or-later
"""What a contained process does to itself before it becomes the program: limits, Landlock, the seccomp filter.

Run as a script, in an interpreter of its own: python -I -S child.py POLICY PROGRAM [ARGUMENT...], with POLICY as
command.py writes it. A review starts dozens of these, so that it imports next to nothing: what takes a library (the
rights of Landlock, the filter) its parent has worked out. With no PROGRAM it ends with 0 once all that was asked for is
in force. 70: it could not be.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import sys

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9
# include/uapi/asm-generic/unistd.h, the same on every architecture that gcc makes these programs for.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
FAILED = 70
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    """struct sock_fprog, include/uapi/linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


class _Beneath(ctypes.Structure):
    """struct landlock_path_beneath_attr, include/uapi/linux/landlock.h."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _called(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))


def _landlock(handled: int, rules: list[tuple[str, int]]) -> None:
    """handled: the rights that nobody has but by a rule; rules: what is beneath a path, and the rights there."""
    every = ctypes.c_uint64(handled)
    size = ctypes.c_size_t(ctypes.sizeof(every))
    made = _called(_libc.syscall(_CREATE_RULESET, ctypes.byref(every), size, 0), "landlock_create_ruleset")
    for path, rights in rules:
        if os.access(path, os.F_OK):
            held = os.open(path, os.O_PATH)
            rule = _Beneath(rights, held)
            _called(_libc.syscall(_ADD_RULE, made, _PATH_BENEATH, ctypes.byref(rule), 0), "landlock_add_rule")
            os.close(held)
    _called(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _called(_libc.syscall(_RESTRICT_SELF, made, 0), "landlock_restrict_self")
    os.close(made)


def _filter(program: bytes) -> None:
    _called(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    code = _Program(len(program) // 8, program)
    _called(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(code), 0, 0), "seccomp")


def main(policy: dict[str, object], command: list[str]) -> None:
    """Close the layers and become the program."""
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    _limit(policy["limits"])  # type: ignore[arg-type]
    if policy["handled"]:
        _landlock(policy["handled"], policy["rules"])  # type: ignore[arg-type]
    if policy["filter"]:
        _filter(policy["filter"])  # type: ignore[arg-type]
    if command:
        os.execve(command[0], command, dict(policy["environment"]))  # type: ignore[call-overload]


if __name__ == "__main__":
    try:
        main(marshal.loads(bytes.fromhex(sys.argv[1])), sys.argv[2:])
    except Exception as error:  # whatever it is, the program must not start
        print(f"the sandbox cannot be closed: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(FAILED)
