// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-vdpa.ko: services, that is what this guest offers to others by means of
 * vDPA.  This file is the table of contents, and follows services as they come
 * and go: vDPA devices, and with them what manages them.
 *
 * Locks, outermost first: the vdpa core's own; the device_lock of a vDPA device
 * or of its parent; those of follow.c; services_lock.  The operations (vdpa_bind.c) are
 * called with none held.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vdpa.h>

#include "drvio.h"
#include "follow.h"
#include "vdpa_bind.h"
#include "vdpa_park.h"
#include "vdpa_service.h"
#include "vdpa_type.h"
#include "virtio_id.h"

static struct drvio_follow vdpa_follow;

static int service_add(struct device *dev, struct device *mgmt, struct drvio_type *type,
		       u64 dev_id, bool booted)
{
	int err = IS_ERR(type) ? PTR_ERR(type) : vdpa_service_add(dev, mgmt);

	/* The notifier and the walk at load both saw it. */
	if (err == -EEXIST)
		return 0;
	if (!err) {
		err = drvio_target_add(type, dev_id, dev, booted);
		if (err)
			vdpa_service_del(dev);
	}
	if (err)
		dev_err(dev, "drvio: cannot offer it to the control domain: %pe\n",
			ERR_PTR(err));
	return err;
}

/* What makes vDPA devices is in use when one is seen. */
static void mgmt_add(struct device *dev)
{
	u64 dev_id;

	if (!dev_is_pci(dev) || !virtio_id_pci(to_pci_dev(dev), &dev_id))
		dev_id = virtio_id_other(dev_name(dev));
	service_add(dev, NULL, vdpa_type_mgmt(vdpa_follow.bus), dev_id, true);
}

static void mgmt_remove(struct device *dev)
{
	drvio_target_remove(vdpa_follow.bus, dev);
	vdpa_service_del(dev);
}

/*
 * What manages devices without being on a bus tells nobody when it goes.  It
 * removes its devices first, so that it is left alone with the last of them.
 */
static void mgmt_left(struct device *mgmt)
{
	struct device *child = vdpa_service_child(mgmt, 0);

	if (!child && !vdpa_on_bus(mgmt))
		mgmt_remove(mgmt);
	put_device(child);
}

static void vdpa_add(struct device *dev, bool booted)
{
	struct vdpa_device *vdev = dev_to_vdpa(dev);
	struct device *mgmt = vdev->mdev ? vdev->mdev->device : NULL;
	u32 device = vdev->config->get_device_id(vdev);

	if (mgmt)
		mgmt_add(mgmt);
	/* vdpa_remove() will not know whose it was. */
	if (service_add(dev, mgmt, vdpa_type_get(vdpa_follow.bus, device),
			virtio_id_other(dev_name(dev)), booted) && mgmt)
		mgmt_left(mgmt);
}

static void vdpa_remove(struct device *dev)
{
	struct device *mgmt;

	drvio_target_remove(vdpa_follow.bus, dev);
	mgmt = vdpa_service_del(dev);
	if (mgmt)
		mgmt_left(mgmt);
}

static struct drvio_follow vdpa_follow =
	DRVIO_FOLLOW_INIT(vdpa_follow, &vdpa_park_driver.driver, vdpa_add, vdpa_remove);

#ifdef CONFIG_PCI
/*
 * A function that loses its driver is no management device any more, and has to
 * be seen as one again; unless it was drvio who unbound it.  Then it stays one
 * until somebody else's driver takes it.
 */
static void mgmt_changed(struct device *dev, bool is_bound)
{
	char driver[DRVIO_DRIVER_MAX];

	if (vdpa_service_get(dev) == VDPA_SERVICE_FREE) {
		if (!is_bound)
			mgmt_remove(dev);
		return;
	}
	if (is_bound && dev->driver != vdpa_park_driver_of(dev)) {
		vdpa_service_driver(dev, driver);
		if (strcmp(dev->driver->name, driver)) {
			mgmt_remove(dev);
			return;
		}
		vdpa_service_set(dev, VDPA_SERVICE_FREE);
	}
	drvio_target_changed(vdpa_follow.bus, dev);
}

static int pci_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_BOUND_DRIVER:
		mgmt_changed(dev, true);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		mgmt_changed(dev, false);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		mgmt_remove(dev);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block pci_nb = {
	.notifier_call = pci_notify,
};

static int follow_pci(void)
{
	return bus_register_notifier(&pci_bus_type, &pci_nb);
}

static void unfollow_pci(void)
{
	bus_unregister_notifier(&pci_bus_type, &pci_nb);
}
#else
static int follow_pci(void)
{
	return 0;
}

static void unfollow_pci(void)
{
}
#endif

/* In this order for the reasons of drvio_follow_end(). */
static void vdpa_leave(void)
{
	drvio_follow_end(&vdpa_follow);
	unfollow_pci();
}

static int __init drvio_vdpa_init(void)
{
	int err;

	err = vdpa_park_init();
	if (err)
		return err;

	vdpa_follow.bus = drvio_bus_register("vdpa", &vdpa_bus_ops, THIS_MODULE);
	if (IS_ERR(vdpa_follow.bus)) {
		err = PTR_ERR(vdpa_follow.bus);
		goto err_park;
	}

	err = vdpa_types_init(vdpa_follow.bus);
	if (err)
		goto err_bus;

	err = follow_pci();
	if (err)
		goto err_bus;

	err = drvio_follow_begin(&vdpa_follow);
	if (err)
		goto err_bus;
	return 0;

err_bus:
	vdpa_leave();
	vdpa_types_exit();
err_park:
	vdpa_park_exit();
	return err;
}

static void __exit drvio_vdpa_exit(void)
{
	vdpa_leave();
	vdpa_services_exit();
	vdpa_types_exit();
	vdpa_park_exit();
}

module_init(drvio_vdpa_init);
module_exit(drvio_vdpa_exit);

MODULE_DESCRIPTION("Dynamic reconfiguration of services: vDPA devices and what manages them");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
