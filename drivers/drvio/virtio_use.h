/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "in use" means for a virtio device, as far as the kernel's last look
 * before an unbind goes.
 */
#ifndef _DRVIO_VIRTIO_USE_H
#define _DRVIO_VIRTIO_USE_H

#include "drvio.h"

/**
 * virtio_use_look() - whether a device is in use
 * @dev: a device on the virtio bus
 * @how: who asks
 * @why: by whom it is used
 *
 * Disks are claim.c's, for all kinds of devices.  Sleeps; takes the device_lock
 * and RTNL, one at a time.
 *
 * Return: 0; -EBUSY, but with DRVIO_CLAIM_FORCE; -EPERM: not even by force.
 */
int virtio_use_look(struct device *dev, enum drvio_claim_how how,
		    struct drvio_reason *why);

/**
 * virtio_claim_take() - the last look at a virtio device before an unbind
 * @dev: the virtio device
 * @how: on whose behalf
 * @why: what uses it
 *
 * What struct drvio_bus_ops says of claim, for who unbinds what is below a
 * virtio device.  Ends with drvio_claim_release().
 *
 * Return: the claim, or an ERR_PTR: -EBUSY and -EPERM as of virtio_use_look(),
 * -ENOMEM.
 */
struct drvio_claim *virtio_claim_take(struct device *dev, enum drvio_claim_how how,
				      struct drvio_reason *why);

#endif /* _DRVIO_VIRTIO_USE_H */
