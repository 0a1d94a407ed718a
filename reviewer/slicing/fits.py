# SPDX-License-Identifier: GPL-2.0-or-later
"""What a parameter of a generic entry stands for, by its type and name.

{first} and {last} are the range, or the one entry, that the function works on; {pfn} what the entry maps, or memory
without struct pages where entries are filled; {choice} an option of the scenario.
"""

from __future__ import annotations

COUNT = r"(?:unsigned )?(?:int|long)|u64|__u64"
# (type, name, argument): both must match whole; w is the struct w_call of generic.h.
FITS: tuple[tuple[str, str, str], ...] = (
    (r"struct vm_area_struct \*", r"(?:dst|new)_\w+", "&W.vma[1]"),
    (r"struct vm_area_struct \*", r"\w+", "w.vma"),
    (r"struct mm_struct \*", r"\w+", "w.vma->vm_mm"),
    (r"pmd_t \*", r"(?:dst|new)_\w+", "w.to_pmd"),
    (r"pmd_t \*", r"\w+", "w.pmd"),
    (r"pmd_t", r"\w+", "*w.pmd"),
    (r"pte_t \*", r"(?:dst|new)_\w+", "w.to"),
    (r"pte_t \*", r"\w+", "w.ptep"),
    (r"pte_t", r"orig_dst_pte", "__pte(0)"),
    (r"pte_t", r"\w+", "w.pte"),
    (COUNT, r"(?:dst|new)_addr\w*", "w.to_addr"),
    (COUNT, r"(?:\w+_)?addr(?:ess)?|start|haddr", "{first}"),
    (COUNT, r"end|next|stop|\w+_end", "{last}"),
    (COUNT, r"(?:max_)?nr(?:_pages|_ptes)?|max_nr_ptes|npages", "({type})w.nr"),
    (COUNT, r"len", "w.end - w.start"),
    (COUNT, r"\w*shift", "PAGE_SHIFT"),
    (r"unsigned long", r"pfn\w*", "{pfn}"),
    (r"phys_addr_t", r"\w+", "PFN_PHYS({pfn})"),
    (r"pgoff_t|unsigned long", r"\w*pgoff|index|\w*ilx", "w.pgoff"),
    (r"struct folio \*", r"\w+", "w.folio"),
    (r"struct page \*", r"\w+", "w.page"),
    (r"struct page \*\*", r"pages", "w_pages(&w)"),
    (r"spinlock_t \*", r"(?:dst|new)_\w+", "w.to_ptl"),
    (r"spinlock_t \*", r"\w+", "w.ptl"),
    (r"struct mmu_gather \*", r"\w+", "&W.tlb"),
    (r"pgprot_t", r"\w+", "w.vma->vm_page_prot"),
    (r"gfp_t|enum \w+", r"\w+", "0"),
    (r"swp_entry_t|softleaf_t", r"\w+", "w_entry_of(w.pte)"),
    (r"void \*", r"\w*addr", "(void *)w.addr"),
    (r"pte_fn_t", r"\w+", "w_visit"),
    (r"bool|_Bool", r"\w+", "{choice}"),
    (r"int|unsigned int", r"full|dirty|type|write|order|depth|referenced", "{choice}"),
)  # fmt: skip
