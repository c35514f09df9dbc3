// SPDX-License-Identifier: GPL-2.0
/*
 * DR devices: the table of all of them, their state, their lifetime.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "bus.h"
#include "device.h"
#include "request.h"
#include "trace.h"
#include "type.h"

#define DEVICE_HASH_BITS 8

/* All DR devices that requests can find; drvio_lock. */
static DEFINE_HASHTABLE(devices, DEVICE_HASH_BITS);

/* Requests that wait for a device to appear. */
static DECLARE_WAIT_QUEUE_HEAD(arrivals_wait);
static unsigned int arrivals;
static bool no_more_arrivals;

struct drvio_device *drvio_device_get(const char *name, u64 dev_id)
{
	struct drvio_device *ddev;

	lockdep_assert_held(&drvio_lock);
	hash_for_each_possible(devices, ddev, hash, dev_id) {
		if (ddev->dev_id == dev_id && !strcmp(ddev->name, name)) {
			get_device(&ddev->dev);
			return ddev;
		}
	}
	return NULL;
}

struct drvio_device *drvio_device_wait(const char *name, u64 dev_id,
				       unsigned int timeout_ms)
{
	unsigned long left = msecs_to_jiffies(timeout_ms);
	struct drvio_device *ddev;
	unsigned int seen;
	bool announced;

	for (;;) {
		mutex_lock(&drvio_lock);
		seen = arrivals;
		ddev = drvio_device_get(name, dev_id);
		announced = ddev && ddev->announced;
		mutex_unlock(&drvio_lock);
		if (ddev && !announced) {
			/* Its uevents are held back until it is, in a moment. */
			put_device(&ddev->dev);
			wait_event_idle(arrivals_wait, READ_ONCE(arrivals) != seen);
			continue;
		}
		if (ddev || !left || READ_ONCE(no_more_arrivals))
			return ddev;
		left = wait_event_idle_timeout(arrivals_wait,
					       READ_ONCE(arrivals) != seen ||
					       READ_ONCE(no_more_arrivals), left);
	}
}

void drvio_device_stop_waiting(void)
{
	WRITE_ONCE(no_more_arrivals, true);
	wake_up_all(&arrivals_wait);
}

bool drvio_device_bound(struct drvio_device *ddev)
{
	struct drvio_target *target;

	lockdep_assert_held(&drvio_lock);
	list_for_each_entry(target, &ddev->targets, node)
		if (ddev->bus->ops->bound(target->dev))
			return true;
	return false;
}

static bool device_all_bound(struct drvio_device *ddev)
{
	struct drvio_target *target;

	lockdep_assert_held(&drvio_lock);
	list_for_each_entry(target, &ddev->targets, node)
		if (!ddev->bus->ops->bound(target->dev))
			return false;
	return true;
}

bool drvio_device_parked(struct drvio_device *ddev)
{
	struct drvio_target *target;

	lockdep_assert_held(&drvio_lock);
	list_for_each_entry(target, &ddev->targets, node)
		if (!READ_ONCE(target->parked))
			return false;
	return true;
}

u32 drvio_device_status(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);
	if (!ddev || ddev->gone)
		return DRVIO_NOT_PRESENT;
	/* While a bind or unbind is under way only the parked ones are safe. */
	if (ddev->op)
		return drvio_device_parked(ddev) && ddev->state == DRVIO_UNCONFIGURING ?
			DRVIO_UNCONFIGURED : DRVIO_CONFIGURED;
	return drvio_device_bound(ddev) ? DRVIO_CONFIGURED : DRVIO_UNCONFIGURED;
}

const char *drvio_device_hold(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);

	if (ddev->hold && ddev->hold_until &&
	    ktime_after(ktime_get_boottime(), ddev->hold_until)) {
		kfree(ddev->hold);
		ddev->hold = NULL;
	}
	return ddev->hold;
}

void drvio_device_set_state(struct drvio_device *ddev, enum drvio_state state)
{
	lockdep_assert_held(&drvio_lock);
	if (ddev->state != state)
		trace_drvio_state(dev_name(&ddev->dev), drvio_state_name(ddev->state),
				  drvio_state_name(state));
	ddev->state = state;
}

void drvio_device_settle(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);
	if (ddev->gone)
		return;
	drvio_device_set_state(ddev, drvio_device_bound(ddev) ?
			       DRVIO_CONFIGURED_STATE : DRVIO_UNCONFIGURED_STATE);
	/* A target without its driver has lost what userspace had made of it. */
	if (!device_all_bound(ddev))
		ddev->finished = false;
}

static void device_release(struct device *dev)
{
	struct drvio_device *ddev = to_drvio_device(dev);

	drvio_record_clear(&ddev->last);
	kfree(ddev->hold);
	kobject_put(&ddev->type->kobj);
	kfree(ddev->name);
	kfree(ddev);
}

/* The name becomes a file name, and words in uevents and tables. */
static bool valid_name(const char *name)
{
	size_t len = strnlen(name, DRVIO_NAME_MAX), i;

	if (!len || len == DRVIO_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || !isgraph(name[i]) || name[i] == '/')
			return false;
	return true;
}

struct drvio_device *drvio_device_create(struct drvio_type *type, u64 dev_id)
{
	const char *name = type->desc->name;
	struct drvio_device *ddev;
	int err = -ENOMEM;

	lockdep_assert_held(&drvio_targets_lock);

	if (!valid_name(name))
		return ERR_PTR(-EINVAL);
	ddev = kzalloc(sizeof(*ddev), GFP_KERNEL);
	if (!ddev)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&ddev->targets);
	INIT_LIST_HEAD(&ddev->bus_node);
	INIT_HLIST_NODE(&ddev->hash);
	ddev->bus = type->bus;
	ddev->type = type;
	kobject_get(&type->kobj);
	ddev->dev_id = dev_id;
	device_initialize(&ddev->dev);
	/* It has no power of its own; a folder for that would be a quarter of its memory. */
	device_set_pm_not_required(&ddev->dev);
	ddev->dev.class = &drvio_class;
	ddev->dev.type = &drvio_device_type;
	ddev->dev.groups = type->desc->groups;
	ddev->dev.release = device_release;
	/* A device may outlive its bus's module, and the module's strings. */
	ddev->name = kstrdup(name, GFP_KERNEL);
	if (!ddev->name)
		goto err_put;
	err = dev_set_name(&ddev->dev, "%s@" DRVIO_DEV_ID_FMT, name, dev_id);
	if (err)
		goto err_put;

	/* The add event comes when the links to the targets are there, too. */
	dev_set_uevent_suppress(&ddev->dev, true);
	err = device_add(&ddev->dev);
	if (err)
		goto err_put;
	err = drvio_type_link(ddev);
	if (err)
		goto err_del;
	return ddev;

err_del:
	device_del(&ddev->dev);
err_put:
	put_device(&ddev->dev);
	return ERR_PTR(err);
}

void drvio_device_announce(struct drvio_device *ddev, bool booted)
{
	lockdep_assert_held(&drvio_targets_lock);

	mutex_lock(&drvio_lock);
	get_device(&ddev->dev);
	hash_add(devices, &ddev->hash, ddev->dev_id);
	list_add_tail(&ddev->bus_node, &ddev->bus->devices);
	trace_drvio_state(dev_name(&ddev->dev), "absent", drvio_state_name(ddev->state));
	drvio_device_settle(ddev);
	ddev->finished = booted && ddev->state == DRVIO_CONFIGURED_STATE;
	mutex_unlock(&drvio_lock);

	dev_set_uevent_suppress(&ddev->dev, false);
	kobject_uevent(&ddev->dev.kobj, KOBJ_ADD);

	mutex_lock(&drvio_lock);
	ddev->announced = true;
	WRITE_ONCE(arrivals, arrivals + 1);
	mutex_unlock(&drvio_lock);
	wake_up_all(&arrivals_wait);
}

void drvio_device_discard(struct drvio_device *ddev)
{
	drvio_type_unlink(ddev);
	device_del(&ddev->dev);
	put_device(&ddev->dev);
}

void drvio_device_set_gone(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);
	trace_drvio_state(dev_name(&ddev->dev), drvio_state_name(ddev->state), "absent");
	WRITE_ONCE(ddev->gone, true);
	hash_del(&ddev->hash);
	list_del_init(&ddev->bus_node);
	if (ddev->req)
		drvio_request_wake(ddev->req);
}

void drvio_device_remove(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_targets_lock);
	drvio_type_unlink(ddev);
	device_del(&ddev->dev);
	put_device(&ddev->dev);
}

struct device *drvio_device_get_target(struct device *dev)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	struct drvio_target *target;
	struct device *found = NULL;

	mutex_lock(&drvio_lock);
	target = list_first_entry_or_null(&ddev->targets, struct drvio_target, node);
	if (target)
		found = get_device(target->dev);
	mutex_unlock(&drvio_lock);
	return found;
}
EXPORT_SYMBOL_GPL(drvio_device_get_target);

int drvio_target_lock(struct device *dev)
{
	unsigned long end = jiffies + msecs_to_jiffies(DRVIO_ATTR_WAIT_MS);

	while (!device_trylock(dev)) {
		if (signal_pending(current))
			return -EINTR;
		if (time_after(jiffies, end))
			return -EBUSY;
		msleep(DRVIO_ATTR_RETRY_MS);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(drvio_target_lock);

static const char * const state_names[] = {
	[DRVIO_UNCONFIGURED_STATE] = DRVIO_STATE_UNCONFIGURED,
	[DRVIO_CONFIGURING] = DRVIO_STATE_CONFIGURING,
	[DRVIO_CONFIGURED_STATE] = DRVIO_STATE_CONFIGURED,
	[DRVIO_UNCONFIGURING] = DRVIO_STATE_UNCONFIGURING,
};

const char *drvio_state_name(enum drvio_state state)
{
	return state_names[state];
}
