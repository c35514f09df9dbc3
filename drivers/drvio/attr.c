// SPDX-License-Identifier: GPL-2.0
/*
 * What the attributes of DR devices share, on any bus.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "attr.h"
#include "drvio.h"

struct device *drvio_attr_target(struct device *dr)
{
	struct device *target = drvio_device_get_target(dr);
	int err;

	if (!target)
		return ERR_PTR(-ENODEV);
	err = drvio_target_lock(target);
	if (!err)
		return target;
	put_device(target);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(drvio_attr_target);

void drvio_attr_put(struct device *target)
{
	device_unlock(target);
	put_device(target);
}
EXPORT_SYMBOL_GPL(drvio_attr_put);

/**
 * struct child_search - looking for a child of a class
 * @class: the name of the class
 * @found: the child, referenced
 */
struct child_search {
	const char *class;
	struct device *found;
};

static int match_child(struct device *dev, void *data)
{
	struct child_search *search = data;

	if (!dev->class || strcmp(dev->class->name, search->class))
		return 0;
	search->found = get_device(dev);
	return 1;
}

struct device *drvio_attr_child(struct device *target, const char *class)
{
	struct child_search search = { .class = class };

	device_for_each_child(target, &search, match_child);
	return search.found;
}
EXPORT_SYMBOL_GPL(drvio_attr_child);

struct gendisk *drvio_attr_disk(struct device *target)
{
	struct device *dev = drvio_attr_child(target, "block");

	if (!dev)
		return NULL;
	put_device(dev);
	return dev_to_disk(dev);
}
EXPORT_SYMBOL_GPL(drvio_attr_disk);

ssize_t drvio_attr_net(struct device *target,
		       ssize_t (*emit)(struct net_device *net, char *buf), char *buf)
{
	struct device *dev = drvio_attr_child(target, "net");
	ssize_t len = 0;

	if (!dev)
		return 0;
	if (!rtnl_trylock()) {
		put_device(dev);
		return restart_syscall();
	}
	if (to_net_dev(dev)->reg_state == NETREG_REGISTERED)
		len = emit(to_net_dev(dev), buf);
	rtnl_unlock();
	put_device(dev);
	return len;
}
EXPORT_SYMBOL_GPL(drvio_attr_net);

ssize_t drvio_attr_emit_mac(struct net_device *net, char *buf)
{
	return sysfs_emit(buf, "%pM\n", net->dev_addr);
}
EXPORT_SYMBOL_GPL(drvio_attr_emit_mac);

ssize_t drvio_attr_emit_mtu(struct net_device *net, char *buf)
{
	return sysfs_emit(buf, "%u\n", net->mtu);
}
EXPORT_SYMBOL_GPL(drvio_attr_emit_mtu);
