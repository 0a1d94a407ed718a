"""Kernel C as text: conditionals resolved, attribute macros blanked, split into top-level items.

Raw kernel files leave tree-sitter with dozens of ERROR nodes. Three passes that keep every byte
offset (and so every line number) cure that: an unifdef of our own, blanking of attribute and line
macros, then the parse. Errors inside bodies do not matter: names are taken by a lexer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from reviewer.resources import query_text

C_LANGUAGE = Language(tree_sitter_c.language())

# Attribute-like macros that C grammar has no place for; replaced by spaces of the same length.
_ATTRIBUTES = re.compile(
    rb"\b(?:__always_inline|__always_unused|__maybe_unused|__user|__iomem|__percpu|__rcu|__init|__ref|"
    rb"__meminit|__sched|__cold|__read_mostly|__ro_after_init|__bitwise|__force|__must_check|__pure|__private|"
    rb"noinline_for_stack|noinline|__cpuidle|notrace|__visible|__weak|asmlinkage|__initdata|__page_aligned_bss|"
    rb"__(?:__)?cacheline_(?:internode)?aligned(?:_in_smp)?|__refdata|__randomize_layout|__packed|__attribute_const__|"
    rb"__no_kasan_or_inline|__no_sanitize_or_inline|__flatten|__nocfi|__latent_entropy|__malloc|nokprobe_inline|"
    rb"__kprobes|__deprecated|__used|__unused|__exit|__sanitize|__noreturn|inline_if_possible|__no_kcsan|"
    rb"__no_kmsan_checks|__no_sanitize_\w+|__no_stack_protector|__no_profile|noinline_for_tracing|__noclone|__hot|"
    rb"__nonstring|__data_racy|__rcu_guarded|__signed_wrap|__returns_nonnull|"
    rb"__designated_init|__no_kstack_erase)\b"
)
_ATTRIBUTE_CALLS = re.compile(
    rb"\b(?:__releases|__acquires|__must_hold|__cond_acquires|__cond_lock_returns|__no_context_analysis|"
    rb"__counted_by|__printf|__aligned|__assume_aligned|__alloc_size|__attribute__|__guarded_by|__acquires_shared|"
    rb"__releases_shared|__section|__scanf|__must_hold_shared|__nonnull|__access|__copy|__alloc_align|"
    rb"__counted_by_le|__counted_by_be|__counted_by_ptr|__pt_guarded_by|__realloc_size|__context_unsafe|CACHELINE_PADDING)\s*(\((?:[^()]|\([^()]*\))*\))"
)
_LINE_MACROS = re.compile(
    rb"^(?:EXPORT_\w+|DEFINE_\w+|DECLARE_\w+|MODULE_\w+|SYSCALL_DEFINE\d|\w*PAGEFLAG\w*|PAGE_TYPE_OPS|FOLIO_\w+_FLAG\w*|"
    rb"\w*_PAGE_FLAG\w*|TESTSCFLAG\w*|TESTCLEARFLAG\w*|SETPAGEFLAG\w*|CLEARPAGEFLAG\w*|static_assert|late_initcall|"
    rb"core_initcall|subsys_initcall|module_init|early_param|__setup|ALLOW_ERROR_INJECTION|STUB_\w+|BUILD_BUG_ON)"
    rb"\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[ \t]*;?",
    re.MULTILINE,
)
# A macro that was but an attribute: with blanks after its name the grammar takes the next line for its value.
_EMPTIED = re.compile(rb"^([ \t]*#[ \t]*define[ \t]+)(\w+)([ \t]+)$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|(?:\.|->)\s*[A-Za-z_]\w*|\b0[xX][0-9a-fA-F]+\w*",
    re.DOTALL,
)
_TAG = re.compile(r"\b(struct|union|enum)\s+([A-Za-z_]\w*)")
_MEMBER = re.compile(r"(?:\.|->)\s*([A-Za-z_]\w*)")
_OFFSET = re.compile(r"\b(?:container_of|offsetof)\s*\([^;]*?(\w+)\s*\)")
_LINKED = re.compile(r"\blist_\w*entry\w*\s*\((?:[^()]|\([^()]*\))*,\s*(\w+)\s*\)")
_WORDS = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
KEYWORDS = frozenset(
    (
        "auto break case char const continue default do double else enum extern float for goto if inline int long "
        "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile "
        "while _Bool __typeof__ typeof __inline__ __inline __volatile__ asm defined __attribute__ "
        "__builtin_constant_p"
    ).split()
)


def code_only(text: str) -> str:
    """The text without comments and strings; its lines do not stay."""
    return _WORDS.sub(" ", text)


def _spaces(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\n]", b" ", match.group(0))


# What these say changes nothing of what a function does.
_IDLE_ATTRIBUTES = re.compile(
    rb"__always_inline|noinline\w*|inline_if_possible|nokprobe_inline|__(?:always_|maybe_)?unused|__must_check|__cold|__hot|"
    rb"notrace|__user|__iomem|__percpu|__rcu|__force|__bitwise|__sched|__kprobes|__latent_entropy|__flatten|"
    rb"__(?:releases|acquires|must_hold|cond_\w+|guarded_by|pt_guarded_by|no_\w+|counted_by\w*|printf|scanf)\w*.*|"
    rb"__read_mostly|__ro_after_init|____?cacheline\w*|__deprecated|__private|__randomize_layout|__visible",
    re.DOTALL,
)


def attributes(text: bytes) -> tuple[bytes, ...]:
    """The attributes of a text that may change what the code is or does, sorted: sections, promises to the compiler."""
    found = [m.group(0) for pattern in (_ATTRIBUTES, _ATTRIBUTE_CALLS) for m in pattern.finditer(text)]
    return tuple(sorted(a for a in found if not _IDLE_ATTRIBUTES.fullmatch(a)))


def blank_attributes(text: bytes) -> bytes:
    """The same bytes with attribute and line macros replaced by spaces (offsets kept)."""
    text = _ATTRIBUTE_CALLS.sub(_spaces, text)
    text = _ATTRIBUTES.sub(_spaces, text)
    text = _EMPTIED.sub(rb"\1\3\2", text)
    return _LINE_MACROS.sub(_spaces, text)


@dataclass(frozen=True)
class Item:
    """One top-level thing of a C file.

    kind: function, macro, type (struct/union/enum/typedef), variable or prototype.
    line counts from 1; text is the blanked source, ready to compile.
    """

    name: str
    kind: str
    file: str
    line: int
    text: str

    @cached_property
    def refs(self) -> frozenset[str]:
        """Identifiers the item uses from outside itself: not members, locals, parameters or labels."""
        return _refs(self.kind, self.text, self.name)

    @cached_property
    def members(self) -> frozenset[str]:
        """Names used as struct members (after . or ->, designated initialisers included)."""
        text = _COMMENT.sub(" ", self.text)
        return frozenset([*_MEMBER.findall(text), *_OFFSET.findall(text), *_LINKED.findall(text)])

    @property
    def last_line(self) -> int:
        return self.line + self.text.count("\n")

    @cached_property
    def signature(self) -> str:
        """A function's text up to its body."""
        return self.text[: self.text.index("{")].strip() if "{" in self.text else self.text.rstrip("; \n")


@lru_cache(maxsize=65536)
def _refs(kind: str, text: str, name: str) -> frozenset[str]:
    text = _NOISE.sub(" ", text)
    tags = {f"{kind} {tag}" for kind, tag in _TAG.findall(text)}
    words = set(_WORD.findall(_TAG.sub(" ", text))) if kind != "type" else _type_words(text)
    if kind == "macro":
        head = re.match(r"\s*#\s*define\s+\w+(\(([^)]*)\))?", text)
        params = _WORD.findall(head.group(2) or "") if head else []
        words -= {*params, "define", "VA_ARGS", "__VA_ARGS__"}
    elif kind == "function":
        words -= locals_of(text)
    return frozenset((words | tags) - KEYWORDS - {name})


@cache
def _query(name: str) -> Query:
    return Query(C_LANGUAGE, query_text(name))


def captures(query: str, node: Node) -> dict[str, list[Node]]:
    """Run queries/<query>.scm over a node."""
    return QueryCursor(_query(query)).captures(node)


def parse(text: bytes) -> Node:
    """The root node of a C text."""
    return Parser(C_LANGUAGE).parse(text).root_node


def first_of(node: Node, kind: str) -> Node | None:
    """The first node of this type in a tree, itself included."""
    if node.type == kind:
        return node
    for child in node.named_children:
        if (found := first_of(child, kind)) is not None:
            return found
    return None


def _type_words(text: str) -> set[str]:
    """What a type needs: type names and array sizes, not its members' names."""
    body = re.sub(r"\b[A-Za-z_]\w*\s*(?=[;,:\[]|\)\s*\()", " ", text) if "enum" not in text[:24] else text
    return set(_WORD.findall(_TAG.sub(" ", body)))


def locals_of(function: str) -> set[str]:
    """Names that a function declares itself: parameters, locals, labels."""
    found = captures("locals", parse(function.encode()))
    return {n.text.decode() for n in found.get("name", []) if n.text}


def _declared_names(node: Node) -> Iterator[str]:
    """Names a declaration or typedef introduces, through pointers, arrays and function declarators."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type in {"identifier", "type_identifier"} and here.text:
            yield here.text.decode()
        elif here.type in {"declaration", "type_definition"}:
            stack.extend(here.children_by_field_name("declarator"))
        elif (inner := here.child_by_field_name("declarator")) is not None:
            stack.append(inner)
        elif here.type == "parenthesized_declarator":
            stack.extend(here.named_children)


def _enum_names(node: Node) -> Iterator[str]:
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        if child.type == "enumerator" and (name := child.child_by_field_name("name")) is not None and name.text:
            yield name.text.decode()


def _is_prototype(node: Node) -> bool:
    stack = list(node.children_by_field_name("declarator"))
    while stack:
        here = stack.pop()
        if here.type == "function_declarator":
            return True
        if here.type == "pointer_declarator":
            stack.extend(here.named_children)
    return False


def _names(node: Node) -> tuple[str, list[str]]:
    """(kind, names) of a top-level node; no names when it is of no interest."""
    kind, names = "", list[str]()
    match node.type:
        case "function_definition":
            kind, names = "function", list(_declared_names(node))[:1]
        case "preproc_def" | "preproc_function_def":
            name = node.child_by_field_name("name")
            kind, names = "macro", [name.text.decode()] if name is not None and name.text else []
        case "type_definition":
            kind, names = "type", list(_declared_names(node))
            if (inner := node.child_by_field_name("type")) is not None:
                names += _names(inner)[1]
        case "struct_specifier" | "union_specifier" | "enum_specifier":
            tag = node.child_by_field_name("name")
            if node.child_by_field_name("body") is not None:
                word = node.type.split("_", 1)[0]
                kind = "type"
                names = [f"{word} {tag.text.decode()}"] if tag is not None and tag.text else []
                names += _enum_names(node) if word == "enum" else []
        case "declaration":
            inner = node.child_by_field_name("type")
            kind, names = ("prototype" if _is_prototype(node) else "variable"), list(_declared_names(node))
            if inner is not None and inner.child_by_field_name("body") is not None:
                names += _names(inner)[1]
    return kind, names


def items_of(path: str, text: bytes) -> list[tuple[Item, tuple[str, ...]]]:
    """The top-level items of a file already preprocessed, each with every name it defines."""
    found = []
    for node in _top_level(parse(text)):
        kind, names = _names(node)
        if names and node.text is not None:
            body = node.text.decode("utf-8", "replace")
            found.append((Item(names[0], kind, path, node.start_point[0] + 1, body), tuple(names)))
    return found


def _top_level(root: Node) -> Iterable[Node]:
    """Children of the unit; items that an ERROR node swallowed are given back."""
    for child in root.children:
        if child.type == "ERROR":
            # Members of a struct that did not parse look like declarations: leave those.
            yield from (c for c in child.children if c.type != "declaration")
        else:
            yield child
