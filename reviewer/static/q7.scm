; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q7
; related: F5 D5
; summary: {accessor}() is used on {pte}, which was found to be {state} on this path.
; explanation: Present entries and those that are not have their bits in different places. An accessor of the one kind
;   gives noise on the other. Can the entry be of the right kind here?

((call_expression function: (identifier) @accessor arguments: (argument_list . (identifier) @pte)) @at
 (#match? @accessor "^pte_(pfn|page|write|dirty|young|special|soft_dirty|uffd_wp|uffd|mkwrite|mkdirty|mkclean|mkold|mkyoung|wrprotect)$")
 (#known? @at @pte "non-present"))

((call_expression function: (identifier) @accessor arguments: (argument_list . (_) . (_) . (identifier) @pte .)) @at
 (#match? @accessor "^vm_normal_(page|folio)$")
 (#known? @at @pte "non-present"))

((call_expression function: (identifier) @accessor arguments: (argument_list . (identifier) @pte)) @at
 (#match? @accessor "^(pte_swp_(soft_dirty|uffd_wp|uffd|exclusive|clear_\\w+|mk\\w+)|pte_to_swp_entry)$")
 (#known? @at @pte "present"))
