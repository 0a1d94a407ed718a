# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports run one way: a module may use what stands above it in this list, and the oracle nothing of the reviewer."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_ORDER = """
    oracle oracle.rules oracle.flavours
    oracle.entries.model oracle.entries.batching oracle.entries.walks oracle.entries.huge
    oracle.entries.faults oracle.entries oracle.wire oracle.differences
    oracle.sandbox.policy oracle.sandbox.child oracle.sandbox.command oracle.sandbox.layers oracle.sandbox.start
    oracle.sandbox oracle.channel oracle.answers oracle.runner oracle.order
    oracle.shrink oracle.shrink.narrower oracle.shrink.plainer
    oracle.reference oracle.reference.pte oracle.reference.folio oracle.reference.table oracle.reference.primitives
    oracle.reference.contpte oracle.reference.batch oracle.reference.tlb oracle.reference.rules
    oracle.reference.examples
    oracle.reference.walkers oracle.reference.walkers.kernel oracle.reference.walkers.machine
    oracle.reference.walkers.move oracle.reference.walkers.protect oracle.reference.walkers.fork
    oracle.reference.walkers.zap oracle.reference.walkers.unmap oracle.reference.walkers.migrate
    oracle.reference.walkers.madvise oracle.reference.walkers.mlock oracle.reference.walkers.mempolicy
    oracle.reference.walkers.referenced oracle.reference.walkers.fault oracle.reference.walkers.faultaround
    oracle.reference.walkers.swapin oracle.reference.walkers.collapse oracle.reference.walkers.ksm
    oracle.reference.walkers.fill oracle.reference.walkers.insert oracle.reference.walkers.clean
    oracle.reference.walkers.mincore oracle.reference.walkers.uffd_move
    oracle.reference.walkers.collect oracle.reference.walkers.numa oracle.reference.walkers.split
    oracle.reference.checks oracle.reference.checks.batch oracle.reference.checks.batch_use
    oracle.reference.checks.setting oracle.reference.checks.modifying oracle.reference.checks.contpte
    oracle.reference.checks.contpte_flags oracle.reference.checks.swap oracle.reference.checks.tlb
    oracle.reference.checks.dirty oracle.reference.checks.protection oracle.reference.checks.exclusive
    oracle.reference.checks.counts oracle.reference.checks.locks
    oracle.explain oracle.explain.start oracle.explain.rows oracle.explain.state
    oracle.explain.walks oracle.explain.looks oracle.explain.faults oracle.explain.touched oracle.explain.swapped
    oracle.explain.collapsed oracle.explain.merged oracle.explain.filled
    oracle.explain.cleaned oracle.explain.relocated oracle.explain.collected oracle.explain.huge
    oracle.explain.ranges oracle.explain.refine oracle.explain.calls
    oracle.explain.kept oracle.explain.tree oracle.observed oracle.results
    oracle.exhaustive oracle.workloads oracle.cost oracle.spending oracle.task oracle.sides oracle.judge oracle.faults
    oracle.campaign oracle.rules_table oracle.flavour_agreement
    reviewer reviewer.errors reviewer.interrupts reviewer.words reviewer.limits reviewer.model reviewer.resources
    reviewer.arguments
    reviewer.bounded reviewer.gitio reviewer.addresses reviewer.headers reviewer.subjects reviewer.shown
    reviewer.mailbox reviewer.mail reviewer.series reviewer.revisions
    reviewer.kernel reviewer.misfits reviewer.refusal reviewer.diffs reviewer.applying reviewer.bases reviewer.trees
    reviewer.tokens reviewer.attributes reviewer.csource
    reviewer.config reviewer.settings reviewer.told
    reviewer.cache reviewer.slicing reviewer.slicing.macros reviewer.slicing.expression reviewer.slicing.meanings
    reviewer.slicing.preprocess
    reviewer.slicing.search reviewer.slicing.declared reviewer.slicing.reading reviewer.slicing.stored
    reviewer.slicing.kept
    reviewer.slicing.index reviewer.slicing.members reviewer.slicing.closure
    reviewer.slicing.probes reviewer.slicing.slice reviewer.slicing.stubs reviewer.slicing.world
    reviewer.slicing.apart
    reviewer.slicing.signature reviewer.slicing.guarantees reviewer.slicing.fits reviewer.slicing.adapter
    reviewer.slicing.roles reviewer.slicing.interposed
    reviewer.slicing.emit reviewer.slicing.cut reviewer.slicing.repair reviewer.slicing.guard
    reviewer.slicing.forbidden
    reviewer.marks reviewer.hidden reviewer.touching reviewer.unmodelled reviewer.unseen
    reviewer.changed reviewer.spread
    reviewer.static reviewer.static.source reviewer.static.paths reviewer.static.flow reviewer.static.predicates
    reviewer.static.rules reviewer.static.check
    reviewer.toolchain reviewer.elf
    reviewer.objects reviewer.pair reviewer.trial reviewer.entries
    reviewer.identity reviewer.tried
    reviewer.tracing reviewer.case reviewer.culprit reviewer.explanation reviewer.headline
    reviewer.hunks reviewer.suspects reviewer.blame
    reviewer.clusters reviewer.findings reviewer.costs reviewer.agreement
    reviewer.promises reviewer.reached reviewer.forcing reviewer.claims reviewer.uncalled reviewer.repairs
    reviewer.precedents reviewer.versions reviewer.mishaps reviewer.running reviewer.turns
    reviewer.patches reviewer.pipeline
    reviewer.bench reviewer.bench.source reviewer.bench.mutants reviewer.bench.rewrites reviewer.bench.turned
    reviewer.bench.score
    reviewer.report reviewer.report.text reviewer.report.runs reviewer.report.partial
    reviewer.report.places
    reviewer.report.related reviewer.report.since reviewer.report.wanted reviewer.report.states reviewer.report.view
    reviewer.report.plain reviewer.report.slots reviewer.report.spans reviewer.report.pagefacts
    reviewer.report.picture
    reviewer.report.drawn reviewer.report.svg
    reviewer.report.quote reviewer.report.recipients
    reviewer.report.eml reviewer.report.codec reviewer.report.document reviewer.report.status
    reviewer.report.console reviewer.report.progress
    reviewer.report.surveyed reviewer.report.counted reviewer.report.fitted reviewer.report.tables
    reviewer.report.brief
    reviewer.report.covered reviewer.report.sidebyside reviewer.report.terminal
    reviewer.report.page_syntax reviewer.report.page_diff reviewer.report.page_traces reviewer.report.page_costs
    reviewer.report.page_rail
    reviewer.report.html reviewer.report.wishes
    reviewer.report.outbox reviewer.report.again reviewer.report.remarks reviewer.report.reply reviewer.report.whole
    reviewer.report.checks reviewer.report.b4 reviewer.report.patchwork reviewer.report.sarif reviewer.report.nipa
    reviewer.remembered reviewer.outputs
    reviewer.bench.command
    reviewer.ending reviewer.choice reviewer.doctor reviewer.survey reviewer.replay
    reviewer.asking
    reviewer.hook reviewer.hook.install reviewer.hook.sending reviewer.hook.single reviewer.hook.words
    reviewer.hook.run reviewer.hook.prep reviewer.hook.command
    reviewer.cluster reviewer.cluster.asked reviewer.cluster.units reviewer.cluster.record reviewer.cluster.store
    reviewer.cluster.work reviewer.cluster.pool reviewer.cluster.merging reviewer.cluster.hands
    reviewer.cluster.standing reviewer.cluster.line reviewer.cluster.progress reviewer.cluster.shown
    reviewer.cluster.page reviewer.cluster.command
    reviewer.glossary reviewer.examples reviewer.explain
    reviewer.cli reviewer.__main__ reviewer.manual
""".split()


def _name(path: Path) -> str:
    parts = path.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name for name in found if name in _ORDER}


def _modules() -> dict[str, Path]:
    return {_name(p): p for top in ("reviewer", "oracle") for p in (_ROOT / top).rglob("*.py")}


def test_every_module_has_its_place() -> None:
    assert set(_modules()) == set(_ORDER)


_FULL = "gc.get_stats()[2]['collections']"
_MADE = f"import gc; {{}}; had = {_FULL}; made = [[n] for n in range(100_000)]; print({_FULL} - had)"
_COMMAND = "import reviewer.cli, reviewer.__main__; reviewer.cli.main = lambda: 0; reviewer.__main__.main()"


def test_what_a_review_makes_is_seldom_looked_through_for_cycles() -> None:
    """In the command: whoever imports the package has it as it was."""
    imported, command = (
        int(
            subprocess.run(
                [sys.executable, "-c", _MADE.format(first)], cwd=_ROOT, capture_output=True, check=True
            ).stdout
        )
        for first in ("import reviewer.cli", _COMMAND)
    )
    assert imported > command


def test_imports_run_one_way() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, path in _modules().items()
        for other in _imports(path)
        if other != name and _ORDER.index(other) > _ORDER.index(name) and not other.startswith(f"{name}.")
    ]
    assert wrong == []


def test_the_oracle_does_not_know_the_reviewer() -> None:
    for name, path in _modules().items():
        if name.startswith("oracle"):
            assert [o for o in _imports(path) if o.startswith("reviewer")] == [], name


def test_report_knows_only_what_it_is_given() -> None:
    mine = (f"reviewer.{name}" for name in ("addresses", "model", "errors", "limits", "resources", "words"))
    allowed = {"oracle.rules", "oracle.flavours", "oracle.wire", "oracle.results", *mine}
    for name, path in _modules().items():
        if name.startswith("reviewer.report."):
            others = {o for o in _imports(path) if "." in o and not o.startswith("reviewer.report")}
            assert others <= allowed, name
