# SPDX-License-Identifier: GPL-2.0-or-later
"""The wrappers through which code under test calls what has a role: made from the signatures of the tree.

A wrapper passes every argument on in the tree's order and tells the checks of world/contracts.h and world/detection.h
those that they ask about. The macro of the name leads to it; a parenthesised name is the tree's own function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.slicing.guarantees import PRESENT
from reviewer.slicing.roles import INTEGER, Detection, Roles, bound, primitive, table_and_first
from reviewer.slicing.signature import Parameter, signature

PLACE = "interposed"  # stands for a file in what the compiler says of a wrapper


@dataclass(frozen=True)
class Primitive:
    """A primitive (include/linux/pgtable.h). check: what is done before the call with {addr}, {ptep}, {nr} and
    the entries {pte} and {old}; after: what once it is done. rules: those it asks. also: its name in other kernels.
    one: it is about one entry and has no number."""

    check: str
    rules: tuple[str, ...]
    after: str = ""
    also: str = ""
    one: bool = False


_SINGLE = (
    "ptep_get_and_clear", "ptep_get_and_clear_full", "ptep_clear", "ptep_clear_flush", "pte_clear",
    "pte_clear_not_present_full", "ptep_set_wrprotect", "ptep_set_access_flags",
)  # fmt: skip
_AGES = "w_in_table({addr}, {ptep}, {nr}); w_ages({addr}, {nr});"
_CLEARS = "w_in_table({addr}, {ptep}, {nr});"
_CHANGED = "w_batch_changes({ptep}, {nr});"
_EMPTY = "w_empty_asked({addr}, {ptep}, {nr});"
PRIMITIVES: dict[str, Primitive] = {
    "set_ptes": Primitive("w_set_asked({addr}, {ptep}, {pte}, {nr});", ("S1", "S2", "S3")),
    "wrprotect_ptes": Primitive("w_wrprotect_asked({addr}, {ptep}, {nr});", ("S7",)),
    "get_and_clear_full_ptes": Primitive(_CLEARS, ("T5",), _CHANGED),
    "clear_full_ptes": Primitive(_CLEARS, ("T5",), _CHANGED),
    "clear_young_dirty_ptes": Primitive(_CLEARS, ("T5",), _CHANGED),
    "clear_flush_young_ptes": Primitive(_AGES, ("L10",)),
    "test_and_clear_young_ptes": Primitive(_AGES, ("L10",)),
    "ptep_clear_flush_young": Primitive(_AGES, ("L10",), one=True),
    "ptep_test_and_clear_young": Primitive(_AGES, ("L10",), one=True),
    **{name: Primitive("w_in_table({addr}, {ptep}, 1);", (), one=True) for name in _SINGLE},
    "clear_not_present_full_ptes": Primitive(_EMPTY, ("S12",), also="clear_nonpresent_ptes"),
    "clear_nonpresent_ptes": Primitive(_EMPTY, ("S12",), also="clear_not_present_full_ptes"),
    "modify_prot_start_ptes": Primitive("w_start_asked({addr}, {ptep}, {nr});", ("S10",)),
    "ptep_modify_prot_start": Primitive("w_start_asked({addr}, {ptep}, 1);", ("S10",), one=True),
    "ptep_modify_prot_commit": Primitive(
        "w_commit_asked({addr}, {ptep}, {old}, {pte}, 1);", ("S10", "S11"), "W.committing = false;", one=True
    ),
    "modify_prot_commit_ptes": Primitive(
        "w_commit_asked({addr}, {ptep}, {old}, {pte}, {nr});", ("S10", "S11", "T5"), f"W.committing = false; {_CHANGED}"
    ),
}

# What may be asked of a present entry only, and of one that is not: F5. By what else comes before the entry.
_AWAY = "pte_to_swp_entry pte_swp_soft_dirty pte_swp_exclusive pte_swp_uffd_wp pte_swp_uffd".split()
_OF_VMA = ("struct vm_area_struct *vma, unsigned long addr, ", "vma, addr, ")
_ASKED = {
    **dict.fromkeys(PRESENT, "w_asked_present"),
    **dict.fromkeys(_AWAY, "w_asked_away"),
    "pte_present": "w_asked_if",
}
ACCESSORS = frozenset(_ASKED)
ASKING = frozenset({"pte_present"})  # whether it is one or the other


def wrappers(functions: Mapping[str, Item], roles: Roles) -> str:
    """C text of all wrappers of a slice."""
    out = [f'#line 1 "{PLACE}"']
    out += [_hint(functions[n]) for n in roles.hints]
    out += [_folio(d) for d in roles.folio]
    out += [_swap(d) for d in roles.swap]
    out += [w for n in PRIMITIVES if n in functions and (w := _primitive(functions[n])) is not None]
    return "\n".join(out)


def accessors(known: Iterable[str]) -> str:
    """C text by which code under test calls those of the accessors that a slice has.

    Batch detection reads entries before it knows what they are, and comes before this, as do headers."""
    out = [f'#line 1 "{PLACE}"']
    for name in known:
        types, given = _OF_VMA if name.startswith("vm_") else ("", "")
        result = f"typeof({name}({'NULL, 0, ' if given else ''}__pte(0)))"
        body = f"{{ {_ASKED[name]}(pte); return {name}({given}pte); }}"
        out += [f"static inline {result} w_read_{name}({types}pte_t pte) {body}", f"#undef {name}",
                f"#define {name}(...) w_read_{name}(__VA_ARGS__)"]  # fmt: skip
    return "\n".join(out)


def hooked(functions: Mapping[str, Item], roles: Roles) -> frozenset[str]:
    """The functions that are called through a wrapper, and ptep_get(), which contracts.h counts."""
    return roles.names | frozenset(n for n in (*PRIMITIVES, "ptep_get") if n in functions)


def call_of(item: Item) -> str:
    """The macro by which an adapter calls detection, whatever its signature is in this tree."""
    params = signature(item)[1]
    entry, nr = table_and_first(item, params), bound(item, params)
    if entry is None or not nr:
        raise SliceError(f"cannot tell the parameters of {item.name} apart", place=f"{item.file}:{item.line}")
    ptep, first, copy = entry
    outs = iter(("any_write", "any_young", "any_dirty"))
    given = {ptep: "(ptep)", first: "(first)" if copy else "*(first)", nr: "(nr)"}
    types = {"struct folio *": "(folio)", "struct vm_area_struct *": "(vma)", "fpb_t": "(fpb_t)(flags)"}

    def argument(p: Parameter) -> str:
        if p.type == "bool *":
            return f"({next(outs, 'NULL')})"
        return given.get(p.name) or types.get(p.type) or ("w_addr_of(ptep)" if p.type == "unsigned long" else "0")

    listed = ", ".join(argument(p) for p in params)
    head = "w_detect(folio, vma, ptep, first, nr, flags, any_write, any_young, any_dirty)"
    return f"#define {head} (unsigned int)({item.name})({listed})"


def not_asked(functions: Mapping[str, Item], roles: Roles, flags: bool, absent: Iterable[str]) -> tuple[str, ...]:
    """The rules that nobody asks in a slice that would give cause to, B14 for batches that are not forced to one.

    flags: the tree has FPB_ flags as either era names them. absent: primitives that it has not."""
    found: set[str] = set()
    for name in (*roles.unclear, *roles.open):
        found |= {"B14", "B1", "F1"} if name in roles.swapping else {"B14", "B1", "B2", "B3", "B4"}
    for d in roles.folio:
        found |= {"B3"} if d.guarded else set()
        found |= set() if d.bits and flags else {"B4", "B8"} if d.flags or d.bits else {"B4"}
    unfit = [n for n in PRIMITIVES if n in functions and _primitive(functions[n]) is None]
    for name in unfit:
        found |= {"B1", "B11", *PRIMITIVES[name].rules}
    gone = {n for n in absent if PRIMITIVES[n].also in {"", *absent} and not PRIMITIVES[n].one}
    called = frozenset[str]().union(*(i.refs for i in functions.values() if not primitive(i)))
    if gone and any(_like_primitive(functions[n]) for n in called & functions.keys() - PRIMITIVES.keys()):
        found = found.union({"B1", "B11"}, *(PRIMITIVES[n].rules for n in gone))
    return tuple(sorted(found, key=lambda r: (r[0], int(r[1:]))))


def _wrapper(item: Item, before: str, arguments: Iterable[str], result: str = "{call}", after: str = "") -> str:
    """The function under another name that does something more, and the macro that leads to it."""
    returns, _ = signature(item)
    head = re.sub(rf"\b{item.name}\b(?=\s*\()", f"w_of_{item.name}", item.signature, count=1)
    head = re.sub(r"\b(?:static|extern|inline|__inline__|__inline)\b\s*", "", " ".join(head.split()))
    call = result.format(call=f"({item.name})({', '.join(arguments)})")
    if returns == "void":
        body = f"{before} {call}; {after}"
    elif after:
        body = f"{before} {returns} w_result = {call}; {after} return w_result;"
    else:
        body = f"{before} return ({returns}){call};" if returns != "pte_t" else f"{before} return {call};"
    return f"static inline {head} {{ {body} }}\n#define {item.name}(...) w_of_{item.name}(__VA_ARGS__)"


def _arguments(item: Item, **other: str) -> list[str]:
    return [other.get(p.name, p.name) for p in signature(item)[1]]


def _hint(item: Item) -> str:
    return _wrapper(item, "", _arguments(item), "(W.force_one ? 1 : {call})")


def _folio(d: Detection) -> str:
    flags = f"(unsigned int){d.flags}" if d.flags else "W_FLAGS_LEAST" if d.bits else "W_FLAGS_NONE"
    before = f"const pte_t w_first = {'*' * d.copy}{d.first};"
    before += f" w_batch_copied({d.ptep}, {d.first});" if d.copy else ""
    before += f" w_batch_merges({d.vma}, {d.ptep}, {flags});" if d.vma and d.flags else ""
    before += (
        f" const unsigned int w_room = w_batch_asked({d.folio}, {d.ptep}, w_first, (long){d.nr}, {int(d.guarded)});"
    )
    result = f"w_batch_agrees({d.folio}, {d.ptep}, w_first, (unsigned int){{call}}, {flags})"
    return _wrapper(d.item, before, _arguments(d.item, **{d.nr: "w_room"}), result)


def _swap(d: Detection) -> str:
    before = f"const unsigned int w_room = w_swap_asked({d.ptep}, (long){d.nr});"
    result = f"w_swap_agrees({d.ptep}, (long){{call}})"
    return _wrapper(d.item, before, _arguments(d.item, **{d.nr: "w_room"}), result)


def _primitive(item: Item) -> str | None:
    """The wrapper of a batch primitive; None where the signature does not tell what is what."""
    params = signature(item)[1]
    addresses = [p.name for p in params if p.type == "unsigned long" and re.fullmatch(r"\w*addr\w*", p.name)]
    tables = [p.name for p in params if p.type == "pte_t *"]
    entries = [p.name for p in params if p.type == "pte_t"]
    known = PRIMITIVES[item.name]
    nr = "1" if known.one else bound(item, params)
    wanted = 2 if "{old}" in known.check else "{pte}" in known.check
    if len(addresses) != 1 or len(tables) != 1 or (wanted and len(entries) != wanted) or not nr:
        return None
    told = {
        "addr": addresses[0],
        "ptep": tables[0],
        "nr": nr,
        "pte": (entries or [""])[-1],
        "old": (entries or [""])[0],
    }
    return _wrapper(item, known.check.format(**told), _arguments(item), after=known.after.format(**told))


def _like_primitive(item: Item) -> bool:
    """Whether a function of the headers works on a number of entries, as batch primitives do."""
    if not primitive(item) or "pte_t *" not in item.signature:
        return False
    try:
        params = signature(item)[1]
    except SliceError:
        return False
    counts = [p.name for p in params if INTEGER.fullmatch(p.type) and re.fullmatch(r"nr\w*", p.name)]
    return len([p for p in params if p.type == "pte_t *"]) == 1 and len(counts) == 1
