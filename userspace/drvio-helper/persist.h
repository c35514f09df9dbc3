/* SPDX-License-Identifier: GPL-2.0 */
/* What drvio.conf has for a device that comes up: a hold, an MTU, a link state. */
#ifndef DRVIO_HELPER_PERSIST_H
#define DRVIO_HELPER_PERSIST_H

#include "job.h"

/* Puts the hold of the policy on the device, where there is one. */
void persist_hold(struct job *job);

/**
 * persist_boot() - what a configure would have done for a device that was there
 *	before the service
 * @dev: the DR device
 *
 * Its hold, and of its interfaces the MTU and the state, where drvio.conf has them.
 */
enum exit_code persist_boot(const char *dev);

#endif /* DRVIO_HELPER_PERSIST_H */
