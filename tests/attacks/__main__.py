# SPDX-License-Identifier: GPL-2.0-or-later
"""python -m tests.attacks: each attack, what refuses it, and what it comes to with layers switched off."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from oracle import sandbox

from .harness import OBJECT, TEXT, Attack, attacks, attempt, off, prey

_COLUMNS = {
    "all on": (),
    "text unread": (TEXT,),
    "object unread, too": (TEXT, OBJECT),
    "namespaces alone": (TEXT, OBJECT, "Landlock", "seccomp filter"),
    "Landlock and filter alone": (TEXT, OBJECT, "namespaces"),
}


def _row(attack: Attack) -> list[str]:
    cells = []
    for names in _COLUMNS.values():
        if sandbox.found().without(*names).names == (attack.beyond,):
            cells.append("not tried")
            continue
        with tempfile.TemporaryDirectory() as place, prey(Path(place) / "prey") as target, off(*names):
            said = attempt(attack, target, Path(place) / "kept")
            lost = target.lost(said)
        cells.append(", ".join(lost).upper() or "held")
    return cells


def main() -> int:
    """1 when an attack got anything."""
    print("| attack | refused by |", " | ".join(_COLUMNS), "|")
    print("|---|---|" + "---|" * len(_COLUMNS))
    got = 0
    for attack in attacks():
        cells = _row(attack)
        got += any(cell not in {"held", "not tried"} for cell in cells)
        print(f"| {attack.name}: {attack.what} | {attack.refused or '-'} |", " | ".join(cells), "|", flush=True)
    return 1 if got else 0


if __name__ == "__main__":
    sys.exit(main())
