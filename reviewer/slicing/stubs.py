# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-ins for functions of which only a prototype is known, or that do not compile here.

Uninterpreted: the same call (name, arguments, occurrence) gives the same answer before and after the patch. What
handles PTEs, pages or folios is never invented: a run that comes to such a function ends there and says nothing.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from reviewer.csource.items import Item, first_of, parse
from reviewer.errors import SliceError

# What handles these types decides verdicts: never invent such a function.
_NEVER = re.compile(
    r"\b(?:pte_t|pmd_t|pud_t|swp_entry_t|softleaf_t|pgprot_t|"
    r"struct (?:folio|page|vm_fault|mm_walk|page_vma_mapped_walk))\b"
)


def may_stub(item: Item) -> bool:
    """Whether a function may be left uninterpreted: neither its signature nor its body, if known, has such a type."""
    return not _NEVER.search(item.text)


def stub_text(item: Item) -> str:
    """C text of the uninterpreted stand-in. Raises SliceError when the prototype cannot be read."""
    returns, params, hashed = _signature(item)
    call = f'w_stub("{item.name}", {hashed})'
    body = f"(void){call};" if returns == "void" else f"return ({returns}){'(void *)0' if '*' in returns else call};"
    if "*" in returns:
        body = f"(void){call}; {body}"
    return f"static inline {returns} {item.name}({params}) {{ {body} }}"


def end_text(item: Item, probe: int) -> str:
    """C text of the stand-in that ends the run, and tells with a probe that it did."""
    returns, params, _ = _signature(item)
    return f"static inline {returns} {item.name}({params}) {{ W_COV({probe}); w_unmodelled(); }}"


def _signature(item: Item) -> tuple[str, str, str]:
    """(return type, parameters, a sum of what they hold). Raises SliceError when it cannot be read."""
    root = parse((item.signature.rstrip("; \n") + ";").encode())
    found = first_of(root, "function_declarator")
    if found is None or (name := found.child_by_field_name("declarator")) is None or name.text is None:
        raise SliceError(f"cannot read the prototype of {item.name}", place=f"{item.file}:{item.line}")
    head = root.text[: name.start_byte].decode() if root.text else ""
    returns = re.sub(r"\b(extern|static|inline|__inline__)\b", "", head).strip()
    return returns, *_parameters(found.child_by_field_name("parameters"))


def _parameters(node: Node | None) -> tuple[str, str]:
    texts, hashed = [], ["0"]
    for i, child in enumerate(node.named_children if node is not None else ()):
        text = (child.text or b"").decode()
        if child.type != "parameter_declaration" or text == "void":
            texts.append(text)
            continue
        declarator = child.child_by_field_name("declarator")
        named = (
            re.search(r"(\w+)\W*$", declarator.text.decode()) if declarator is not None and declarator.text else None
        )
        if named is None:
            text += f" w_a{i}"
        if "(" not in text:
            texts.append(text)
            word = named.group(1) if named else f"w_a{i}"
            # The value, whatever its type: of what may be a struct the first word.
            value = f"(unsigned long)({word})" if "*" in text or _scalar(text) else f"w_word({word})"
            hashed.append(f"{i + 1}UL * (unsigned int)({value})")
        else:
            texts.append(text)
    return ", ".join(texts), " + ".join(hashed)


def _scalar(text: str) -> bool:
    return (
        re.match(r"\s*(const )?(enum \w+|unsigned|signed|int|long|short|char|bool|u\d+|s\d+|size_t|gfp_t)\b", text)
        is not None
    )
