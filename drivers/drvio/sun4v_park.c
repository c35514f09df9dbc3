// SPDX-License-Identifier: GPL-2.0
/*
 * The parking driver of the vio bus.
 *
 * The bus looks at the table of ids itself before it calls a probe, so the table
 * has to list every type of port; the probe refuses whatever is not being parked
 * just then, and the driver core goes on to the next driver.
 */
#include <linux/mutex.h>

#include "sun4v_park.h"

static DEFINE_MUTEX(park_lock);
/* The port that is being parked; park_lock. */
static struct device *parking;

static int park_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	return READ_ONCE(parking) == &vdev->dev ? 0 : -ENODEV;
}

static const struct vio_device_id park_ids[] = {
	{ .type = "vnet-port" },
	{ .type = "vdc-port" },
	{ .type = "vsw-port" },
	{ .type = "vds-port" },
	{ .type = "vcc-port" },
	{ .type = "vldc-port" },
	{ .type = "vdpc-port" },
	{ .type = "vlds-port" },
	{}
};

/* No interrupts: nobody would take them. */
struct vio_driver sun4v_park_driver = {
	.name = "drvio-park",
	.id_table = park_ids,
	.probe = park_probe,
	.no_irq = true,
	.driver = {
		.suppress_bind_attrs = true,
	},
};

int sun4v_park(struct device *dev)
{
	int err;

	mutex_lock(&park_lock);
	WRITE_ONCE(parking, dev);
	err = device_driver_attach(&sun4v_park_driver.driver, dev);
	WRITE_ONCE(parking, NULL);
	mutex_unlock(&park_lock);

	/* Only we bind it to the parking driver, so this cannot change. */
	if (err == -EBUSY && READ_ONCE(dev->driver) == &sun4v_park_driver.driver)
		return 0;
	return err;
}

void sun4v_unpark(struct device *dev)
{
	if (READ_ONCE(dev->driver) == &sun4v_park_driver.driver)
		device_release_driver(dev);
}

int sun4v_park_init(void)
{
	return vio_register_driver(&sun4v_park_driver);
}

void sun4v_park_exit(void)
{
	vio_unregister_driver(&sun4v_park_driver);
}
