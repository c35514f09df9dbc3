/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bus: a module that finds targets and binds them.
 */
#ifndef _DRVIO_BUS_H
#define _DRVIO_BUS_H

#include "drvio.h"

/**
 * struct drvio_bus - a registered bus
 * @dev: its node, /sys/class/drvio/<name>
 * @ops: what it can do
 * @owner: pinned while a request runs on one of its devices
 * @types: its folder supported_types
 * @type_list: struct drvio_type; drvio_targets_lock
 * @devices: DR devices on it; drvio_lock, and drvio_targets_lock to change it
 */
struct drvio_bus {
	struct device dev;
	const struct drvio_bus_ops *ops;
	struct module *owner;
	struct kobject *types;
	struct list_head type_list;
	struct list_head devices;
};

/*
 * Whether any bus is registered.  Without one no device is known, so nothing
 * can be said of any: the guest may be using it.  Caller holds drvio_lock.
 */
bool drvio_any_bus(void);

#endif /* _DRVIO_BUS_H */
