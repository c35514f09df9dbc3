// SPDX-License-Identifier: GPL-2.0
/*
 * Tells failslab which allocation is to fail where a test cannot: in a work of
 * drvio.ko, which any worker of the system may run, and in the init of a module,
 * which comes after many allocations of the module loader.
 *
 *	what	name of the work's function, or of the module that will be loaded
 *	skip	how many runs of that work are left alone
 *	nth	which allocation of the next one fails; 0: none
 *	reached	whether the work came to it, once nothing is running
 *	running	whether that work runs now
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

static char what[64];
module_param_string(what, what, sizeof(what), 0644);
static unsigned int skip;
module_param(skip, uint, 0644);
static unsigned int nth;
module_param(nth, uint, 0644);
static bool reached;
module_param(reached, bool, 0644);
static bool running;
module_param(running, bool, 0444);

static DEFINE_SPINLOCK(lock);
/* The one that runs the work whose allocation fails. */
static struct task_struct *chosen;

static bool is_ours(work_func_t func)
{
	char symbol[KSYM_SYMBOL_LEN], wanted[sizeof(what) + 8];

	sprint_symbol_no_offset(symbol, (unsigned long)func);
	snprintf(wanted, sizeof(wanted), "%s [drvio]", what);
	return !strcmp(symbol, wanted);
}

static void work_begins(void *data, struct work_struct *work)
{
	if (!READ_ONCE(nth) || !is_ours(work->func))
		return;
	spin_lock(&lock);
	if (skip) {
		skip--;
	} else if (!chosen && !reached) {
		chosen = current;
		running = true;
		current->fail_nth = nth;
	}
	spin_unlock(&lock);
}

static void work_ends(void *data, struct work_struct *work, work_func_t func)
{
	if (READ_ONCE(chosen) != current)
		return;
	spin_lock(&lock);
	reached = !current->fail_nth;
	current->fail_nth = 0;
	chosen = NULL;
	running = false;
	spin_unlock(&lock);
}

/* Next is its init.  Who loads it finds in its own fail-nth how far that got. */
static void module_loaded(void *data, struct module *mod)
{
	if (READ_ONCE(nth) && !strcmp(mod->name, what))
		current->fail_nth = nth;
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} points[] = {
	{ "workqueue_execute_start", work_begins },
	{ "workqueue_execute_end", work_ends },
	{ "module_load", module_loaded },
};

static void find(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (!strcmp(tp->name, points[i].name))
			points[i].tp = tp;
}

static void unregister_points(unsigned int n)
{
	while (n--)
		tracepoint_probe_unregister(points[n].tp, points[n].probe, NULL);
	tracepoint_synchronize_unregister();
}

static int __init fail_alloc_init(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		err = points[i].tp ? tracepoint_probe_register(points[i].tp,
							       points[i].probe, NULL) : -ENOENT;
		if (err) {
			unregister_points(i);
			return err;
		}
	}
	return 0;
}

static void __exit fail_alloc_exit(void)
{
	unregister_points(ARRAY_SIZE(points));
}

module_init(fail_alloc_init);
module_exit(fail_alloc_exit);

MODULE_DESCRIPTION("Says which allocation of drvio fails, for its tests");
MODULE_LICENSE("GPL");
