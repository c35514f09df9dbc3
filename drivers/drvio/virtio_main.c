// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-virtio.ko: the devices of the virtio bus, and the vsock link.  This
 * file is the table of contents, and says which devices are followed.
 *
 * Locks, outermost first: the device_lock of a virtio device or of its parent; those
 * of follow.c.  So what drvio calls (virtio_bind.c, virtio_use.c, claim.c), it calls with
 * none of its own held; only virtio_bound() takes no lock.  What readers of attributes
 * may take is said in virtio_attr.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/virtio.h>

#include "claim.h"
#include "compat.h"
#include "drvio.h"
#include "follow.h"
#include "virtio_bind.h"
#include "virtio_id.h"
#include "virtio_park.h"
#include "virtio_serial.h"
#include "virtio_type.h"
#include "virtio_use.h"
#include "vsock.h"

static struct drvio_follow virtio_follow;

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
	type = virtio_type_get(virtio_follow.bus, &id);
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

static void virtio_remove(struct device *dev)
{
	drvio_target_remove(virtio_follow.bus, dev);
}

static struct drvio_follow virtio_follow =
	DRVIO_FOLLOW_INIT(virtio_follow, &virtio_park_driver.driver, virtio_add, virtio_remove);

static int __init drvio_virtio_init(void)
{
	int err;

	err = virtio_park_init();
	if (err)
		return err;

	err = virtio_serial_init();
	if (err)
		goto err_park;

	virtio_follow.bus = drvio_bus_register("virtio", &virtio_ops, THIS_MODULE);
	if (IS_ERR(virtio_follow.bus)) {
		err = PTR_ERR(virtio_follow.bus);
		goto err_serial;
	}

	err = virtio_types_init(virtio_follow.bus);
	if (err)
		goto err_bus;

	err = drvio_follow_begin(&virtio_follow);
	if (err)
		goto err_bus;

	err = drvio_vsock_init();
	if (err)
		goto err_bus;

	return 0;

err_bus:
	drvio_follow_end(&virtio_follow);
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
	drvio_follow_end(&virtio_follow);
	virtio_types_exit();
	virtio_serial_exit();
	virtio_park_exit();
}

module_init(drvio_virtio_init);
module_exit(drvio_virtio_exit);

MODULE_DESCRIPTION("Dynamic reconfiguration of virtio devices, and its vsock link");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
