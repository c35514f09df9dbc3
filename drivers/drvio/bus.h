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
 * @node: in the list of buses
 * @owner: pinned while a request runs on one of its devices
 * @types: its folder supported_types
 * @type_list: struct drvio_type; drvio_targets_lock
 * @devices: DR devices on it; drvio_lock, and drvio_targets_lock to change it
 */
struct drvio_bus {
	struct device dev;
	struct list_head node;
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

/*
 * Whether any bus knows of a device that has no target, and why it has none.
 * Takes no lock but one of its own.
 */
bool drvio_buses_know(const char *name, u64 dev_id, struct drvio_reason *why);

#endif /* _DRVIO_BUS_H */
