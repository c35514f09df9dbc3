// SPDX-License-Identifier: GPL-2.0
/*
 * Binding virtio devices to their drivers and back to parking.
 *
 * The device_lock of the device is taken by the driver core, for one step at a
 * time; between two steps others may bind and unbind (a module that loads,
 * udev, an administrator).  So each step looks at what it finds, and what
 * counts is who is bound in the end.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kmod.h>
#include <linux/virtio.h>

#include "compat.h"
#include "limits.h"
#include "virtio_bind.h"
#include "virtio_id.h"
#include "virtio_park.h"

/*
 * A driver counts from before its probe until after its remove: meanwhile it
 * may touch the device.  Without device_lock, since bus notifiers come with it
 * held; the pointer is compared, never followed.
 */
bool virtio_bound(struct device *dev)
{
	const struct device_driver *drv = READ_ONCE(dev->driver);

	return drv && !virtio_park_driver_is(drv);
}

/* As virtio_bound(), once a probe that is under way has ended. */
static bool bound_settled(struct device *dev)
{
	bool bound;

	device_lock(dev);
	bound = virtio_bound(dev);
	device_unlock(dev);
	return bound;
}

static void driver_name(struct device *dev, char *name, size_t size)
{
	device_lock(dev);
	strscpy(name, dev->driver ? dev->driver->name : "none", size);
	device_unlock(dev);
}

static int reason_removed(struct device *dev, struct drvio_reason *why)
{
	drvio_reason_set(why, "%s: the device has left the virtio bus", dev_name(dev));
	return -ENODEV;
}

/**
 * struct attempt - looking for a driver that takes a device
 * @dev: the device
 * @err: of the first driver that matched and did not take it; 0: none did
 * @driver: the name of that driver
 */
struct attempt {
	struct device *dev;
	int err;
	char driver[64];
};

/* Returns 1 to end the search. */
static int try_driver(struct device_driver *drv, void *data)
{
	struct attempt *try = data;
	int err;

	if (virtio_park_driver_is(drv) || drv->bus->match(try->dev, drv) <= 0)
		return 0;
	err = device_driver_attach(drv, try->dev);
	if (!err || bound_settled(try->dev))
		return 1;
	if (!try->err) {
		try->err = err;
		strscpy(try->driver, drv->name, sizeof(try->driver));
	}
	/* Not now: that is for the caller to wait for, not for a next driver. */
	return err == -EAGAIN;
}

/*
 * device_attach() would do, but hides why a probe failed.  Drivers cannot go
 * away while they are looked at: the search holds them in the bus's list, and
 * unregistering waits for it.
 */
static bool find_driver(struct attempt *try)
{
	try->err = 0;
	bus_for_each_drv(virtio_park_driver.driver.bus, NULL, try, try_driver);
	return bound_settled(try->dev);
}

static void reason_no_driver(struct virtio_device *vdev, struct drvio_reason *why)
{
	const char *module = virtio_id_module(vdev->id.device);

	if (module)
		drvio_reason_set(why,
				 "%s: no driver for it (virtio device id %u): module %s is missing, blocked or does not load; try modprobe %s in the guest",
				 dev_name(&vdev->dev), vdev->id.device, module, module);
	else
		drvio_reason_set(why,
				 "%s: no driver for it (virtio device id %u): load a module with the alias virtio:d%08Xv%08X in the guest",
				 dev_name(&vdev->dev), vdev->id.device,
				 vdev->id.device, vdev->id.vendor);
}

int virtio_bind(struct drvio_target *target, struct drvio_reason *why)
{
	struct virtio_device *vdev = dev_to_virtio(target->dev);
	struct attempt try = { .dev = target->dev };
	int err;

	if (bound_settled(try.dev))
		return 0;

	/*
	 * By way of parking even if it is not parked: the probe of a driver
	 * that failed before has left it FAILED, which only a reset ends.  A
	 * device that cannot be parked still has its chance with a driver.
	 */
	err = virtio_park(try.dev);
	if (err == -EBUSY)
		return 0;
	if (err == -EAGAIN) {
		drvio_reason_set(why, "%s: the virtio bus is not ready to bind it",
				 dev_name(try.dev));
		return err;
	}

	WRITE_ONCE(target->parked, false);
	virtio_unpark(try.dev);

	if (find_driver(&try))
		return 0;
	if (!try.err) {
		request_module("virtio:d%08Xv%08X", vdev->id.device, vdev->id.vendor);
		if (find_driver(&try))
			return 0;
	}

	if (!device_is_registered(try.dev))
		return reason_removed(try.dev, why);
	if (!try.err) {
		reason_no_driver(vdev, why);
		return -ENODEV;
	}
	drvio_reason_set(why, "%s: driver %s does not take it: %pe; see the guest's kernel log",
			 dev_name(try.dev), try.driver, ERR_PTR(try.err));
	return try.err;
}

int virtio_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	struct device *dev = target->dev;
	char driver[64];
	int err, tries;

	for (tries = 0; ; tries++) {
		err = virtio_park(dev);
		if (tries == DRVIO_PARK_TRIES)
			break;
		if (err == -EBUSY)
			device_release_driver(dev);
		else if (err == -EAGAIN)
			msleep(DRVIO_BIND_RETRY_MS);
		else
			break;
	}
	if (!err) {
		WRITE_ONCE(target->parked, true);
		return 0;
	}
	if (!device_is_registered(dev))
		return reason_removed(dev, why);
	if (err == -EBUSY) {
		driver_name(dev, driver, sizeof(driver));
		drvio_reason_set(why,
				 "%s: unbound %d times and bound again each time (driver now: %s): something in the guest keeps binding it",
				 dev_name(dev), tries, driver);
	} else {
		drvio_reason_set(why, "%s: the device cannot be parked: %pe",
				 dev_name(dev), ERR_PTR(err));
	}
	return err;
}
