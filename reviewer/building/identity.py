# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether both sides of a pair are the same code: a proof that needs no run.

Only what the slicer itself wrote is left out of the comparison, its probes. What a compiler may treat alike although
the kernel's memory model does not, volatile and plain accesses and compiler barriers, has to be there in the same
number. And it is a proof of those lines alone of which the compiler keeps code.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from reviewer.building.objects import assembly, live_probes
from reviewer.building.pair import Pair
from reviewer.csource.items import code_only
from reviewer.csource.tokens import bare
from reviewer.slicing.apart import Apart, apart, unplaced
from reviewer.slicing.slice import Slice

_ORDER = re.compile(
    r"\b(?:volatile|barrier|(?:READ|WRITE)_ONCE|(?:smp|dma)_\w+|[rw]?mb|isb|dsb|dmb|\w+_(?:acquire|release))\b"
)
# What is another thing on another line, in another file, or the second time.
_PLACING = (
    "__LINE__", "__COUNTER__", "__FILE__", "__FILE_NAME__", "__BASE_FILE__", "__INCLUDE_LEVEL__", "__DATE__",
    "__TIME__", "__TIMESTAMP__", "__builtin_LINE", "__builtin_FILE",
)  # fmt: skip
_PLACED = re.compile(rf"(?<!\w)(?:{'|'.join(_PLACING)})(?!\w)")
# The end of such a word, which pasting may make one of.
_ENDS = re.compile(rf"(?<!\w)(?:{'|'.join(sorted({w[at:] for w in _PLACING for at in range(1, len(w))}))})(?!\w)")


@dataclass(frozen=True)
class Same:
    """A pair whose sides are the same code. proof: what compiles to the same; None where they are the same text even,
    so that nothing changed here. Nothing was built: its program is nowhere."""

    pair: Pair
    proof: Apart | None

    @property
    def flavour(self) -> str:
        return self.pair.flavour

    @property
    def text(self) -> bool:
        """Whether both are the same text."""
        return self.proof is None

    @cached_property
    def steady(self) -> bool:
        """Whether that says anything of a kernel (steady())."""
        return self.proof is None or steady(self.proof)

    @cached_property
    def before(self) -> frozenset[int]:
        """Probes of the side before the patch of which there is code."""
        return live_probes(self.proof.marked[0]) if self.proof is not None else frozenset()

    @cached_property
    def after(self) -> frozenset[int]:
        """Probes of the side after it of which there is code."""
        return live_probes(self.proof.marked[1]) if self.proof is not None else frozenset()


def same(pair: Pair) -> Same | None:
    """Whether the sides of a pair, which need not be built, are the same code; None when they are not, or nothing
    tells."""
    if unchanged(pair):
        return Same(pair, None)
    asked = provable(pair)
    return Same(pair, asked) if asked is not None and alike(asked) else None


def unchanged(pair: Pair) -> bool:
    """Whether both sides are the same text."""
    return _text(pair.before) == _text(pair.after)


def provable(pair: Pair) -> Apart | None:
    """What has to compile to the same code for the sides to be the same; None where they differ whatever a compiler
    says: both have the words that order accesses in the same number, as the same code has."""
    if _order(pair.before) != _order(pair.after):
        return None
    return apart(pair.before, pair.after, placed=placed(pair.before.plain) or placed(pair.after.plain))


def alike(asked: Apart, *, opaque: bool = False) -> bool:
    """Whether both sides of what differs compile to the same code. opaque: as of assembly()."""
    before, after = (assembly(side, opaque=opaque) for side in asked.plain)
    return before is not None and before == after


def steady(asked: Apart) -> bool:
    """Whether sides that are alike stay so when the compiler does not know what is always so in the simulated machine:
    where they do not, what differs has no effect there, and may have one in a kernel."""
    return alike(asked, opaque=True)


def _text(side: Slice) -> str:
    """The slice without what only places it, unless the code asks where it is."""
    return side.plain if placed(side.plain) else unplaced(side.plain)


def placed(code: str) -> bool:
    """Whether code asks where it is, or may make a word of parts that does."""
    seen = bare(code.encode()).decode("utf-8", "replace")
    return _PLACED.search(seen) is not None or ("##" in seen and _ENDS.search(seen) is not None)


def _order(side: Slice) -> Counter[str]:
    """The words that order accesses, and how often the tree's code has each."""
    return Counter(word for part in side.parts for word in _ORDER.findall(code_only(part.text)))
