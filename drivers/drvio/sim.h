/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated bus: what its files share.
 *
 * Locks: sim_lock protects the list of devices and is held for moments only; a
 * device's life is held while its targets are registered or removed, probe and
 * remove of the drivers included, so it is never taken below a device_lock.
 */
#ifndef _DRVIO_SIM_H
#define _DRVIO_SIM_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "drvio.h"
#include "limits.h"

/* The type of all simulated devices, as requests name it. */
#define SIM_TYPE	"sim"

/**
 * enum sim_number - the switches that are numbers
 * @SIM_FAIL_BIND: errno with which the driver's probe fails
 * @SIM_FAIL_UNBIND: errno with which an unbind fails before it has begun
 * @SIM_FAIL_PARK: errno with which parking fails: the target ends up unbound
 * @SIM_HANG_BIND: the driver's probe does not return
 * @SIM_HANG_UNBIND: the driver's remove does not return
 * @SIM_DELAY_BIND_MS: how long the driver's probe takes
 * @SIM_DELAY_UNBIND_MS: how long the driver's remove takes
 * @SIM_NUMBERS: how many there are
 */
enum sim_number {
	SIM_FAIL_BIND,
	SIM_FAIL_UNBIND,
	SIM_FAIL_PARK,
	SIM_HANG_BIND,
	SIM_HANG_UNBIND,
	SIM_DELAY_BIND_MS,
	SIM_DELAY_UNBIND_MS,
	SIM_NUMBERS,
};

/**
 * enum sim_vanish - where a device removes itself
 * @SIM_NEVER: it stays
 * @SIM_AT_BIND: before its driver is bound
 * @SIM_AT_PROBE: while its driver's probe runs
 * @SIM_AT_BOUND: after its driver is bound, while userspace finishes the work
 * @SIM_AT_CLAIM: at the last look
 * @SIM_AT_UNBIND: before its driver is unbound
 * @SIM_AT_REMOVE: while its driver's remove runs
 * @SIM_VANISHES: how many there are
 */
enum sim_vanish {
	SIM_NEVER,
	SIM_AT_BIND,
	SIM_AT_PROBE,
	SIM_AT_BOUND,
	SIM_AT_CLAIM,
	SIM_AT_UNBIND,
	SIM_AT_REMOVE,
	SIM_VANISHES,
};

/* Text of the switch busy, NUL included. */
#define SIM_BUSY_MAX	256

struct sim_device;

/**
 * struct sim_switch - a switch that is a number
 * @sdev: whose it is
 * @value: 0 is off
 */
struct sim_switch {
	struct sim_device *sdev;
	u32 value;
};

/**
 * struct sim_target - a device on the simulated bus
 * @dev: bound to the real driver, to the parking driver, or to none
 * @sdev: the DR device that it belongs to
 * @index: which of its targets
 */
struct sim_target {
	struct device dev;
	struct sim_device *sdev;
	unsigned int index;
};

#define to_sim_target(_dev) container_of(_dev, struct sim_target, dev)

/**
 * struct sim_device - a simulated DR device
 * @node: in the list of all; sim_lock
 * @ref: held by the list, each target, and @vanish while it is queued
 * @life: held while targets are registered or removed
 * @leaving: its removal has begun; sim_lock
 * @vanish: removes it
 * @in_op: drvio has called one of the bus's operations
 * @number: the switches that are numbers
 * @fail_targets: bit N: the switches apply to target N
 * @vanish_at: enum sim_vanish
 * @text_lock: protects @busy
 * @busy: why a claim is refused; "" when it is not
 * @released: whoever hangs or is delayed waits here
 * @hanging: how many do
 * @dir: in debugfs
 * @dev_id: as requests address it
 * @registered: how many targets are on the bus; @life
 * @ntargets: how many it has
 * @target: they
 */
struct sim_device {
	struct list_head node;
	struct kref ref;
	struct mutex life;	/* targets come and go */
	bool leaving;
	struct work_struct vanish;
	atomic_t in_op;
	struct sim_switch number[SIM_NUMBERS];
	u64 fail_targets;
	enum sim_vanish vanish_at;
	struct mutex text_lock;	/* busy */
	char busy[SIM_BUSY_MAX];
	wait_queue_head_t released;
	atomic_t hanging;
	struct dentry *dir;
	u64 dev_id;
	unsigned int registered;
	unsigned int ntargets;
	struct sim_target target[];
};

/* sim_main.c */

extern struct bus_type sim_bus_type;

/* sim_device.c */

int sim_device_init(void);

/* Removes all devices, and waits until the last has been freed. */
void sim_device_exit(void);

/* Return: how many more devices can be made. */
unsigned int sim_device_room(void);

/**
 * sim_device_create() - add a device to the bus
 * @dev_id: as requests address it
 * @ntargets: how many targets it has
 *
 * Its targets are registered one after the other, each probed at once.
 *
 * Return: 0, -EINVAL for an impossible number of targets, -EEXIST, -ENOSPC when
 * there are as many as there may be, -ENODEV when the module is not ready or on
 * its way out, -ENOMEM, what device_add() returns.
 */
int sim_device_create(u64 dev_id, unsigned int ntargets);

/**
 * sim_device_remove_id() - take a device off the bus
 * @dev_id: which
 *
 * Waits for a driver that hangs.
 *
 * Return: 0; -ENODEV when there is none, or somebody else removes it.
 */
int sim_device_remove_id(u64 dev_id);

/* Takes a device off the bus unless that was begun already. */
void sim_device_remove(struct sim_device *sdev);

/* The same behind the caller's back; from any context that may sleep. */
void sim_device_remove_async(struct sim_device *sdev);

/* sim_driver.c */

/* The driver that makes use of the devices, and the one that parks them. */
extern struct device_driver sim_driver;
extern struct device_driver sim_park_driver;
extern const struct drvio_bus_ops sim_bus_ops;

/* sim_fault.c */

void sim_fault_init(void);
void sim_fault_exit(void);
void sim_fault_add(struct sim_device *sdev);
void sim_fault_remove(struct sim_device *sdev);

/* Return: -errno as a switch says, or 0. */
int sim_fault_errno(struct sim_target *target, enum sim_number which);

/* Sleeps as the switches of delay and hang say, until they are put back. */
void sim_fault_delay(struct sim_target *target, enum sim_number delay,
		     enum sim_number hang);

/* Return: whether the device is to vanish here. */
bool sim_fault_vanishes(struct sim_target *target, enum sim_vanish here);

/* Return: whether the switch busy refuses a claim; then @why says so. */
bool sim_fault_busy(struct sim_target *target, struct drvio_reason *why);

#endif /* _DRVIO_SIM_H */
