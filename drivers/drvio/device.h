/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A DR device: what (name, dev_id) of a request addresses.
 */
#ifndef _DRVIO_DEVICE_H
#define _DRVIO_DEVICE_H

#include <linux/device.h>
#include <linux/ktime.h>
#include <linux/list.h>

#include "core.h"
#include "request.h"

struct drvio_op;
struct drvio_type;

/**
 * enum drvio_state - state of a DR device
 * @DRVIO_UNCONFIGURED_STATE: parked, or without a driver
 * @DRVIO_CONFIGURING: a CONFIGURE is under way, or its bind is stuck
 * @DRVIO_CONFIGURED_STATE: bound to its driver and in use of the guest
 * @DRVIO_UNCONFIGURING: an UNCONFIGURE is under way, or its unbind is stuck
 */
enum drvio_state {
	DRVIO_UNCONFIGURED_STATE,
	DRVIO_CONFIGURING,
	DRVIO_CONFIGURED_STATE,
	DRVIO_UNCONFIGURING,
};

/**
 * struct drvio_device - a DR device
 * @dev: its node, /sys/class/drvio/<name>@<dev_id>
 * @hash: in the table of all DR devices, while it is not @gone
 * @bus_node: in the bus's list
 * @bus: who has its targets, while it is not @gone
 * @type: what it is
 * @dev_id: as requests address it
 * @name: its type's name, as requests name it
 * @targets: struct drvio_target, by their index
 * @ntargets: how many
 * @next_index: N of the next targetN
 * @state: where it stands
 * @announced: its uevents go out; requests wait for that
 * @finished: userspace has finished it; a CONFIGURE has nothing left to do
 * @gone: its last target has left; no request can find it any more
 * @req: the request that runs, or NULL
 * @last: how the last one ended
 * @op: a bind or unbind that is under way, stuck ones included
 * @late_ms: how long an op took that ended after its answer; 0: none did
 * @hold: why an administrator holds it; NULL when not held: ask drvio_device_hold()
 * @hold_until: when the hold ends by itself, on the boot clock; 0: never
 *
 * All but @dev, @type, @dev_id and @name is protected by drvio_lock.
 */
struct drvio_device {
	struct device dev;
	struct hlist_node hash;
	struct list_head bus_node;
	struct drvio_bus *bus;
	struct drvio_type *type;
	u64 dev_id;
	const char *name;
	struct list_head targets;
	unsigned int ntargets;
	int next_index;
	enum drvio_state state;
	bool announced;
	bool finished;
	bool gone;
	struct drvio_request *req;
	struct drvio_record last;
	struct drvio_op *op;
	unsigned int late_ms;
	char *hold;
	ktime_t hold_until;
};

#define to_drvio_device(_dev) container_of(_dev, struct drvio_device, dev)

/**
 * drvio_device_get() - find a DR device
 * @name: its type
 * @dev_id: its id
 *
 * Caller holds drvio_lock.
 *
 * Return: the device with a reference (put_device(&ddev->dev)), or NULL.
 */
struct drvio_device *drvio_device_get(const char *name, u64 dev_id);

/**
 * drvio_device_wait() - find a DR device, or wait until it appears
 * @name: its type
 * @dev_id: its id
 * @timeout_ms: how long
 *
 * Return: the device with a reference, or NULL.
 */
struct drvio_device *drvio_device_wait(const char *name, u64 dev_id,
				       unsigned int timeout_ms);

/* At the module's exit: ends all of these waits, no device appears any more. */
void drvio_device_stop_waiting(void);

/**
 * drvio_device_status() - what the control domain is told
 * @ddev: the device, or NULL for one that does not exist
 *
 * UNCONFIGURED only when no target can be touched by the guest: all parked, or
 * at rest without any driver.  Caller holds drvio_lock.
 *
 * Return: enum drvio_status.
 */
u32 drvio_device_status(struct drvio_device *ddev);

/* Whether any target is bound to a real driver.  Caller holds drvio_lock. */
bool drvio_device_bound(struct drvio_device *ddev);

/* Whether every target is parked.  Caller holds drvio_lock. */
bool drvio_device_parked(struct drvio_device *ddev);

/**
 * drvio_device_hold() - why an administrator holds a DR device
 * @ddev: the device
 *
 * A hold whose time is over is dropped.  Caller holds drvio_lock, and the text
 * lives as long.
 *
 * Return: the text, or NULL when it is not held.
 */
const char *drvio_device_hold(struct drvio_device *ddev);

/* Changes the state.  Caller holds drvio_lock. */
void drvio_device_set_state(struct drvio_device *ddev, enum drvio_state state);

/* Makes the state what the driver core says.  Caller holds drvio_lock. */
void drvio_device_settle(struct drvio_device *ddev);

/**
 * drvio_device_create() - make a DR device and its sysfs node
 * @type: what it is
 * @dev_id: its id
 *
 * No request finds it before drvio_device_announce().  Caller holds
 * drvio_targets_lock.
 *
 * Return: the device with a reference, or an ERR_PTR: -EINVAL for a name that
 * cannot be a file name, -ENOMEM, what device_add() returns.
 */
struct drvio_device *drvio_device_create(struct drvio_type *type, u64 dev_id);

/**
 * drvio_device_announce() - requests find it from now on, and udev is told
 * @ddev: the device, with its first target
 * @booted: if it is bound, userspace has finished it already
 *
 * Caller holds drvio_targets_lock.
 */
void drvio_device_announce(struct drvio_device *ddev, bool booted);

/* Undoes drvio_device_create(), its reference included. */
void drvio_device_discard(struct drvio_device *ddev);

/* No request finds it any more; the one that runs learns it. */
void drvio_device_set_gone(struct drvio_device *ddev);

/* Removes the sysfs node of a device that is gone, and its bus's reference. */
void drvio_device_remove(struct drvio_device *ddev);

/* The word of a state in sysfs. */
const char *drvio_state_name(enum drvio_state state);

/* A target's lifetime, in bus.c: lists and ops hold references. */
void drvio_target_get(struct drvio_target *target);
void drvio_target_put(struct drvio_target *target);

/* Attributes of a DR device, in device_sysfs.c. */
extern const struct device_type drvio_device_type;

#endif /* _DRVIO_DEVICE_H */
