# SPDX-License-Identifier: GPL-2.0-or-later
"""What macros declare at file level becomes C that compiles: tracepoints, static keys, variables, locks."""

from __future__ import annotations

from reviewer.slicing.declared import trace_headers, tracepoints, variables

EVENTS = b"""
DECLARE_EVENT_CLASS(batch_class,
	TP_PROTO(int nr),
	TP_ARGS(nr));

DEFINE_EVENT(batch_class, batch_done,

	TP_PROTO(int nr),

	TP_ARGS(nr)
);
TRACE_EVENT(batch_began,
	TP_PROTO(struct vm_area_struct *vma, void __percpu *at, /* of it */
		void (*next)(int)),
	TP_ARGS(vma, at, next),
	TP_printk("%d", 1)
);
"""


def test_a_tracepoint_is_a_function_that_takes_what_it_declares() -> None:
    found = {item.name: item for item in tracepoints("include/trace/events/batch.h", EVENTS)}
    assert "trace_batch_class" not in found
    assert found["trace_batch_done"].text == "static inline void trace_batch_done(int nr) { }"
    assert found["trace_batch_done"].line == 6
    assert found["trace_batch_done_enabled"].text.startswith("static inline bool trace_batch_done_enabled(void)")
    assert "(struct vm_area_struct *vma, void *at, void (*next)(int)) { }" in found["trace_batch_began"].text


def test_headers_of_tracepoints_are_those_a_source_includes() -> None:
    source = b"#include <linux/mm.h>\n# include <trace/events/kmem.h>\n#include <trace/hooks.h>\n"
    assert trace_headers(source) == ["include/trace/events/kmem.h"]


def test_variables_that_macros_define() -> None:
    text = b"""
static DEFINE_STATIC_KEY_FALSE(off);
DEFINE_STATIC_KEY_TRUE_RO(on);
DEFINE_STATIC_KEY_ARRAY_FALSE(caps, NR_CAPS);
static DEFINE_PER_CPU(unsigned long, seen);
static DEFINE_SPINLOCK(lock);
DEFINE_SHOW_ATTRIBUTE(other);
static void f(void)
{
	static DEFINE_MUTEX(local);
}
"""
    found = [(item.kind, item.name, item.line, item.text) for item in variables("mm/a.c", text)]
    assert found == [
        ("variable", "off", 2, "struct static_key_false off;"),
        ("variable", "on", 3, "struct static_key_true on;"),
        ("variable", "caps", 4, "struct static_key_false caps[NR_CAPS];"),
        ("variable", "seen", 5, "unsigned long seen;"),
        ("variable", "lock", 6, "spinlock_t lock = { 0, -1 };"),
    ]
