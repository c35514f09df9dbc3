// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-virtio.ko: the devices of the virtio bus, and the vsock link.  This
 * file is the table of contents, and follows devices as they come and go.
 *
 * Locks, outermost first: the device_lock of a virtio device or of its parent;
 * the rwsem of the bus notifier, held while it calls us; virtio_lock; locks of
 * drvio.  So what drvio calls (virtio_bind.c, virtio_use.c, claim.c), it calls with none
 * of its own held; only virtio_bound() takes no lock.  What readers of attributes
 * may take is said in virtio_attr.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/virtio.h>

#include "claim.h"
#include "compat.h"
#include "drvio.h"
#include "virtio_bind.h"
#include "virtio_id.h"
#include "virtio_park.h"
#include "virtio_serial.h"
#include "virtio_type.h"
#include "virtio_use.h"
#include "vsock.h"

static struct drvio_bus *virtio_drvio;

/* Devices come and go one at a time.  Protects leaving. */
static DEFINE_MUTEX(virtio_lock);
/* This module is on its way out: no more devices are added. */
static bool leaving;

struct drvio_claim *virtio_claim_take(struct device *dev, enum drvio_claim_how how,
				      struct drvio_reason *why)
{
	int err = virtio_use_look(dev, how, why);

	return err ? ERR_PTR(err) : drvio_claim_take(dev, how == DRVIO_CLAIM_FORCE, why);
}
EXPORT_SYMBOL_GPL(virtio_claim_take);

static int virtio_claim(struct drvio_target *target, enum drvio_claim_how how,
			struct drvio_reason *why)
{
	struct drvio_claim *claim = virtio_claim_take(target->dev, how, why);

	if (IS_ERR(claim))
		return PTR_ERR(claim);
	target->claim = claim;
	return 0;
}

static void virtio_unclaim(struct drvio_target *target)
{
	drvio_claim_release(target->claim);
	target->claim = NULL;
}

static const struct drvio_bus_ops virtio_ops = {
	.bind = virtio_bind,
	.claim = virtio_claim,
	.unclaim = virtio_unclaim,
	.unbind = virtio_unbind,
	.bound = virtio_bound,
};

static void virtio_add(struct device *dev, bool booted)
{
	struct drvio_type *type;
	struct virtio_id id;
	int err;

	virtio_id_get(dev_to_virtio(dev), &id);
	type = virtio_type_get(virtio_drvio, &id);
	err = IS_ERR(type) ? PTR_ERR(type) :
			     drvio_target_add(type, id.dev_id, dev, booted);
	if (err == -E2BIG)
		dev_err(dev, "drvio: not offered to the control domain: another device is %s@"
			DRVIO_DEV_ID_FMT " already, perhaps in another PCI domain\n",
			id.name, id.dev_id);
	/* -EEXIST: the notifier and the walk at load both saw it. */
	else if (err && err != -EEXIST)
		dev_err(dev, "drvio: cannot offer it to the control domain as %s@"
			DRVIO_DEV_ID_FMT ": %pe\n", id.name, id.dev_id, ERR_PTR(err));
}

static int virtio_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		mutex_lock(&virtio_lock);
		if (!leaving)
			virtio_add(dev, false);
		mutex_unlock(&virtio_lock);
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		drvio_target_changed(virtio_drvio, dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_REMOVED_DEVICE:
		/* Twice: virtio_add_booted() says why. */
		mutex_lock(&virtio_lock);
		drvio_target_remove(virtio_drvio, dev);
		mutex_unlock(&virtio_lock);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block virtio_nb = {
	.notifier_call = virtio_notify,
};

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
static int virtio_add_booted(struct device *dev, void *unused)
{
	struct device *found;

	mutex_lock(&virtio_lock);
	found = bus_find_device(dev->bus, NULL, dev, same_device);
	if (found)
		virtio_add(dev, true);
	mutex_unlock(&virtio_lock);
	put_device(found);
	return 0;
}

/*
 * A device that leaves meanwhile has to wait until drvio has let go of it, since its
 * release may be code of a module that goes next.  So the notifier stays for longer
 * than the bus, of which it has nothing but the address then, and no target.
 *
 * Where it was not registered it is not unregistered, either.
 */
static void virtio_leave(void)
{
	mutex_lock(&virtio_lock);
	leaving = true;
	mutex_unlock(&virtio_lock);
	drvio_bus_unregister(virtio_drvio);
	bus_unregister_notifier(virtio_park_driver.driver.bus, &virtio_nb);
}

static int __init drvio_virtio_init(void)
{
	int err;

	err = virtio_park_init();
	if (err)
		return err;

	err = virtio_serial_init();
	if (err)
		goto err_park;

	virtio_drvio = drvio_bus_register("virtio", &virtio_ops, THIS_MODULE);
	if (IS_ERR(virtio_drvio)) {
		err = PTR_ERR(virtio_drvio);
		goto err_serial;
	}

	err = virtio_types_init(virtio_drvio);
	if (err)
		goto err_bus;

	/* First hear of those that come, then add those that are there. */
	err = bus_register_notifier(virtio_park_driver.driver.bus, &virtio_nb);
	if (err)
		goto err_bus;
	bus_for_each_dev(virtio_park_driver.driver.bus, NULL, NULL, virtio_add_booted);

	err = drvio_vsock_init();
	if (err)
		goto err_bus;

	return 0;

err_bus:
	virtio_leave();
	virtio_types_exit();
err_serial:
	virtio_serial_exit();
err_park:
	virtio_park_exit();
	return err;
}

static void __exit drvio_virtio_exit(void)
{
	drvio_vsock_exit();
	virtio_leave();
	virtio_types_exit();
	virtio_serial_exit();
	virtio_park_exit();
}

module_init(drvio_virtio_init);
module_exit(drvio_virtio_exit);

MODULE_DESCRIPTION("Dynamic reconfiguration of virtio devices, and its vsock link");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
