/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parking: an unconfigured virtio device is bound to a driver of ours that does
 * nothing, so that no other driver can take it behind the control domain's
 * back.
 *
 * All of it may sleep and takes the device_lock of the device.
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

/**
 * virtio_park() - park a device that has no driver
 * @dev: a device on the virtio bus, which is bindable
 *
 * Parking resets the device, also one that a failed probe left in a state that
 * no later driver gets it out of.
 *
 * Return: 0 when it is parked, also when it was; -EBUSY when another driver is
 * bound to it; -ENODEV when it has been removed; else the error of the probe.
 */
int virtio_park(struct device *dev);

/**
 * virtio_unpark() - release a device from parking
 * @dev: a device on the virtio bus; nothing happens unless it is parked
 *
 * The device is then unbound and anyone's.
 */
void virtio_unpark(struct device *dev);

#endif /* _DRVIO_VIRTIO_PARK_H */
