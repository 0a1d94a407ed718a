# SPDX-License-Identifier: GPL-2.0-or-later
"""One tree, one program: the kernel is built, the program compiled, both booted, and a verdict comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reviewer.booting.cpio import initramfs
from reviewer.booting.kernel import BuildError, build
from reviewer.booting.machine import boot
from reviewer.booting.model import Boot, Verdict
from reviewer.booting.program import compiled
from reviewer.booting.tap import REACHED
from reviewer.booting.targets import target
from reviewer.booting.verdict import judge
from reviewer.reproducing.model import Program


@dataclass(frozen=True)
class Place:
    """Where and how it is tried. told: hears how it goes; jobs: of make, 0 for all cores; keep: a folder in which
    what was made is left."""

    source: Path
    flavour: str
    told: Callable[[str], None] = lambda _: None
    jobs: int = 0
    keep: Path | None = None


def tried(program: Program, texts: Mapping[str, bytes | None], place: Place, side: str) -> Boot:
    """Try a program on a tree with these texts in place of its own. side: "before" or "after", for who listens."""

    def told(what: str) -> None:
        place.told(f"{side}: {what}")

    aim = target(place.flavour)
    try:
        archive = initramfs(compiled(program, aim))
        kernel = build(place.source, texts, place.flavour, program.needs, told, place.jobs)
    except BuildError as error:
        return Boot(Verdict.NOT_BUILT, (error.short, *error.details))
    run = boot(kernel.image, archive, aim, program.needs, told)
    if place.keep is not None:
        _keep(
            place.keep, side, program, {"kernel": kernel.image, "initramfs": archive, "console": run.console.encode()}
        )
    found = judge(run, any(REACHED in text for text in (program.source, *dict(program.headers).values())))
    return replace(found, release=kernel.release or found.release)


def _keep(folder: Path, side: str, program: Program, made: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("program.c", program.source), *program.headers):
        (folder / file).write_text(text, "utf-8")
    for name, content in made.items():
        (folder / f"{name}.{side}").write_bytes(content)
