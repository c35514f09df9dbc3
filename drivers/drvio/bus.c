// SPDX-License-Identifier: GPL-2.0
/*
 * Buses, and the coming and going of their targets: a DR device exists while
 * it has a target.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bus.h"
#include "device.h"
#include "request.h"
#include "type.h"
#include "uevent.h"

#define TARGET_HASH_BITS 8

/* All targets, by their device; drvio_lock. */
static DEFINE_HASHTABLE(targets, TARGET_HASH_BITS);

/* All buses; changed with drvio_lock and buses_rwsem held, either reads. */
static LIST_HEAD(buses);
/* Taken before drvio_lock, and by who asks a bus what it knows. */
static DECLARE_RWSEM(buses_rwsem);

bool drvio_any_bus(void)
{
	lockdep_assert_held(&drvio_lock);
	return !list_empty(&buses);
}

bool drvio_buses_know(const char *name, u64 dev_id, struct drvio_reason *why)
{
	struct drvio_bus *bus;
	bool known = false;

	down_read(&buses_rwsem);
	list_for_each_entry(bus, &buses, node) {
		known = bus->ops->known && bus->ops->known(name, dev_id, why);
		if (known)
			break;
	}
	up_read(&buses_rwsem);
	return known;
}

static void bus_release(struct device *dev)
{
	kfree(container_of(dev, struct drvio_bus, dev));
}

static const struct device_type bus_type = {
	.name = "drvio_bus",
};

struct drvio_bus *drvio_bus_register(const char *name,
				     const struct drvio_bus_ops *ops,
				     struct module *owner)
{
	struct drvio_bus *bus;
	int err;

	bus = kzalloc(sizeof(*bus), GFP_KERNEL);
	if (!bus)
		return ERR_PTR(-ENOMEM);
	bus->ops = ops;
	bus->owner = owner;
	INIT_LIST_HEAD(&bus->devices);
	device_initialize(&bus->dev);
	bus->dev.class = &drvio_class;
	bus->dev.type = &bus_type;
	bus->dev.release = bus_release;
	err = dev_set_name(&bus->dev, "%s", name);
	if (err)
		goto err_put;
	/* udev hears of it when its folder is there, too. */
	dev_set_uevent_suppress(&bus->dev, true);
	err = device_add(&bus->dev);
	if (err)
		goto err_put;
	err = drvio_types_init(bus);
	if (err)
		goto err_del;
	dev_set_uevent_suppress(&bus->dev, false);
	kobject_uevent(&bus->dev.kobj, KOBJ_ADD);

	down_write(&buses_rwsem);
	mutex_lock(&drvio_lock);
	list_add_tail(&bus->node, &buses);
	mutex_unlock(&drvio_lock);
	up_write(&buses_rwsem);
	return bus;

err_del:
	device_del(&bus->dev);
err_put:
	put_device(&bus->dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(drvio_bus_register);

static struct drvio_target *bus_find_target(struct drvio_bus *bus,
					    struct device *dev)
{
	struct drvio_target *target;

	lockdep_assert_held(&drvio_lock);
	hash_for_each_possible(targets, target, hash, (unsigned long)dev)
		if (target->dev == dev && target->ddev->bus == bus)
			return target;
	return NULL;
}

static void target_release(struct kref *ref)
{
	struct drvio_target *target = container_of(ref, struct drvio_target, ref);

	put_device(target->dev);
	put_device(target->parent);
	put_device(&target->ddev->dev);
	kfree(target);
}

void drvio_target_get(struct drvio_target *target)
{
	kref_get(&target->ref);
}

void drvio_target_put(struct drvio_target *target)
{
	kref_put(&target->ref, target_release);
}

static struct drvio_target *target_alloc(struct drvio_device *ddev,
					 struct device *dev)
{
	struct drvio_target *target = kzalloc(sizeof(*target), GFP_KERNEL);

	if (!target)
		return NULL;
	kref_init(&target->ref);
	INIT_LIST_HEAD(&target->node);
	target->dev = get_device(dev);
	target->parent = get_device(dev->parent);
	target->ddev = ddev;
	get_device(&ddev->dev);
	return target;
}

static int target_link(struct drvio_target *target)
{
	char name[sizeof("target") + 10];

	snprintf(name, sizeof(name), "target%d", target->index);
	return sysfs_create_link(&target->ddev->dev.kobj, &target->dev->kobj, name);
}

static void target_unlink(struct drvio_target *target)
{
	char name[sizeof("target") + 10];

	snprintf(name, sizeof(name), "target%d", target->index);
	sysfs_remove_link(&target->ddev->dev.kobj, name);
}

/* One more target of a device that is there already. */
static int device_add_target(struct drvio_device *ddev, struct device *dev)
{
	struct drvio_target *target;
	int err;

	lockdep_assert_held(&drvio_targets_lock);

	if (ddev->ntargets == (ddev->type->desc->targets ?: DRVIO_TARGETS))
		return -E2BIG;
	target = target_alloc(ddev, dev);
	if (!target)
		return -ENOMEM;
	target->index = ddev->next_index++;
	err = target_link(target);
	if (err) {
		drvio_target_put(target);
		return err;
	}
	mutex_lock(&drvio_lock);
	list_add_tail(&target->node, &ddev->targets);
	hash_add(targets, &target->hash, (unsigned long)dev);
	ddev->ntargets++;
	mutex_unlock(&drvio_lock);
	return 0;
}

int drvio_target_add(struct drvio_type *type, u64 dev_id, struct device *dev,
		     bool booted)
{
	struct drvio_bus *bus = type->bus;
	struct drvio_target *known;
	struct drvio_device *ddev;
	int err;

	mutex_lock(&drvio_targets_lock);
	mutex_lock(&drvio_lock);
	known = bus_find_target(bus, dev);
	ddev = drvio_device_get(type->desc->name, dev_id);
	mutex_unlock(&drvio_lock);

	if (known) {
		err = -EEXIST;
	} else if (ddev && ddev->type != type) {
		dev_warn(dev, "%s is a device of another bus or type already\n",
			 dev_name(&ddev->dev));
		err = -EEXIST;
	} else if (ddev) {
		err = device_add_target(ddev, dev);
	} else {
		ddev = drvio_device_create(type, dev_id);
		if (IS_ERR(ddev)) {
			err = PTR_ERR(ddev);
			ddev = NULL;
			goto out;
		}
		err = device_add_target(ddev, dev);
		if (err) {
			drvio_device_discard(ddev);
			ddev = NULL;
			goto out;
		}
		drvio_device_announce(ddev, booted);
	}
	if (ddev)
		put_device(&ddev->dev);
out:
	mutex_unlock(&drvio_targets_lock);
	return err;
}
EXPORT_SYMBOL_GPL(drvio_target_add);

/*
 * Takes a target from its device, and the device away with its last target.
 * Does not wait for a request: that finds the device gone, and holds what it
 * needs.
 */
static void target_remove(struct drvio_target *target)
{
	struct drvio_device *ddev = target->ddev;
	bool was_in_use;

	lockdep_assert_held(&drvio_targets_lock);

	mutex_lock(&drvio_lock);
	was_in_use = ddev->state != DRVIO_UNCONFIGURED_STATE;
	if (ddev->ntargets == 1)
		drvio_device_set_gone(ddev);
	mutex_unlock(&drvio_lock);

	/* While the target is in the list, so that the event names it. */
	if (ddev->gone && was_in_use)
		drvio_uevent(ddev, DRVIO_EVENT_LOST);

	mutex_lock(&drvio_lock);
	list_del_init(&target->node);
	hash_del(&target->hash);
	ddev->ntargets--;
	mutex_unlock(&drvio_lock);

	if (ddev->gone)
		drvio_device_remove(ddev);
	else
		target_unlink(target);
	drvio_target_put(target);
}

void drvio_target_remove(struct drvio_bus *bus, struct device *dev)
{
	struct drvio_target *target;

	mutex_lock(&drvio_targets_lock);
	mutex_lock(&drvio_lock);
	target = bus_find_target(bus, dev);
	mutex_unlock(&drvio_lock);
	if (target)
		target_remove(target);
	mutex_unlock(&drvio_targets_lock);
}
EXPORT_SYMBOL_GPL(drvio_target_remove);

void drvio_target_changed(struct drvio_bus *bus, struct device *dev)
{
	struct drvio_target *target;
	struct drvio_device *ddev;

	mutex_lock(&drvio_lock);
	target = bus_find_target(bus, dev);
	if (target) {
		ddev = target->ddev;
		/* The parking driver did not let go of it for us: that clears the mark first. */
		WRITE_ONCE(target->parked, false);
		/* What a request does is its own business until it ends. */
		if (!ddev->op && !ddev->req)
			drvio_device_settle(ddev);
	}
	mutex_unlock(&drvio_lock);
}
EXPORT_SYMBOL_GPL(drvio_target_changed);

/*
 * Only the exit of the module that registered the bus comes here, and every
 * request pins that module: none is under way.
 */
void drvio_bus_unregister(struct drvio_bus *bus)
{
	struct drvio_device *ddev;
	struct drvio_target *target;

	down_write(&buses_rwsem);
	mutex_lock(&drvio_lock);
	list_del(&bus->node);
	mutex_unlock(&drvio_lock);
	up_write(&buses_rwsem);

	mutex_lock(&drvio_targets_lock);
	for (;;) {
		mutex_lock(&drvio_lock);
		ddev = list_first_entry_or_null(&bus->devices,
						struct drvio_device, bus_node);
		target = ddev ? list_first_entry(&ddev->targets,
						 struct drvio_target, node) : NULL;
		if (ddev)
			/* It is not lost. */
			drvio_device_set_state(ddev, DRVIO_UNCONFIGURED_STATE);
		mutex_unlock(&drvio_lock);
		if (!target)
			break;
		target_remove(target);
	}
	mutex_unlock(&drvio_targets_lock);
	/* Waits for readers, whom a bus may have made wait for locks of its own. */
	drvio_types_exit(bus);
	device_unregister(&bus->dev);
}
EXPORT_SYMBOL_GPL(drvio_bus_unregister);
