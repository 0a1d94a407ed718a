# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of addresses, however broken: they are taken one by one, so that a broken one costs only itself."""

from __future__ import annotations

import re
from email.utils import quote

# A quoted name, a comment or an address holds commas that part nothing; a quote that ends nowhere is a letter.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.){0,255}"(?=\s*(?:[<,;@.(]|$))|\((?:[^()\\]|\\.){0,255}\)|<[^<>]*>|[,;]|[^"(<,;]+|.', re.DOTALL
)
_REMARK = re.compile(r"[\s>]#")  # "stable@vger.kernel.org # 6.17, 6.12"
_VERSION = re.compile(r"v?\d[\w.+ -]*")
_GROUP = re.compile(r'[^"<>@:]*:\s*')
_ANGLED = re.compile(r"(.*)<([^<>]*)>([^<>]*)", re.DOTALL)
_COMMENTED = re.compile(r"([^()]*)\((.*)\)\s*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
_PLAIN = re.compile(r"[^\x00-\x1f()<>@,:;\\\".\[\]]*")


def entries(text: str) -> list[str]:
    """Each entry of a list; versions behind a "#" are a remark on the one before it."""
    found = [""]
    for token in _TOKEN.findall(text):
        if token in ",;":
            found.append("")
        else:
            found[-1] += token
    kept: list[str] = []
    remarked = False
    for entry in filter(None, map(str.strip, found)):
        if not (remarked and _VERSION.fullmatch(entry)):
            kept.append(entry)
            remarked = _bare(entry) != entry
    return kept


def parsed(entry: str) -> tuple[str, str]:
    """Name and address of an entry, either empty where there is none; the address may be no valid one."""
    text = _bare(entry)
    text = _GROUP.sub("", text, count=1) if _GROUP.match(text) else text
    if angled := _ANGLED.fullmatch(text):
        name, address = angled[1].strip() or angled[3], angled[2]
    elif "<" in text:
        name, _, address = text.partition("<")
    elif commented := _COMMENTED.fullmatch(text):
        address, name = commented[1], commented[2]
    else:
        name, address = "", text
    return _spoken(name), address.strip()


def written(name: str, address: str) -> str:
    """The entry of a name and an address."""
    if not name:
        return address
    return f"{name} <{address}>" if _PLAIN.fullmatch(name) else f'"{quote(name)}" <{address}>'


def _bare(entry: str) -> str:
    """An entry without the remark behind its address."""
    remark = _REMARK.search(entry, max(entry.rfind("@"), 0))
    return entry[: remark.start() + 1] if remark else entry


def _spoken(name: str) -> str:
    """A name without its quotes, and with blanks for what is no character."""
    bare = _CONTROL.sub(" ", name).strip().strip('"').removesuffix("\\")
    return re.sub(r'\\(["\\])', r"\1", bare).strip()
