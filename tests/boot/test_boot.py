# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel is built and booted (make boot KERNEL_SOURCE=DIR): programs of which the verdict is known, an edit of a
kernel and back, and what is refused."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from reviewer.booting.kernel import BuildError, build
from reviewer.booting.model import Verdict
from reviewer.booting.trial import Place, tried
from reviewer.reproducing.model import Needs, Program
from tests.boot.conftest import FLAVOUR

pytestmark = pytest.mark.boot
_HEAD = """\
#include <stdio.h>
#include <unistd.h>
#include <sys/reboot.h>
#include "odd.h"
int main(void)
{
	printf("TAP version 13\\nok 1 - state: there\\n");
	fflush(stdout);
	BODY
	printf("1..2\\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
"""
_PROGRAMS = {
    "passes": ('printf("ok 2 - rule: kept\\n");', Verdict.NOT_SHOWN, "none fails"),
    "fails": ('printf("not ok 2 - rule: kept\\n");', Verdict.SHOWN, "Not so: kept"),
    "hangs": ("for (;;) pause();", Verdict.NOT_BOOTED, "It did not end (5 s after its first word)"),
    "is killed": ("*(volatile int *)ODD = 1;", Verdict.SHOWN, "The program was killed by signal 11"),
    "leaves": ("return 3;", Verdict.STATE_NOT_REACHED, "The program ended by itself"),
    "does not compile": ("odd", Verdict.NOT_BUILT, "the program does not compile"),
}


def _program(body: str) -> Program:
    return Program("odd", _HEAD.replace("BODY", body), (("odd.h", "#define ODD 8\n"),), Needs(timeout=5))


@pytest.mark.parametrize(("body", "verdict", "told"), _PROGRAMS.values(), ids=_PROGRAMS.keys())
def test_a_program_and_its_verdict(source: Path, body: str, verdict: Verdict, told: str) -> None:
    found = tried(_program(body), {}, Place(source, FLAVOUR), "before")
    assert (found.verdict, told in " ".join(found.reasons)) == (verdict, True), found


def test_an_edit_shows_and_is_taken_back_in_moments(source: Path) -> None:
    """What /proc/version says is edited, and read by the program."""
    body = """
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	char text[4096] = "";
	FILE *file = fopen("/proc/version", "r");
	fread(text, 1, sizeof(text) - 1, file);
	printf("%sok 2 - rule: nothing odd\\n", strstr(text, "oddity") ? "not " : "");"""
    more = "#define ODD 8\n#include <string.h>\n#include <sys/mount.h>\n#include <sys/stat.h>\n"
    program = Program("version", _HEAD.replace("BODY", body), (("odd.h", more),), Needs(timeout=20))
    text = (source / "init/version.c").read_text("utf-8")
    edited = re.sub(r'"%s version', '"%s oddity version', text).encode()
    assert edited != text.encode()
    place = Place(source, FLAVOUR)
    verdicts, began = [], time.monotonic()
    for texts in ({}, {"init/version.c": edited}, {}):
        verdicts.append(tried(program, texts, place, "after").verdict)
    assert verdicts == [Verdict.NOT_SHOWN, Verdict.SHOWN, Verdict.NOT_SHOWN]
    assert time.monotonic() - began < 600


def test_a_build_that_fails_says_why_and_reaches_nothing(source: Path, tmp_path: Path) -> None:
    """A Makefile of a patch runs what it likes: here nothing is in its reach, and the next build is as before."""
    beside = tmp_path / "beside"
    makefile = (source / "init/Makefile").read_bytes()
    evil = f"$(shell echo odd > {beside}; echo odd > /src/odd; cat /etc/passwd >&2)\n$(error odd end)\n".encode()
    with pytest.raises(BuildError) as failed:
        build(source, {"init/Makefile": evil + makefile}, FLAVOUR, Needs(), lambda _: None)
    assert "odd end" in str(failed.value) and "root:" not in str(failed.value)
    assert not beside.exists() and not (source / "odd").exists()
    assert build(source, {}, FLAVOUR, Needs(), lambda _: None).image
