; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q4
; related: B11 L9 X3
; summary: This continue goes round the loop with {what}.
; explanation: A PTE loop has to step by just the entries it has dealt with, on the paths that skip an entry as well.
;   Otherwise entries are skipped, handled twice, or looked at for ever. Is the step right on this path?

((continue_statement) @at (#skips-advance? @at "the entry pointer where it was"))

((continue_statement) @at (#stale-step? @at "the length of an earlier batch"))
