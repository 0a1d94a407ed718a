# SPDX-License-Identifier: GPL-2.0-or-later
"""What may go wrong around a review changes nothing of its answer, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.once import once

ROOT = Path(__file__).resolve().parents[2]
SERIES = ROOT / "corpus" / "mremap-write-bit" / "series.mbox"
# A small file system of its own, where a user may have one: mounted in a user namespace.
_MOUNT = ("unshare", "-Urm", "sh", "-c")


def _command(json_file: Path | str = "-") -> list[str]:
    return [
        sys.executable,
        "-m",
        "reviewer",
        str(SERIES),
        "--budget",
        "0.05",
        "--flavour",
        "arm64-4k",  # that which shows it; a world and two objects less to make in every empty cache
        "--json",
        str(json_file),
        "--fail-on",
        "never",
    ]


def _environment(cache: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "REVIEW_PATCH_CACHE": str(cache), "REVIEW_PATCH_TRACE": "1", **more}


def _review(cache: Path, before: Sequence[str] = (), **more: str) -> str:
    """The JSON of a review with this cache; before: a command that runs it."""
    done = subprocess.run(
        [*before, *_command()], cwd=ROOT, env=_environment(cache, **more), capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache that holds all there is to hold, and the answer it came with."""

    def make(folder: Path) -> None:
        answer = _review(folder / "cache")
        assert json.loads(answer)["verdict"] == "findings"
        assert [p.name for p in (folder / "cache" / "work").iterdir()] == []
        (folder / "answer.json").write_text(answer, "utf-8")

    made = once(tmp_path_factory, "warm", make)
    return made / "cache", (made / "answer.json").read_text("utf-8")


@pytest.mark.parametrize("left", [b"", b"\x7fELF", None], ids=["empty", "short", "flipped"])
def test_a_damaged_cache_heals(warm: tuple[Path, str], left: bytes | None, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(warm[0], cache)
    files = [p for p in cache.iterdir() if p.is_file()]
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:] if left is None else left)
    assert _review(cache) == warm[1]
    assert {p.name: p.stat().st_size for p in files} == {p.name: (warm[0] / p.name).stat().st_size for p in files}


@pytest.mark.parametrize(
    "options", ["ro,size=32m", "noexec,size=256m", "size=256k"], ids=["read-only", "noexec", "full"]
)
def test_a_cache_that_cannot_be_used(warm: tuple[Path, str], options: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    mount = f'mount -t tmpfs -o {options} none {cache} && exec "$@"'
    if subprocess.run([*_MOUNT, mount, "sh", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mounts of one's own here")
    assert _review(cache, (*_MOUNT, mount, "sh")) == warm[1]


def test_no_home_and_no_folder(warm: tuple[Path, str]) -> None:
    assert _review(Path("/proc/none/cache"), HOME="/proc/none") == warm[1]


def test_two_at_once(warm: tuple[Path, str], tmp_path: Path) -> None:
    both = [
        subprocess.Popen(_command(), cwd=ROOT, env=_environment(tmp_path / "cache"), stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [p.communicate(timeout=300)[0].decode() for p in both] == [warm[1]] * 2
    assert list((tmp_path / "cache" / "work").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name)
def test_killed_anywhere(warm: tuple[Path, str], number: signal.Signals, tmp_path: Path) -> None:
    """Nothing of it runs on, a signal that can be heard leaves no file, and the next review is as good as ever."""
    cache = tmp_path / "cache"
    for delay in (0.8, 1.6, 3.0):
        process = subprocess.Popen(
            _command(tmp_path / "out.json"), cwd=ROOT, env=_environment(cache), stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        time.sleep(delay)
        process.send_signal(number)
        started = time.monotonic()
        process.wait(timeout=60)
        assert time.monotonic() - started < 10  # a second, on a machine that has nothing else to do
        for _ in range(100):
            if not (running := _of(cache)):
                break
            time.sleep(0.05)
        assert running == []
        if number != signal.SIGKILL and (cache / "work").is_dir():
            assert list((cache / "work").iterdir()) == []
    assert _review(cache) == warm[1]
    assert list((cache / "work").iterdir()) == []


def _of(cache: Path) -> list[str]:
    """The processes that name this cache in what they were called with."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            called = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(cache) in called:
            found.append(called.decode("utf-8", "replace"))
    return found
