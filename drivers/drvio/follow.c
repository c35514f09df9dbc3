// SPDX-License-Identifier: GPL-2.0
/*
 * Following the devices of a bus of the driver core.
 *
 * Locks, outermost first: the device_lock of a device or of its parent; the rwsem
 * of the bus notifier, held while it calls us; the lock of struct drvio_follow; locks
 * of drvio.
 */
#include <linux/device.h>

#include "compat.h"
#include "follow.h"

static int follow_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct drvio_follow *follow = container_of(nb, struct drvio_follow, nb);
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		mutex_lock(&follow->lock);
		if (!follow->leaving)
			follow->add(dev, false);
		mutex_unlock(&follow->lock);
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		drvio_target_changed(follow->bus, dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
		/* Twice: add_booted() says why. */
		mutex_lock(&follow->lock);
		follow->remove(dev);
		mutex_unlock(&follow->lock);
		break;
	}
	return NOTIFY_OK;
}

static int same_device(struct device *dev, const void *data)
{
	return dev == data;
}

/*
 * A device may be leaving while the walk looks at it: the walk holds the device,
 * but nobody holds its parent, which is gone as soon as the device is.  As long as
 * the bus's list has the device BUS_NOTIFY_REMOVED_DEVICE is still to come, though
 * BUS_NOTIFY_DEL_DEVICE may have come already.  The lock holds that up until the
 * device was added, and with it the device's end.
 */
static int add_booted(struct device *dev, void *data)
{
	struct drvio_follow *follow = data;
	struct device *found;

	mutex_lock(&follow->lock);
	found = bus_find_device(dev->bus, NULL, dev, same_device);
	if (found)
		follow->add(dev, true);
	mutex_unlock(&follow->lock);
	put_device(found);
	return 0;
}

int drvio_follow_begin(struct drvio_follow *follow)
{
	int err;

	follow->nb.notifier_call = follow_notify;
	/* First hear of those that come, then add those that are there. */
	err = bus_register_notifier(follow->driver->bus, &follow->nb);
	if (!err)
		bus_for_each_dev(follow->driver->bus, NULL, follow, add_booted);
	return err;
}
EXPORT_SYMBOL_GPL(drvio_follow_begin);

/*
 * A device that leaves meanwhile has to wait until drvio has let go of it, since its
 * release may be code of a module that goes next.  So the notifier stays for longer
 * than the bus, of which it has nothing but the address then, and no target.
 *
 * Where it was not registered it is not unregistered, either.
 */
void drvio_follow_end(struct drvio_follow *follow)
{
	mutex_lock(&follow->lock);
	follow->leaving = true;
	mutex_unlock(&follow->lock);
	drvio_bus_unregister(follow->bus);
	bus_unregister_notifier(follow->driver->bus, &follow->nb);
}
EXPORT_SYMBOL_GPL(drvio_follow_end);
