/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel can see of the use of a device that is no disk (those are
 * claim.h's), on any bus.
 */
#ifndef _DRVIO_USE_H
#define _DRVIO_USE_H

#include "drvio.h"

/**
 * drvio_use_net() - whether an interface of a target is in use
 * @dev: the target's device
 * @how: on whose behalf
 * @why: which interface
 *
 * An interface that is up counts only when a CONFIGURE is undone: nobody has
 * looked then who uses it.  At an UNCONFIGURE the helper has, and an interface
 * that is idle may be up.
 *
 * Return: 0, or -EBUSY.
 */
int drvio_use_net(struct device *dev, enum drvio_claim_how how, struct drvio_reason *why);

#endif /* _DRVIO_USE_H */
