# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that is booted: archive, configuration, overlays, what a console says and the verdict, without a kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reviewer.booting import fast, machine, outputs
from reviewer.booting.config import lacking, merged, required, wanted
from reviewer.booting.cpio import initramfs
from reviewer.booting.machine import _KEPT, _Heard, arguments
from reviewer.booting.model import Run, Verdict
from reviewer.booting.overlaid import laid
from reviewer.booting.tap import LINES, bounded, heard
from reviewer.booting.targets import TARGETS, target
from reviewer.booting.verdict import judge
from reviewer.errors import ReviewError, TreeError
from reviewer.reproducing.model import Needs
from reviewer.support import cache

_HEAD = "TAP version 13\n# 7.3.4 x86_64\n"


# --- initramfs ---


def test_an_archive_as_cpio_reads_it() -> None:
    made = initramfs(b"#!odd")
    assert len(made) % 4 == 0
    if (program := shutil.which("cpio")) is None:
        pytest.skip("no cpio here")
    done = subprocess.run([program, "-itv", "--quiet"], input=made, capture_output=True, check=True)
    listed = done.stdout.decode().splitlines()
    assert [line.split()[-1] for line in listed] == ["dev", "proc", "sys", "mnt", "tmp", "dev/console", "init"]
    assert listed[5].startswith("crw-------") and "5,   1" in listed[5]
    assert listed[6].startswith("-rwxr-xr-x") and " 5 " in listed[6]


# --- configuration ---


def test_options_are_merged_and_looked_for() -> None:
    config = "CONFIG_SMP=y\n# CONFIG_SWAP is not set\nCONFIG_NR_CPUS=2\n# CONFIG_ODD is not set\n# a remark\n"
    made = merged(config, {"SWAP": "y", "NR_CPUS": "8", "SMP": "n"})
    assert made.splitlines() == [
        "# CONFIG_ODD is not set", "# a remark", "CONFIG_NR_CPUS=8", "# CONFIG_SMP is not set", "CONFIG_SWAP=y",
    ]  # fmt: skip
    assert lacking(made, {"SWAP": "y", "NR_CPUS": "4", "SMP": "n", "ODD": "y", "UNKNOWN": "y", "GONE": "n"}) == (
        "NR_CPUS", "ODD", "UNKNOWN",
    )  # fmt: skip


def test_what_a_program_needs_has_to_be_there() -> None:
    needs = Needs(options=("TEST_HMM", "CONFIG_NODES_SHIFT=3"))
    assert wanted(TARGETS["arm64-16k"], needs)["NODES_SHIFT"] == "3"
    assert required(TARGETS["arm64-16k"], needs).keys() >= {"TEST_HMM", "NODES_SHIFT", "ARM64_16K_PAGES"}
    with pytest.raises(ValueError, match="no option"):
        wanted(TARGETS["x86-64"], Needs(options=("A=$(reboot)",)))


def test_a_flavour_that_is_none() -> None:
    with pytest.raises(ReviewError, match="is no flavour"):
        target("vax")


def test_a_machine_has_no_network_and_its_nodes_share_memory_and_processors() -> None:
    made = " ".join(arguments(TARGETS["arm64-4k"], Needs(memory=1024, cpus=2, nodes=2), kvm=False))
    assert "-nic none" in made and "kvm" not in made
    assert "id=m1,size=512M -numa node,nodeid=1,cpus=1,memdev=m1" in made


# --- overlays and times ---


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source whose files are of long ago."""
    made = tmp_path / "tree"
    for name in ("Makefile", "mm/a.c", "mm/b.c", "mm/deep/c.c"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"old {name}", "utf-8")
        os.utime(made / name, (1000, 1000))
    (tmp_path / "store").mkdir()
    return made


def _seen(tree: Path, texts: dict[str, bytes | None]) -> dict[str, Path]:
    """The files of mm/ as they are seen at /src, by name."""
    seen: dict[str, Path] = {}
    for real, at in laid(tree.parent / "store", tree, texts, "/src"):
        for file in (f for f in real.rglob("*") if f.is_file()) if real.is_dir() else ():
            seen[f"{at}/{file.relative_to(real)}"] = file
        if real.is_file():
            seen[at] = real
    return {name.removeprefix("/src/"): file for name, file in seen.items()}


def test_the_time_of_a_text_is_when_it_changed(tree: Path) -> None:
    """From before a patch to after it and back: each time what differs is newer than what was built of it."""
    assert _seen(tree, {"mm/a.c": b"old mm/a.c"})["mm/a.c"] == tree / "mm/a.c"
    after = _seen(tree, {"mm/a.c": b"new"})["mm/a.c"]
    assert after.read_bytes() == b"new" and after.stat().st_mtime > 1000
    os.utime(after, (2000, 2000))
    assert _seen(tree, {"mm/a.c": b"new"})["mm/a.c"].stat().st_mtime == 2000
    back = _seen(tree, {})["mm/a.c"]
    assert back.read_bytes() == b"old mm/a.c" and back.stat().st_mtime > 2000
    assert _seen(tree, {})["mm/b.c"].stat().st_mtime == 1000


def test_files_that_are_new_or_gone(tree: Path) -> None:
    seen = _seen(tree, {"mm/new.c": b"new", "mm/b.c": None, "mm/far/off.c": b"off", "mm/deep/c.c": b"deep"})
    mm = {name: file.read_bytes() for name, file in seen.items() if not file.is_relative_to(tree)}
    assert mm == {"mm/a.c": b"old mm/a.c", "mm/new.c": b"new", "mm/far/off.c": b"off", "mm/deep/c.c": b"deep"}
    assert seen["mm/a.c"].stat().st_mtime == 1000
    assert (tree / "mm/b.c").is_file() and not (tree / "mm/new.c").exists()
    assert _seen(tree, {})["mm/b.c"].read_bytes() == b"old mm/b.c"


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "mm/../mm/a.c", "", "link/a.c", "mm", "mm/./a.c", "a\0b"])
def test_a_path_that_leaves_the_tree(tree: Path, path: str) -> None:
    (tree / "link").symlink_to("/etc")
    with pytest.raises(TreeError):
        laid(tree.parent / "store", tree, {path: b"text"}, "/src")


def test_what_was_built_is_a_strangers(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    made = outputs.Output(tmp_path)
    (made.out / "plain").write_text("text", "utf-8")
    (made.out / "link").symlink_to("/etc/passwd")
    (made.out / "away").symlink_to("/etc")
    os.mkfifo(made.out / "fifo")
    assert made.read("plain", 10) == b"text" and made.read("plain", 3) is None
    assert [made.read(name, 1 << 20) for name in ("link", "away/passwd", "fifo", "none")] == [None] * 4
    (tmp_path / "beside").write_text("safe", "utf-8")
    (made.out / ".config").symlink_to(tmp_path / "beside")
    made.write(".config", b"own")
    assert (made.out / ".config").read_bytes() == b"own" and (tmp_path / "beside").read_text("utf-8") == "safe"


def test_output_folders_are_few(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "writable", lambda: tree.parent)
    for at, flavour in enumerate(("x86-64", "arm64-4k", "arm64-16k")):
        with outputs.output(tree, flavour) as made:
            (made.out / "file").write_bytes(bytes(1000))
        os.utime(made.folder, (at, at))
    with outputs.output(tree, "x86-64"):
        assert outputs.bound(2) == 2
        assert [about.split()[0] for _, about, _ in outputs.folders()] == ["arm64-16k", "x86-64"]
        assert outputs.bound(0) == 1  # the one in use stays
    assert outputs.bound(0) == 0


# --- what a console says ---


def test_results_and_complaints() -> None:
    said = heard(
        "[    0.1] no stamp\nok 7 - before its time\n" + _HEAD
        + "ok 1 - state: there\nnot ok 2 - rule: kept # TODO later\nok 3 # SKIP no hmm\n"
        + "ok 4 - a[    1.000001] WARNING: mm/x.c\n[    1.000002] RAX: 00000010\n"
        + "[    1.000003]  odd.isra.0+0x25/0xeb\n\n  ok 5 - of a subtest\n"
        + "Bail out! \x1b[2J\r\n1..4\n"
    )  # fmt: skip
    assert [(r.good, r.name, r.directive, r.reason) for r in said.results] == [
        (True, "state: there", "", ""), (False, "rule: kept", "TODO", "later"), (True, "", "SKIP", "no hmm"),
        (True, "a", "", ""),
    ]  # fmt: skip
    assert said.kernel == ("WARNING: mm/x.c", " odd.isra.0+0x25/0xeb")
    assert (said.plan, said.bail, said.whole) == (4, "\\x1b[2J", True)
    assert said.lines[0] == "TAP version 13"


def test_what_is_kept_is_bounded() -> None:
    said = heard("TAP version 13\n" + "".join(f"ok {n} - {'x' * 2000}\n" for n in range(2000)))
    assert len(said.results) == 2000 and len(said.lines) == LINES + 1
    assert max(map(len, said.lines)) < 400
    assert bounded(["a", "b", "c"], 2) == ("a", "# 1 lines left out", "c")
    console = _Heard(10, lambda _: None)
    for _ in range(40):
        console(b"x" * 65536)
    assert len(console.text) < _KEPT + 100 and "bytes left out" in console.text


_PASSED = _HEAD + "ok 1 - state: there\nok 2 - rule: kept\n1..2\n"
_PANIC = "[    2.000000] Kernel panic - not syncing: "
_LOCKUP = "[   30.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 26s!\n"
_CASES = {
    "passes": (_PASSED, "", Verdict.NOT_SHOWN),
    "shows": (_HEAD + "ok 1 - state: there\nnot ok 2 - rule: kept\n1..2\n", "", Verdict.SHOWN),
    "no state": (_HEAD + "not ok 1 - state: there\nnot ok 2 - rule: kept\n1..2\n", "", Verdict.STATE_NOT_REACHED),
    "decides nothing": (_HEAD + "ok 1 - state: there\nnot ok 2 - also: kept\n1..2\n", "", Verdict.STATE_NOT_REACHED),
    "skipped": (_HEAD + "ok 1 - state: there\nok 2 - rule: kept # SKIP no swap\n1..2\n", "", Verdict.STATE_NOT_REACHED),
    "bails out": (_HEAD + "ok 1 - state: there\nBail out! no memory\n", "", Verdict.STATE_NOT_REACHED),
    "locks up in the call": (_HEAD + "ok 1 - state: there\n" + _LOCKUP, "120 s", Verdict.SHOWN),
    "locks up before": (_HEAD + _LOCKUP, "120 s", Verdict.STATE_NOT_REACHED),
    "is slow, or hangs": (_HEAD + "ok 1 - state: there\n", "120 s", Verdict.NOT_BOOTED),
    "panics in the call": (_HEAD + "ok 1 - state: there\n" + _PANIC + "Fatal exception\n", "", Verdict.SHOWN),
    "panics before": (_HEAD + _PANIC + "Fatal exception\n", "", Verdict.STATE_NOT_REACHED),
    "panics when done": (_PASSED + _PANIC + "Fatal exception\n", "", Verdict.SHOWN),
    "leaves": (
        _HEAD + "ok 1 - state: there\n" + _PANIC + "Attempted to kill init! exitcode=0x00000100\n", "",
        Verdict.STATE_NOT_REACHED,
    ),
    "is killed": (
        _HEAD + "ok 1 - state: there\n" + _PANIC + "Attempted to kill init! exitcode=0x0000000b\n", "", Verdict.SHOWN,
    ),
    "never starts": (_PANIC + "No working init found.\n", "", Verdict.NOT_BOOTED),
    "says nothing": ("qemu: no such machine\n", "", Verdict.NOT_BOOTED),
    "powers off too soon": (_HEAD + "ok 1 - state: there\n", "", Verdict.STATE_NOT_REACHED),
}  # fmt: skip


@pytest.mark.parametrize(("console", "stopped", "verdict"), _CASES.values(), ids=_CASES.keys())
def test_verdicts(console: str, stopped: str, verdict: Verdict) -> None:
    found = judge(Run(console, stopped))
    assert (found.verdict, bool(found.reasons)) == (verdict, True)


def test_a_program_that_says_when_its_state_is_reached() -> None:
    """Set up goes on until then, whatever was seen to be so before."""
    console = _HEAD + "ok 1 - state: there\n"
    assert judge(Run(console + _LOCKUP, "120 s"), marked=True).verdict is Verdict.STATE_NOT_REACHED
    assert judge(Run(console + "# state reached\n" + _LOCKUP, "120 s"), marked=True).verdict is Verdict.SHOWN


_STATE, _ODD, _MARK = "ok 1 - state: there\n", "[    1.234567] odd: hello\n", "# state reached\n"
_BROKEN, _KEPT_RULE = "not ok 3 - rule: kept\n1..3\n", "ok 3 - rule: kept\n1..3\n"
_MARKED = {
    "shows": (_STATE + "ok 2 - state: too\n" + _MARK + _BROKEN, "", Verdict.SHOWN),
    "a state's line is cut": (_STATE + "not ok 2 - st" + _ODD + "ate: too\n" + _MARK + _BROKEN, "",
                              Verdict.STATE_NOT_REACHED),
    "it is cut sooner": (_STATE + "not " + _ODD + "ok 2 - state: too\n" + _MARK + _BROKEN, "",
                         Verdict.STATE_NOT_REACHED),
    "it is cut twice": (_STATE + "n" + _ODD + "o" + _ODD + "t ok 2 - state: too\n" + _MARK + _BROKEN, "",
                        Verdict.STATE_NOT_REACHED),
    "a rule's line is cut": (_STATE + "ok 2 - state: too\n" + _MARK + "not " + _ODD + _BROKEN[4:], "", Verdict.SHOWN),
    "its mark is cut": (_STATE + "ok 2 - state: too\n# state" + _ODD + " reached\n" + _BROKEN, "", Verdict.SHOWN),
    "it never says so": (_STATE + "ok 2 - state: too\n" + _BROKEN, "", Verdict.STATE_NOT_REACHED),
    "the kernel says so": (_STATE + "[    1.000000] # state reached\n" + _PANIC + "odd\n", "",
                           Verdict.STATE_NOT_REACHED),
    "it is slow, and the kernel warned before": ("[    0.5] \n[    0.500000] WARNING: mm/x.c:1\n" + _STATE + _MARK,
                                                 "120 s", Verdict.NOT_BOOTED),
    "init leaves when all is asked": (
        _STATE + _MARK + _KEPT_RULE.replace("3", "2") + _PANIC + "Attempted to kill init! exitcode=0x00000000\n", "",
        Verdict.NOT_SHOWN,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("console", "stopped", "verdict"), _MARKED.values(), ids=_MARKED.keys())
def test_a_console_on_which_kernel_and_program_meet(console: str, stopped: str, verdict: Verdict) -> None:
    """The kernel's lines begin in the middle of the program's; no state, no fault."""
    found = judge(Run(_HEAD + console, stopped), marked=True)
    assert (found.verdict, bool(found.reasons)) == (verdict, True)


def test_a_complaint_is_told_and_decides_nothing() -> None:
    found = judge(Run(_HEAD + "[    1.000000] WARNING: mm/x.c:1\n" + _PASSED.removeprefix(_HEAD)))
    assert found.verdict is Verdict.NOT_SHOWN and found.kernel == ("WARNING: mm/x.c:1",)
    assert "complained" in found.reasons[-1] and found.release == "7.3.4"


def test_a_machine_that_does_not_power_off_has_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    console = machine._Heard(100, lambda _: None)
    for at, said in ((1.0, _PASSED.encode()[:20]), (2.0, _PASSED.encode()[20:]), (11.0, b"")):
        now[0] = at
        console(said)
    now[0] = 13.0
    with pytest.raises(machine._OverError, match="after its last word"):
        console(b"")
    assert judge(Run(console.text, "10 s after its last word")).verdict is Verdict.NOT_SHOWN


@pytest.mark.parametrize(
    "said", ["# state reached\n", "# state reached\n[    1.447711] kernel BUG at mm/page_table_check.c:118!\n"]
)
def test_a_kernel_that_is_silent_is_waited_for_unless_it_broke(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    console = machine._Heard(100, lambda _: None)
    console((_HEAD + "ok 1 - state: there\n" + said).encode())
    now[0] = 22.0
    if "BUG" not in said:
        console(b"")
        return
    with pytest.raises(machine._OverError) as over:
        console(b"")
    assert judge(Run(console.text, str(over.value)), marked=True).verdict is Verdict.SHOWN


def test_a_program_that_hangs_when_it_has_shown_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    console = machine._Heard(100, lambda _: None)
    console((_HEAD + "ok 1 - state: there\nnot ok 2 - rule: kept\n").encode())
    now[0] = 20.0
    console(b"")
    now[0] = 22.0
    with pytest.raises(machine._OverError) as over:
        console(b"")
    found = judge(Run(console.text, str(over.value)))
    assert found.reasons == ("Not so: kept.", "It did not end (20 s of silence after something broke).")


def test_kvm_that_runs_nothing_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the device is there and no machine comes to its first word, machines are emulated from then on."""
    tried: list[bool] = []

    def booted(*_: object, kvm: bool) -> Run:
        tried.append(kvm)
        return Run("" if kvm else _PASSED)

    monkeypatch.setattr(cache, "writable", lambda: tmp_path)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(machine, "_booted", booted)
    monkeypatch.setattr(fast, "_there", lambda: True)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    aim = next(one for one in TARGETS.values() if one.native)
    for _ in range(2):
        assert machine.boot(b"", b"", aim, Needs(), lambda _: None).console == _PASSED
    assert tried == [True, False, False]


def test_a_stall_of_rcu_is_no_fault_where_a_clock_ran_out() -> None:
    """Neither is what it says of where the CPU was."""
    said = _HEAD + "ok 1 - state: there\n# state reached\n"
    said += "[   31.447711] rcu: INFO: rcu_sched self-detected stall on CPU\n[   31.447900]  do_idle+0xa0/0xb0\n"
    assert judge(Run(said, "60 s after its first word"), marked=True).verdict is Verdict.NOT_BOOTED
    lockup = said + "[   41.447711] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]\n"
    assert judge(Run(lockup, "60 s after its first word"), marked=True).verdict is Verdict.SHOWN
