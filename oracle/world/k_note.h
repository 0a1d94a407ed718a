/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for what is only printed, counted or traced. Nothing comes of it, but the arguments are evaluated.
 * What the kernel's own headers make empty where an option is off (lockdep, KASAN, vm events...) is the tree's own.
 */
#ifndef W_K_NOTE_H
#define W_K_NOTE_H

static inline void w_noted(int first, ...) { (void)first; }
#define w_note(...) w_noted(0, ##__VA_ARGS__)

/* include/linux/kern_levels.h, printk.h, dev_printk.h. Format strings are not read. */
#define KERN_SOH ""
#define KERN_EMERG ""
#define KERN_ALERT ""
#define KERN_CRIT ""
#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_NOTICE ""
#define KERN_INFO ""
#define KERN_DEBUG ""
#define KERN_DEFAULT ""
#define KERN_CONT ""
#define pr_fmt(fmt) fmt
#define printk(...) w_note(__VA_ARGS__)
#define _printk(...) w_note(__VA_ARGS__)
#define no_printk(...) w_note(__VA_ARGS__)
#define printk_once(...) w_note(__VA_ARGS__)
#define printk_ratelimited(...) w_note(__VA_ARGS__)
#define printk_deferred(...) w_note(__VA_ARGS__)
#define printk_deferred_once(...) w_note(__VA_ARGS__)
#define pr_emerg(...) w_note(__VA_ARGS__)
#define pr_emerg_once(...) w_note(__VA_ARGS__)
#define pr_emerg_ratelimited(...) w_note(__VA_ARGS__)
#define pr_alert(...) w_note(__VA_ARGS__)
#define pr_alert_once(...) w_note(__VA_ARGS__)
#define pr_alert_ratelimited(...) w_note(__VA_ARGS__)
#define pr_crit(...) w_note(__VA_ARGS__)
#define pr_crit_once(...) w_note(__VA_ARGS__)
#define pr_crit_ratelimited(...) w_note(__VA_ARGS__)
#define pr_err(...) w_note(__VA_ARGS__)
#define pr_err_once(...) w_note(__VA_ARGS__)
#define pr_err_ratelimited(...) w_note(__VA_ARGS__)
#define pr_warn(...) w_note(__VA_ARGS__)
#define pr_warn_once(...) w_note(__VA_ARGS__)
#define pr_warn_ratelimited(...) w_note(__VA_ARGS__)
#define pr_notice(...) w_note(__VA_ARGS__)
#define pr_notice_once(...) w_note(__VA_ARGS__)
#define pr_notice_ratelimited(...) w_note(__VA_ARGS__)
#define pr_info(...) w_note(__VA_ARGS__)
#define pr_info_once(...) w_note(__VA_ARGS__)
#define pr_info_ratelimited(...) w_note(__VA_ARGS__)
#define pr_debug(...) w_note(__VA_ARGS__)
#define pr_debug_once(...) w_note(__VA_ARGS__)
#define pr_debug_ratelimited(...) w_note(__VA_ARGS__)
#define pr_devel(...) w_note(__VA_ARGS__)
#define pr_devel_once(...) w_note(__VA_ARGS__)
#define pr_devel_ratelimited(...) w_note(__VA_ARGS__)
#define pr_cont(...) w_note(__VA_ARGS__)
#define pr_cont_once(...) w_note(__VA_ARGS__)
#define dev_err(...) w_note(__VA_ARGS__)
#define dev_err_once(...) w_note(__VA_ARGS__)
#define dev_err_ratelimited(...) w_note(__VA_ARGS__)
#define dev_warn(...) w_note(__VA_ARGS__)
#define dev_warn_once(...) w_note(__VA_ARGS__)
#define dev_warn_ratelimited(...) w_note(__VA_ARGS__)
#define dev_info(...) w_note(__VA_ARGS__)
#define dev_info_once(...) w_note(__VA_ARGS__)
#define dev_dbg(...) w_note(__VA_ARGS__)
#define dev_dbg_once(...) w_note(__VA_ARGS__)
#define dev_dbg_ratelimited(...) w_note(__VA_ARGS__)
#define print_hex_dump(...) w_note(__VA_ARGS__)
#define print_hex_dump_debug(...) w_note(__VA_ARGS__)
#define print_hex_dump_bytes(...) w_note(__VA_ARGS__)
#define dump_stack() ((void)0)
#define dump_stack_lvl(level) w_note(level)
/* include/linux/mmdebug.h */
#define dump_page(page, reason) w_note((page)->flags, reason)
#define dump_vma(vma) w_note((vma)->vm_flags)
#define dump_mm(mm) w_note((mm)->flags)

/* include/linux/ratelimit_types.h: whether it is time again is a choice of the scenario. */
#define HZ 250
struct ratelimit_state { int interval, burst; };
#define DEFINE_RATELIMIT_STATE(name, every, most) struct ratelimit_state name = { every, most }
#define __ratelimit(state) ((void)(state)->burst, (W.scn->salt >> 3 & 1) != 0)
#define printk_ratelimit() ((W.scn->salt >> 3 & 1) != 0)

/* include/asm-generic/bug.h: checks that print less often, or name what they taint. */
#define TAINT_WARN 9
#define TAINT_USER 6
#define WARN_TAINT(c, taint, ...) w_check_of(c, taint, ##__VA_ARGS__)
#define WARN_TAINT_ONCE(c, taint, ...) w_check_of(c, taint, ##__VA_ARGS__)
#define WARN_RATELIMIT(c, ...) w_check_of(c, ##__VA_ARGS__)
#define WARN_ON_RATELIMIT(c, state) w_check_of(c, state)
#define WARN_ON_SMP(c) w_check(c)
#define VM_WARN_ON_IRQS_ENABLED() ((void)0)

/* include/linux/kernel.h, tracepoint-defs.h. Whether someone traces is a choice of the scenario. */
#define trace_printk(...) w_note(__VA_ARGS__)
#define trace_puts(text) w_note(text)
#define trace_dump_stack(skip) w_note(skip)
#define tracing_on() ((void)0)
#define tracing_off() ((void)0)
#define tracing_is_on() w_traced()
#define w_traced() ((W.scn->salt >> 5 & 1) != 0)
#define tracepoint_enabled(event) trace_##event##_enabled()

/* include/linux/vmstat.h, with CONFIG_SMP: kept for each CPU. Nothing here reads them back. */
#define mod_node_page_state(node, item, n) w_note(node, item, n)
#define __mod_node_page_state(node, item, n) w_note(node, item, n)
#define inc_node_page_state(page, item) w_note((page)->flags, item)
#define __inc_node_page_state(page, item) w_note((page)->flags, item)
#define dec_node_page_state(page, item) w_note((page)->flags, item)
#define __dec_node_page_state(page, item) w_note((page)->flags, item)
#define inc_node_state(node, item) w_note(node, item)
#define mod_zone_page_state(zone, item, n) w_note(zone, item, n)
#define __mod_zone_page_state(zone, item, n) w_note(zone, item, n)
#define inc_zone_page_state(page, item) w_note((page)->flags, item)
#define __inc_zone_page_state(page, item) w_note((page)->flags, item)
#define dec_zone_page_state(page, item) w_note((page)->flags, item)
#define __dec_zone_page_state(page, item) w_note((page)->flags, item)
#define NODE_DATA(nid) (&w_nodes[(nid) & 1])
#define page_pgdat(page) folio_pgdat(w_head_of(page))
#define folio_zone(f) ((void *)folio_pgdat(f))
#define page_zone(page) folio_zone(w_head_of(page))

/* include/linux/page_table_check.h: who maps a page as what, which mapcounts tell here. */
#define page_table_check_pte_clear(...) w_note(__VA_ARGS__)
#define page_table_check_pmd_clear(...) w_note(__VA_ARGS__)
#define page_table_check_pud_clear(...) w_note(__VA_ARGS__)
#define page_table_check_pte_set(...) w_note(__VA_ARGS__)
#define page_table_check_ptes_set(...) w_note(__VA_ARGS__)
#define page_table_check_pmd_set(...) w_note(__VA_ARGS__)
#define page_table_check_pmds_set(...) w_note(__VA_ARGS__)
#define page_table_check_pud_set(...) w_note(__VA_ARGS__)
#define page_table_check_puds_set(...) w_note(__VA_ARGS__)
#define page_table_check_pte_clear_range(...) w_note(__VA_ARGS__)

/* include/linux/percpu-defs.h, percpu_counter.h: there is one CPU. */
#define this_cpu_ptr(p) (p)
#define raw_cpu_ptr(p) (p)
#define per_cpu_ptr(p, cpu) ((void)(cpu), (p))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define get_cpu_var(var) (var)
#define put_cpu_var(var) ((void)(var))
#define get_cpu() 0
#define put_cpu() ((void)0)
#define this_cpu_read(var) (var)
#define this_cpu_write(var, v) ((void)((var) = (v)))
#define this_cpu_add(var, n) ((void)((var) += (n)))
#define this_cpu_sub(var, n) ((void)((var) -= (n)))
#define this_cpu_inc(var) ((void)(var)++)
#define this_cpu_dec(var) ((void)(var)--)
#define this_cpu_add_return(var, n) ((var) += (n))
#define this_cpu_inc_return(var) (++(var))
#define __this_cpu_read(var) (var)
#define __this_cpu_write(var, v) this_cpu_write(var, v)
#define __this_cpu_add(var, n) this_cpu_add(var, n)
#define __this_cpu_sub(var, n) this_cpu_sub(var, n)
#define __this_cpu_inc(var) this_cpu_inc(var)
#define __this_cpu_dec(var) this_cpu_dec(var)
#define raw_cpu_add(var, n) this_cpu_add(var, n)
#define raw_cpu_inc(var) this_cpu_inc(var)
struct percpu_counter { s64 count; };
#define percpu_counter_add(c, n) ((void)((c)->count += (n)))
#define percpu_counter_sub(c, n) ((void)((c)->count -= (n)))
#define percpu_counter_inc(c) percpu_counter_add(c, 1)
#define percpu_counter_dec(c) percpu_counter_add(c, -1)

/* include/uapi/linux/perf_event.h, include/linux/perf_event.h */
#define PERF_COUNT_SW_CPU_CLOCK 0
#define PERF_COUNT_SW_TASK_CLOCK 1
#define PERF_COUNT_SW_PAGE_FAULTS 2
#define PERF_COUNT_SW_CONTEXT_SWITCHES 3
#define PERF_COUNT_SW_CPU_MIGRATIONS 4
#define PERF_COUNT_SW_PAGE_FAULTS_MIN 5
#define PERF_COUNT_SW_PAGE_FAULTS_MAJ 6
#define PERF_COUNT_SW_ALIGNMENT_FAULTS 7
#define PERF_COUNT_SW_EMULATION_FAULTS 8
#define PERF_COUNT_SW_DUMMY 9
#define perf_sw_event(event, n, regs, addr) w_note(event, n, regs, addr)
#define perf_event_mmap(vma) w_note((vma)->vm_flags)

#endif
