; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q6
; related: S13
; summary: {at} reads a page table entry through the pointer.
; explanation: ptep_get() reads the entry once, and on arm64 gathers the accessed and dirty bits of a contpte block; a
;   plain read does neither. Is a plain read meant here?

((pointer_expression operator: "*" argument: [(identifier) (field_expression)] @ptep) @at (#raw-read? @at @ptep))
