/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the attributes of DR devices share, on any bus: live values of what the
 * driver of a target has made of it.
 *
 * Locks.  The removal of a DR device waits for the readers of its attributes,
 * with the device_lock of the target's parent held, and drvio_targets_lock.  So
 * a reader never waits without an end:
 *
 *   device_lock of the target	tried for DRVIO_ATTR_WAIT_MS; a driver that
 *				hangs holds it for good
 *   RTNL			tried, else the read begins anew, as in the
 *				networking core's own attributes
 *
 * in this order, which is that of the probes of network drivers.
 */
#ifndef _DRVIO_ATTR_H
#define _DRVIO_ATTR_H

#include <linux/types.h>

struct device;
struct gendisk;
struct net_device;

/**
 * drvio_attr_target() - the target that an attribute is read of
 * @dr: the DR device
 *
 * Return: its first target, referenced and with its device_lock held, until
 * drvio_attr_put(); or an ERR_PTR: -ENODEV when it has left, and as of
 * drvio_target_lock().
 */
struct device *drvio_attr_target(struct device *dr);
void drvio_attr_put(struct device *target);

/**
 * drvio_attr_child() - what the driver of a target has made
 * @target: the target, locked
 * @class: "net", "block"
 *
 * Return: its first child of the class, referenced, or NULL.
 */
struct device *drvio_attr_child(struct device *target, const char *class);

/* The disk of a target, which stays while that is locked, or NULL. */
struct gendisk *drvio_attr_disk(struct device *target);

/**
 * drvio_attr_net() - print what the interface of a target says
 * @target: the target, locked
 * @emit: prints it; RTNL is held
 * @buf: where to
 *
 * Return: what @emit returns, 0 when there is no interface, or what restarts the
 * system call.
 */
ssize_t drvio_attr_net(struct device *target,
		       ssize_t (*emit)(struct net_device *net, char *buf), char *buf);
ssize_t drvio_attr_emit_mac(struct net_device *net, char *buf);
ssize_t drvio_attr_emit_mtu(struct net_device *net, char *buf);

#endif /* _DRVIO_ATTR_H */
