# SPDX-License-Identifier: GPL-2.0-or-later
"""How steady reviews are: the same seed must give the same bytes each time, other seeds the same answer.

python tests/corpus/steadiness.py [TIMES] [CASE...]

Prints, for each case of the corpus, how many different documents TIMES runs of one seed gave, and how many different
answers (verdict and identities of the findings) as many seeds. 1 when any of them is not one.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from test_corpus import CASES, applied, series

from reviewer.model import Review
from reviewer.pipeline import Settings, review
from reviewer.report.document import dumps, review_document


def reviewed(case: str, seed: int) -> Review:
    """A review of a case at the default budget."""
    return review(series(case), applied(case), Settings(seed=seed))


def text(done: Review) -> str:
    """The document, as it is written."""
    return dumps(review_document(done))


def answer(done: Review) -> tuple[str, ...]:
    """What must not depend on the seed."""
    return (done.verdict, *sorted(f"{f.id} {f.rule} {f.relation}" for f in done.findings))


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    unsteady = 0
    for case in sys.argv[2:] or CASES:
        runs = [text(reviewed(case, 1)) for _ in range(times)]
        answers: dict[tuple[str, ...], list[int]] = {}
        for seed in range(1, times + 1):
            answers.setdefault(answer(reviewed(case, seed)), []).append(seed)
        unsteady += len(set(runs)) > 1 or len(answers) > 1
        print(f"{case}: {len(set(runs))} document of {times} runs, {len(answers)} answer of {times} seeds", flush=True)
        for told, seeds in answers.items() if len(answers) > 1 else ():
            print(f"   seeds {', '.join(map(str, seeds))}: {'; '.join(told)}")
    return 1 if unsteady else 0


if __name__ == "__main__":
    sys.exit(main())
