/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for what is given back at the end of a scope, include/linux/cleanup.h; the guards of the world's locks. */
#ifndef W_K_GUARD_H
#define W_K_GUARD_H

#define __UNIQUE_ID(prefix) w_unique(prefix, __COUNTER__)
#define w_unique(prefix, n) w_unique_(prefix, n)
#define w_unique_(prefix, n) w_##prefix##_##n

/* A class: an object made by one function, and given to another when it goes out of scope. */
#define CLASS(name, var) \
	class_##name##_t var __cleanup(class_##name##_destructor) W_UNUSED = class_##name##_constructor
#define guard(name) CLASS(name, __UNIQUE_ID(guard))
#define scoped_guard(name, ...) \
	for (CLASS(name, w_scope)(__VA_ARGS__), *w_left = NULL; !w_left; w_left = (void *)1)

/* Pointers that own what they point to. */
#define DEFINE_FREE(name, type, leave) static inline void __free_##name(void *p) { type _T = *(type *)p; leave; }
#define __free(name) __cleanup(__free_##name)
#define __get_and_null(p, nothing) ({ typeof(p) w_kept = (p); (p) = (nothing); w_kept; })
#define no_free_ptr(p) __get_and_null(p, NULL)
#define return_ptr(p) return no_free_ptr(p)
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

/* Guards of a lock, and of none. */
#define w_guard(name, type, enter, leave) \
	typedef type class_##name##_t; \
	static inline void class_##name##_destructor(type *p) { type _T = *p; (void)_T; leave; } \
	static inline type class_##name##_constructor(type _T) { enter; return _T; }
#define w_guard_of_none(name, enter, leave) \
	typedef int *class_##name##_t; \
	static inline void class_##name##_destructor(class_##name##_t *p) { (void)p; leave; } \
	static inline class_##name##_t class_##name##_constructor(void) { enter; return NULL; }

w_guard(spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))
w_guard(spinlock_irq, spinlock_t *, spin_lock_irq(_T), spin_unlock_irq(_T))
w_guard(spinlock_irqsave, spinlock_t *, spin_lock(_T), spin_unlock(_T))
w_guard(spinlock_bh, spinlock_t *, spin_lock_bh(_T), spin_unlock_bh(_T))
w_guard(raw_spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))
w_guard(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
w_guard(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
w_guard(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))
w_guard(mmap_read_lock, struct mm_struct *, (void)_T, (void)_T)
w_guard(mmap_write_lock, struct mm_struct *, (void)_T, (void)_T)
w_guard(srcu, struct srcu_struct *, srcu_read_lock(_T), srcu_read_unlock(_T, 0))
w_guard_of_none(rcu, rcu_read_lock(), rcu_read_unlock())
w_guard_of_none(preempt, preempt_disable(), preempt_enable())
w_guard_of_none(preempt_notrace, preempt_disable(), preempt_enable())
w_guard_of_none(migrate, migrate_disable(), migrate_enable())
w_guard_of_none(irq, local_irq_disable(), local_irq_enable())
w_guard_of_none(irqsave, local_irq_disable(), local_irq_enable())

/* There is no allocator: what kmalloc() gave, nobody has to give back. */
DEFINE_FREE(kfree, void *, (void)_T)
DEFINE_FREE(kvfree, void *, (void)_T)
DEFINE_FREE(vfree, void *, (void)_T)
DEFINE_FREE(folio_put, struct folio *, if (_T) folio_put(_T))

#endif
