/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Binding devices to their drivers and back to parking: what the operations
 * bind, unbind and bound of struct drvio_bus_ops have in common on the buses of
 * the driver core.
 */
#ifndef _DRVIO_BIND_H
#define _DRVIO_BIND_H

#include "drvio.h"

/* A module alias, its NUL included. */
#define DRVIO_ALIAS_MAX	128

/* The name of a driver, its NUL included. */
#define DRVIO_DRIVER_MAX	64

/**
 * struct drvio_parking - what is particular to a bus
 * @driver: the parking driver; its bus is the bus
 * @park: what device_driver_attach() of the parking driver does and returns, and
 *	what has to be done around it; NULL: nothing has
 * @wants: whether the device is meant for a driver that matches; NULL: for any
 * @alias: the alias, or the name, by which a module with a driver for the device
 *	is loaded
 * @no_driver: says that there is no driver for the device, and which it needs
 */
struct drvio_parking {
	struct device_driver *driver;
	int (*park)(struct device *dev);
	bool (*wants)(struct device *dev, const struct device_driver *drv);
	void (*alias)(struct device *dev, char alias[DRVIO_ALIAS_MAX]);
	void (*no_driver)(struct device *dev, struct drvio_reason *why);
};

/**
 * drvio_bindable() - whether the driver core would bind a target
 * @target: the target
 *
 * A device is on its bus before it can be bound, and only then among the children
 * of its parent.
 *
 * Return: 0; -EAGAIN: not yet, or its removal has begun, which ends in -ENODEV; -ENODEV:
 * not any more.
 */
int drvio_bindable(const struct drvio_target *target);

/* As bind, unbind and bound of struct drvio_bus_ops. */
int drvio_bind(const struct drvio_parking *parking, struct drvio_target *target,
	       struct drvio_reason *why);
int drvio_unbind(const struct drvio_parking *parking, struct drvio_target *target,
		 struct drvio_reason *why);
bool drvio_bound(const struct drvio_parking *parking, struct device *dev);

/* Releases a target from its parking driver; nothing happens unless it is parked. */
void drvio_unpark(const struct drvio_parking *parking, struct drvio_target *target);

#endif /* _DRVIO_BIND_H */
