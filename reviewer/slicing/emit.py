# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the slice: one C file that holds what an entry needs, in an order the compiler accepts.

base.h, macros, types, the world, prototypes, stubs, the primitives, their contracts, the code under test,
the codec, the entry's adapter, the table that the runtime calls.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from oracle.entries import GENERIC, OWN_FAILING
from oracle.entries import entry as entry_of
from oracle.flavours import Flavour
from reviewer.csource.items import Item
from reviewer.slicing.closure import Closure
from reviewer.slicing.index import Index
from reviewer.slicing.interposed import ACCESSORS, ASKING, PRIMITIVES, accessors, call_of, hooked, not_asked, wrappers
from reviewer.slicing.probes import Probe, instrument
from reviewer.slicing.roles import Roles, primitive
from reviewer.slicing.slice import Kind, Piece, Slice, as_static
from reviewer.slicing.stubs import end_text, may_stub, stub_text
from reviewer.slicing.world import ENTRIES, WORLD, failing

CONTRACTS = [WORLD / "contracts.h", WORLD / "detection.h"]


def _used(closure: Closure) -> frozenset[str]:
    return frozenset().union(*(i.refs for i in closure.items.values() if i.kind in {"function", "macro"}))


class Writer:
    """Writes one slice."""

    def __init__(self, index: Index, closure: Closure, entry: str, adapter: str, instead: frozenset[str],
                 roles: Roles, touched: Collection[str] = ()) -> None:  # fmt: skip
        self.index = index
        self.flavour: Flavour = index.flavour
        self.closure = closure
        self.entry = entry
        self.adapter = adapter
        self.instead = instead
        self.touched = touched
        self.roles = roles
        self.pieces: list[Piece] = []
        self.probes: list[Probe] = []
        unique = {(i.file, i.line, i.name): i for i in closure.items.values()}
        order = {path: n for n, path in enumerate(index.files)}
        self.items = sorted(unique.values(), key=lambda i: (order[i.file], i.line))
        self.functions = {i.name: i for i in self.items if i.kind == "function"}

    def write(self, made: str) -> Slice:
        put = self._put
        for name, value in self.flavour.defines:
            put(f"#define {name} {value}")
        put('#include "base.h"')
        options = {n: v for n, v in self.index.macros.values.items() if n.startswith("CONFIG_")}
        for name, value in sorted(options.items()):
            put(f"#define {name} {value}")
        for item in self.items:
            if item.kind == "macro":
                put(f"#undef {item.name}\n{self._at(item)}{item.text.rstrip()}")
        self._types()
        put('#define W_PGPROT pgprot_t\n#include "mmu.h"')
        have = [n for n in [*self.closure.items, *self.closure.stubs] if "(" not in n]
        for name in sorted(have):
            put(f"#define HAVE_{name.split()[-1]} 1", kind="name", name=name)
        self._prototypes()
        for name in sorted(self.instead):
            put(f"#define {name} w_instead_of_{name}")
        put('#include "kernel.h"')
        for name in sorted(self.instead):
            put(f"#undef {name}")
            self._again(name)
        stubs, ends = self._stubs()
        beneath = self._beneath()
        self._bodies([f for f in self.functions.values() if f.name in beneath])
        if self.roles.folio:
            put("#define W_DETECTS_FOLIO 1")
        for contracts in CONTRACTS:
            put(f'#include "{contracts.name}"')
        put(wrappers(self.functions, self.roles))
        rest = [f for f in self.functions.values() if f.name not in beneath]
        below = [f for f in rest if primitive(f) or f.name in ACCESSORS]
        read = sorted(n for n in ACCESSORS & _used(self.closure) if n in self.closure.items or n.startswith("vm_"))
        # Who asks whether an entry is there may do so through a header's function.
        self._bodies([f for f in below if f.name in ACCESSORS])
        put(accessors(n for n in read if n in ASKING))
        self._bodies([f for f in below if f.name not in ACCESSORS])
        put(accessors(n for n in read if n not in ASKING))
        lower = {f.name for f in below}
        self._bodies([f for f in rest if f.name not in lower])
        for name in read:  # the codec's and the adapter's are the tree's own again
            put(f"#undef {name}")
            self._again(name)
        put("", kind="calling")
        if "w_detect(" in (ENTRIES / self.adapter).read_text(encoding="utf-8"):
            put(call_of(self.functions[self.entry]))
        if self._may_fail():
            put("#define W_MAY_FAIL 1")
        if ends:
            put(f"#define W_ENDS {len(ends)}\n#define W_PROBES {len(self.probes)}", "")
        put(f'#define W_ENTRY_{self.entry} 1\n#include "codec.h"\n#include "{self.adapter}"\n{made}#include "side.h"\n')
        found = {**self.closure.items, **self.closure.stubs}
        return Slice(
            self.entry, tuple(self.pieces), tuple(self.probes), self.functions, stubs, self.instead, ends, found,
            self.closure.stood_in, self.closure.dropped, self._not_asked(),
        )  # fmt: skip

    def _put(self, text: str, plain: str | None = None, kind: Kind = "", name: str = "") -> None:
        self.pieces.append(Piece(text, text if plain is None else plain, kind, name))

    def _may_fail(self) -> bool:
        """Whether it calls what may fail, and the entry has no option of its own for that."""
        known = entry_of(self.entry)
        own = known is not None and OWN_FAILING in known.options
        return self.adapter != GENERIC and not own and not failing().isdisjoint(_used(self.closure))

    def _not_asked(self) -> tuple[str, ...]:
        flags = any(self.index.find(name) for name in ("FPB_IGNORE_DIRTY", "FPB_RESPECT_DIRTY"))
        absent = [n for n in PRIMITIVES if self.index.find(n) is None]
        return not_asked(self.functions, self.roles, flags, absent)

    def _again(self, name: str) -> None:
        item = self.closure.items.get(name)
        if item is not None and item.kind in {"macro", "function"}:
            self._put(item.text.rstrip() if item.kind == "macro" else as_static(item.signature) + ";")

    def _types(self) -> None:
        """Types so that what is contained by value comes first."""
        types = {i.name: i for i in self.items if i.kind == "type"}
        by_name = {n: i for n, i in self.closure.items.items() if i.kind == "type"}
        # Also those that are only pointed to: a type first named in a parameter list is seen nowhere else.
        named = frozenset(by_name).union(*(i.refs for i in (*self.items, *self.closure.stubs.values())))
        for name in sorted(n for n in named if n.startswith(("struct ", "union "))):
            self._put(f"{name};")
        done: set[str] = set()

        def visit(item: Item) -> None:
            if item.name in done:
                return
            done.add(item.name)
            for ref in sorted(item.refs):
                if (inner := by_name.get(ref)) is not None and _by_value(ref, item.text):
                    visit(inner)
            self._put(self._at(item) + item.text.rstrip().rstrip(";") + ";")

        for item in types.values():
            visit(item)

    def _at(self, item: Item) -> str:
        return f'#line {item.line} "{item.file}"\n'

    def _prototypes(self) -> None:
        for item in self.functions.values():
            alone = "W_ALONE " if item.name == self.entry else ""
            known = [f"{self._at(item)}{alone}{as_static(item.signature)};"]
            # What a patch changes has to fit what headers declare of it.
            for other in self.index.prototypes(item.name) if item.name in self.touched else ():
                known.append(self._at(other) + as_static(other.text))
            self._put("\n".join(known), kind="prototype", name=item.name)
        for item in self.items:
            if item.kind == "variable":
                text = re.sub(r"^\s*(?:extern|static)\s+", "", item.text.strip())
                self._put(f"{self._at(item)}static {text}")

    def _stubs(self) -> tuple[tuple[str, ...], dict[str, int]]:
        """Write the stand-ins: (names of the uninterpreted ones, those that end a run with their probes)."""
        used = _used(self.closure)
        names, ends = [], {}
        for name, item in sorted(self.closure.stubs.items()):
            if name not in used:
                continue
            if may_stub(item):
                self._put(self._at(item) + stub_text(item))
                names.append(name)
            else:
                ends[name] = len(self.probes)
                text, plain = (self._at(item) + end_text(item, n) for n in (ends[name], 0))
                self._put(text, plain)
                self.probes.append(Probe(name, item.file, item.line, item.line))
        return tuple(names), ends

    def _beneath(self) -> frozenset[str]:
        """The batch primitives and all they need: emitted before the contracts that wrap them."""
        todo = list(hooked(self.functions, self.roles))
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            item = self.closure.items.get(name)
            if item is not None:
                todo += [r for r in item.refs if r in self.closure.items]
        return frozenset(seen)

    def _bodies(self, functions: list[Item]) -> None:
        for item in functions:
            text, probes = instrument(item, len(self.probes))
            self.probes += probes
            at = self._at(item)
            self._put(at + as_static(text), at + as_static(item.text), "body", item.name)


def _by_value(ref: str, text: str) -> bool:
    """Whether the text holds more of the type than pointers to it; a typedef's name always counts."""
    return not ref.startswith(("struct ", "union ")) or re.search(rf"\b{ref}\s+\w", text) is not None
