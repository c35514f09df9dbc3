/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Following the devices of a bus of the driver core: each is a target of drvio, or
 * not, from its coming until its end.
 */
#ifndef _DRVIO_FOLLOW_H
#define _DRVIO_FOLLOW_H

#include <linux/mutex.h>
#include <linux/notifier.h>

#include "drvio.h"

/**
 * struct drvio_follow - whose devices are followed, and what is done about them
 * @bus: as drvio_bus_register() returned it, before anything else
 * @driver: the parking driver: its bus is the bus
 * @add: a device has come, or was there already (booted): drvio_target_add().
 *	Perhaps twice, where it came just then
 * @remove: a device leaves, perhaps one that was never added; called twice
 * @lock: held during both: devices come and go one at a time
 * @nb: hears of them
 * @leaving: nothing is added any more; @lock
 */
struct drvio_follow {
	struct drvio_bus *bus;
	const struct device_driver *driver;
	void (*add)(struct device *dev, bool booted);
	void (*remove)(struct device *dev);
	struct mutex lock;	/* as above */
	struct notifier_block nb;
	bool leaving;
};

#define DRVIO_FOLLOW_INIT(_name, _driver, _add, _remove) {	\
	.driver = _driver,					\
	.add = _add,						\
	.remove = _remove,					\
	.lock = __MUTEX_INITIALIZER(_name.lock),		\
}

/**
 * drvio_follow_begin() - follow those that come, and those that are there
 * @follow: whom
 *
 * Return: 0, or what bus_register_notifier() returns.
 */
int drvio_follow_begin(struct drvio_follow *follow);

/**
 * drvio_follow_end() - unregister the bus, and follow nobody any more
 * @follow: whom; also where drvio_follow_begin() failed, or was not called
 */
void drvio_follow_end(struct drvio_follow *follow);

#endif /* _DRVIO_FOLLOW_H */
