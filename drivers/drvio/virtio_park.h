/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parking: an unconfigured virtio device is bound to a driver of ours that does
 * nothing, so that no other driver can take it behind the control domain's
 * back.  That resets the device, also one that a failed probe left in a state that
 * no later driver gets it out of.
 */
#ifndef _DRVIO_VIRTIO_PARK_H
#define _DRVIO_VIRTIO_PARK_H

#include <linux/device.h>
#include <linux/virtio.h>

/* Its driver.bus is the virtio bus, which has no exported symbol. */
extern struct virtio_driver virtio_park_driver;

int virtio_park_init(void);
void virtio_park_exit(void);

/**
 * virtio_park_driver_is() - whether a driver is the parking driver
 * @drv: any driver of any bus, or NULL
 */
static inline bool virtio_park_driver_is(const struct device_driver *drv)
{
	return drv == &virtio_park_driver.driver;
}

#endif /* _DRVIO_VIRTIO_PARK_H */
