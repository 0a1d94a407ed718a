; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q3
; related: B11 B1 L9
; summary: {first} and {second} advance by different numbers of entries.
; explanation: An entry pointer and an address, or two entry pointers, that walk together have to take equal steps.
;   From the next entry on this loop looks at one place and acts on another. Are the steps meant to differ?

((comma_expression left: (_) @first right: (_) @second) @at (#uneven? @first @second))

((comma_expression left: (_) @first right: (comma_expression left: (_) @second)) @at (#uneven? @first @second))

((expression_statement (_) @first) @at . (expression_statement (_) @second) (#uneven? @first @second))
