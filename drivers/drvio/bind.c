// SPDX-License-Identifier: GPL-2.0
/*
 * Binding devices to their drivers and back to parking, on any bus.
 *
 * The device_lock of the device is taken by the driver core, for one step at a
 * time; between two steps others may bind and unbind (a module that loads,
 * udev, an administrator).  So each step looks at what it finds, and what
 * counts is who is bound in the end.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kmod.h>

#include "bind.h"
#include "compat.h"
#include "limits.h"

static int is_dev(struct device *dev, void *data)
{
	return dev == data;
}

/*
 * The driver core would tell by itself, but on a device that is not deferred by
 * anybody the text that it keeps as the reason is lost memory.
 */
int drvio_bindable(const struct drvio_target *target)
{
	if (!target->parent || device_for_each_child(target->parent, target->dev, is_dev))
		return 0;
	return device_is_registered(target->dev) ? -EAGAIN : -ENODEV;
}
EXPORT_SYMBOL_GPL(drvio_bindable);

/*
 * 0 when it is parked, also when it was; -EBUSY when another driver is bound to it;
 * what drvio_bindable() says; else the error of the probe.
 */
static int park(const struct drvio_parking *parking, struct drvio_target *target)
{
	struct device *dev = target->dev;
	int err = drvio_bindable(target);

	if (err)
		return err;
	err = parking->park ? parking->park(dev) :
			      device_driver_attach(parking->driver, dev);
	/* Only we bind it to the parking driver, so this cannot change. */
	return err == -EBUSY && READ_ONCE(dev->driver) == parking->driver ? 0 : err;
}

void drvio_unpark(const struct drvio_parking *parking, struct drvio_target *target)
{
	WRITE_ONCE(target->parked, false);
	if (READ_ONCE(target->dev->driver) == parking->driver)
		device_release_driver(target->dev);
}
EXPORT_SYMBOL_GPL(drvio_unpark);

/*
 * A driver counts from before its probe until after its remove: meanwhile it
 * may touch the device.  Without device_lock, since bus notifiers come with it
 * held; the pointer is compared, never followed.
 */
bool drvio_bound(const struct drvio_parking *parking, struct device *dev)
{
	const struct device_driver *drv = READ_ONCE(dev->driver);

	return drv && drv != parking->driver;
}
EXPORT_SYMBOL_GPL(drvio_bound);

/* As drvio_bound(), once a probe that is under way has ended. */
static bool bound_settled(const struct drvio_parking *parking, struct device *dev)
{
	bool bound;

	device_lock(dev);
	bound = drvio_bound(parking, dev);
	device_unlock(dev);
	return bound;
}

static void driver_name(struct device *dev, char *name, size_t size)
{
	device_lock(dev);
	strscpy(name, dev->driver ? dev->driver->name : "none", size);
	device_unlock(dev);
}

static int reason_removed(const struct drvio_parking *parking, struct device *dev,
			  struct drvio_reason *why)
{
	drvio_reason_set(why, "%s: the device has left the %s bus", dev_name(dev),
			 parking->driver->bus->name);
	return -ENODEV;
}

/**
 * struct attempt - looking for a driver that takes a device
 * @parking: of its bus
 * @dev: the device
 * @err: of the first driver that matched and did not take it; 0: none did
 * @driver: the name of that driver
 */
struct attempt {
	const struct drvio_parking *parking;
	struct device *dev;
	int err;
	char driver[DRVIO_DRIVER_MAX];
};

/* Returns 1 to end the search. */
static int try_driver(struct device_driver *drv, void *data)
{
	struct attempt *try = data;
	const struct drvio_parking *parking = try->parking;
	int err;

	if (drv == parking->driver || drv->bus->match(try->dev, drv) <= 0 ||
	    (parking->wants && !parking->wants(try->dev, drv)))
		return 0;
	err = device_driver_attach(drv, try->dev);
	if (!err || bound_settled(parking, try->dev))
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
	bus_for_each_drv(try->parking->driver->bus, NULL, try, try_driver);
	return bound_settled(try->parking, try->dev);
}

int drvio_bind(const struct drvio_parking *parking, struct drvio_target *target,
	       struct drvio_reason *why)
{
	struct attempt try = { .parking = parking, .dev = target->dev };
	char alias[DRVIO_ALIAS_MAX];
	int err;

	if (bound_settled(parking, try.dev))
		return 0;

	/*
	 * By way of parking even if it is not parked: the probe of a driver
	 * that failed before has left it FAILED, which only a reset ends.  A
	 * device that cannot be parked still has its chance with a driver.
	 */
	err = park(parking, target);
	if (err == -EBUSY)
		return 0;
	if (err == -EAGAIN) {
		drvio_reason_set(why, "%s: the %s bus is not ready to bind it",
				 dev_name(try.dev), parking->driver->bus->name);
		return err;
	}

	drvio_unpark(parking, target);

	if (find_driver(&try))
		return 0;
	if (!try.err) {
		parking->alias(try.dev, alias);
		request_module("%s", alias);
		if (find_driver(&try))
			return 0;
	}

	if (!device_is_registered(try.dev))
		return reason_removed(parking, try.dev, why);
	if (!try.err) {
		parking->no_driver(try.dev, why);
		return -ENODEV;
	}
	drvio_reason_set(why, "%s: driver %s does not take it: %pe; see the guest's kernel log",
			 dev_name(try.dev), try.driver, ERR_PTR(try.err));
	return try.err;
}
EXPORT_SYMBOL_GPL(drvio_bind);

/*
 * An unbind file looks at who is bound before it takes the device_lock, and then
 * detaches whoever is bound: one that was written to for the driver that has just
 * gone takes the device from parking.  The mark is there first, so that this is
 * either seen here, or takes the mark away (drvio_target_changed()): the device has
 * no driver then, and the next request parks it again.
 */
static int park_settled(const struct drvio_parking *parking, struct drvio_target *target)
{
	struct device *dev = target->dev;
	int err = park(parking, target);

	if (err)
		return err;
	WRITE_ONCE(target->parked, true);
	device_lock(dev);
	if (dev->driver != parking->driver) {
		WRITE_ONCE(target->parked, false);
		err = -EBUSY;
	}
	device_unlock(dev);
	return err;
}

int drvio_unbind(const struct drvio_parking *parking, struct drvio_target *target,
		 struct drvio_reason *why)
{
	struct device *dev = target->dev;
	char driver[DRVIO_DRIVER_MAX];
	int err, tries;

	for (tries = 0; ; tries++) {
		err = park_settled(parking, target);
		if (tries == DRVIO_PARK_TRIES)
			break;
		if (err == -EBUSY)
			device_release_driver(dev);
		else if (err == -EAGAIN)
			msleep(DRVIO_BIND_RETRY_MS);
		else
			break;
	}
	if (!err)
		return 0;
	if (!device_is_registered(dev))
		return reason_removed(parking, dev, why);
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
EXPORT_SYMBOL_GPL(drvio_unbind);
