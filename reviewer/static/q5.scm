; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q5
; related: B1 S2 L8
; summary: {detect}() may look at up to {max} entries, a number that nothing here bounds by the page table.
; explanation: A folio or a VMA may go on beyond the page table at hand, so that its size does not keep batch detection
;   inside the table. pmd_addr_end() gives the nearer of both ends. Is there a bound elsewhere?

; Which argument says how many is not the same in all kernels: any of them can be it.
((call_expression function: (identifier) @detect arguments: (argument_list (_) @max)) @at
 (#match? @detect "^(folio_pte_batch(_flags)?|swap_pte_batch)$") (#beyond-table? @max))
