# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong changes that nothing in them gives away are never CLEAN and never none of our business: quiet.toml."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewer.pipeline import Settings
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay

from .editing import of_steps, reviewed

pytestmark = pytest.mark.kernel
_CHANGES = tomllib.loads(Path(__file__).with_name("quiet.toml").read_text("utf-8"))["change"]
_SETTINGS = Settings(budget=0.6, smallest=False)


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("change", _CHANGES, ids=lambda c: c["name"])
def test_a_quiet_change_is_told(kernel: KernelTree, change: dict[str, Any]) -> None:
    done = reviewed(kernel.at(kernel.head), *change["patches"], settings=_SETTINGS)
    told = [(f.name, f.status, f.evidence, f.why) for p in done.patches for f in p.functions]
    assert done.verdict == change["verdict"], told
    violations = {f.patch for f in done.findings if f.relation == "introduced" and f.kind == "violation"}
    assert (violations == {1}) == (change["verdict"] == "findings")


@pytest.mark.parametrize("kernel", ["7.2"], indirect=True)
@pytest.mark.parametrize("wrong", [False, True])
def test_a_header_that_a_patch_brings_is_read(kernel: KernelTree, wrong: bool) -> None:
    """By itself it is harmless; where it says again what a name means, all who include it are changed."""
    tree = kernel.at(kernel.head)
    source = (tree.read("mm/mremap.c") or b"").decode()
    text = "#define pte_swp_mksoft_dirty(pte) (pte)\n" if wrong else ""
    text += "static inline bool no_hint(pte_t *ptep, pte_t pte)\n{\n\treturn pte_batch_hint(ptep, pte) == 1;\n}\n"
    at = source.index("#include <linux/mm_inline.h>")
    after = (
        source[:at]
        + "#include <linux/no_hint.h>\n"
        + source[at:].replace("pte_batch_hint(ptep, pte) == 1", "no_hint(ptep, pte)")
    )
    first = Overlay(tree, {"include/linux/no_hint.h": text.encode()})
    both = Overlay(first, {"mm/mremap.c": after.encode()})
    # Of the flavours x86-64 alone has soft-dirty swap entries: what is wrong shows there, in all files that include it.
    settings = replace(_SETTINGS, flavours=("x86-64",)) if wrong else _SETTINGS
    done = of_steps(tree, [(both, ("include/linux/no_hint.h", "mm/mremap.c"))], settings)
    assert done.verdict == ("findings" if wrong else "clean"), [p.functions for p in done.patches]
    if not wrong:
        steps = [(first, ("include/linux/no_hint.h",)), (both, ("mm/mremap.c",))]
        assert of_steps(tree, steps, _SETTINGS).verdict == "clean"
