// SPDX-License-Identifier: GPL-2.0
/*
 * Counters and the latency histogram.
 *
 *   /sys/class/drvio/service/statistics/	one counter a file
 *   /sys/kernel/debug/drvio/latency		a line a verb
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>

#include "core.h"
#include "request.h"
#include "stats.h"

#define STATS_VERBS	4
#define STATS_RESULTS	(DRVIO_NOT_IN_MD + 1)

/* Up to 1 ms, 2 ms, 4 ms, ... 32768 ms, and longer. */
#define STATS_BUCKETS	17

static const u32 verbs[STATS_VERBS] = {
	DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_FORCE_UNCONFIG, DRVIO_STATUS,
};

/* All protected by drvio_lock. */
static unsigned long counts[DRVIO_COUNTS];
static unsigned long results[STATS_VERBS][STATS_RESULTS];
static unsigned long malformed;
static unsigned long latency[STATS_VERBS][STATS_BUCKETS];

static struct dentry *debugfs_dir;

void drvio_count(enum drvio_count what)
{
	lockdep_assert_held(&drvio_lock);
	counts[what]++;
}

/* Return: the index of @verb, STATS_VERBS for an unknown one. */
static unsigned int verb_index(u32 verb)
{
	unsigned int i;

	for (i = 0; i < STATS_VERBS; i++)
		if (verbs[i] == verb)
			break;
	return i;
}

static unsigned int bucket_of(s64 duration_us)
{
	u64 ms = div_u64(duration_us + USEC_PER_MSEC - 1, USEC_PER_MSEC);

	if (ms <= 1)
		return 0;
	return min_t(unsigned int, ilog2(ms - 1) + 1, STATS_BUCKETS - 1);
}

void drvio_count_result(struct drvio_request *req)
{
	unsigned int i = verb_index(req->wire.verb);

	lockdep_assert_held(&drvio_lock);
	if (i == STATS_VERBS) {
		malformed++;
		return;
	}
	results[i][req->result]++;
	latency[i][bucket_of(req->duration_us)]++;
}

/**
 * struct stats_attr - a counter's file
 * @attr: the attribute
 * @count: the counter
 */
struct stats_attr {
	struct device_attribute attr;
	unsigned long *count;
};

static ssize_t count_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct stats_attr *sa = container_of(attr, struct stats_attr, attr);
	unsigned long count;

	mutex_lock(&drvio_lock);
	count = *sa->count;
	mutex_unlock(&drvio_lock);
	return sysfs_emit(buf, "%lu\n", count);
}

#define STATS_ATTR(_name, _count)						\
	{ .attr = __ATTR(_name, 0444, count_show, NULL), .count = &(_count) }

static struct stats_attr stats_attrs[] = {
	STATS_ATTR(requests, counts[DRVIO_COUNT_REQUESTS]),
	STATS_ATTR(answers, counts[DRVIO_COUNT_ANSWERS]),
	STATS_ATTR(dropped, counts[DRVIO_COUNT_DROPPED]),
	STATS_ATTR(malformed, malformed),
	STATS_ATTR(configure_ok, results[0][DRVIO_OK]),
	STATS_ATTR(configure_failure, results[0][DRVIO_FAILURE]),
	STATS_ATTR(configure_blocked, results[0][DRVIO_BLOCKED]),
	STATS_ATTR(configure_not_in_md, results[0][DRVIO_NOT_IN_MD]),
	STATS_ATTR(unconfigure_ok, results[1][DRVIO_OK]),
	STATS_ATTR(unconfigure_failure, results[1][DRVIO_FAILURE]),
	STATS_ATTR(unconfigure_blocked, results[1][DRVIO_BLOCKED]),
	STATS_ATTR(force_unconfigure_ok, results[2][DRVIO_OK]),
	STATS_ATTR(force_unconfigure_failure, results[2][DRVIO_FAILURE]),
	STATS_ATTR(force_unconfigure_blocked, results[2][DRVIO_BLOCKED]),
	STATS_ATTR(status_ok, results[3][DRVIO_OK]),
	STATS_ATTR(status_failure, results[3][DRVIO_FAILURE]),
	STATS_ATTR(status_blocked, results[3][DRVIO_BLOCKED]),
};

static struct attribute *stats_group_attrs[ARRAY_SIZE(stats_attrs) + 1];

const struct attribute_group drvio_stats_group = {
	.name = "statistics",
	.attrs = stats_group_attrs,
};

static int latency_show(struct seq_file *m, void *unused)
{
	unsigned int v, b;

	seq_puts(m, "# ms");
	for (b = 0; b < STATS_BUCKETS - 1; b++)
		seq_printf(m, " <=%u", 1U << b);
	seq_puts(m, " more\n");

	mutex_lock(&drvio_lock);
	for (v = 0; v < STATS_VERBS; v++) {
		seq_puts(m, drvio_verb_name(verbs[v]));
		for (b = 0; b < STATS_BUCKETS; b++)
			seq_printf(m, " %lu", latency[v][b]);
		seq_putc(m, '\n');
	}
	mutex_unlock(&drvio_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(latency);

/* Before the service node is made, whose group this fills. */
void drvio_stats_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stats_attrs); i++) {
		sysfs_attr_init(&stats_attrs[i].attr.attr);
		stats_group_attrs[i] = &stats_attrs[i].attr.attr;
	}
	debugfs_dir = debugfs_create_dir("drvio", NULL);
	debugfs_create_file("latency", 0400, debugfs_dir, NULL, &latency_fops);
}

void drvio_stats_exit(void)
{
	debugfs_remove_recursive(debugfs_dir);
}
