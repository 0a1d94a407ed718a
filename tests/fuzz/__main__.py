# SPDX-License-Identifier: GPL-2.0-or-later
"""python -m tests.fuzz TARGET --seconds N: one target for long, led by coverage where atheris is there (extra [fuzz]).

Faults are kept in --keep, each place once; those that are mended go to tests/fuzz/corpus/TARGET.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.trial import Trial

_MEMORY = 4 << 30


def main() -> int:
    """1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("atheris", "hypothesis"), help="default: atheris where it is installed")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    has = importlib.util.find_spec("atheris") is not None
    run = _led if (args.engine or ("atheris" if has else "hypothesis")) == "atheris" else _blind
    return run(args.target, args.seconds, args.seed, args.keep)


def _led(name: str, seconds: int, seed: int, keep: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["reviewer", "oracle", "unidiff", "email"]):
        from tests.fuzz.targets import TARGETS, seeds
    trial = Trial(TARGETS[name], keep)
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(name)):
            Path(folder, str(number)).write_bytes(data)
        options = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            "-max_len=20000",
            "-rss_limit_mb=0",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={keep}/", folder], trial)
        # libFuzzer says how many there were, and ends the process itself.
        atheris.Fuzz()
    return 0


def _blind(name: str, seconds: int, seed: int, keep: Path) -> int:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    from tests.fuzz.mutations import inputs
    from tests.fuzz.targets import TARGETS, seeds

    trial = Trial(TARGETS[name], keep)
    end = time.monotonic() + seconds
    strategy = inputs(seeds(name))
    while time.monotonic() < end:
        quiet = settings(
            max_examples=500,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seeded(seed)(quiet(given(strategy)(lambda data: None if time.monotonic() > end else trial(data))))()
        seed += 1
    said = f"{trial.count:,} executions, the longest {trial.longest:.2f} s, {len(trial.faults)} faults"
    print(f"{name}: {said}", flush=True)
    return int(bool(trial.faults))


if __name__ == "__main__":
    sys.exit(main())
