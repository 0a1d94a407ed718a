# SPDX-License-Identifier: GPL-2.0-or-later
"""Each attack of this folder, with everything on and with one thing after the other switched off.

`python -m tests.attacks` prints the table: what refuses each attack, and what holds it without that.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oracle import sandbox

from .harness import OBJECT, TEXT, Attack, attacks, attempt, off, prey

_ATTACKS = attacks()
_LAYERS = ((TEXT, OBJECT, "namespaces"), (TEXT, OBJECT, "Landlock", "seccomp filter"))
_EVERYTHING = (TEXT, OBJECT, *sandbox.LAYERS)
every_attack = pytest.mark.parametrize("attack", _ATTACKS, ids=lambda a: a.name)


def _lost(attack: Attack, where: Path, *without: str) -> list[str]:
    with prey(where / "prey") as target, off(*without):
        return target.lost(attempt(attack, target, where / "kept"))


@every_attack
def test_nothing_gets_out(attack: Attack, tmp_path: Path) -> None:
    with prey(tmp_path / "prey") as target:
        said = attempt(attack, target, tmp_path / "kept")
        assert target.lost(said) == []
    words = {TEXT: "never compiled here|poisoned", OBJECT: "section|simulated world|defines|chosen by"}
    if attack.refused:
        assert any(word in said for word in words[attack.refused].split("|")), said[:400]


@every_attack
@pytest.mark.parametrize("without", _LAYERS, ids=lambda names: names[-1])
def test_another_layer_holds(attack: Attack, without: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing refused it, and of the two that are closed around it before it starts there is but one."""
    left = sandbox.found().without(*without).names
    if attack.beyond in left and len(left) == 1 and os.geteuid() == 0:
        pytest.skip(f"{left[0]} alone do not hold this for root")
    assert _lost(attack, tmp_path, *without) == []


@pytest.mark.parametrize(
    "attack", [a for a in _ATTACKS if not a.held and a.goal in {"run", "read"}], ids=lambda a: a.name
)
def test_the_attack_is_one(attack: Attack, tmp_path: Path) -> None:
    """With everything off it gets what it is after, so that the others tell something."""
    assert _lost(attack, tmp_path, *_EVERYTHING)
