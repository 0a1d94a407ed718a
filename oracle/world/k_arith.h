/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for arithmetic beyond base.h: overflow, rounding, bits of words and maps, what the compiler is told. */
#ifndef W_K_ARITH_H
#define W_K_ARITH_H

/* include/linux/overflow.h, limits.h */
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
#define w_saturated(op, a, b) ({ size_t w_sum; op(a, b, &w_sum) ? ~(size_t)0 : w_sum; })
#define size_add(a, b) w_saturated(__builtin_add_overflow, (size_t)(a), (size_t)(b))
#define size_sub(a, b) w_saturated(__builtin_sub_overflow, (size_t)(a), (size_t)(b))
#define size_mul(a, b) w_saturated(__builtin_mul_overflow, (size_t)(a), (size_t)(b))
#define array_size(a, b) size_mul(a, b)
#define wrapping_add(t, a, b) ({ t w_sum; __builtin_add_overflow(a, b, &w_sum); w_sum; })
#define wrapping_sub(t, a, b) ({ t w_sum; __builtin_sub_overflow(a, b, &w_sum); w_sum; })
#define SIZE_MAX (~(size_t)0)
#define U8_MAX ((u8)~0)
#define U16_MAX ((u16)~0)
#define S32_MAX INT_MAX
#define INT_MIN (-INT_MAX - 1)
#define LONG_MIN (-LONG_MAX - 1L)

/* include/linux/minmax.h, math.h, align.h */
#define min_not_zero(a, b) ({ typeof(a) w_x = (a); typeof(b) w_y = (b); w_x == 0 ? w_y : w_y == 0 ? w_x : min(w_x, w_y); })
#define clamp_val(v, lo, hi) clamp_t(typeof(v), v, lo, hi)
#define abs_diff(a, b) ({ typeof(a) w_x = (a); typeof(b) w_y = (b); w_x > w_y ? w_x - w_y : w_y - w_x; })
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ((x) - (x) % (y))
#define DIV_ROUND_CLOSEST(x, d) (((x) + (d) / 2) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), d)
#define mult_frac(x, n, d) ((x) / (d) * (n) + (x) % (d) * (n) / (d))
#define do_div(n, d) ({ u32 w_left = (n) % (d); (n) /= (d); w_left; })
#define div_u64(n, d) ((u64)(n) / (d))
#define div64_u64(n, d) ((u64)(n) / (d))
#define div_s64(n, d) ((s64)(n) / (d))
#define mul_u64_u32_shr(a, b, n) ((u64)((unsigned __int128)(a) * (b) >> (n)))
#define order_base_2(n) ((n) > 1 ? ilog2((unsigned long)(n) - 1) + 1 : 0)
#define roundup_pow_of_two(n) (1UL << order_base_2(n))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define get_order(size) ((int)order_base_2(DIV_ROUND_UP(size, PAGE_SIZE)))

/* include/linux/bitops.h, find.h, bitmap.h */
#define hweight_long(w) ((unsigned int)__builtin_popcountl(w))
#define hweight32(w) ((unsigned int)__builtin_popcount(w))
#define hweight64(w) hweight_long(w)
#define ffz(w) __ffs(~(w))
#define fls64(w) ((w) ? 64 - __builtin_clzl(w) : 0)
#define __assign_bit(nr, p, v) ((v) ? (void)__set_bit(nr, p) : (void)__clear_bit(nr, p))
#define assign_bit(nr, p, v) __assign_bit(nr, p, v)
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
static inline unsigned long w_find_bit(const unsigned long *map, unsigned long size, unsigned long from, bool set)
{
	while (from < size && (map[BIT_WORD(from)] >> from % BITS_PER_LONG & 1) != set)
		from++;
	return from < size ? from : size;
}
#define find_next_bit(map, size, from) w_find_bit(map, size, from, true)
#define find_next_zero_bit(map, size, from) w_find_bit(map, size, from, false)
#define find_first_bit(map, size) find_next_bit(map, size, 0)
#define find_first_zero_bit(map, size) find_next_zero_bit(map, size, 0)
#define for_each_set_bit(bit, map, size) \
	for ((bit) = find_first_bit(map, size); (bit) < (size); (bit) = find_next_bit(map, size, (bit) + 1))
#define for_each_clear_bit(bit, map, size) \
	for ((bit) = find_first_zero_bit(map, size); (bit) < (size); (bit) = find_next_zero_bit(map, size, (bit) + 1))
static inline void w_fill_bits(unsigned long *map, unsigned int from, unsigned int nr, bool set)
{
	for (; nr; nr--, from++)
		__assign_bit(from, map, set);
}
#define bitmap_zero(map, bits) memset(map, 0, BITS_TO_LONGS(bits) * 8)
static inline unsigned int bitmap_weight_from(const unsigned long *map, unsigned int from, unsigned int to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += map[from / BITS_PER_LONG] >> from % BITS_PER_LONG & 1;
	return n;
}
#define bitmap_set(map, from, nr) w_fill_bits(map, from, nr, true)
#define bitmap_clear(map, from, nr) w_fill_bits(map, from, nr, false)
#define bitmap_fill(map, nr) bitmap_set(map, 0, nr)
#define bitmap_weight(map, nr) bitmap_weight_from(map, 0, nr)
#define bitmap_empty(map, size) (find_first_bit(map, size) >= (size))
#define bitmap_full(map, size) (find_first_zero_bit(map, size) >= (size))

/* include/linux/compiler.h, stddef.h, typecheck.h */
#define sizeof_field(t, m) sizeof(((t *)0)->m)
#define offsetofend(t, m) (offsetof(t, m) + sizeof_field(t, m))
#define struct_size(p, m, n) (sizeof(*(p)) + sizeof(*(p)->m) * (n))
#define typecheck(t, x) ({ t w_like; typeof(x) w_is; (void)(&w_like == &w_is); 1; })
#define likely_notrace(x) likely(x)
#define unlikely_notrace(x) unlikely(x)
#define prefetch(p) ((void)(p))
#define OPTIMIZER_HIDE_VAR(v) ((void)(v))
#define absolute_pointer(p) (p)
#define statically_true(x) (__builtin_constant_p(x) && (x))
#define IS_BUILTIN(option) IS_ENABLED(option)
#define IS_REACHABLE(option) IS_ENABLED(option)
#define IS_MODULE(option) 0
#define unreachable() BUG()

/* include/linux/jump_label.h: as defined; someone has turned it over in one scenario of eight. */
struct static_key_true { bool on; };
struct static_key_false { bool on; };
#define w_turned() ((W.scn->salt & 7) == 5)
#define static_key_enabled(key) \
	(w_turned() != _Generic(*(key), struct static_key_true: true, struct static_key_false: false))
#define static_branch_likely(key) static_key_enabled(key)
#define static_branch_unlikely(key) static_key_enabled(key)
#define static_branch_maybe(option, key) static_key_enabled(key)

#endif
