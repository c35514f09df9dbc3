// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-sun4v.ko: the virtual devices of a sun4v logical domain, and the link to
 * its control domain.  This file is the table of contents, and says which ports are
 * followed.
 *
 * The vio bus has ports; a DR device is all ports of one virtual device, which
 * are told by their type and the cfg-handle that they share.  Domain Services
 * ports are on the same bus, and are what links are made of (sun4v_link.c).
 *
 * Locks: those of follow.c and sun4v_link.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>

#include <asm/vio.h>

#include "drvio.h"
#include "follow.h"
#include "sun4v_bind.h"
#include "sun4v_link.h"
#include "sun4v_md.h"
#include "sun4v_park.h"
#include "sun4v_type.h"
#include "sun4v_use.h"

static struct drvio_follow sun4v_follow;

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
	type = sun4v_type_get(sun4v_follow.bus, kind, vdev);
	err = IS_ERR(type) ? PTR_ERR(type) :
			     drvio_target_add(type, vdev->dev_no, dev, booted);
	/* -EEXIST: the notifier and the walk at load both saw it. */
	if (err && err != -EEXIST)
		dev_err(dev, "drvio: cannot offer it to the control domain as %s@"
			DRVIO_DEV_ID_FMT ": %pe\n", kind->name, vdev->dev_no, ERR_PTR(err));
}

static void sun4v_remove(struct device *dev)
{
	drvio_target_remove(sun4v_follow.bus, dev);
}

static struct drvio_follow sun4v_follow =
	DRVIO_FOLLOW_INIT(sun4v_follow, &sun4v_park_driver.driver, sun4v_add, sun4v_remove);

static int __init drvio_sun4v_init(void)
{
	int err;

	err = sun4v_park_init();
	if (err)
		return err;

	sun4v_follow.bus = drvio_bus_register("sun4v", &sun4v_ops, THIS_MODULE);
	if (IS_ERR(sun4v_follow.bus)) {
		err = PTR_ERR(sun4v_follow.bus);
		goto err_park;
	}

	err = sun4v_types_init(sun4v_follow.bus);
	if (err)
		goto err_bus;

	err = drvio_follow_begin(&sun4v_follow);
	if (err)
		goto err_bus;

	err = sun4v_links_init();
	if (err)
		goto err_bus;

	return 0;

err_bus:
	drvio_follow_end(&sun4v_follow);
err_park:
	sun4v_park_exit();
	return err;
}

static void __exit drvio_sun4v_exit(void)
{
	sun4v_links_exit();
	drvio_follow_end(&sun4v_follow);
	sun4v_park_exit();
}

module_init(drvio_sun4v_init);
module_exit(drvio_sun4v_exit);

MODULE_DESCRIPTION("Dynamic reconfiguration of sun4v virtual devices, and the link of their control domain");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
