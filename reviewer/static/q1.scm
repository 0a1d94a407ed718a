; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q1
; related: B2 B11 S1 S2 S4 S7 G1 G3 G4 T5
; summary: {primitive}() is given {nr}, which is not the length of the batch that was detected.
; explanation: The function detects a batch, and this call works on another number of entries. If that number is
;   larger, entries are touched that were never compared; if it is smaller, the rest of the batch is left behind.
;   Is it known at this place that both are the same?

((call_expression function: (identifier) @primitive arguments: (argument_list (_) @nr .)) @at
 (#match? @primitive "^(set_ptes|wrprotect_ptes|modify_prot_commit_ptes|clear_nonpresent_ptes)$")
 (#other-count? @nr))

((call_expression function: (identifier) @primitive arguments: (argument_list . (_) . (_) . (_) . (_) @nr)) @at
 (#match? @primitive "^(clear_(full_|not_present_full_|young_dirty_)?ptes|get_and_clear_(full_)?ptes|modify_prot_start_ptes|(test_and_clear|clear_flush)_young_ptes)$")
 (#other-count? @nr))

((call_expression function: (identifier) @primitive arguments: (argument_list . (_) . (_) . (_) @nr)) @at
 (#match? @primitive "^(folio_(add|remove|dup|try_dup)_(anon|file)?_?rmap_ptes|tlb_remove_tlb_entries|__tlb_remove_folio_pages)$")
 (#other-count? @nr))
