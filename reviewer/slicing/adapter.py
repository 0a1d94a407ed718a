"""Writes the adapter of a function that has none of its own: arguments that fit together, from its signature.

What a parameter stands for is told by its type and name (table _FITS), what the caller guarantees by the body: a
function that maps the page table itself is called without the page-table lock, one that is given a PTE with it;
one that looks at entries with accessors for present PTEs only gets such an entry; one that asserts that an entry
is empty gets an empty table. What none of this tells is an error that names the parameter: it is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.csource import Item, parse
from reviewer.errors import SliceError

_COUNT = r"(?:unsigned )?(?:int|long)"
# (type, name, argument): both must match whole; c is the struct w_call of generic.h.
_FITS: tuple[tuple[str, str, str], ...] = (
    (r"struct vm_area_struct \*", r"(?:dst|new)_\w+", "&W.vma[1]"),
    (r"struct vm_area_struct \*", r"\w+", "c.vma"),
    (r"struct mm_struct \*", r"\w+", "c.vma->vm_mm"),
    (r"pmd_t \*", r"(?:dst|new)_\w+", "c.to_pmd"),
    (r"pmd_t \*", r"\w+", "c.pmd"),
    (r"pmd_t", r"\w+", "*c.pmd"),
    (r"pte_t \*", r"(?:dst|new)_\w+", "c.to"),
    (r"pte_t \*", r"\w+", "c.ptep"),
    (r"pte_t", r"orig_dst_pte", "__pte(0)"),
    (r"pte_t", r"\w+", "c.pte"),
    (r"unsigned long|u64", r"(?:dst|new)_addr\w*", "c.to_addr"),
    (r"unsigned long|u64", r"(?:\w+_)?addr(?:ess)?|start|haddr|uaddr", "{first}"),
    (r"unsigned long|u64", r"end|next|\w+_end", "{last}"),
    (_COUNT, r"(?:max_)?nr(?:_pages|_ptes)?|max_nr_ptes|npages", "({type})c.nr"),
    (r"unsigned long", r"len", "c.end - c.start"),
    (r"unsigned long|phys_addr_t", r"pfn|phys_addr", "{pfn}"),
    (r"pgoff_t|unsigned long", r"\w*pgoff|index|\w*ilx", "c.pgoff"),
    (r"struct folio \*", r"\w+", "c.folio"),
    (r"struct page \*", r"\w+", "c.page"),
    (r"spinlock_t \*", r"(?:dst|new)_\w+", "c.to_ptl"),
    (r"spinlock_t \*", r"\w+", "c.ptl"),
    (r"struct mmu_gather \*", r"\w+", "&W.tlb"),
    (r"pgprot_t", r"\w+", "c.vma->vm_page_prot"),
    (r"gfp_t", r"\w+", "0"),
    (r"swp_entry_t|softleaf_t", r"\w+", "{entry}"),
    (r"bool|_Bool", r"\w+", "{choice}"),
    (r"int|unsigned int", r"full|dirty|type|write|shift|order|depth", "{choice}"),
    (r"enum \w+", r"\w+", "0"),
)  # fmt: skip
_MAPS = re.compile(r"\bpte_(?:offset|alloc)_map\w*\s*\(|\bpage_vma_mapped_walk\b|\bDEFINE_FOLIO_VMA_WALK\b|\bget_locked_pte\b")
_KERNEL = re.compile(r"\binit_mm\b|\bpte_alloc_kernel\w*\b")
_FILLS = re.compile(r"(?:BUG_ON|WARN_ON\w*)\s*\(\s*!pte_none\b|if \(!pte_none\(")
_NONPRESENT = re.compile(r"\b(?:softleaf_from_pte|pte_to_swp_entry|is_swap_pte|is_pte_marker)\b")
_FLUSHES = re.compile(r"\b\w*flush\w*\s*\(|\btlb_\w+\s*\(")
_RETURNED = 4  # W.facts.out


@dataclass(frozen=True)
class Parameter:
    """A parameter or struct member: its type without const, pointers as in "pte_t *", and its name."""

    type: str
    name: str


def parameters(item: Item) -> tuple[str, tuple[Parameter, ...]]:
    """(return type, parameters) of a function. Raises SliceError when the signature cannot be read."""
    root = parse((item.signature + ";").encode())
    found = _find(root, "function_declarator")
    name = found.child_by_field_name("declarator") if found is not None else None
    if found is None or name is None:
        raise SliceError(f"cannot read the signature of {item.name}", place=f"{item.file}:{item.line}")
    head = (root.text or b"")[: name.start_byte].decode()
    listed = found.child_by_field_name("parameters")
    nodes = listed.named_children if listed is not None else []
    read = [_declared(n) for n in nodes if n.type == "parameter_declaration"]
    return _plain(head), tuple(p for p in read if p.type != "void")


def _declared(node: Node) -> Parameter:
    text = (node.text or b"").decode()
    declarator = node.child_by_field_name("declarator")
    at = len(text) if declarator is None else declarator.start_byte - node.start_byte
    tail = text[at:]
    name = re.search(r"\w+", tail)
    stars = tail.count("*") + tail.count("[")
    return Parameter(_plain(text[:at] + " " + "*" * stars), name.group(0) if name is not None else "")


def _plain(text: str) -> str:
    words = re.sub(r"\b(?:const|static|inline|extern|volatile)\b", " ", text).replace("*", " * ")
    return re.sub(r"\* (?=\*)", "*", " ".join(words.split()).replace(" ;", ""))


def _find(node: Node, kind: str) -> Node | None:
    if node.type == kind:
        return node
    for child in node.named_children:
        if (found := _find(child, kind)) is not None:
            return found
    return None


def adapter_text(item: Item, structs: dict[str, Item]) -> str:
    """The C of w_entry for a function. structs: those of the tree by name, pruned to what the function names.

    Raises SliceError naming the parameter that nothing here tells how to make."""
    return _Adapter(item, structs).text()


class _Adapter:
    def __init__(self, item: Item, structs: dict[str, Item]) -> None:
        self.item = item
        self.structs = structs
        self.body = re.sub(r"//[^\n]*|/\*.*?\*/", " ", item.text[len(item.signature) :], flags=re.DOTALL)
        self.returns, self.parameters = parameters(item)
        self.made: list[str] = []  # objects the arguments point to
        self.setup: list[str] = []
        self.after: list[str] = []
        self.options = 2  # 0 and 1: the place and the length
        types = [p.type for p in self.parameters]
        given = any(t in {"pte_t *", "spinlock_t *"} for t in types) or "struct page_vma_mapped_walk *" in types
        self.maps = _MAPS.search(self.body) is not None
        self.kernel = _KERNEL.search(self.body) is not None
        self.locked = (given and not self.maps) or (self.kernel and "pmd_t *" in types)
        self.ranged = any(p.name in {"end", "stop"} or p.name.endswith("_end") for p in self.parameters) and not given
        self.walker = given and "struct mm_walk *" in types and not self.maps

    def text(self) -> str:
        arguments = [self.argument(p) for p in self.parameters]
        call = self._result(f"{self.item.name}({', '.join(arguments)})")
        if self.walker:
            call = f"for (w_i = W.scn->start; w_i < W.scn->end; w_i++) {{ w_at_slot(&c, w_i); {call} }}"
            self.made.append("unsigned int w_i;")
        lines = ["struct w_call c;", *self.made, f"if (!w_call_at(&c, {self._wants()}))", "\treturn;", *self.setup]
        lines += ["spin_lock(c.ptl);"] if self.locked else []
        lines += [call, *self.after]
        lines += ["spin_unlock(c.ptl);"] if self.locked else []
        lines += self._finish()
        return "static void w_entry(void)\n{\n\t" + "\n\t".join(lines) + "\n}\n#define W_FAMILY W_FAM_NONE\n"

    def argument(self, p: Parameter) -> str:
        """The C expression for a parameter or member."""
        if (special := self._special(p)) is not None:
            return special
        for kind, name, text in _FITS:
            if re.fullmatch(kind, p.type) and re.fullmatch(name, p.name):
                return self._filled(text, p)
        if re.fullmatch(r"(?:unsigned )?(?:int|long)|\w+_flags_t|fpb_t|cydp_t", p.type) and "flags" in p.name:
            return self._flags(p)
        if re.fullmatch(r"(?:(?:unsigned )?(?:int|long|char|short)|bool|pte_t|spinlock_t \*|struct \w+ \*|\w+_mask) \*", p.type):
            return f"&{self._object(p.type[:-2], p.name)}"
        if re.fullmatch(r"(struct \w+) \*", p.type):
            return self._struct(p.type[:-2], p.name)
        raise SliceError(
            f"{self.item.name}() takes {p.type} {p.name}, which no generic argument fits",
            place=f"{self.item.file}:{self.item.line}",
        )

    def _special(self, p: Parameter) -> str | None:
        match p.type:
            case "struct mm_walk *":
                self.made.append("struct mm_walk walk = { 0 };")
                private = self._private(rf"{p.name}->private")
                self.setup += ["walk.vma = c.vma;", "walk.mm = c.vma->vm_mm;", f"walk.private = (void *)({private});"]
                return "&walk"
            case "void *":
                return f"(void *)({self._private(p.name)})"
            case "pte_t *" if re.search(rf"(?<![\w)])\*{p.name}\b", self.body):
                self.made.append(f"pte_t w_{p.name};")
                self.setup.append(f"w_{p.name} = c.pte;")
                return f"&w_{p.name}"
            case "int *" if p.name == "rss":
                self.made.append("int rss[8] = { 0 }, w_k;")
                self.after.append("for (w_k = 0; w_k < 4; w_k++) add_mm_counter(c.vma->vm_mm, w_k, rss[w_k]);")
                return "rss"
        return None

    def _private(self, source: str) -> str:
        """What a void pointer points to: told by the local variable it is assigned to."""
        cast = r"(?:\([^()]*\)\s*)?"
        found = re.search(rf"\b((?:struct |enum |unsigned )?\w+)\s*(\*)\s*(\w+)\s*=\s*{cast}{source}\s*[;,]", self.body)
        if found is not None:
            return self.argument(Parameter(f"{found.group(1)} *", found.group(3)))
        if re.search(rf"\b{source}\b", self.body) is None:
            return "0"
        raise SliceError(
            f"what {source} of {self.item.name}() points to is not told", place=f"{self.item.file}:{self.item.line}"
        )

    def _filled(self, text: str, p: Parameter) -> str:
        first, last = ("c.start", "c.end") if self.ranged else ("c.addr", "c.addr + PAGE_SIZE")
        pfn = "W_PFN_SPECIAL" if self._wants() == "W_EMPTY" else "pte_pfn(c.pte)"
        entry = "softleaf_from_pte(c.pte)" if "softleaf" in self.item.text else "pte_to_swp_entry(c.pte)"
        if text == "{choice}":
            return f"({p.type})({self._option()} & 1)"
        if p.type == "phys_addr_t":
            pfn = f"PFN_PHYS({pfn})"
        return text.format(first=first, last=last, type=p.type, pfn=pfn, entry=entry)

    def _option(self) -> str:
        self.options = min(self.options + 1, 6)
        return f"W.scn->option[{self.options}]"

    def _flags(self, p: Parameter) -> str:
        """One at a time of the flags that the function asks for, or none."""
        asked = sorted(set(re.findall(rf"\b{p.name} & \(?([A-Z][A-Z0-9_]+)\b", self.body)))
        if not asked:
            return "0"
        listed = ", ".join(["0", *asked])
        return f"(({p.type}[]){{ {listed} }})[{self._option()} % {len(asked) + 1}]"

    def _object(self, kind: str, name: str) -> str:
        """A variable of its own, nought at the start; what it ends with is part of the result."""
        number = len(self.after)
        self.made.append(f"{kind} w_{name} = {{ 0 }};" if kind.startswith("struct") and "*" not in kind else f"{kind} w_{name} = 0;")
        if "*" not in kind and not kind.startswith("struct") and number < _RETURNED:
            self.after.append(f"W.facts.out[{number}] = (long)w_{name};")
        return f"w_{name}"

    def _struct(self, tag: str, name: str, depth: int = 0) -> str:
        """A struct of the tree whose members are made as parameters of their type and name would be."""
        item = self.structs.get(tag)
        variable = f"w_{name}{depth or ''}"
        if item is None or depth > 2:
            raise SliceError(f"{self.item.name}() needs a {tag}, which no generic argument fits", place=tag)
        self.made.append(f"static {tag} {variable};")
        self.setup.append(f"memset(&{variable}, 0, sizeof({variable}));")
        for member in _members(item):
            self._member(variable, member, depth)
        return f"&{variable}"

    def _member(self, variable: str, member: Parameter, depth: int) -> None:
        where = f"{variable}.{member.name}"
        if member.type == "struct list_head":
            self.setup.append(f"INIT_LIST_HEAD(&{where});")
        elif re.fullmatch(r"(?:unsigned )?(?:long|int|char|short) \*|u8 \*|u64 \*", member.type):
            kind = member.type[:-2]
            self.made.append(f"static {kind} {variable}_{member.name}[W_MAX_SLOTS];")
            self.setup += [f"memset({variable}_{member.name}, 0, sizeof({variable}_{member.name}));",
                           f"{where} = {variable}_{member.name};"]  # fmt: skip
        elif re.fullmatch(r"struct \w+ \*", member.type) and member.type[:-2] in self.structs:
            self.setup.append(f"{where} = {self._struct(member.type[:-2], member.name, depth + 1)};")
        else:
            for kind, name, text in _FITS:
                if re.fullmatch(kind, member.type) and re.fullmatch(name, member.name) and "{choice}" not in text:
                    self.setup.append(f"{where} = {self._filled(text, member)};")
                    break

    def _wants(self) -> str:
        types = {p.type for p in self.parameters}
        if _FILLS.search(self.body):
            return "W_EMPTY"
        if self.ranged or self.walker:
            return "W_ANY"
        if types & {"swp_entry_t", "softleaf_t"}:
            return "W_NONPRESENT"
        if types & {"struct folio *", "struct page *"}:
            return "W_MAPPED"
        if re.search(r"\bpte_present\(|\bpte_none\(", self.body) or not types & {"pte_t", "pte_t *"}:
            return "W_ANY"
        return "W_NONPRESENT" if _NONPRESENT.search(self.body) else "W_MAPPED"

    def _result(self, call: str) -> str:
        match self.returns:
            case "void":
                return f"{call};"
            case "pte_t":
                return f"w_pte_result({call});"
            case "struct page *" | "struct folio *":
                return f"w_page_result({call}, &c);"
            case "pte_t *" if any(p.type == "spinlock_t **" for p in self.parameters):
                self.made.append("pte_t *w_mapped;")
                lock = next(p.name for p in self.parameters if p.type == "spinlock_t **")
                return f"w_mapped = {call}; W.facts.ret = !!w_mapped; if (w_mapped && w_{lock}->held) spin_unlock(w_{lock});"
            case kind if kind.endswith("*"):
                return f"W.facts.ret = !!{call};"
            case "swp_entry_t" | "softleaf_t":
                return f"W.facts.ret = (long)({call}).val;"
        return f"W.facts.ret = (long){call};"

    def _finish(self) -> list[str]:
        """What callers do in the end: finish the gather, and flush what the function leaves to them."""
        if any(p.type == "struct mmu_gather *" for p in self.parameters):
            return ["tlb_finish_mmu(&W.tlb);"]
        return [] if _FLUSHES.search(self.body) else ["flush_tlb_mm(c.vma->vm_mm);"]


def _members(item: Item) -> list[Parameter]:
    found = []
    for field in _fields(parse(item.text.encode())):
        if field.child_by_field_name("declarator") is not None:
            found.append(_declared(field))
    return found


def _fields(root: Node) -> list[Node]:
    body = _find(root, "field_declaration_list")
    return [n for n in body.named_children if n.type == "field_declaration"] if body is not None else []
