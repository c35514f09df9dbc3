// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of networks and disks: those of the interface or the disk that the
 * driver has made of the ports.  Without one the machine description has the MAC
 * address; the rest is agreed with the service domain when a driver connects, and
 * an empty line until then.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/if_ether.h>
#include <linux/sysfs.h>

#include <asm/vio.h>

#include "attr.h"
#include "sun4v_attr.h"
#include "sun4v_md.h"

/**
 * struct sun4v_attr - an attribute of the DR devices of a type
 * @attr: what sysfs knows; its show is attr_show()
 * @show: prints the value, or an empty line when there is none to tell; called
 *	with the device_lock of the first port held
 */
struct sun4v_attr {
	struct device_attribute attr;
	ssize_t (*show)(struct vio_dev *vdev, char *buf);
};

static ssize_t attr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct sun4v_attr *sa = container_of(attr, struct sun4v_attr, attr);
	struct device *target = drvio_attr_target(dev);
	ssize_t len;

	if (IS_ERR(target))
		return PTR_ERR(target);
	len = sa->show(to_vio_dev(target), buf);
	drvio_attr_put(target);
	return len;
}

#define SUN4V_ATTR(_name)						\
	static struct sun4v_attr _name##_attr = {			\
		.attr = __ATTR(_name, 0444, attr_show, NULL),		\
		.show = show_##_name,					\
	}

/* Networks */

static ssize_t show_mac(struct vio_dev *vdev, char *buf)
{
	ssize_t len = drvio_attr_net(&vdev->dev, drvio_attr_emit_mac, buf);
	u8 mac[ETH_ALEN];

	if (len)
		return len;
	if (!sun4v_md_mac("network", vdev->dev_no, mac))
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%pM\n", mac);
}

static ssize_t show_mtu(struct vio_dev *vdev, char *buf)
{
	return drvio_attr_net(&vdev->dev, drvio_attr_emit_mtu, buf) ?:
	       sysfs_emit(buf, "\n");
}

SUN4V_ATTR(mac);
SUN4V_ATTR(mtu);

static struct attribute *net_attrs[] = {
	&mac_attr.attr.attr,
	&mtu_attr.attr.attr,
	NULL
};

static const struct attribute_group net_group = {
	.attrs = net_attrs,
};

const struct attribute_group *sun4v_net_groups[] = {
	&net_group,
	NULL
};

/* Disks */

#define DISK_ATTR(_name, _format, _value)				\
	static ssize_t show_##_name(struct vio_dev *vdev, char *buf)	\
	{								\
		struct gendisk *disk = drvio_attr_disk(&vdev->dev);	\
									\
		return disk ? sysfs_emit(buf, _format "\n", _value) :	\
			      sysfs_emit(buf, "\n");			\
	}								\
	SUN4V_ATTR(_name)

DISK_ATTR(capacity, "%llu", (u64)get_capacity(disk));
DISK_ATTR(logical_block_size, "%u", queue_logical_block_size(disk->queue));
DISK_ATTR(physical_block_size, "%u", queue_physical_block_size(disk->queue));
DISK_ATTR(read_only, "%d", !!get_disk_ro(disk));

static struct attribute *disk_attrs[] = {
	&capacity_attr.attr.attr,
	&logical_block_size_attr.attr.attr,
	&physical_block_size_attr.attr.attr,
	&read_only_attr.attr.attr,
	NULL
};

static const struct attribute_group disk_group = {
	.attrs = disk_attrs,
};

const struct attribute_group *sun4v_disk_groups[] = {
	&disk_group,
	NULL
};
