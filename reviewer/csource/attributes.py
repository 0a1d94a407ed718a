# SPDX-License-Identifier: GPL-2.0-or-later
"""Attribute and line macros: the words that C's grammar has no place for, and which of them say nothing of the code."""

from __future__ import annotations

import re


def _starting(words: bytes) -> bytes:
    """A pattern for words that begins within none. Their first letters come first in it, and no \\b: so the search
    passes over what begins with none of them."""
    first: dict[bytes, list[bytes]] = {}
    for word in words.split(b"|"):
        first.setdefault(word[:1], []).append(word[1:])
    return b"(?:%b)" % b"|".join(rb"%b(?<!\w%b)(?:%b)" % (c, c, b"|".join(rest)) for c, rest in first.items())


# Attribute-like macros that C grammar has no place for; replaced by spaces of the same length.
_ATTRIBUTES = re.compile(
    _starting(
        rb"__always_inline|__always_unused|__maybe_unused|__user|__iomem|__percpu|__rcu|__init|__ref|"
        rb"__meminit|__sched|__cold|__read_mostly|__ro_after_init|__bitwise|__force|__must_check|__pure|__private|"
        rb"noinline_for_stack|noinline|__cpuidle|notrace|__visible|__weak|asmlinkage|__initdata|__page_aligned_bss|"
        rb"__(?:__)?cacheline_(?:internode)?aligned(?:_in_smp)?|__refdata|__randomize_layout|__packed|__attribute_const__|"
        rb"__no_kasan_or_inline|__no_sanitize_or_inline|__flatten|__nocfi|__latent_entropy|__malloc|nokprobe_inline|"
        rb"__kprobes|__deprecated|__used|__unused|__exit|__sanitize|__noreturn|inline_if_possible|__no_kcsan|"
        rb"__no_kmsan_checks|__no_sanitize_\w+|__no_stack_protector|__no_profile|noinline_for_tracing|__noclone|__hot|"
        rb"__nonstring|__data_racy|__rcu_guarded|__signed_wrap|__returns_nonnull|"
        rb"__designated_init|__no_kstack_erase"
    )
    + rb"\b"
)
_ATTRIBUTE_CALLS = re.compile(
    _starting(
        rb"__releases|__acquires|__must_hold|__cond_acquires|__cond_lock_returns|__no_context_analysis|"
        rb"__counted_by|__printf|__aligned|__assume_aligned|__alloc_size|__attribute__|__guarded_by|__acquires_shared|"
        rb"__releases_shared|__section|__scanf|__must_hold_shared|__nonnull|__access|__copy|__alloc_align|"
        rb"__counted_by_le|__counted_by_be|__counted_by_ptr|__pt_guarded_by|__realloc_size|__context_unsafe|CACHELINE_PADDING"
    )
    + rb"\s*(\((?:[^()]|\([^()]*\))*\))"
)
_LINE_MACROS = re.compile(
    rb"^(?:EXPORT_\w+|DEFINE_\w+|DECLARE_\w+|MODULE_\w+|SYSCALL_DEFINE\d|\w*PAGEFLAG\w*|PAGE_TYPE_OPS|FOLIO_\w+_FLAG\w*|"
    rb"\w*_PAGE_FLAG\w*|TESTSCFLAG\w*|TESTCLEARFLAG\w*|SETPAGEFLAG\w*|CLEARPAGEFLAG\w*|static_assert|late_initcall|"
    rb"core_initcall|subsys_initcall|module_init|early_param|__setup|ALLOW_ERROR_INJECTION|STUB_\w+|BUILD_BUG_ON)"
    rb"\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[ \t]*;?",
    re.MULTILINE,
)
_BLANK = bytes(10 if byte == 10 else 32 for byte in range(256))
# A macro that was but an attribute: with blanks after its name the grammar takes the next line for its value.
_EMPTIED = re.compile(rb"^([ \t]*#[ \t]*define[ \t]+)(\w+)([ \t]+)$", re.MULTILINE)
# What these say changes nothing of what a function does.
_IDLE_ATTRIBUTES = re.compile(
    rb"__always_inline|noinline\w*|inline_if_possible|nokprobe_inline|__(?:always_|maybe_)?unused|__must_check|__cold|__hot|"
    rb"notrace|__user|__iomem|__percpu|__rcu|__force|__bitwise|__sched|__kprobes|__latent_entropy|__flatten|"
    rb"__(?:releases|acquires|must_hold|cond_\w+|guarded_by|pt_guarded_by|no_\w+|counted_by\w*|printf|scanf)\w*.*|"
    rb"__attribute__\s*\(\(\s*(?:__)?(?:unused|noinline|always_inline|cold|hot|deprecated|warn_unused_result|fallthrough)"
    rb"(?:__)?\s*\)\)|__read_mostly|__ro_after_init|____?cacheline\w*|__deprecated|__private|__randomize_layout|__visible",
    re.DOTALL,
)
# Those of casts and of variables, which bodies have.
_INSIDE = frozenset(b"__maybe_unused __always_unused __user __iomem __percpu __rcu __force __bitwise".split())
_SPELT_OUT = re.compile(r"__attribute(?:__)?\s*\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)")
_WITHOUT_WORD = re.compile(r"\b(?:inline|__inline(?:__)?|__extension__)\b")


def blanked(name: str) -> bool:
    """Whether a word is one that blank_attributes() takes for an attribute."""
    word = name.encode()
    return _ATTRIBUTES.fullmatch(word) is not None or _ATTRIBUTE_CALLS.fullmatch(word + b"()") is not None


def says_nothing(value: str) -> bool:
    """Whether a macro with this text is an attribute, or nothing at all."""
    text = blank_attributes(_SPELT_OUT.sub(" ", value).encode()).decode("utf-8", "replace")
    return not _WITHOUT_WORD.sub(" ", text).strip()


def attributes(text: bytes) -> tuple[bytes, ...]:
    """The attributes of a text that may change what the code is or does, sorted: sections, promises to the compiler."""
    found = [m.group(0) for pattern in (_ATTRIBUTES, _ATTRIBUTE_CALLS) for m in pattern.finditer(text)]
    return tuple(sorted(a for a in found if not _IDLE_ATTRIBUTES.fullmatch(a)))


def words_inside(text: bytes) -> tuple[bytes, ...]:
    """The attributes that a body has and that only declarations should, sorted: they may be names there."""
    return tuple(sorted(m.group(0) for m in _ATTRIBUTES.finditer(text) if m.group(0) not in _INSIDE))


def blank_attributes(text: bytes, meant: frozenset[str] = frozenset()) -> bytes:
    """The same bytes with attribute and line macros replaced by spaces (offsets kept).

    meant: such words that are macros of another meaning here; they stay."""

    def spaces(match: re.Match[bytes]) -> bytes:
        found = match.group(0)
        word = re.match(rb"\w+", found)
        return found if meant and word is not None and word.group(0).decode() in meant else found.translate(_BLANK)

    text = _ATTRIBUTE_CALLS.sub(spaces, text)
    text = _ATTRIBUTES.sub(spaces, text)
    text = _EMPTIED.sub(rb"\1\3\2", text)
    return _LINE_MACROS.sub(spaces, text)


def line_macros(text: bytes) -> list[tuple[int, str]]:
    """(line, name) of each line macro, which stands for what is not read here."""
    return [
        (text.count(b"\n", 0, m.start()) + 1, m.group(0).partition(b"(")[0].decode().strip())
        for m in _LINE_MACROS.finditer(text)
    ]
