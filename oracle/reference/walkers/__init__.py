# SPDX-License-Identifier: GPL-2.0-or-later
"""What a loop over page-table entries does to each entry: one entry at a time, and never a batch.

That is what makes these the reference: a batch has to leave what the loop over single entries leaves. Each file
says, for one operation, what is right for one entry and where the kernel says so; the loop around it is a few lines.

`machine` is what a walker works on, `kernel` what differs between kernels. The operations: `move` (mremap),
`protect` (mprotect, NUMA hints, userfaultfd), `fork`, `zap`, `unmap` and `migrate` (rmap walks), `madvise`,
`mlock`, `mempolicy`, `referenced`, `fault` and `faultaround`, `swapin`, `collapse` (khugepaged).
"""
