/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for filling and moving pages on behalf of userspace: anon_vma locks, and the swap cache as the lookups
 * of an entry see it. One entry at most is cached: the adapter's choice.
 */
#ifndef W_K_UFFD_H
#define W_K_UFFD_H

/* Unlike trylock, waiting for these locks always comes to an end. */
#define folio_get_anon_vma(f) ((void)(f), w_may_fail() ? NULL : (struct anon_vma *)0x3000)
#define anon_vma_trylock_write(a) ((void)(a), !w_may_fail())
#define put_anon_vma(a) ((void)(a))
#define __acquire(l) ((void)(l))
#define __release(l) ((void)(l))

static struct swap_info_struct *w_device;

static inline struct folio *w_swap_cache_lookup(swp_entry_t e)
{
	w_step();
	if (!w_cached || w_cached->swap.val != e.val)
		return NULL;
	folio_get(w_cached);
	return w_cached;
}
#define filemap_get_folio(mapping, at) w_swap_cache_lookup((swp_entry_t){ at })
#define swap_address_space(e) 0
#define swap_cache_index(e) ((e).val)
/* Asked under the lock, after the lookup: someone may have swapped the page in meanwhile. */
#define swap_cache_has_folio(e) ((void)(e), w_may_fail())

/* Copies from user memory: with the mmap lock held the page may be away, without it the copy may fail for good. */
#define mfill_copy_folio_locked(folio, addr) ((void)(folio), (void)(addr), w_may_fail() ? -EFAULT : 0)
#define mfill_copy_folio_retry(state, folio) ((void)(state), (void)(folio), -EFAULT)

/* include/uapi/linux/userfaultfd.h */
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES ((__u64)2)

#endif
