# SPDX-License-Identifier: GPL-2.0-or-later
"""Top-level items, what each refers to, and where probes go."""

from __future__ import annotations

from reviewer.csource.attributes import blank_attributes
from reviewer.csource.items import Item, items_of
from reviewer.csource.tokens import plain
from reviewer.slicing.probes import instrument, lines_of

_TEXT = """\
typedef struct { unsigned long v; } word_t;
enum colour { RED = 1, BLUE };
struct box {
\tint width;
\tstruct lid *lid;
};
#define AREA(b) ((b)->width * SCALE)
static __always_inline int __must_hold(lock) area(struct box *b, int n)
{
\tint width = n;

\tif (b->width > LIMIT)
\t\treturn helper(b);
\telse if (n)
\t\twidth++;
again:
\tfor (; width; width--)
\t\tuse(width);
\tif (!n--)
\t\tgoto again;
\treturn AREA(b);
}
int area_of(struct box *b, int n);
"""


def _items() -> dict[str, Item]:
    text = blank_attributes(_TEXT.encode())
    assert len(text) == len(_TEXT.encode())
    return {name: item for item, names in items_of("mm/box.c", text) for name in names}


def test_each_kind_of_item_is_found_with_all_its_names() -> None:
    kinds = {name: item.kind for name, item in _items().items()}
    assert kinds == {
        "word_t": "type",
        "enum colour": "type",
        "RED": "type",
        "BLUE": "type",
        "struct box": "type",
        "AREA": "macro",
        "area": "function",
        "area_of": "prototype",
    }


def test_references_leave_out_locals_members_and_labels() -> None:
    items = _items()
    assert items["area"].refs == {"LIMIT", "helper", "use", "AREA", "struct box"}
    assert items["AREA"].refs == {"SCALE"}
    assert items["area"].members == {"width"}


def test_probes_keep_lines_and_wrap_single_statements() -> None:
    item = _items()["area"]
    text, probes = instrument(item, 10)
    assert text.count("\n") == item.text.count("\n")
    assert "{ W_COV(11); return helper(b); }" in text
    assert "{ W_COV(14); use(width); }" in text
    assert all(p.function == "area" for p in probes)
    assert [text.count(f"W_COV({10 + n});") for n in range(len(probes))] == [1] * len(probes)


def test_a_line_belongs_to_its_innermost_statement() -> None:
    item = _items()["area"]
    _, probes = instrument(item, 0)
    lines = lines_of(item, probes)
    assert probes[lines[13]].first == 13  # the return, not the if around it
    assert probes[lines[15]].first == 15
    assert 9 not in lines  # a brace
    assert 11 not in lines  # blank
    assert 16 not in lines  # a label: a goto comes in behind it
    assert probes[lines[17]].first == 17


def test_a_macro_for_an_attribute_does_not_swallow_the_next_line() -> None:
    text = blank_attributes(b"#define checked __maybe_unused\nstruct box *\nfirst(int n) { return g(n); }\n")
    found = [(item.kind, item.name, item.line) for item, _ in items_of("mm/box.c", text)]
    assert found == [("macro", "checked", 1), ("function", "first", 2)]


def test_a_macro_whose_comment_goes_on_ends_where_it_ends() -> None:
    text = plain(b"#define A (1 << 1)\t/* of it\n\t\t more */\n#define B 2\n#define C 3 \\\n\t+ 4\n")
    found = [item.text for item, _ in items_of("a.h", text)]
    assert found == ["#define A (1 << 1)", "#define B 2", "#define C 3 \\\n\t+ 4"]
