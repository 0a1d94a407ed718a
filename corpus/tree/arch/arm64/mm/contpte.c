// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks of contiguous entries. Either all entries of a block have the contiguous bit or none has, and those that have
 * it differ in accessed and dirty only, which count for the block as a whole.
 */
#include <linux/mm.h>
#include <linux/efi.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

/* Blocks are made in user mappings only: others split theirs without asking. */
static bool mm_is_user(struct mm_struct *mm)
{
	return mm != &init_mm && !mm_is_efi(mm);
}

static pte_t *contpte_first(pte_t *ptep)
{
	return PTR_ALIGN_DOWN(ptep, sizeof(*ptep) * CONT_PTES);
}

static pte_t contpte_merge_ad(pte_t pte, pte_t other)
{
	if (pte_dirty(other))
		pte = pte_mkdirty(pte);
	if (pte_young(other))
		pte = pte_mkyoung(pte);
	return pte;
}

/* Gives every entry of the block the contiguous bit of pte: out, flushed, in again. */
static void contpte_convert(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	struct vm_area_struct vma = TLB_FLUSH_VMA(mm, 0);
	unsigned long start = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	pte_t *first = contpte_first(ptep);
	unsigned int i;

	pte = pfn_pte(ALIGN_DOWN(pte_pfn(pte), CONT_PTES), pte_pgprot(pte));
	for (i = 0; i < CONT_PTES; i++)
		pte = contpte_merge_ad(pte, __ptep_get_and_clear(mm, start + i * PAGE_SIZE, first + i));

	/* Two sizes of translation for one address must not live side by side, unless the processor copes. */
	if (!system_supports_bbml2_noabort())
		__flush_tlb_range(&vma, start, start + CONT_PTE_SIZE, PAGE_SIZE, true, 3);
	__set_ptes(mm, start, first, pte, CONT_PTES);
	if (system_supports_bbml2_noabort())
		__flush_tlb_range(&vma, start, start + CONT_PTE_SIZE, PAGE_SIZE, true, 3);
}

/* Called once the last entry of an aligned block was set: fold it when all of it is alike and in one folio. */
void __contpte_try_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	struct folio *folio = page_folio(pfn_to_page(pte_pfn(pte)));
	unsigned long pfn = ALIGN_DOWN(pte_pfn(pte), CONT_PTES);
	pte_t *first = contpte_first(ptep), wanted, entry;
	unsigned int i;

	if (!mm_is_user(mm))
		return;
	if (pfn < folio_pfn(folio) || pfn + CONT_PTES > folio_pfn(folio) + folio_nr_pages(folio))
		return;

	wanted = pte_mkold(pte_mkclean(pte));
	for (i = 0; i < CONT_PTES; i++) {
		entry = __ptep_get(first + i);
		if (!pte_valid(entry))
			return;
		if (!pte_same(pte_mkold(pte_mkclean(entry)), pfn_pte(pfn + i, pte_pgprot(wanted))))
			return;
	}
	contpte_convert(mm, addr, ptep, pte_mkcont(pte));
}

void __contpte_try_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	if (mm_is_user(mm))
		contpte_convert(mm, addr, ptep, pte_mknoncont(pte));
}

/* Before entries change of which some belong to blocks that reach out of the range. */
static void contpte_try_unfold_partial(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	pte_t *last = ptep + nr - 1;

	if (ptep != contpte_first(ptep) || nr < CONT_PTES)
		contpte_try_unfold(mm, addr, ptep, __ptep_get(ptep));
	if (last + 1 != contpte_first(last + 1))
		contpte_try_unfold(mm, addr + (nr - 1) * PAGE_SIZE, last, __ptep_get(last));
}

/* One entry, with the accessed and dirty of its block. */
pte_t contpte_ptep_get(pte_t *ptep, pte_t orig_pte)
{
	pte_t *first = contpte_first(ptep);
	unsigned int i;

	for (i = 0; i < CONT_PTES; i++)
		orig_pte = contpte_merge_ad(orig_pte, __ptep_get(first + i));
	return orig_pte;
}

/* The same without the lock: start again when the block changed under the scan. */
pte_t contpte_ptep_get_lockless(pte_t *orig_ptep)
{
	pte_t *first = contpte_first(orig_ptep), orig, bare, pte;
	unsigned long pfn;
	unsigned int i;

again:
	orig = __ptep_get(orig_ptep);
	if (!pte_valid_cont(orig))
		return orig;
	bare = pte_mkold(pte_mkclean(orig));
	pfn = pte_pfn(orig) - (orig_ptep - first);
	for (i = 0; i < CONT_PTES; i++) {
		pte = __ptep_get(first + i);
		if (!pte_same(pte_mkold(pte_mkclean(pte)), pfn_pte(pfn + i, pte_pgprot(bare))))
			goto again;
		orig = contpte_merge_ad(orig, pte);
	}
	return orig;
}

/* Whole aligned blocks among nr new entries start out folded. */
void contpte_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr)
{
	bool user = mm_is_user(mm);

	while (nr) {
		unsigned int left = CONT_PTES - (ptep - contpte_first(ptep));
		unsigned int now = min(nr, left);
		bool whole = now == CONT_PTES && IS_ALIGNED(pte_pfn(pte), CONT_PTES);

		__set_ptes(mm, addr, ptep, user && whole ? pte_mkcont(pte) : pte_mknoncont(pte), now);
		pte = pte_advance_pfn(pte, now);
		addr += now * PAGE_SIZE;
		ptep += now;
		nr -= now;
	}
}

void contpte_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	contpte_get_and_clear_full_ptes(mm, addr, ptep, nr, full);
}

pte_t contpte_get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	contpte_try_unfold_partial(mm, addr, ptep, nr);
	return __get_and_clear_full_ptes(mm, addr, ptep, nr, full);
}

/* Accessed and dirty belong to the block: the range grows to the ends of those it begins and ends in. */
static pte_t *contpte_whole_blocks(pte_t *ptep, unsigned long *addr, unsigned int *nr)
{
	pte_t *end = ptep + *nr, *first = ptep;

	if (pte_valid_cont(__ptep_get(end - 1)))
		end = contpte_first(end - 1) + CONT_PTES;
	if (pte_valid_cont(__ptep_get(ptep)))
		first = contpte_first(ptep);
	*addr -= (ptep - first) * PAGE_SIZE;
	*nr = end - first;
	return first;
}

bool contpte_test_and_clear_young_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	bool young = false;

	ptep = contpte_whole_blocks(ptep, &addr, &nr);
	for (; nr; nr--, ptep++, addr += PAGE_SIZE)
		young |= __ptep_test_and_clear_young(vma, addr, ptep);
	return young;
}

void contpte_clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr,
				    cydp_t flags)
{
	ptep = contpte_whole_blocks(ptep, &addr, &nr);
	__clear_young_dirty_ptes(vma, addr, ptep, nr, flags);
}

/* A whole block stays folded: until the flush that follows, each of its entries may still be written through. */
void contpte_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	contpte_try_unfold_partial(mm, addr, ptep, nr);
	for (; nr; nr--, ptep++, addr += PAGE_SIZE)
		__ptep_set_wrprotect(mm, addr, ptep);
}

int contpte_ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t entry, int dirty)
{
	pte_t orig = __ptep_get(ptep), *first = contpte_first(ptep);
	unsigned long start = ALIGN_DOWN(addr, CONT_PTE_SIZE);
	int changed = 0;
	unsigned int i;

	if (!pte_valid_cont(orig))
		return __ptep_set_access_flags(vma, addr, ptep, pte_mknoncont(entry), dirty);
	if (pte_write(orig) != pte_write(entry)) {
		__contpte_try_unfold(vma->vm_mm, addr, ptep, orig);
		return __ptep_set_access_flags(vma, addr, ptep, pte_mknoncont(entry), dirty);
	}
	/* Raw entry by raw entry: that one of the block has a bit does not help a processor that reads another. */
	entry = pfn_pte(pte_pfn(entry) - (ptep - first), pte_pgprot(pte_mkcont(entry)));
	for (i = 0; i < CONT_PTES; i++)
		changed |= __ptep_set_access_flags(vma, start + i * PAGE_SIZE, first + i, pte_advance_pfn(entry, i), 0);
	if (dirty && changed)
		__flush_tlb_range(vma, start, start + CONT_PTE_SIZE, PAGE_SIZE, true, 3);
	return changed;
}
