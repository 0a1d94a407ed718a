; rule: Q5
; related: B1 S2 L8
; summary: {detect}() may look at up to {max} entries, a number that nothing here bounds by the page table.
; explanation: A folio or a VMA may go on beyond the page table at hand, so that its size does not keep batch detection
;   inside the table. pmd_addr_end() gives the nearer of both ends. Is there a bound elsewhere?

((call_expression function: (identifier) @detect arguments: (argument_list . (_) . (_) . (_) . (_) @max .)) @at
 (#eq? @detect "folio_pte_batch") (#beyond-table? @max))

((call_expression function: (identifier) @detect arguments: (argument_list . (_) . (_) . (_) . (_) . (_) @max)) @at
 (#match? @detect "^folio_pte_batch(_flags)?$") (#beyond-table? @max))

((call_expression function: (identifier) @detect arguments: (argument_list . (_) . (_) @max)) @at
 (#eq? @detect "swap_pte_batch") (#beyond-table? @max))
