# SPDX-License-Identifier: GPL-2.0-or-later
"""Many scenarios in one program, each with what the simulated machine left of it: so the two machines are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.reproducing.asked import Asked
from reviewer.reproducing.case import function_of, needs_of
from reviewer.reproducing.consequences import tests_of
from reviewer.reproducing.model import Needs, Program
from reviewer.reproducing.program import headers


@dataclass(frozen=True)
class Scene:
    """title: printed before its tests, which are all of the rule: the machines have to agree on each."""

    title: str
    asked: Asked


def program_of_many(name: str, scenes: Sequence[Scene]) -> Program:
    """One program that runs them in order, each in a process of its own. Titles: letters, digits, dots and dashes."""
    needs, lines, calls = Needs(), ["// SPDX-License-Identifier: GPL-2.0-or-later", '#include "checks.h"'], []
    for n, scene in enumerate(scenes):
        tests = [replace(test, rule=True) for test in tests_of(scene.asked)]
        needs = needs.and_of(needs_of(scene.asked, tests))
        lines += ["", *function_of(f"scene_{n}", scene.asked, tests)]
        calls.append(f'\trun_scene(scene_{n}, "{scene.title}");')
    lines += ["", "int main(void)", "{", "\tbegin();", *calls, "\treturn end();", "}"]
    return Program(
        name, "\n".join(lines) + "\n", headers(), replace(needs, timeout=max(needs.timeout, 5 * len(scenes)))
    )
