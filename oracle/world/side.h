/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table through which the runtime calls a slice; the last thing in its file. W_SIDE is w_before or w_after. */
const struct w_side W_SIDE = {
	.entry = w_entry,
	.encode = w_encode,
	.decode = w_decode,
	.prot = w_prot_raw,
	.vma_flags = w_flags_of,
	.traits = W_FAMILY_TRAITS,
	.cont_ptes = W_CONT_PTES,
#ifdef W_WANTS
	.wants = W_WANTS,
#endif
#ifdef HAVE_SWP_DEVICE_EXCLUSIVE
	.dev_excl_mapped = true,
#endif
#if defined(HAVE_pte_uffd) && !defined(HAVE_pte_uffd_wp)
	.rwp = true,
#endif
#ifdef W_LIVE
	.live = true,
#endif
#ifdef W_BY_LENGTH
	.by_length = true,
#endif
#ifdef W_MAY_FAIL
	.may_fail = true,
#endif
#ifdef W_ENDS
	.ends = W_ENDS,
	.probes = W_PROBES,
#endif
	.coverage = w_cov,
};
