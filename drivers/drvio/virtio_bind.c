// SPDX-License-Identifier: GPL-2.0
/*
 * Binding virtio devices to their drivers and back to parking: what bind.c has
 * to know of the bus.
 */
#include <linux/device.h>
#include <linux/virtio.h>

#include "bind.h"
#include "compat.h"
#include "virtio_bind.h"
#include "virtio_id.h"
#include "virtio_park.h"

static void virtio_alias(struct device *dev, char alias[DRVIO_ALIAS_MAX])
{
	const struct virtio_device *vdev = dev_to_virtio(dev);

	snprintf(alias, DRVIO_ALIAS_MAX, "virtio:d%08Xv%08X", vdev->id.device,
		 vdev->id.vendor);
}

static void virtio_no_driver(struct device *dev, struct drvio_reason *why)
{
	const struct virtio_device *vdev = dev_to_virtio(dev);
	const char *module = virtio_id_module(vdev->id.device);
	char alias[DRVIO_ALIAS_MAX];

	if (module) {
		drvio_reason_set(why,
				 "%s: no driver for it (virtio device id %u): module %s is missing, blocked or does not load; try modprobe %s in the guest",
				 dev_name(dev), vdev->id.device, module, module);
		return;
	}
	virtio_alias(dev, alias);
	drvio_reason_set(why,
			 "%s: no driver for it (virtio device id %u): load a module with the alias %s in the guest",
			 dev_name(dev), vdev->id.device, alias);
}

static const struct drvio_parking virtio_parking = {
	.driver = &virtio_park_driver.driver,
	.alias = virtio_alias,
	.no_driver = virtio_no_driver,
};

int virtio_bind(struct drvio_target *target, struct drvio_reason *why)
{
	return drvio_bind(&virtio_parking, target, why);
}

int virtio_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	return drvio_unbind(&virtio_parking, target, why);
}

bool virtio_bound(struct device *dev)
{
	return drvio_bound(&virtio_parking, dev);
}
