/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A link: one Domain Services session, the requests that came over it, and the
 * order of their answers.
 */
#ifndef _DRVIO_LINK_H
#define _DRVIO_LINK_H

#include "drvio.h"

struct drvio_request;

/* The node of a link, for messages. */
struct device *drvio_link_dev(struct drvio_link *link);

/**
 * drvio_link_answered() - a request has its answer
 * @req: the request; its link may have gone
 *
 * Sends what can be sent in order, and starts what waited for @req.  Caller
 * holds drvio_lock.
 */
void drvio_link_answered(struct drvio_request *req);

/**
 * drvio_link_carried_by() - which link a bus device carries
 * @name: the device's name
 *
 * Caller holds drvio_lock.
 *
 * Return: an open link, or NULL.
 */
struct drvio_link *drvio_link_carried_by(const char *name);

#endif /* _DRVIO_LINK_H */
