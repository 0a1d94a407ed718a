/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for sections that must not be left open, nor sleep: RCU, preemption, interrupts. One thread runs, so
 * there is nothing to wait for; include/linux/rcupdate.h, srcu.h, preempt.h, irqflags.h.
 */
#ifndef W_K_RCU_H
#define W_K_RCU_H

/* X5: more sections left than entered; one that is left open shows at the next call that sleeps, or at the end. */
static inline void w_section(int *depth, int step)
{
	*depth += step;
	if (*depth < 0)
		w_violate(X5, -1);
}
#define rcu_read_lock() w_section(&W.rcu, 1)
#define rcu_read_unlock() w_section(&W.rcu, -1)
#define rcu_read_lock_sched() rcu_read_lock()
#define rcu_read_unlock_sched() rcu_read_unlock()
#define rcu_read_lock_bh() rcu_read_lock()
#define rcu_read_unlock_bh() rcu_read_unlock()
#define rcu_read_lock_held() (W.rcu > 0)
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, c) ((void)(c), READ_ONCE(p))
#define rcu_dereference_protected(p, c) ((void)(c), (p))
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, v) WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define synchronize_rcu() w_sleeps()
#define synchronize_rcu_expedited() w_sleeps()
#define rcu_barrier() w_sleeps()
#define kfree_rcu(p, member) ((void)&(p)->member)
#define kvfree_rcu(p, member) ((void)&(p)->member)
#define RCU_LOCKDEP_WARN(c, text) ((void)(c), (void)(text))

struct srcu_struct { int users; };
#define srcu_read_lock(s) (w_section(&(s)->users, 1), 0)
#define srcu_read_unlock(s, idx) ((void)(idx), w_section(&(s)->users, -1))
#define srcu_dereference(p, s) ((void)(s), READ_ONCE(p))
#define synchronize_srcu(s) ((void)(s), w_sleeps())

/* Such sections count as a spinlock does for what sleeps. */
#define preempt_disable() w_section(&W.atomic, 1)
#define preempt_enable() w_section(&W.atomic, -1)
#define preempt_enable_no_resched() preempt_enable()
#define preempt_disable_notrace() preempt_disable()
#define preempt_enable_notrace() preempt_enable()
#define preempt_disable_nested() ((void)0)
#define preempt_enable_nested() ((void)0)
#define preemptible() (W.atomic == 0)
#define preempt_count() (W.atomic)
#define migrate_disable() ((void)0)
#define migrate_enable() ((void)0)
#define local_irq_disable() preempt_disable()
#define local_irq_enable() preempt_enable()
#define local_irq_save(flags) ((flags) = 0, preempt_disable())
#define local_irq_restore(flags) ((void)(flags), preempt_enable())
#define local_bh_disable() preempt_disable()
#define local_bh_enable() preempt_enable()
#define irqs_disabled() (W.atomic > 0)
#define spin_lock_irq(l) spin_lock(l)
#define spin_unlock_irq(l) spin_unlock(l)
#define spin_lock_irqsave(l, flags) ((flags) = 0, spin_lock(l))
#define spin_unlock_irqrestore(l, flags) ((void)(flags), spin_unlock(l))
#define spin_lock_bh(l) spin_lock(l)
#define spin_unlock_bh(l) spin_unlock(l)
#define spin_is_locked(l) ((l)->held > 0)
#define assert_spin_locked(l) lockdep_assert_held(l)

#define __SPIN_LOCK_UNLOCKED(name) { 0, -1 }
#define DEFINE_SPINLOCK(name) spinlock_t name = { 0, -1 }

/* include/linux/mutex.h, rwsem.h: nobody else holds one; taking it may sleep. */
#define DEFINE_MUTEX(name) struct mutex name
#define mutex_lock(m) (w_sleeps(), w_section(&(m)->held, 1))
#define mutex_unlock(m) w_section(&(m)->held, -1)
#define mutex_is_locked(m) ((m)->held > 0)
#define down_read(s) (w_sleeps(), w_section(&(s)->count, 1))
#define up_read(s) w_section(&(s)->count, -1)
#define down_write(s) down_read(s)
#define up_write(s) up_read(s)

/* lockdep_assert_held, include/linux/lockdep.h: of the locks that the world has. */
static inline void w_assert_spin(const volatile void *l) { (void)w_check(((const spinlock_t *)l)->held <= 0); }
static inline void w_assert_none(const volatile void *l) { (void)l; }
#define lockdep_assert_held(l) _Generic((l), spinlock_t *: w_assert_spin, default: w_assert_none)(l)
#define lockdep_assert_held_once(l) lockdep_assert_held(l)
#define lockdep_assert_held_write(l) lockdep_assert_held(l)
#define lockdep_assert_held_read(l) lockdep_assert_held(l)

#endif
