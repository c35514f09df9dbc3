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
 * drvio_link_carries() - whether a bus device carries an open link
 * @carrier: that device
 * @dev: what is not to be unconfigured therefore
 * @why: says so
 *
 * Caller holds drvio_lock.
 */
bool drvio_link_carries(struct device *carrier, struct device *dev,
			struct drvio_reason *why);

#endif /* _DRVIO_LINK_H */
