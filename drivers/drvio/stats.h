/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of the service, over all links and for good, and how long its
 * requests took.
 */
#ifndef _DRVIO_STATS_H
#define _DRVIO_STATS_H

#include <linux/types.h>

struct attribute_group;
struct drvio_request;

/**
 * enum drvio_count - what is counted of messages
 * @DRVIO_COUNT_REQUESTS: requests that arrived, malformed ones included
 * @DRVIO_COUNT_ANSWERS: answers that were given to their link
 * @DRVIO_COUNT_DROPPED: answers whose link had gone
 * @DRVIO_COUNTS: how many of these there are
 *
 * Once nothing is pending, requests = answers + dropped.
 */
enum drvio_count {
	DRVIO_COUNT_REQUESTS,
	DRVIO_COUNT_ANSWERS,
	DRVIO_COUNT_DROPPED,
	DRVIO_COUNTS
};

/* Adds one.  Caller holds drvio_lock. */
void drvio_count(enum drvio_count what);

/* Counts a request that has its answer.  Caller holds drvio_lock. */
void drvio_count_result(struct drvio_request *req);

/* The folder statistics of the service node. */
extern const struct attribute_group drvio_stats_group;

/* The histogram in debugfs; works without debugfs, too. */
void drvio_stats_init(void);
void drvio_stats_exit(void);

#endif /* _DRVIO_STATS_H */
