# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch may not bring to the code under test, and that ordinary code is none of it."""

from __future__ import annotations

import pytest

from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.slicing.forbidden import refuse_brought, refuse_forging

REFUSED = (
    ("W.violated = 0;", "W: a name of the simulated world"),
    ("w_violate(B1, 0);", "w_violate"),
    ("if (W_STEP_BUDGET) return;", "W_STEP_BUDGET"),
    ("page->w_order = 0;", "w_order"),
    ("return HAVE_set_ptes;", "HAVE_set_ptes"),
    ("lab_run();", "lab_run"),
    ("if (__LINE__ > 3) nr = 0;", "__LINE__: where the code stands"),
    ("nr = __COUNTER__;", "__COUNTER__"),
    ("if (__TIME__[0] == '1') nr = 0;", "__TIME__"),
    ("if (__STDC_HOSTED__) nr = 0;", "__STDC_HOSTED__: how it is compiled"),
    ("p = __builtin_frame_address(0);", "__builtin_frame_address: a builtin"),
    ("p = __builtin_return_address(0);", "__builtin_return_address"),
    ("p = __builtin_extract_return_addr(p);", "__builtin_extract_return_addr"),
    ("p = __builtin_alloca(8);", "__builtin_alloca"),
    ("p = alloca(8);", "alloca: where the code runs"),
    ("p = _RET_IP_;", "_RET_IP_"),
    ("((void (*)(int))addr)(1);", "a cast to a function pointer"),
    ("((long(*volatile)(void))addr)();", "a cast to a function pointer"),
    ("(*(void (**)(int))&addr)(1);", "a cast to a function pointer"),
    ("long (*call)(int) = addr; call(1);", "a function pointer of its own"),
    ("union { long a; void (*f)(void); } u;", "a function pointer of its own"),
    ("void (*f[2])(void);", "a function pointer of its own"),
    ("typedef long made(int); made *f = p; f(1);", "a type of its own"),
    ("goto *p;", "a jump to an address"),
    ('c = \'"\'; W.violated = 0; s = "";', "W: a name"),
    ("c = '\\''; W.violated = 0;", "W: a name"),
)
ORDINARY = (
    "nr = folio_pte_batch(folio, ptep, pte, max_nr);",
    "return (*fn)(pte, addr, data);",
    "if ((*fn)(pte)) (*vma->vm_ops->close)(vma);",
    "err = walk->ops->pte_entry(pte, addr, next, walk);",
    "nr = min_t(unsigned int, nr, max(1, (end - addr) >> PAGE_SHIFT)); x = (unsigned long)(*ptep).pte * (n);",
    "if (__builtin_constant_p(nr) && __builtin_expect(nr == 1, 1)) n = __builtin_ctzll(x);",
    'pr_warn("W_X w_y __LINE__ %s", __func__); /* W and w_z: goto *p */ // HAVE_it',
    "int w = 0, W2, saw_pte, view_w; w += CONFIG_HAVE_IT;",
    "return (a) * (b);",
    "size = sizeof(*ptep) * (nr);",
)
POINTER = Item("walk_fn", "type", "mm/a.c", 1, "typedef int (*walk_fn)(pte_t *pte, void *data);")


@pytest.mark.parametrize(("code", "told"), REFUSED)
def test_what_is_refused(code: str, told: str) -> None:
    with pytest.raises(SliceError) as caught:
        refuse_forging(f"static int f(long addr)\n{{\n\t{code}\n}}")
    assert told in caught.value.message


@pytest.mark.parametrize("code", ORDINARY)
def test_what_is_ordinary(code: str) -> None:
    refuse_forging(f"static int f(int (*fn)(pte_t *pte), void (*)(int))\n{{\n\t{code}\n}}")


def test_a_pointer_type_of_the_tree_is_one_for_parameters() -> None:
    takes = Item("f", "function", "mm/a.c", 3, "static int f(walk_fn fn)\n{\n\treturn fn(0, 0);\n}")
    refuse_brought((), (POINTER, takes), {"f"})
    casts = Item("f", "function", "mm/a.c", 3, "static int f(long addr)\n{\n\treturn ((walk_fn)addr)(0, 0);\n}")
    with pytest.raises(SliceError, match="walk_fn"):
        refuse_brought((), (POINTER, casts), {"f"})


def test_only_what_is_brought_counts() -> None:
    def item(name: str, body: str, kind: str = "function") -> Item:
        return Item(name, kind, "mm/a.c", 1, f"static int {name}(void)\n{{\n\t{body}\n}}")

    was, now = item("f", "trace(_RET_IP_);"), item("f", "trace(_RET_IP_); more();")
    refuse_brought((was,), (now,), {"f"})
    refuse_brought((was,), (item("g", "trace(_RET_IP_);"),), {"f", "g"})
    refuse_brought((), (item("helper", "trace(_RET_IP_);"),), {"f"})
    with pytest.raises(SliceError, match="_RET_IP_"):
        refuse_brought((was,), (now, item("g", "trace(_RET_IP_);")), {"f", "g"})
    macro = Item("step", "macro", "mm/a.h", 1, "#define step(x) ((x) + __LINE__)\n")
    with pytest.raises(SliceError, match="__LINE__"):
        refuse_brought((), (macro,), {"step"})
