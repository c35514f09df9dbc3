// SPDX-License-Identifier: GPL-2.0
/*
 * Binding services to their drivers and parking them, and the last look at who
 * uses them.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bind.h"
#include "claim.h"
#include "use.h"
#include "vdpa_bind.h"
#include "vdpa_park.h"
#include "vdpa_service.h"
#include "virtio_use.h"

/* The driver of a vDPA device that has had none. */
#define DEVICE_DRIVER	"virtio_vdpa"

/* What is on no bus is always in the hands of the module that has made it. */
static bool vdpa_bound(struct device *dev)
{
	struct drvio_parking parking = { .driver = vdpa_park_driver_of(dev) };

	return !parking.driver || drvio_bound(&parking, dev);
}

/*
 * A vDPA device fits every driver: it goes back to the one that it had, for that
 * was the administrator's choice; and so does what manages them.
 */
static bool vdpa_wants(struct device *dev, const struct device_driver *drv)
{
	char driver[DRVIO_DRIVER_MAX];

	vdpa_service_driver(dev, driver);
	return !*driver || !strcmp(driver, drv->name);
}

/* The modules of these drivers have their names. */
static void vdpa_alias(struct device *dev, char alias[DRVIO_ALIAS_MAX])
{
	char driver[DRVIO_DRIVER_MAX];

	vdpa_service_driver(dev, driver);
	strscpy(alias, *driver ? driver : DEVICE_DRIVER, DRVIO_ALIAS_MAX);
}

static void vdpa_no_driver(struct device *dev, struct drvio_reason *why)
{
	char driver[DRVIO_ALIAS_MAX];

	vdpa_alias(dev, driver);
	drvio_reason_set(why, "%s: its driver %s is not there: load that module in the guest",
			 dev_name(dev), driver);
}

static struct drvio_parking vdpa_parking(struct device *dev)
{
	return (struct drvio_parking) {
		.driver = vdpa_park_driver_of(dev),
		.park = vdpa_park,
		.wants = vdpa_wants,
		.alias = vdpa_alias,
		.no_driver = vdpa_no_driver,
	};
}

static int vdpa_bind(struct drvio_target *target, struct drvio_reason *why)
{
	struct drvio_parking parking = vdpa_parking(target->dev);
	int err = 0;

	if (parking.driver)
		err = drvio_bind(&parking, target, why);
	if (!err)
		vdpa_service_set(target->dev, VDPA_SERVICE_FREE);
	return err;
}

static int vdpa_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	struct drvio_parking parking = vdpa_parking(target->dev);
	int err;

	vdpa_service_note_driver(target->dev);
	err = drvio_unbind(&parking, target, why);
	if (err && vdpa_bound(target->dev))
		vdpa_service_set(target->dev, VDPA_SERVICE_FREE);
	return err;
}

/**
 * struct vdpa_claim - the virtio device above a vDPA device
 * @virtio: its device; referenced
 * @driver: the module whose code ends that device; pinned
 * @disks: its disks
 */
struct vdpa_claim {
	struct device *virtio;
	struct module *driver;
	struct drvio_claim *disks;
};

/* Fills in the virtio device.  Return: whether there is one. */
static bool claim_virtio(struct vdpa_claim *claim, struct device *dev)
{
	device_lock(dev);
	claim->virtio = vdpa_service_virtio(dev_to_vdpa(dev));
	if (claim->virtio) {
		claim->driver = dev->driver->owner;
		/* If the module goes, so does the device. */
		if (!try_module_get(claim->driver)) {
			put_device(claim->virtio);
			claim->virtio = NULL;
		}
	}
	device_unlock(dev);
	return claim->virtio;
}

static void unclaim_virtio(struct vdpa_claim *claim)
{
	put_device(claim->virtio);
	module_put(claim->driver);
}

static int claim_device(struct drvio_target *target, enum drvio_claim_how how,
			struct drvio_reason *why)
{
	struct device *dev = target->dev;
	struct vdpa_claim *claim;
	int err;

	claim = kzalloc(sizeof(*claim), GFP_KERNEL);
	if (!claim)
		return -ENOMEM;
	if (!claim_virtio(claim, dev)) {
		kfree(claim);
		return 0;
	}
	err = drvio_carrier_look(claim->virtio, dev, why);
	if (err)
		goto err_virtio;
	claim->disks = virtio_claim_take(claim->virtio, how, why);
	if (IS_ERR(claim->disks)) {
		err = PTR_ERR(claim->disks);
		goto err_virtio;
	}
	target->claim = claim;
	return 0;

err_virtio:
	unclaim_virtio(claim);
	kfree(claim);
	return err;
}

/* What not even force takes away from the virtio devices above its children. */
static int look_at_children(struct device *dev, struct drvio_reason *why)
{
	struct drvio_claim *disks;
	struct vdpa_claim claim;
	struct device *child;
	unsigned int n;
	int err = 0;

	for (n = 0; !err && (child = vdpa_service_child(dev, n)); n++) {
		if (claim_virtio(&claim, child)) {
			err = drvio_carrier_look(claim.virtio, dev, why);
			if (!err) {
				disks = virtio_claim_take(claim.virtio, DRVIO_CLAIM_FORCE, why);
				err = PTR_ERR_OR_ZERO(disks);
				if (!err)
					drvio_claim_release(disks);
			}
			unclaim_virtio(&claim);
		}
		put_device(child);
	}
	return err;
}

static int claim_mgmt(struct device *dev, enum drvio_claim_how how,
		      struct drvio_reason *why)
{
	struct device *child;
	int err;

	if (!vdpa_on_bus(dev)) {
		if (dev->bus)
			drvio_reason_set(why,
					 "%s: it is on the %s bus, whose devices drvio does not unbind: unbind it in the guest",
					 dev_name(dev), dev->bus->name);
		else
			drvio_reason_set(why,
					 "%s: it is on no bus, so there is no driver to unbind it from: remove its vDPA devices (vdpa dev del) and the module that has made it in the guest",
					 dev_name(dev));
		return -EOPNOTSUPP;
	}
	err = look_at_children(dev, why);
	if (err || how == DRVIO_CLAIM_FORCE)
		return err;
	child = vdpa_service_child(dev, 0);
	if (!child)
		return drvio_use_net(dev, how, why);
	drvio_reason_set(why,
			 "%s: vDPA devices are attached to it, such as %s: remove them in the guest first (vdpa dev del)",
			 dev_name(dev), dev_name(child));
	put_device(child);
	return -EBUSY;
}

static int vdpa_claim(struct drvio_target *target, enum drvio_claim_how how,
		      struct drvio_reason *why)
{
	if (vdpa_is_device(target->dev))
		return claim_device(target, how, why);
	return claim_mgmt(target->dev, how, why);
}

static void vdpa_unclaim(struct drvio_target *target)
{
	struct vdpa_claim *claim = target->claim;

	if (!claim)
		return;
	drvio_claim_release(claim->disks);
	unclaim_virtio(claim);
	kfree(claim);
	target->claim = NULL;
}

const struct drvio_bus_ops vdpa_bus_ops = {
	.bind = vdpa_bind,
	.claim = vdpa_claim,
	.unclaim = vdpa_unclaim,
	.unbind = vdpa_unbind,
	.bound = vdpa_bound,
};
