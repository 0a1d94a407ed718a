# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the adapter of a function that has none of its own: arguments that fit together, from its signature.

What a parameter stands for is told by its type and name (the table in fits.py), what callers guarantee by the body
(guarantees.py). What neither tells is an error that names the parameter: it is never guessed. A scenario that
does not meet what the function asserts of its parameters ends the run there, and says nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.slicing.fits import COUNT, FITS
from reviewer.slicing.guarantees import Guarantees, guarantees
from reviewer.slicing.signature import Parameter, members, signature

_SCALAR = r"(?:(?:unsigned )?(?:int|long|char|short)|bool|(?:__)?[us](?:8|16|32|64)|loff_t|size_t|pgoff_t|\w+_mask)"
_OUT = re.compile(rf"({_SCALAR}) \*|((?:struct \w+|spinlock_t) \*)\*")
_RESULTS = 4  # W.facts.out
FAMILIES = {True: "NONE", False: "RAW"}  # whether it sees to pages and counters -> world/family.h


def adapter_text(item: Item, like: Item, reached: Mapping[str, Item]) -> str:
    """The C of w_entry for a function. like: the function before the patch, so that both sides are called the same
    way. reached: what the function's code leads to by name, structs pruned to what it names of them.

    Raises SliceError naming the parameter that nothing tells how to make."""
    return _Adapter(item, guarantees(like), reached).text()


class _Adapter:
    def __init__(self, item: Item, given: Guarantees, reached: Mapping[str, Item]) -> None:
        self.item = item
        self.given = given
        self.structs = {n: i for n, i in reached.items() if n.startswith("struct ")}
        # What a walk hands on is told by who takes it from there.
        takers = [i for n, i in sorted(reached.items()) if i.kind == "function" and "struct mm_walk *" in i.signature]
        self.bodies = [given.body, *(guarantees(i).body for i in takers if i.name != item.name)]
        self.returns, self.parameters = signature(item)
        self.before: list[str] = []  # functions that arguments point to
        self.made: list[str] = []  # objects that they point to
        self.setup: list[str] = []
        self.after: list[str] = []
        self.results = 0

    def text(self) -> str:
        bound = [f"{p.type} {p.name} = {self.argument(p)};" for p in self.parameters]
        call = [
            *bound,
            *self._asserted(),
            self._result(f"{self.item.name}({', '.join(p.name for p in self.parameters)})"),
        ]
        if self.given.each:
            self.made.append("unsigned int w_i;")
            loop = "for (w_i = W.scn->start; w_i < W.scn->end; w_i++) {"
            given = "W.scn->slot[w_i - W.scn->first]"
            only = (
                ["\tif (!w_wanted(&" + given + ", W_MAPPED))", "\t\tcontinue;"]
                if self.given.wants == "W_MAPPED"
                else []
            )
            call = [loop, *only, "\tw_at_slot(&w, w_i);", *(f"\t{line}" for line in call), "}"]
        lock, unlock = (["spin_lock(w.ptl);"], ["spin_unlock(w.ptl);"]) if self.given.locked else ([], [])
        lines = ["struct w_call w;", *self.made, f"if (!w_call_at(&w, {self.given.wants}))", "\treturn;", *self.setup,
                 *lock, "{", *(f"\t{line}" for line in call), "}", *self.after, *unlock, *self._finish()]  # fmt: skip
        entry = "static void w_entry(void)\n{\n\t" + "\n\t".join(lines) + "\n}\n"
        return (
            "".join(f"{text}\n" for text in self.before)
            + entry
            + f"#define W_FAMILY W_FAM_{FAMILIES[self.given.counts]}\n"
            + ("#define W_LIVE 1\n" if self.given.live else "")
        )

    def argument(self, p: Parameter) -> str:
        """The C expression for a parameter."""
        if (special := self._special(p)) is not None:
            return special
        if p.type.startswith("enum ") and not p.type.endswith("*"):
            return self._asked(p)
        if (fit := self._fit(p)) is not None:
            return fit
        if re.fullmatch(rf"{COUNT}|\w+_flags_t|fpb_t|cydp_t|uffd_flags_t", p.type) and "flags" in p.name:
            return self._asked(p)
        if (out := _OUT.fullmatch(p.type)) is not None:
            return self._out(out.group(1) or out.group(2), p.name)
        if re.fullmatch(r"struct \w+ \*", p.type):
            return self._struct(p.type[:-2], p.name)
        raise self._unknown(f"{p.type}{'' if p.type.endswith('*') else ' '}{p.name}, which no generic argument fits")

    def _unknown(self, what: str) -> SliceError:
        return SliceError(f"{self.item.name}() takes {what}", place=f"{self.item.file}:{self.item.line}")

    def _special(self, p: Parameter) -> str | None:
        match p.type:
            case "struct mm_walk *":
                return self._walk(p)
            case "struct list_head *":
                self.made.append(f"struct list_head w_{p.name} = {{ &w_{p.name}, &w_{p.name} }};")
                return f"&w_{p.name}"
            case "void *" if not re.fullmatch(r"\w*addr", p.name):
                return f"(void *)({self._private(p.name, self.given.body)})"
            case "pte_t *" if re.search(rf"(?<![\w)])\*{p.name}\b", self.given.body):
                self.made.append(f"pte_t w_{p.name};")
                self.setup.append(f"w_{p.name} = w.pte;")
                return f"&w_{p.name}"
            case "int *" if p.name == "rss":
                self.made.append("int w_rss[8] = { 0 }, w_k;")
                self.after.append("for (w_k = 0; w_k < 4; w_k++) add_mm_counter(w.vma->vm_mm, w_k, w_rss[w_k]);")
                return "w_rss"
        return None

    def _walk(self, p: Parameter) -> str:
        self.made.append("struct mm_walk w_walk = { 0 };")
        source = rf"{p.name}->private"
        body = next((b for b in self.bodies if re.search(rf"\b{source}\b", b)), self.given.body)
        private = self._private(source, body)
        self.setup += ["w_walk.vma = w.vma;", "w_walk.mm = w.vma->vm_mm;", f"w_walk.private = (void *)({private});"]
        ops = self.structs.get("struct mm_walk_ops")
        if ops is not None and re.search(r"\bpte_entry\b", ops.text):
            self.before.append(
                "static int w_step_on(pte_t *ptep, unsigned long addr, unsigned long next, struct mm_walk *walk)\n"
                "{\n\t(void)next;\n\treturn w_visit(ptep, addr, walk);\n}\n"
                "static const struct mm_walk_ops w_ops = { .pte_entry = w_step_on };"
            )
            self.setup.append("w_walk.ops = &w_ops;")
        return "&w_walk"

    def _private(self, source: str, body: str) -> str:
        """What a void pointer points to: told by the local variable it is assigned to, or by its cast."""
        cast = r"(?:\([^()]*\)\s*)?"
        found = re.search(rf"\b((?:struct |enum |unsigned )?\w+)\s*(\*)\s*(\w+)\s*=\s*{cast}{source}\s*[;,]", body)
        if found is not None:
            return self.argument(Parameter(f"{found.group(1)} *", found.group(3)))
        if (found := re.search(rf"\*\s*\(\s*(\w[\w ]*?)\s*\*\s*\)\s*\(?\s*{source}", body)) is not None:
            fit = self._fit(Parameter(found.group(1), "private"))
            self.made.append(f"{found.group(1)} w_private;")
            self.setup.append(f"w_private = {fit};")
            return "&w_private"
        used = re.search(rf"[=*]\s*{source}\b|\b{source}\s*(?:->|\[|=)", body)
        if used is None or re.search(rf"\(enum \w+\)\s*\(?\w*\)?\s*{source}", body):
            return "0"
        raise self._unknown(f"{source}, and nothing tells what it points to")

    def _fit(self, p: Parameter) -> str | None:
        if self.given.wants == "W_NONPRESENT" and p.type in {"struct folio *", "struct page *"}:
            raise self._unknown(f"{p.type}{p.name}, the folio of an entry that is not present")
        text = next((t for kind, name, t in FITS if re.fullmatch(kind, p.type) and re.fullmatch(name, p.name)), None)
        if text is None:
            return None
        first, last = ("w.start", "w.end") if self.given.ranged else ("w.addr", "w.addr + PAGE_SIZE")
        pfn = "W_PFN_SPECIAL" if self.given.wants.startswith("W_EMPTY") else "pte_pfn(w.pte)"
        choice = f"({p.type})({_option(p.name)} & 1)"
        return text.format(first=first, last=last, type=p.type, pfn=pfn, choice=choice)

    def _asked(self, p: Parameter) -> str:
        """One at a time of the values that the function asks for, or none."""
        asked = sorted(set(re.findall(rf"\b{p.name} (?:&|==|!=) \(?([A-Z][A-Z0-9_]+)\b", self.given.body)))
        if not asked:
            return "0"
        return f"(({p.type}[]){{ {', '.join(['0', *asked])} }})[{_option(p.name)} % {len(asked) + 1}]"

    def _out(self, kind: str, name: str) -> str:
        """A variable of its own, nought at the start; what it ends with is part of the result."""
        self.made.append(f"{kind} w_{name} = 0;")
        if name in {"num", "nr_pages"}:
            self.setup.append(f"w_{name} = w.nr;")
        if "*" not in kind and self.results < _RESULTS:
            self.after.append(f"W.facts.out[{self.results}] = (long)w_{name};")
            self.results += 1
        return f"&w_{name}"

    def _struct(self, tag: str, name: str, depth: int = 0) -> str:
        """A struct of the tree whose members are made as parameters of their type and name would be; what they are in
        the end is part of the result."""
        item = self.structs.get(tag)
        variable = f"w_{name}{depth or ''}"
        if item is None or depth > 2:
            raise self._unknown(f"a {tag}, which no generic argument fits")
        self.made.append(f"static {tag} {variable};")
        self.setup.append(f"memset(&{variable}, 0, sizeof({variable}));")
        for member in members(item):
            self._member(variable, member, depth)
        return f"&{variable}"

    def _member(self, variable: str, member: Parameter, depth: int) -> None:
        where = f"{variable}.{member.name}"
        if member.type == "struct list_head":
            self.setup.append(f"INIT_LIST_HEAD(&{where});")
        elif member.array:
            self.after.append(f"w_fold(&{where}, sizeof({where}));")
        elif member.type in self.structs:
            for inner in members(self.structs[member.type]):
                self._member(where, inner, depth)
        elif (array := re.fullmatch(rf"({_SCALAR}|\w+_entry_t) \*", member.type)) is not None:
            self._room(where, array.group(1))
        elif re.fullmatch(r"struct \w+ \*", member.type) and member.type[:-2] in self.structs:
            made = self._struct(member.type[:-2], member.name, depth + 1)
            absent = re.search(rf"!\w+(?:->|\.){member.name}\b", self.given.body)
            self.setup.append(f"{where} = {f'{_option(member.name)} & 1 ? 0 : ' if absent else ''}{made};")
        elif member.type == "pte_t *" and self.given.maps:
            return
        elif member.type == "spinlock_t *":
            self.after.append(f"if (W.facts.ret >= 0 && {where} && {where}->held)\n\t\tspin_unlock({where});")
        else:
            self._value(where, member)

    def _room(self, where: str, kind: str) -> None:
        """Where results are written, for each page of the range one."""
        room = re.sub(r"\W", "_", where)
        self.made.append(f"static {kind} {room}[W_MAX_SLOTS];")
        self.setup += [f"memset({room}, 0, sizeof({room}));", f"{where} = {room};"]
        self.after.append(f"w_fold({room}, sizeof({room}));")

    def _value(self, where: str, member: Parameter) -> None:
        fit = self._fit(member)
        if fit in {None, "0"} and re.fullmatch(rf"{_SCALAR}|enum \w+", member.type):
            fit = self._asked(member)
        if fit not in {None, "0"}:
            self.setup.append(f"*({member.type} *)&{where} = {fit};")
        if re.fullmatch(rf"{_SCALAR}|enum \w+", member.type):
            self.after.append(f"w_fold(&{where}, sizeof({where}));")

    def _asserted(self) -> list[str]:
        """What the function asserts of its parameters holds, or the scenario is none for it."""
        names = {p.name for p in self.parameters}
        usable = [a for a in self.given.asserts if set(re.findall(r"(?<![.>\w])[a-z_]\w*(?!\s*\(|\w)", a)) <= names]
        return [f"if ({a})\n\t\t\tw_unmodelled();" for a in usable]

    def _result(self, call: str) -> str:
        match self.returns:
            case "void":
                return f"{call};"
            case "pte_t":
                return f"w_pte_result({call});"
            case "struct page *" | "struct folio *":
                return f"w_page_result({call}, &w);"
            case "pte_t *" if lock := next((p.name for p in self.parameters if p.type == "spinlock_t **"), ""):
                return f"if ((W.facts.ret = !!{call}) && (*{lock})->held)\n\t\t\tspin_unlock(*{lock});"
            case "swp_entry_t" | "softleaf_t":
                return f"W.facts.ret = (long)({call}).val;"
            case kind if kind.endswith("*"):
                return f"W.facts.ret = !!{call};"
        return f"W.facts.ret = (long){call};"

    def _finish(self) -> list[str]:
        """What callers do in the end: finish the gather, and flush what the function leaves to them."""
        if any(p.type == "struct mmu_gather *" for p in self.parameters):
            return ["tlb_finish_mmu(&W.tlb);"]
        return [] if self.given.flushes else ["flush_tlb_mm(w.vma->vm_mm);"]


def _option(name: str) -> str:
    """One of the scenario's options, by name, so that a parameter more leaves the others as they are."""
    return f"W.scn->option[{2 + zlib.crc32(name.encode()) % 5}]"
