// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-sun4v.ko: the virtual devices of a sun4v logical domain, and the link to
 * its control domain.  This file is the table of contents, and follows ports as
 * they come and go.
 *
 * The vio bus has ports; a DR device is all ports of one virtual device, which
 * are told by their type and the cfg-handle that they share.  Domain Services
 * ports are on the same bus, and are what links are made of.
 *
 * Locks, outermost first: the device_lock of a port or of its parent; the rwsem
 * of the bus notifier, held while it calls us; sun4v_lock, the lock of the links
 * (sun4v_link.c); locks of drvio.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include <asm/vio.h>

#include "drvio.h"
#include "sun4v_bind.h"
#include "sun4v_link.h"
#include "sun4v_md.h"
#include "sun4v_park.h"
#include "sun4v_type.h"
#include "sun4v_use.h"

static struct drvio_bus *sun4v_drvio;

/* The end of a port waits while it is added. */
static DEFINE_MUTEX(sun4v_lock);

/* The machine description has the device, the vio bus has no port of it. */
static bool sun4v_known(const char *name, u64 dev_id, struct drvio_reason *why)
{
	if (!sun4v_kind_named(name) || !sun4v_md_has(name, dev_id))
		return false;
	drvio_reason_set(why,
			 "%s@" DRVIO_DEV_ID_FMT
			 " is in the machine description, but has no port that the guest could use: see what its service domain says of it",
			 name, dev_id);
	return true;
}

static const struct drvio_bus_ops sun4v_ops = {
	.bind = sun4v_bind,
	.claim = sun4v_claim,
	.unclaim = sun4v_unclaim,
	.unbind = sun4v_unbind,
	.bound = sun4v_bound,
	.known = sun4v_known,
};

static bool is_ds_port(struct device *dev)
{
	return !strcmp(to_vio_dev(dev)->type, "domain-services-port");
}

static void sun4v_add(struct device *dev, bool booted)
{
	struct vio_dev *vdev = to_vio_dev(dev);
	const struct sun4v_kind *kind = sun4v_kind_of(vdev);
	struct drvio_type *type;
	int err;

	if (!kind)
		return;
	if (vdev->dev_no == ~(u64)0) {
		dev_warn(dev, "drvio: the machine description gives it no cfg-handle: no request can name it\n");
		return;
	}
	type = sun4v_type_get(sun4v_drvio, kind, vdev);
	err = IS_ERR(type) ? PTR_ERR(type) :
			     drvio_target_add(type, vdev->dev_no, dev, booted);
	/* -EEXIST: the notifier and the walk at load both saw it. */
	if (err && err != -EEXIST)
		dev_err(dev, "drvio: cannot offer it to the control domain as %s@"
			DRVIO_DEV_ID_FMT ": %pe\n", kind->name, vdev->dev_no, ERR_PTR(err));
}

static int sun4v_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		sun4v_add(dev, false);
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
		if (is_ds_port(dev))
			sun4v_link_add(dev);
		else
			drvio_target_changed(sun4v_drvio, dev);
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		if (is_ds_port(dev))
			sun4v_link_remove(dev);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		drvio_target_changed(sun4v_drvio, dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
		/* Twice: sun4v_add_booted() says why. */
		mutex_lock(&sun4v_lock);
		drvio_target_remove(sun4v_drvio, dev);
		mutex_unlock(&sun4v_lock);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block sun4v_nb = {
	.notifier_call = sun4v_notify,
};

static int same_device(struct device *dev, const void *data)
{
	return dev == data;
}

/*
 * A port may be leaving while the walk looks at it: the walk holds the port, but
 * nobody holds its parent.  As long as the bus's list has the port
 * BUS_NOTIFY_REMOVED_DEVICE is still to come, though BUS_NOTIFY_DEL_DEVICE may have
 * come already.  The lock holds that up until the port was added.
 */
static int sun4v_add_booted(struct device *dev, void *unused)
{
	struct device *found;

	if (is_ds_port(dev)) {
		device_lock(dev);
		if (dev->driver)
			sun4v_link_add(dev);
		device_unlock(dev);
		return 0;
	}
	mutex_lock(&sun4v_lock);
	found = bus_find_device(dev->bus, NULL, dev, same_device);
	if (found)
		sun4v_add(dev, true);
	mutex_unlock(&sun4v_lock);
	put_device(found);
	return 0;
}

static int __init drvio_sun4v_init(void)
{
	int err;

	err = sun4v_park_init();
	if (err)
		return err;

	err = sun4v_links_init();
	if (err)
		goto err_park;

	sun4v_drvio = drvio_bus_register("sun4v", &sun4v_ops, THIS_MODULE);
	if (IS_ERR(sun4v_drvio)) {
		err = PTR_ERR(sun4v_drvio);
		goto err_links;
	}

	err = sun4v_types_init(sun4v_drvio);
	if (err)
		goto err_bus;

	/* First hear of those that come, then add those that are there. */
	err = bus_register_notifier(sun4v_park_driver.driver.bus, &sun4v_nb);
	if (err)
		goto err_bus;
	bus_for_each_dev(sun4v_park_driver.driver.bus, NULL, NULL, sun4v_add_booted);
	return 0;

err_bus:
	drvio_bus_unregister(sun4v_drvio);
err_links:
	sun4v_links_exit();
err_park:
	sun4v_park_exit();
	return err;
}

static void __exit drvio_sun4v_exit(void)
{
	bus_unregister_notifier(sun4v_park_driver.driver.bus, &sun4v_nb);
	sun4v_links_exit();
	drvio_bus_unregister(sun4v_drvio);
	sun4v_park_exit();
}

module_init(drvio_sun4v_init);
module_exit(drvio_sun4v_exit);

MODULE_DESCRIPTION("Dynamic reconfiguration of sun4v virtual devices, and the link of their control domain");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
