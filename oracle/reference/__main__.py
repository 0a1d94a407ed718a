# SPDX-License-Identifier: GPL-2.0-or-later
"""python -m oracle.reference [RULE...]: the rules, or what one says, with a right and a wrong case."""

from __future__ import annotations

import sys

from oracle.reference.rules import IDS, RuleCheck, all_rules, shown


def main(names: list[str]) -> int:
    """Print the list, or the rules named. 2 when there is no such rule."""
    rules = all_rules()
    if not names:
        for one in rules.values():
            print(f"{one.id:4} {one.doc.partition(chr(10))[0]}")
        return 0
    for name in names:
        found = rules.get(name.upper())
        if found is None:
            print(f"no rule {name}; there are {IDS[0]} to {IDS[-1]}", file=sys.stderr)
            return 2
        _show(found)
    return 0


def _show(one: RuleCheck) -> None:
    print(f"{one.id}  ({one.source})\n\n{one.doc}")
    for which in ("right", "wrong"):
        arguments, verdict = one.run(which)
        print(f"\n{which}: {verdict or 'ok'}")
        for name, value in arguments.items():
            print(f"  {name}:")
            for line in shown(value):
                print(f"    {line}")
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
