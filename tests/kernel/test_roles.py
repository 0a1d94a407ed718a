# SPDX-License-Identifier: GPL-2.0-or-later
"""Batch detection and batch primitives are known by what they take: renamed, moved, with a parameter more or less.

CI has each of these edits once, every other bug on top of its own; WHOLE_TESTS=1 all of them, with and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from oracle.entries import entry
from oracle.runner import Runner
from reviewer.building.pair import build, slice_of
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees.kernel import KernelTree
from reviewer.trees.overlays import Overlay
from tests.kernel.editing import edited

from .conftest import WHOLE, part

pytestmark = pytest.mark.kernel
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")
_QUICK = Settings(budget=0.5, flavours=("arm64-4k",), smallest=False)
_INTERNAL, _UTIL = "mm/internal.h", "mm/util.c"
Files = dict[str, str]
Items = list[str]


def files_with(tree: Tree, name: str, *further: str) -> Files:
    """The sources under mm/ (and further files) that name something."""
    paths = [p for p in (*tree.list("mm"), *further) if p.endswith((".c", ".h"))]
    texts = {p: (tree.read(p) or b"").decode() for p in paths}
    return {p: text for p, text in texts.items() if re.search(rf"\b{name}\b", text)}


def recast(files: Files, name: str, change: Callable[[Items, bool], Items]) -> Files:
    """Every argument list of a function rewritten; change is told whether it declares parameters."""
    return {path: _recast(text, name, change) for path, text in files.items()}


def _recast(text: str, name: str, change: Callable[[Items, bool], Items]) -> str:
    out, at = "", 0
    for match in re.finditer(rf"\b{name}\((?!\))", text):
        depth, end, cuts = 1, match.end(), [match.end() - 1]
        while depth:
            depth += (text[end] in "([{") - (text[end] in ")]}")
            if (text[end] == "," and depth == 1) or not depth:
                cuts.append(end)
            end += 1
        items = [text[a + 1 : b].strip() for a, b in pairwise(cuts)]
        declares = re.match(r"(?:struct|pte_t|unsigned|int|const)\b", items[0]) is not None
        out += text[at : match.end()] + ", ".join(change(items, declares)) + ")"
        at = end
    return out + text[at:]


def _without(name: str, at: int) -> Callable[[Tree], Files]:
    return lambda tree: recast(files_with(tree, name), name, lambda items, _: [*items[:at], *items[at + 1 :]])


def _with(name: str, at: int, declared: str, *headers: str) -> Callable[[Tree], Files]:
    def more(items: Items, declares: bool) -> Items:
        return [*items[:at], declared if declares else "0", *items[at:]]

    return lambda tree: recast(files_with(tree, name, *headers), name, more)


def _rename(name: str, other: str) -> Callable[[Tree], Files]:
    return lambda tree: {p: re.sub(rf"\b{name}\b", other, t) for p, t in files_with(tree, name).items()}


def _without_vma(tree: Tree) -> Files:
    files = _without("folio_pte_batch_flags", 1)(tree)
    return files | {_INTERNAL: files[_INTERNAL].replace("pte_mkwrite(*ptentp, vma)", "pte_mkwrite_novma(*ptentp)")}


def _moved(tree: Tree) -> Files:
    """folio_pte_batch() from mm/util.c to a file that is no part of most slices."""
    source, target = (tree.read(_UTIL) or b"").decode(), (tree.read("mm/rmap.c") or b"").decode()
    found = re.search(r"^unsigned int folio_pte_batch\([^}]*?\n}\n", source, re.MULTILINE)
    assert found is not None
    return {_UTIL: source.replace(found[0], ""), "mm/rmap.c": target + "\n" + found[0]}


_OWN = """static int mremap_run(pte_t first, struct folio *folio, int most, pte_t *at)
{
	int nr = 1;

	most = min_t(unsigned long, most, folio_pfn(folio) + folio_nr_pages(folio) - pte_pfn(first));
	while (nr < most && pte_same(pte_mkold(ptep_get(at + nr)), pte_mkold(pte_advance_pfn(first, nr))))
		nr++;
	return nr;
}
"""


def _own_scan(tree: Tree) -> Files:
    """mremap with batch detection of its own."""
    text = (tree.read("mm/mremap.c") or b"").decode()
    text, found = re.subn(r"folio_pte_batch_flags\([^;]*\)", "mremap_run(pte, folio, max_nr, ptep)", text)
    assert found == 1
    head = re.search(r"^static int mremap_folio_pte_batch", text, re.MULTILINE)
    assert head is not None
    return {"mm/mremap.c": text[: head.start()] + _OWN + "\n" + text[head.start() :]}


_HEADERS = ("include/linux/pgtable.h", "arch/arm64/include/asm/pgtable.h")
_EDITS: dict[str, tuple[str, Callable[[Tree], Files]]] = {
    "folio_pte_batch without its address": ("6.12", _without("folio_pte_batch", 1)),
    "folio_pte_batch with a parameter more": ("6.12", _with("folio_pte_batch", 0, "int why")),
    "folio_pte_batch_flags without its VMA": ("7.2", _without_vma),
    "folio_pte_batch_flags with a parameter more": ("7.2", _with("folio_pte_batch_flags", 2, "unsigned long why")),
    "folio_pte_batch_flags by another name": ("7.2", _rename("folio_pte_batch_flags", "pte_run_length")),
    "swap_pte_batch by another name": ("7.2", _rename("swap_pte_batch", "swap_run_length")),
    "mremap with detection of its own": ("7.2", _own_scan),
    "wrprotect_ptes with a parameter more": ("7.2", _with("wrprotect_ptes", 2, "unsigned int why", *_HEADERS)),
}


def _overlay(tree: Tree, files: Files) -> Tree:
    return Overlay(tree, {p: text.encode() for p, text in files.items()})


def _reviewed(kernel: KernelTree, files: Files, *bug: str) -> Review:
    """The edit reviewed, with one bug on top: file, function, pattern, what takes its place."""
    tree = kernel.at(kernel.head)
    after = _overlay(tree, files)
    if bug:
        names = ("file", "function", "pattern", "with")
        after = edited(after, {"name": bug[1], **dict(zip(names, bug, strict=True))})
    patch = Patch(1, "an edit", _MESSAGE)
    step = PatchTrees(patch, tree, after, tuple(sorted({*files, *bug[:1]})))
    # What the generic headers have, the other machine alone compiles.
    settings = replace(_QUICK, flavours=()) if "include/linux/pgtable.h" in files else _QUICK
    return review(Series("an edit", 1, 1, (patch,)), SeriesTrees("linux", "HEAD", "HEAD", (step,)), settings)


# (edit, rule, file, function, pattern, what takes its place): what finds it without the edit finds it with it.
_WRONG = [
    ("folio_pte_batch_flags with a parameter more", "B5", "mm/rmap.c", "folio_unmap_pte_batch",
     r"FPB_RESPECT_WRITE \| ", ""),
    ("folio_pte_batch_flags by another name", "B1", "mm/rmap.c", "folio_unmap_pte_batch",
     r"pmd_addr_end\(addr, vma->vm_end\)", "vma->vm_end"),
    ("folio_pte_batch_flags without its VMA", "B4", _INTERNAL, "folio_pte_batch_flags",
     r"return min\(nr, max_nr\)", "return min(nr + 1, max_nr)"),
    ("swap_pte_batch by another name", "B1", "mm/memory.c", "zap_nonpresent_ptes",
     r"nr = swap_(\w+)\([^;]*\)", r"\g<0> + 1"),
    ("folio_pte_batch without its address", "B4", _INTERNAL, "folio_pte_batch",
     r"return min\(nr, max_nr\)", "return nr"),
    ("wrprotect_ptes with a parameter more", "S7", "mm/memory.c", "__copy_present_ptes",
     r"(wrprotect_ptes\([^;]*\b)nr\b", r"\g<1>nr + 1"),
]  # fmt: skip
_ON_TOP = part(_WRONG, 2)
_ALONE = [(v, w) for w, (v, _) in _EDITS.items() if WHOLE or w not in {name for name, *_ in _ON_TOP}]


@pytest.mark.parametrize(("kernel", "what"), _ALONE, indirect=["kernel"])
def test_what_detection_takes_is_no_reason_not_to_run(kernel: KernelTree, what: str) -> None:
    done = _reviewed(kernel, _EDITS[what][1](kernel.at(kernel.head)))
    assert [(f.rule, f.summary) for f in done.findings if f.relation != "preexisting"] == []
    functions = [f for p in done.patches for f in p.functions]
    assert functions
    assert [(f.name, f.status, f.why) for f in functions if not f.settled] == []


def test_detection_is_found_in_whatever_file_it_is(kernels: dict[str, KernelTree]) -> None:
    """A move alone changes nothing; one too many on top is found, through a caller in a third file."""
    if "7.2" not in kernels:
        pytest.skip("no linux-7.2: set KERNEL_TREES (see .ci/fetch-kernel)")
    kernel = kernels["7.2"]
    files = _moved(kernel.at(kernel.head))
    after = _overlay(kernel.at(kernel.head), files)
    caller = entry("zap_pte_range")
    assert caller is not None
    piece = slice_of(after, caller, "arm64-4k")
    assert piece.functions["folio_pte_batch"].file == "mm/rmap.c"
    assert ("folio_pte_batch" in piece.ends, piece.not_asked) == (False, ())


def _introduced(done: Review) -> set[tuple[str, ...]]:
    """The rules of each finding, the one that leads first."""
    return {(f.rule, *f.also) for f in done.findings if f.relation == "introduced"}


@pytest.mark.parametrize("bug", _ON_TOP, ids=[w[0] for w in _ON_TOP])
def test_a_bug_on_top_is_found_by_its_rule(bug: tuple[str, ...], kernels: dict[str, KernelTree]) -> None:
    what, rule, *change = bug
    version, edit = _EDITS[what]
    if version not in kernels:
        pytest.skip(f"no linux-{version}: set KERNEL_TREES (see .ci/fetch-kernel)")
    alone = _introduced(_reviewed(kernels[version], {}, *change))
    both = _introduced(_reviewed(kernels[version], edit(kernels[version].at(kernels[version].head)), *change))
    assert any(rule in rules for rules in alone)
    assert {rules[0] for rules in both} >= {rules[0] for rules in alone}
    assert any(rule in rules for rules in both)


def test_detection_of_a_file_s_own_is_asked(kernels: dict[str, KernelTree]) -> None:
    """B2: it goes on where the folio ends, which forced batches and the rule of the walk show as well."""
    if "7.2" not in kernels:
        pytest.skip("no linux-7.2: set KERNEL_TREES (see .ci/fetch-kernel)")
    tree = kernels["7.2"].at(kernels["7.2"].head)
    files = _own_scan(tree)
    wrong = {p: re.sub(r"most = min_t[^;]*;", "", text) for p, text in files.items()}
    move = entry("move_ptes")
    assert move is not None
    pair = build(_overlay(tree, files), _overlay(tree, wrong), move, "arm64-4k", ("mremap_run",))
    assert (pair.before.not_asked, pair.after.not_asked) == (("B4",), ("B4",))
    with Runner(pair.program) as runner:
        assert ("introduced", "B2") in {(hit.relation, hit.what) for hit in runner.campaign(1, 0, 4000, thorough=True)}


def test_swap_batches_are_checked_under_another_name(kernels: dict[str, KernelTree]) -> None:
    """F1 is raised at the call, although what comes of it has other names first."""
    if "7.2" not in kernels:
        pytest.skip("no linux-7.2: set KERNEL_TREES (see .ci/fetch-kernel)")
    tree = kernels["7.2"].at(kernels["7.2"].head)
    files = _EDITS["swap_pte_batch by another name"][1](tree)
    changed = _overlay(tree, files)
    change = {"name": "one too many", "file": _INTERNAL, "function": "swap_run_length", "pattern": r"ptep - start_ptep"}
    changed = edited(changed, change | {"with": r"\g<0> + 1"})
    zap = entry("zap_pte_range")
    assert zap is not None
    with Runner(build(tree, changed, zap, "x86-64", ("swap_pte_batch", "swap_run_length")).program) as runner:
        assert ("introduced", "F1") in {(hit.relation, hit.what) for hit in runner.campaign(1, 0, 4000, thorough=True)}
