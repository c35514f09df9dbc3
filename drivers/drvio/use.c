// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel can see of the use of a device that is no disk.
 */
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/export.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "use.h"

static int find_up(struct device *dev, void *data)
{
	struct net_device *net = to_net_dev(dev);
	char *name = data;

	if (!dev->class || strcmp(dev->class->name, "net") || !(net->flags & IFF_UP))
		return 0;
	strscpy(name, net->name, IFNAMSIZ);
	return 1;
}

int drvio_use_net(struct device *dev, enum drvio_claim_how how, struct drvio_reason *why)
{
	char name[IFNAMSIZ];
	int up;

	if (how != DRVIO_CLAIM_UNDO)
		return 0;
	rtnl_lock();
	up = device_for_each_child(dev, name, find_up);
	rtnl_unlock();
	if (!up)
		return 0;
	drvio_reason_set(why,
			 "%s: %s is up, so the guest may be using it: unconfigure the device, or take the interface down in the guest",
			 dev_name(dev), name);
	return -EBUSY;
}
EXPORT_SYMBOL_GPL(drvio_use_net);
