# SPDX-License-Identifier: GPL-2.0-or-later
"""A review that says something evil wherever a mail, a tree or a file of findings may."""

from __future__ import annotations

from dataclasses import replace

import sample

from reviewer.model import Hunk, PatchReview, Review, State, Trace, Traces

EVIL = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x1b\u202e"


def hostile() -> Review:
    """Two patches, the first of which breaks and mends."""
    diff = f"diff --git a/mm/{EVIL} b/mm/{EVIL}\n--- a/mm/{EVIL}\n+++ b/mm/{EVIL}\n@@ -1 +1,2 @@ {EVIL}\n a\n+{EVIL}\n"
    steps = (replace(sample.step(EVIL, 1, EVIL, f"{EVIL} = {EVIL}", rules=(EVIL,)), file=EVIL, text=EVIL),)
    evil = sample.finding(
        id=EVIL,
        rule=EVIL,
        category=EVIL,
        file=EVIL,
        function=EVIL,
        summary=EVIL,
        explanation=EVIL,
        flavours=(EVIL,),
        scenario={"rows": {EVIL: EVIL, "PTE 0": EVIL, "VMA": EVIL, "folio A": EVIL}, EVIL: EVIL},
        before=State("returned", {EVIL: "a", "PTE 0": EVIL}),
        after=State(EVIL, {EVIL: EVIL, "PTE 0": f"A[0] {EVIL}"}),
        cost={f"{EVIL} per PTE, {EVIL}, {EVIL}": {"before": 1, "after": 2}},
        precedents=(EVIL,),
        replay=EVIL,
        also=(EVIL,),
        hunk=Hunk(EVIL, (1,), (), mends=True, of=2),
        traces=Traces(Trace(steps), Trace(steps)),
    )
    function = sample.function(name=EVIL, entry=EVIL, why=EVIL, exhaustive=EVIL, stubs=(EVIL,), file=EVIL)
    patch = replace(sample.review().series.patches[0], subject=EVIL, message=sample.message(1, diff=diff.encode()))
    return sample.review(
        version=EVIL,
        compiler=EVIL,
        base=EVIL,
        base_how=EVIL,
        tree=EVIL,
        series=replace(sample.review().series, subject=EVIL, patches=(patch,), left_out=(EVIL,)),
        patches=(PatchReview(1, EVIL, EVIL, (function,)), PatchReview(2, EVIL, EVIL, ())),
        findings=(evil, replace(evil, fixed_by_patch=2, patch=1), sample.cost(patch=1, summary=EVIL)),
    )
