# SPDX-License-Identifier: GPL-2.0-or-later
"""What a contained program may, what ends it, and what is said where a layer is missing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oracle import sandbox
from oracle.sandbox import BUILDER, COMPILER, LAYERS, NAMESPACES, Limits, Policy
from reviewer import cli
from reviewer.building import toolchain
from reviewer.building.objects import compiled
from reviewer.errors import SliceError, ToolError
from reviewer.support import cache

_LIMITS = Limits(memory=256 << 20, cpu=3, wall=6.0, size=1 << 20, output=1 << 16)
_SHELL = "/bin/sh"
alone = pytest.mark.parametrize("off", ["", *LAYERS])


def _run(script: str, folder: Path | None, off: str = "", limits: Limits = _LIMITS) -> sandbox.Done:
    environment = (("PATH", "/usr/bin:/bin"),)
    with sandbox.using(sandbox.found().without(off)):
        return sandbox.run([_SHELL, "-c", script], Policy(COMPILER, limits, (), folder, environment=environment))


def test_this_machine_has_all_layers() -> None:
    """Else the tests below would test less than they say."""
    assert sandbox.missing() == ()


@alone
def test_it_writes_to_its_folder_and_nowhere_else(off: str, tmp_path: Path) -> None:
    folder, beside = tmp_path / "mine", tmp_path / "beside"
    folder.mkdir()
    done = _run(f"echo a > {folder}/a; echo b > {beside}; echo c > /usr/bin/c; cat /etc/passwd >&2", folder, off)
    assert (folder / "a").read_text("ascii") == "a\n"
    assert not beside.exists() and not Path("/usr/bin/c").exists()
    assert b"root:" not in done.errors


@pytest.mark.slow
@pytest.mark.parametrize("script", ["while :; do echo >&2; sleep 0.2; done", "sleep 60"])
def test_the_clock_is_not_restarted(script: str, tmp_path: Path) -> None:
    """Neither by what is said nor by silence."""
    started = time.monotonic()
    done = _run(script, tmp_path, limits=Limits(memory=256 << 20, cpu=60, wall=1.5, size=0))
    assert done.stopped == "2 s of time"
    assert time.monotonic() - started < 10


def test_children_that_outlive_it_end_with_it(tmp_path: Path) -> None:
    started = time.monotonic()
    _run("(sleep 30; echo late > late) &", tmp_path, limits=Limits(memory=256 << 20, cpu=60, wall=2.0, size=1 << 20))
    assert time.monotonic() - started < 15


@alone
def test_memory_cpu_files_and_output_are_bounded(off: str, tmp_path: Path) -> None:
    memory = _run("x=a; while :; do x=$x$x; done", tmp_path, off)
    assert memory.status not in {0, -9} or memory.stopped
    _run(f"yes > {tmp_path}/big", tmp_path, off)
    assert (tmp_path / "big").stat().st_size == 1 << 20
    said = _run("yes >&2", tmp_path, off)
    assert said.stopped.endswith("of messages")
    assert len(said.errors) <= _LIMITS.output


def test_a_missing_layer_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    series = str(Path(__file__).resolve().parents[2] / "corpus" / "mremap-write-bit" / "series.mbox")
    with sandbox.using(sandbox.found().without("Landlock")):
        assert cli.main([series, "--require-sandbox"]) == 2
        assert "Landlock: Use a kernel with" in capsys.readouterr().err
        assert cli.main(["doctor"]) == 2
    told = capsys.readouterr().out
    assert re.search(r"^missing +Landlock", told, re.MULTILINE)
    assert re.search(r"^ok +namespaces", told, re.MULTILINE)


_CACHED = (toolchain.compiler, toolchain.compiler_version, toolchain._own_files)
# What a compiler may do: its script, and what is said then.
_ODD = {
    "says 0, writes nothing": ("exit 0", "it cannot be compiled: the compiler gave no reason"),
    "is killed": ("ulimit -t 1; while :; do :; done", "it cannot be compiled: the compiler was stopped: signal"),
    "writes a link": ("for a; do :; done; ln -s /etc/passwd $a", "it cannot be compiled"),
    "writes a folder": ("for a; do :; done; mkdir $a", "it cannot be compiled"),
    "writes no object": ("for a; do :; done; echo text > $a", "what the compiler made is no object"),
    "does not end": ("while :; do :; done", "the compiler was stopped: 4 s of time"),
}


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The place of a compiler that is made by the test, with a cache of its own."""
    program = tmp_path / "bin" / "cc"
    program.parent.mkdir()
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("CC", str(program))
    monkeypatch.setattr(cache, "writable", lambda: tmp_path / "cache")
    monkeypatch.setattr(toolchain, "LIMITS", replace(toolchain.LIMITS, wall=4.0))
    for each in _CACHED:
        each.cache_clear()
    yield program
    for each in _CACHED:
        each.cache_clear()


def _script(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\ncase $* in *--version*) echo odd; exit;; esac\n{text}\n", "utf-8")
    program.chmod(0o755)


@pytest.mark.slow
@pytest.mark.parametrize(("script", "told"), _ODD.values(), ids=_ODD.keys())
def test_a_compiler_gone_wrong_is_a_reason(compiler: Path, script: str, told: str) -> None:
    _script(compiler, script)
    with pytest.raises(SliceError, match=told):
        compiled("int one;", "before")


def test_messages_that_are_no_text(compiler: Path) -> None:
    _script(compiler, "printf 'mm/a.c:1:1: error: \\377\\n' >&2; exit 1")
    assert compiled("int one;", "before")[1] == [("mm/a.c", 1, "\ufffd")]


@pytest.mark.usefixtures("compiler")
def test_no_compiler_of_that_name() -> None:
    with pytest.raises(ToolError, match="this is no compiler here"):
        toolchain.compiler_version()


@pytest.mark.usefixtures("compiler")
def test_the_cache_is_bounded(tmp_path: Path) -> None:
    kept = tmp_path / "cache"
    for number in range(6):
        cache.put(f"file-{number}", bytes(1000))
        os.utime(kept / f"file-{number}", (number, number))
    assert cache.get("file-0") is not None  # used just now
    assert cache.bound(3200) == 3 * 1032
    assert sorted(p.name for p in kept.iterdir()) == ["file-0", "file-4", "file-5"]
    assert cache.bound(0) == 1032  # what was used within the hour stays


def _builder(tmp_path: Path, **limits: int) -> Policy:
    for name in ("source", "mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / "a").write_text("old\n", "utf-8")
    (tmp_path / "text").write_text("new\n", "utf-8")
    bounds = replace(_LIMITS, processes=128, **limits)
    return Policy(
        BUILDER, bounds, folder=tmp_path / "mine", at="/out", environment=(("PATH", "/usr/bin:/bin"),),
        shows=((tmp_path / "source", "/src"), (tmp_path / "text", "/src/a")), devices=("/dev/zero",),
    )  # fmt: skip


def test_a_builder_sees_the_source_under_another_name_and_writes_to_one_folder(tmp_path: Path) -> None:
    heard: list[bytes] = []
    script = """cat /src/a; echo b > /src/b; echo c > /out/c; chmod 755 /out/c; ln -s c /out/d; cat /etc/passwd
        ls /proc/self; (sleep 60 &) ; exit 3"""
    done = sandbox.watch([_SHELL, "-c", script], _builder(tmp_path), heard.append)
    said = b"".join(heard)
    assert said.startswith(b"new\n") and b"root:" not in said
    assert done.status == 3 and not done.stopped
    assert [p.name for p in (tmp_path / "source").iterdir()] == ["a"]
    assert (tmp_path / "mine" / "d").is_symlink()


def test_a_builder_does_not_start_without_namespaces(tmp_path: Path) -> None:
    policy = _builder(tmp_path)
    with sandbox.using(sandbox.found().without(NAMESPACES)), pytest.raises(RuntimeError, match="needs namespaces"):
        sandbox.watch([_SHELL, "-c", "echo c > /out/c"], policy, lambda _: None)


def test_what_is_watched_is_bounded_and_may_be_ended(tmp_path: Path) -> None:
    policy = _builder(tmp_path)
    heard: list[bytes] = []
    assert sandbox.watch([_SHELL, "-c", "yes"], policy, heard.append).stopped == "more than 64 KiB of messages"
    assert len(b"".join(heard)) <= _LIMITS.output
    slow = replace(policy, limits=replace(policy.limits, wall=1.5))
    assert sandbox.watch([_SHELL, "-c", "sleep 60"], slow, lambda _: None).stopped == "2 s of time"

    def enough(said: bytes) -> None:
        if b"go" in said:
            raise ValueError("enough")

    started = time.monotonic()
    with pytest.raises(ValueError, match="enough"):
        sandbox.watch([_SHELL, "-c", "echo go; sleep 60"], policy, enough)
    assert time.monotonic() - started < 10
