/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service node: settings, and whether a helper is registered.
 */
#ifndef _DRVIO_SERVICE_H
#define _DRVIO_SERVICE_H

#include <linux/types.h>

/* Settings in milliseconds; written under drvio_lock, read anywhere. */
unsigned int drvio_ack_timeout_ms(void);
unsigned int drvio_appear_timeout_ms(void);
unsigned int drvio_bind_timeout_ms(void);

/* Whether a helper has registered.  Caller holds drvio_lock. */
bool drvio_helper_registered(void);

/**
 * enum drvio_count - what the service counts, over all links and for good
 * @DRVIO_COUNT_REQUESTS: requests that arrived, malformed ones included
 * @DRVIO_COUNT_ANSWERS: answers that were given to their link
 * @DRVIO_COUNT_DROPPED: answers whose link had gone
 * @DRVIO_COUNTS: how many counters there are
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

#endif /* _DRVIO_SERVICE_H */
