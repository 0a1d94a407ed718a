# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a patch has to do with page-table entries, whatever file it is in, and what of it no flavour compiles."""

from __future__ import annotations

import pytest
import sample
from memory import Files

from reviewer.changes.changed import changes
from reviewer.model import ChangedFunction, Patch, PatchTrees

_FILE = "drivers/gadget/map.c"
_PTES = "include/linux/pgtable.h"
_WALK = """static int step(int n)
{
	return n + 1;
}

static const int most = 4;
static int unrelated = 1;

static int other(int n)
{
	return n + unrelated;
}

static int walk(pte_t *ptep)
{
	return step(most) + ptep_get(ptep);
}

static const struct ops ops = { .entry = walk };

int caller(int n)
{
	return other(n) + ops.entry(0);
}
"""


def _changed(before: str, after: str, path: str = _FILE, **more: str) -> dict[str, ChangedFunction]:
    shared = {_PTES: "typedef int pte_t;\npte_t ptep_get(pte_t *ptep);\nvoid put_ptes(int nr);\n", **more}
    trees = [Files({**shared, path: text}) for text in (before, after)]
    step = PatchTrees(Patch(1, "walk", sample.message(1)), trees[0], trees[1], (path,))
    return {f.name: f for f in changes(step).functions}


@pytest.mark.parametrize(
    ("old", "new", "name", "bears"),
    [
        ("ptep_get(ptep);", "ptep_get(ptep + 1);", "walk", True),
        ("n + 1;", "n + 2;", "step", True),
        ("most = 4", "most = 5", "most", True),
        (".entry = walk", ".entry = walk, .n = 1", "ops", True),
        ("n + unrelated", "n - unrelated", "other", False),
        ("unrelated = 1", "unrelated = 2", "unrelated", False),
        ("other(n) +", "other(n) -", "caller", False),
        ("other(n) +", "put_ptes(n), other(n) +", "caller", True),
    ],
)
def test_what_has_to_do_with_entries_in_any_file(old: str, new: str, name: str, bears: bool) -> None:
    found = _changed(_WALK, _WALK.replace(old, new))
    assert found.keys() == {name}
    assert (found[name].bears, found[name].hidden, found[name].compiled) == (bears, "", True)


@pytest.mark.parametrize("path", ["tools/testing/map.c", "drivers/gadget/map.S", "scripts/map.h"])
def test_what_no_kernel_is_made_of_is_not_looked_at(path: str) -> None:
    assert _changed(_WALK, _WALK.replace("n + 1;", "n + 2;"), path) == {}


def test_page_tables_of_another_kind_are_none_of_ours() -> None:
    text = "static int f(struct dma_pte *pte)\n{\n\tint pte_index = dma_pte_level(pte);\n\treturn pte_index + 1;\n}\n"
    assert not _changed(text, text.replace("+ 1", "+ 2"))["f"].bears


def test_what_a_header_gives_to_functions_that_touch_entries() -> None:
    text = "#define GADGET_STEP 1\n#define GADGET_NAME 2\n"
    user = "int walk(pte_t *ptep)\n{\n\treturn ptep[GADGET_STEP];\n}\nint f(void)\n{\n\treturn GADGET_NAME;\n}\n"
    after = text.replace(" 1", " 3").replace(" 2", " 4")
    found = _changed(text, after, "include/gadget/map.h", **{_FILE: user})
    assert {name: f.bears for name, f in found.items()} == {"GADGET_STEP": True, "GADGET_NAME": False}


@pytest.mark.parametrize(
    ("directive", "reason"),
    [
        ("#ifdef CONFIG_NEVER", "CONFIG_NEVER is off"),
        ("#ifndef CONFIG_MMU", "CONFIG_MMU is on"),
        ("#if defined(CONFIG_NEVER) && 1", "'#if defined(CONFIG_NEVER) && 1' does not hold"),
        ("#ifdef CONFIG_MMU\n#else", "#else of '#ifdef CONFIG_MMU'"),
        ("#ifdef CONFIG_MMU\n#elif defined(CONFIG_SMP)", "'#elif defined(CONFIG_SMP)' does not hold, of which an"
         " earlier branch holds"),
    ],
)  # fmt: skip
def test_what_no_flavour_compiles_is_named_with_the_condition(directive: str, reason: str) -> None:
    body = "static int hid(pte_t *ptep)\n{\n#ifdef CONFIG_ALSO\n\tptep++;\n#endif\n\treturn *ptep;\n}\n"
    text = f"{directive}\n{body}#endif\n"
    line = directive.count("\n") + 1
    found = _changed(text, text.replace("*ptep;", "!*ptep;"))
    assert found == {
        "hid": ChangedFunction(
            "hid", _FILE, (line + 6,), (line + 6,), hidden=f"{reason} ({_FILE}:{line})", compiled=False
        )
    }
    inner = _changed(text, text.replace("ptep++", "ptep--"))
    assert inner["hid"].hidden == f"{reason} ({_FILE}:{line})"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\treturn *ptep;", "\treturn *ptep; /* what is there */"),
        ("\treturn 0;", "\treturn -ENOENT;"),
        ("return 5", "return 6"),
    ],
)
def test_what_does_nothing_or_is_no_change_is_not_named(old: str, new: str) -> None:
    text = (
        "#ifdef CONFIG_NEVER\nint f(pte_t *ptep)\n{\n\treturn *ptep;\n}\nint g(void)\n{\n\treturn 5 + 5;\n}\n"
        "int h(pte_t *ptep)\n{\n\treturn 0;\n}\n#endif\n"
    )
    assert _changed(text, text.replace(old, new)) == {}


def test_a_part_of_a_function_may_be_hidden() -> None:
    text = "int f(pte_t *ptep)\n{\n\tint n = 1;\n#ifdef CONFIG_NEVER\n\tn = *ptep;\n#endif\n\treturn n;\n}\n"
    both = _changed(text, text.replace("= 1", "= 2").replace("= *", "= !*"))["f"]
    assert (both.changed_lines, both.compiled) == ((3, 5), True)
    assert both.hidden == f"CONFIG_NEVER is off ({_FILE}:4)"
    one = _changed(text, text.replace("= *", "= !*"))["f"]
    assert (one.changed_lines, one.compiled, one.hidden) == ((5,), False, both.hidden)


def test_a_condition_that_one_flavour_meets_hides_nothing() -> None:
    text = "#ifdef CONFIG_ARM64\nint f(pte_t *ptep)\n{\n\treturn *ptep;\n}\n#endif\n"
    found = _changed(text, text.replace("*ptep;", "!*ptep;"))
    assert (found["f"].hidden, found["f"].compiled) == ("", True)


def test_a_machine_that_no_flavour_is_of() -> None:
    found = _changed(_WALK, _WALK.replace("n + 1;", "n + 2;"), "arch/riscv/mm/map.c")
    assert (found["step"].bears, found["step"].hidden) == (True, "no flavour is of riscv")


def test_lines_that_no_item_holds_are_named() -> None:
    text = "SYSCALL_DEFINE2(mapped, int, a, int, b)\n{\n\tpte_t *ptep = at(a);\n\treturn *ptep + b;\n}\n"
    found = _changed(text, text.replace("+ b", "- b"))
    assert found["mapped"].hidden == "line 4 is in nothing that is understood"
    assert found["mapped"].changed_lines == (4,)
    plain = text.replace("pte_t *ptep = at(a)", "int *ptep = at(a)")
    assert _changed(plain, plain.replace("+ b", "- b")) == {}


def test_a_trace_event_changes_no_entry() -> None:
    text = "TRACE_EVENT(mapped,\n\tTP_PROTO(pte_t *ptep),\n\tTP_ARGS(ptep)\n);\n"
    assert _changed(text, text.replace("ARGS(ptep", "ARGS(!ptep"), "include/trace/events/map.h") == {}


def test_functions_that_cannot_be_read_any_more_are_not_taken_for_removed() -> None:
    second = "int second(pte_t *ptep)\n{\n\treturn ptep_get(ptep);\n}\n"
    text = f"int first(pte_t *ptep)\n{{\n\tif (*ptep) {{\n\t\tptep++;\n\t}}\n\treturn 1;\n}}\n{second}"
    found = _changed(text, text.replace("\t}\n", "", 1))
    assert found.keys() == {"first"}
    assert found["first"].hidden.startswith(f"it cannot be read after the patch ({_FILE}:")
    gone = _changed(text, text.replace(second, ""))
    assert {name: f.hidden for name, f in gone.items()} == {"second": ""}


def test_a_function_that_a_patch_puts_under_a_condition() -> None:
    after = _WALK.replace("static int walk", "#ifdef CONFIG_NEVER\nstatic int walk").replace(
        "}\n\nstatic const struct", "}\n#endif\n\nstatic const struct"
    )
    found = _changed(_WALK, after)
    assert found["walk"].hidden == f"CONFIG_NEVER is off ({_FILE}:14)"


@pytest.mark.parametrize("condition", ["ifdef CONFIG_PRINTK", "ifdef __aarch64__", "if defined(__OPTIMIZE__)"])
def test_a_macro_is_hidden_that_code_with_entries_uses(condition: str) -> None:
    macro = f"#{condition}\n#define MOST 5\n#else\n#define MOST 4\n#endif\n"
    used = _WALK.replace("step(most)", "step(MOST)").replace("static int walk", f"{macro}static int walk")
    found = _changed(_WALK, used)
    assert found["MOST"].bears and found["MOST"].hidden
    idle = _WALK.replace("n + unrelated", "n + MOST").replace("static int other", f"{macro}static int other")
    assert not _changed(_WALK, idle)["MOST"].bears


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("IS_ENABLED(CONFIG_PRINTK) ? 0 : step(most)", "CONFIG_PRINTK is set on no flavour"),
        ("!IS_ENABLED(CONFIG_MMU) ? 0 : step(most)", "CONFIG_MMU is set on every flavour"),
        ("IS_ENABLED(CONFIG_MMU) ? step(most) : 0", ""),
    ],
)
def test_an_option_that_is_the_same_everywhere_is_named(code: str, why: str) -> None:
    found = _changed(_WALK, _WALK.replace("step(most)", f"({code})"))
    assert found["walk"].hidden == why


@pytest.mark.parametrize("added", ["#define A 1\n" * 10_001, f"/* {'a' * (1 << 20)} */\n"], ids=["lines", "bytes"])
def test_a_file_that_grows_too_much_is_named(added: str) -> None:
    found = _changed(_WALK, _WALK + added)
    assert list(found) == ["all of it"]
    assert found["all of it"].bears and "are read" in found["all of it"].hidden
