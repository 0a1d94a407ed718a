/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the logical PTE of the scenario and the bits of this flavour, with the tree's own accessors.
 * Names that came or went between kernels are guarded by HAVE_<name>, which the slicer defines.
 */
#if defined(HAVE_pte_uffd) && !defined(HAVE_pte_uffd_wp)
#define w_pte_wp pte_uffd
#define w_pte_mkwp pte_mkuffd
#define w_swp_wp pte_swp_uffd
#define w_swp_mkwp pte_swp_mkuffd
#define w_pmd_mkwp pmd_mkuffd
#define w_pmd_swp_mkwp pmd_swp_mkuffd
#else
#define w_pte_wp pte_uffd_wp
#define w_pte_mkwp pte_mkuffd_wp
#define w_swp_wp pte_swp_uffd_wp
#define w_swp_mkwp pte_swp_mkuffd_wp
#define w_pmd_mkwp pmd_mkuffd_wp
#define w_pmd_swp_mkwp pmd_swp_mkuffd_wp
#endif
#ifdef HAVE_PTE_MARKER_UFFD_WP
#define W_MARKER PTE_MARKER_UFFD_WP
#else
#define W_MARKER PTE_MARKER_UFFD
#endif

/* PAGE_SHARED_EXEC, which not every tree has: what may be executed, with what sharing adds. */
#define W_SHARED_EXEC __pgprot(pgprot_val(PAGE_READONLY_EXEC) | (pgprot_val(PAGE_SHARED) & ~pgprot_val(PAGE_READONLY)))

static unsigned long w_encode_present(const struct w_pte *l)
{
	pgprot_t prot = l->bits & W_PROTNONE ? PAGE_NONE : l->bits & W_WRITE ? (l->exec ? W_SHARED_EXEC : PAGE_SHARED) :
		l->exec ? PAGE_READONLY_EXEC : PAGE_READONLY;
	pte_t pte = pfn_pte(l->pfn, prot);

	pte = l->bits & W_YOUNG ? pte_mkyoung(pte) : pte_mkold(pte);
	pte = l->bits & W_DIRTY ? pte_mkdirty(pte) : pte_mkclean(pte);
	pte = l->bits & W_WRITE ? pte_mkwrite_novma(pte) : pte_wrprotect(pte);
	pte = l->bits & W_SOFT ? pte_mksoft_dirty(pte) : pte_clear_soft_dirty(pte);
	if (l->bits & W_WP)
		pte = w_pte_mkwp(pte);
	if (l->kind == W_SLOT_ZERO || l->kind == W_SLOT_SPECIAL)
		pte = pte_mkspecial(pte);
	return pte_val(pte) | (l->bits & W_CONT ? W_HW_CONT_MASK : 0);
}

static unsigned long w_encode_swap(const struct w_pte *l, unsigned int type, unsigned long offset)
{
	pte_t pte = __swp_entry_to_pte(__swp_entry(type, offset));

	if (l->bits & W_SOFT)
		pte = pte_swp_mksoft_dirty(pte);
	if (l->bits & W_EXCL)
		pte = pte_swp_mkexclusive(pte);
	if (l->bits & W_WP)
		pte = w_swp_mkwp(pte);
	return pte_val(pte);
}

/* A migration entry says of its page whether it was accessed and dirty (since 6.1). */
#ifdef HAVE_SWP_MIG_YOUNG
#define W_MIG_YOUNG SWP_MIG_YOUNG
#define W_MIG_DIRTY SWP_MIG_DIRTY
#else
#define W_MIG_YOUNG 0UL
#define W_MIG_DIRTY 0UL
#endif
static unsigned long w_encode_migration(const struct w_pte *l, unsigned int type)
{
	return w_encode_swap(l, type, l->pfn | (l->bits & W_YOUNG ? W_MIG_YOUNG : 0) | (l->bits & W_DIRTY ? W_MIG_DIRTY : 0));
}

static unsigned long w_encode(const struct w_pte *l)
{
	switch (l->kind) {
	case W_SLOT_NONE: return 0;
	case W_SLOT_PAGE: case W_SLOT_ZERO: case W_SLOT_SPECIAL: return w_encode_present(l);
	case W_SLOT_SWAP: return w_encode_swap(l, l->type, l->pfn);
	case W_SLOT_MIG_READ: return w_encode_migration(l, SWP_MIGRATION_READ);
	case W_SLOT_MIG_EXCL: return w_encode_migration(l, SWP_MIGRATION_READ_EXCLUSIVE);
	case W_SLOT_MIG_WRITE: return w_encode_migration(l, SWP_MIGRATION_WRITE);
#ifdef HAVE_SWP_DEVICE_EXCLUSIVE
	case W_SLOT_DEV_EXCL: return w_encode_swap(l, SWP_DEVICE_EXCLUSIVE, l->pfn);
#else
	case W_SLOT_DEV_EXCL: return w_encode_swap(l, SWP_DEVICE_EXCLUSIVE_WRITE, l->pfn);
#endif
	case W_SLOT_DEV_PRIV: return w_encode_swap(&(struct w_pte){ .bits = l->bits & (unsigned char)~W_EXCL },
						   l->bits & W_WRITE ? SWP_DEVICE_WRITE : SWP_DEVICE_READ, l->pfn);
	case W_SLOT_MARKER_WP: return w_encode_swap(l, SWP_PTE_MARKER, W_MARKER);
#ifdef HAVE_PTE_MARKER_GUARD
	case W_SLOT_MARKER_GUARD: return w_encode_swap(l, SWP_PTE_MARKER, PTE_MARKER_GUARD);
#endif
	default: return w_encode_swap(l, SWP_PTE_MARKER, PTE_MARKER_POISONED);
	}
}

static void w_decode_present(pte_t pte, struct w_pte *l)
{
	l->pfn = pte_pfn(pte);
	l->kind = l->pfn == W_PFN_ZERO ? W_SLOT_ZERO : l->pfn - W_PFN_BASE < W_NPAGES ? W_SLOT_PAGE : W_SLOT_SPECIAL;
	l->exec = W_HW_VALID(pte_val(pte)) && W_HW_EXEC(pte_val(pte));
	l->kernel_only = W_HW_VALID(pte_val(pte)) && !W_HW_USER(pte_val(pte));
	l->bits = (unsigned char)((pte_write(pte) ? W_WRITE : 0) | (pte_dirty(pte) ? W_DIRTY : 0) |
		(pte_young(pte) ? W_YOUNG : 0) | (pte_soft_dirty(pte) ? W_SOFT : 0) | (w_pte_wp(pte) ? W_WP : 0) |
		(pte_protnone(pte) ? W_PROTNONE : 0) | (W_HW_VALID(pte_val(pte)) && W_HW_CONT(pte_val(pte)) ? W_CONT : 0));
}

static void w_decode_raw(unsigned long raw, struct w_pte *l)
{
	pte_t pte = __pte(raw);
	swp_entry_t e;

	*l = (struct w_pte){ 0 };
	if (pte_none(pte))
		return;
	if (pte_present(pte)) {
		w_decode_present(pte, l);
		return;
	}
	e = __pte_to_swp_entry(pte);
	l->type = (unsigned short)__swp_type(e);
	l->pfn = __swp_offset(e);
	l->bits = (unsigned char)((pte_swp_soft_dirty(pte) ? W_SOFT : 0) | (pte_swp_exclusive(pte) ? W_EXCL : 0) |
		(w_swp_wp(pte) ? W_WP : 0));
	if (l->type == SWP_MIGRATION_READ || l->type == SWP_MIGRATION_READ_EXCLUSIVE || l->type == SWP_MIGRATION_WRITE) {
		l->bits |= (unsigned char)((l->pfn & W_MIG_YOUNG ? W_YOUNG : 0) | (l->pfn & W_MIG_DIRTY ? W_DIRTY : 0));
		l->pfn &= ~(W_MIG_YOUNG | W_MIG_DIRTY);
	}
	switch (l->type) {
	case SWP_MIGRATION_READ: l->kind = W_SLOT_MIG_READ; break;
	case SWP_MIGRATION_READ_EXCLUSIVE: l->kind = W_SLOT_MIG_EXCL; break;
	case SWP_MIGRATION_WRITE: l->kind = W_SLOT_MIG_WRITE; break;
#ifdef HAVE_SWP_DEVICE_EXCLUSIVE
	case SWP_DEVICE_EXCLUSIVE:
#else
	case SWP_DEVICE_EXCLUSIVE_WRITE: case SWP_DEVICE_EXCLUSIVE_READ:
#endif
		l->kind = W_SLOT_DEV_EXCL; break;
	case SWP_DEVICE_READ: l->kind = W_SLOT_DEV_PRIV; break;
	case SWP_DEVICE_WRITE: l->kind = W_SLOT_DEV_PRIV; l->bits |= W_WRITE; break;
	case SWP_PTE_MARKER:
		l->kind = l->pfn == W_MARKER ? W_SLOT_MARKER_WP : W_SLOT_MARKER_POISON;
#ifdef HAVE_PTE_MARKER_GUARD
		l->kind = l->pfn == PTE_MARKER_GUARD ? W_SLOT_MARKER_GUARD : l->kind;
#endif
		break;
	default: l->kind = W_SLOT_SWAP;
	}
}

/* The look of the world, or of an adapter: no part of the run, whatever accessor it goes through. */
static void w_decode(unsigned long raw, struct w_pte *l)
{
	W.quiet++;
	w_decode_raw(raw, l);
	W.quiet--;
}

static unsigned long w_prot_raw(unsigned int bits)
{
	return pgprot_val(bits & W_V_EXEC ? (bits & W_V_UNNOTICED ? W_SHARED_EXEC : PAGE_READONLY_EXEC) :
			  bits & W_V_UNNOTICED ? PAGE_SHARED : PAGE_READONLY);
}

static unsigned long w_flags_of(unsigned int bits)
{
	return VM_READ | VM_MAYREAD | VM_MAYWRITE | (bits & W_V_WRITE ? VM_WRITE : 0) |
		(bits & W_V_EXEC ? VM_EXEC | VM_MAYEXEC : 0) | (bits & W_V_SHARED ? VM_SHARED | VM_MAYSHARE : 0) | (bits & W_V_SOFTDIRTY ? VM_SOFTDIRTY : 0) |
		(bits & W_V_UFFD_WP ? VM_UFFD_WP : 0) | (bits & W_V_UFFD_RWP ? VM_UFFD_RWP : 0) |
		(bits & W_V_LOCKED ? VM_LOCKED : 0) | (bits & W_V_MIXED ? VM_MIXEDMAP : 0) | (bits & W_V_HUGETLB ? VM_HUGETLB : 0) |
		(bits & W_V_DROPPABLE ? VM_DROPPABLE : 0);
}

/* From here on adapters ask, and what they ask is of what the code under test has left when it returned. */
#undef w_violate
#define w_violate(rule, slot) w_violate_at(W_RULE_##rule, slot, W_LEFT)
