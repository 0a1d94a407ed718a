; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q8
; related: L1 L2 L4 L5
; summary: The function ends here with {what}.
; explanation: A path leads here past the place where the function undoes what it began. Its caller then goes on under a
;   lock or in a mode that it does not know of. Is it undone by something that is called on the way?

([(return_statement) (compound_statement "}")] @at
 (#ends-inside? @at "lazy MMU mode on" "^(arch_enter_lazy_mmu_mode|lazy_mmu_mode_enable)$"
  "^(arch_leave_lazy_mmu_mode|lazy_mmu_mode_disable)$"))

([(return_statement) (compound_statement "}")] @at
 (#ends-inside? @at "the page table lock held" "^pte_offset_map_lock$"
  "^(pte_unmap_unlock|spin_unlock|double_pt_unlock)$"))
