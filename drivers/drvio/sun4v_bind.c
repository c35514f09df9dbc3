// SPDX-License-Identifier: GPL-2.0
/*
 * Binding ports to their drivers and back to parking: what bind.c has to know of
 * the bus.
 */
#include <linux/device.h>

#include <asm/vio.h>

#include "bind.h"
#include "sun4v_bind.h"
#include "sun4v_md.h"
#include "sun4v_park.h"
#include "sun4v_type.h"

static void sun4v_alias(struct device *dev, char alias[DRVIO_ALIAS_MAX])
{
	const struct vio_dev *vdev = to_vio_dev(dev);

	snprintf(alias, DRVIO_ALIAS_MAX, "vio:T%sS%s", vdev->type, vdev->compat);
}

static void sun4v_no_driver(struct device *dev, struct drvio_reason *why)
{
	const struct vio_dev *vdev = to_vio_dev(dev);
	const struct sun4v_kind *kind = sun4v_kind_of(vdev);
	char alias[DRVIO_ALIAS_MAX];

	if (kind && kind->module) {
		drvio_reason_set(why,
				 "%s: no driver for it (%s): module %s is missing, blocked or does not load; try modprobe %s in the guest",
				 dev_name(dev), vdev->type, kind->module, kind->module);
		return;
	}
	sun4v_alias(dev, alias);
	drvio_reason_set(why,
			 "%s: no driver for it (%s): the kernel has none; load a module with the alias %s in the guest",
			 dev_name(dev), vdev->type, alias);
}

static const struct drvio_parking sun4v_parking = {
	.driver = &sun4v_park_driver.driver,
	.park = sun4v_park,
	.alias = sun4v_alias,
	.no_driver = sun4v_no_driver,
};

int sun4v_bind(struct drvio_target *target, struct drvio_reason *why)
{
	sun4v_md_refresh(to_vio_dev(target->dev));
	return drvio_bind(&sun4v_parking, target, why);
}

int sun4v_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	return drvio_unbind(&sun4v_parking, target, why);
}

bool sun4v_bound(struct device *dev)
{
	return drvio_bound(&sun4v_parking, dev);
}
