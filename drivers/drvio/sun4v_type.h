/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kinds of sun4v virtual devices: the one table of what is known of each.
 */
#ifndef _DRVIO_SUN4V_TYPE_H
#define _DRVIO_SUN4V_TYPE_H

#include "drvio.h"

struct attribute_group;
struct vio_dev;

/**
 * enum sun4v_use - what use means for a kind of device
 * @SUN4V_USE_NET: interfaces; the helper looks at addresses, routes, bridges
 * @SUN4V_USE_DISK: mounts, swap, dm, md, openers
 * @SUN4V_USE_TTY: open terminals; the helper looks
 * @SUN4V_USE_SERVICE: other domains are clients of it, one a port
 * @SUN4V_USE_UNKNOWN: whoever has opened a channel, and nobody knows who has
 */
enum sun4v_use {
	SUN4V_USE_NET,
	SUN4V_USE_DISK,
	SUN4V_USE_TTY,
	SUN4V_USE_SERVICE,
	SUN4V_USE_UNKNOWN,
};

/**
 * struct sun4v_kind - a kind of virtual device
 * @port: type of its ports on the vio bus
 * @name: how the machine description names the device, and so do requests
 * @older: another name for the same; NULL: there is none
 * @description: for people
 * @module: the kernel's driver for the ports; NULL: it has none
 * @use: what use means
 * @remove: what the control domain does to a client of a service
 * @groups: attributes of its DR devices; NULL: none of its own
 */
struct sun4v_kind {
	const char *port;
	const char *name;
	const char *older;
	const char *description;
	const char *module;
	enum sun4v_use use;
	const char *remove;
	const struct attribute_group **groups;
};

/* The kind of a device on the vio bus; NULL: it is no port of a virtual device. */
const struct sun4v_kind *sun4v_kind_of(const struct vio_dev *vdev);

/* Whether requests may name a device so. */
bool sun4v_kind_named(const char *name);

/**
 * sun4v_type_get() - the type of a port's device
 * @bus: the sun4v bus
 * @kind: its kind
 * @vdev: the port
 *
 * Return: the type, or an ERR_PTR as of drvio_type_register().
 */
struct drvio_type *sun4v_type_get(struct drvio_bus *bus, const struct sun4v_kind *kind,
				  const struct vio_dev *vdev);

/* Announces all types.  Return: 0, or as of drvio_type_register(). */
int sun4v_types_init(struct drvio_bus *bus);

#endif /* _DRVIO_SUN4V_TYPE_H */
