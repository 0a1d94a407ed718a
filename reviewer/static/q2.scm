; SPDX-License-Identifier: GPL-2.0-or-later
; rule: Q2
; related: G2 G4 L9
; summary: {nr} is unsigned, and {at} treats it as if it could be negative.
; explanation: A 32-bit unsigned count that is negated and then widened to long becomes a large positive number, and
;   an unsigned count is never below zero. Should the count be a signed type?

((call_expression function: (identifier) @counter
   arguments: (argument_list (unary_expression operator: "-" argument: (identifier) @nr))) @at
 (#match? @counter "^(add_mm_counter|atomic_long_add|atomic64_add|percpu_counter_add|mod_(node|zone)_page_state)$")
 (#type? @nr "^(unsigned|unsigned int|u32|u16|unsigned short)$"))

((binary_expression left: (unary_expression operator: "-" argument: (identifier) @nr) operator: "*"
   right: (identifier) @unit) @at
 (#eq? @unit "PAGE_SIZE")
 (#type? @nr "^(unsigned|unsigned int|u32|u16|unsigned short)$"))

((binary_expression left: (identifier) @nr operator: ["<" ">="] right: (number_literal) @zero) @at
 (#eq? @zero "0")
 (#type? @nr "^(unsigned|unsigned int|unsigned long|size_t|u32|u64|u16|unsigned short)$"))
