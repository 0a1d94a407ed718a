# SPDX-License-Identifier: GPL-2.0-or-later
"""A program for the machine: compiled, static, by the compiler of its architecture, in the compiler's sandbox."""

from __future__ import annotations

import shutil
from pathlib import Path

from oracle import sandbox
from oracle.sandbox import COMPILER, Limits, Policy
from reviewer.booting.kernel import BuildError
from reviewer.booting.targets import Target
from reviewer.errors import ToolError
from reviewer.reproducing.model import Program
from reviewer.support.cache import scratch

_LIMITS = Limits(memory=1536 << 20, cpu=60, wall=120.0, size=64 << 20)
_FLAGS = ("-O1", "-Wall", "-Wextra", "-static", "-o", "program")
_SAID = 12  # lines


def compiled(program: Program, aim: Target) -> bytes:
    """The program as a static executable. BuildError when it does not compile, ToolError without its compiler."""
    name = f"{aim.cross}gcc"
    compiler = shutil.which(name)
    if compiler is None:
        raise ToolError(f"{name} is missing", hint="See review-patch doctor.")
    with scratch() as work:
        (work / "program.c").write_text(program.source, "utf-8")
        for file, text in program.headers:
            if Path(file).name != file:
                raise BuildError("this is no name of a header", place=file)
            (work / file).write_text(text, "utf-8")
        environment = (("LC_ALL", "C"), ("PATH", "/usr/bin:/bin"))
        command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(work), compiler, "program.c", *_FLAGS]
        done = sandbox.run(command, Policy(COMPILER, _LIMITS, (Path(compiler),), work, environment=environment))
        made = work / "program"
        if done.status or not made.is_file() or made.is_symlink():
            said = done.errors.decode("utf-8", "replace").splitlines()
            why = f"the program does not compile{f': {done.stopped}' if done.stopped else ''}"
            raise BuildError(why, place=program.name, details=said[:_SAID])
        return made.read_bytes()
