// SPDX-License-Identifier: GPL-2.0
/*
 * The parking driver of the vio bus.
 *
 * The bus looks at the table of ids itself before it calls a probe, so the table
 * has to list every type of port; the probe refuses whatever is not being parked
 * just then, and the driver core goes on to the next driver.
 */
#include <linux/list.h>
#include <linux/spinlock.h>

#include "sun4v_park.h"

/**
 * struct parking - a port that is being parked
 * @node: in parkings
 * @dev: the port
 */
struct parking {
	struct list_head node;
	struct device *dev;
};

/* Not held across a probe: one that hangs must not stop the others. */
static DEFINE_SPINLOCK(park_lock);
static LIST_HEAD(parkings);

static int park_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	struct parking *parking;
	int err = -ENODEV;

	spin_lock(&park_lock);
	list_for_each_entry(parking, &parkings, node)
		if (parking->dev == &vdev->dev)
			err = 0;
	spin_unlock(&park_lock);
	return err;
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
	struct parking parking = { .dev = dev };
	int err;

	spin_lock(&park_lock);
	list_add(&parking.node, &parkings);
	spin_unlock(&park_lock);
	err = device_driver_attach(&sun4v_park_driver.driver, dev);
	spin_lock(&park_lock);
	list_del(&parking.node);
	spin_unlock(&park_lock);
	return err;
}

int sun4v_park_init(void)
{
	return vio_register_driver(&sun4v_park_driver);
}

void sun4v_park_exit(void)
{
	vio_unregister_driver(&sun4v_park_driver);
}
