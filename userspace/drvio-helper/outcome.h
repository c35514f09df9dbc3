/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What comes after the ack of an unconfigure, from the kernel itself: its event
 * reaches this run when udev is slow, or cannot start another one.
 */
#ifndef DRVIO_HELPER_OUTCOME_H
#define DRVIO_HELPER_OUTCOME_H

#include "request.h"

struct outcome;

/* From now on events are kept.  Return: NULL where there are none to be had. */
struct outcome *outcome_watch(void);

/* Where nothing is waited for; @outcome may be NULL. */
void outcome_free(struct outcome *outcome);

/**
 * outcome_wait() - wait for the event that ends a request
 * @outcome: as outcome_watch() has returned it, may be NULL; freed
 * @req: the request, acked
 *
 * Return: the event, DRVIO_EVENT_DONE or DRVIO_EVENT_UNDO; NULL when it has not come
 * within the time that the kernel gives a driver, or the device has gone.
 */
const char *outcome_wait(struct outcome *outcome, const struct request *req);

#endif /* DRVIO_HELPER_OUTCOME_H */
