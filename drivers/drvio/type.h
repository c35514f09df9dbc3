/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A type: a kind of DR device, and its folder under a bus's supported_types.
 */
#ifndef _DRVIO_TYPE_H
#define _DRVIO_TYPE_H

#include <linux/kobject.h>

#include "drvio.h"

struct drvio_device;

/**
 * struct drvio_type - a registered type
 * @kobj: its folder
 * @devices: the folder devices/ in it, with a link to each DR device
 * @node: in the bus's list; drvio_targets_lock
 * @bus: whose type it is; valid while the type is in its list
 * @desc: what the bus says of it
 * @attrs: room for its attributes, made from @desc
 */
struct drvio_type {
	struct kobject kobj;
	struct kobject *devices;
	struct list_head node;
	struct drvio_bus *bus;
	const struct drvio_type_desc *desc;
	struct drvio_type_attr *attrs;
};

/* Makes and removes the folder supported_types of a bus. */
int drvio_types_init(struct drvio_bus *bus);
void drvio_types_exit(struct drvio_bus *bus);

/* The links between a DR device and its type; drvio_targets_lock held. */
int drvio_type_link(struct drvio_device *ddev);
void drvio_type_unlink(struct drvio_device *ddev);

#endif /* _DRVIO_TYPE_H */
