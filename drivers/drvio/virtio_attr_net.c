// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of network interfaces.  While virtio_net is bound they are those of
 * its net_device, which an administrator may have changed; while the device is
 * parked, those with which the device would come up.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "attr.h"
#include "virtio_attr.h"

#define NET_FIELD(_member, _number) \
	((struct virtio_field)VIRTIO_FIELD(virtio_net_config, _member, _number))

static ssize_t show_mac(struct virtio_device *vdev, const struct virtio_attr *attr,
			char *buf)
{
	ssize_t len = drvio_attr_net(&vdev->dev, drvio_attr_emit_mac, buf);
	u8 mac[ETH_ALEN];

	if (len)
		return len;
	if (!virtio_attr_has(vdev, VIRTIO_NET_F_MAC))
		return sysfs_emit(buf, "\n");
	virtio_cread_bytes(vdev, offsetof(struct virtio_net_config, mac), mac, ETH_ALEN);
	return sysfs_emit(buf, "%pM\n", mac);
}

static ssize_t show_mtu(struct virtio_device *vdev, const struct virtio_attr *attr,
			char *buf)
{
	ssize_t len = drvio_attr_net(&vdev->dev, drvio_attr_emit_mtu, buf);

	if (len)
		return len;
	if (!virtio_attr_has(vdev, VIRTIO_NET_F_MTU))
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%llu\n", virtio_field_read(vdev, NET_FIELD(mtu, VIRTIO_V16)));
}

/* Transmit queues: XDP has receive queues of its own. */
static ssize_t emit_queue_pairs(struct net_device *net, char *buf)
{
	return sysfs_emit(buf, "%u\n", net->real_num_tx_queues);
}

static ssize_t show_queue_pairs(struct virtio_device *vdev,
				const struct virtio_attr *attr, char *buf)
{
	ssize_t len = drvio_attr_net(&vdev->dev, emit_queue_pairs, buf);

	if (len)
		return len;
	if (!virtio_attr_has(vdev, VIRTIO_NET_F_MQ) &&
	    !virtio_attr_has(vdev, VIRTIO_NET_F_RSS))
		return sysfs_emit(buf, "1\n");
	return sysfs_emit(buf, "%llu\n",
			  virtio_field_read(vdev, NET_FIELD(max_virtqueue_pairs, VIRTIO_V16)));
}

static ssize_t emit_speed(char *buf, u32 speed)
{
	if (speed == (u32)SPEED_UNKNOWN)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%u\n", speed);
}

static ssize_t emit_net_speed(struct net_device *net, char *buf)
{
	struct ethtool_link_ksettings link;
	int err = __ethtool_get_link_ksettings(net, &link);

	return emit_speed(buf, err ? SPEED_UNKNOWN : link.base.speed);
}

static ssize_t show_speed(struct virtio_device *vdev, const struct virtio_attr *attr,
			  char *buf)
{
	ssize_t len = drvio_attr_net(&vdev->dev, emit_net_speed, buf);

	if (len)
		return len;
	if (!virtio_attr_has(vdev, VIRTIO_NET_F_SPEED_DUPLEX))
		return sysfs_emit(buf, "\n");
	return emit_speed(buf, virtio_field_read(vdev, NET_FIELD(speed, VIRTIO_LE32)));
}

static struct virtio_attr mac_attr = VIRTIO_ATTR(mac, show_mac);
static struct virtio_attr mtu_attr = VIRTIO_ATTR(mtu, show_mtu);
static struct virtio_attr queue_pairs_attr = VIRTIO_ATTR(queue_pairs, show_queue_pairs);
static struct virtio_attr speed_attr = VIRTIO_ATTR(speed, show_speed);

static struct attribute *net_attrs[] = {
	&mac_attr.attr.attr,
	&mtu_attr.attr.attr,
	&queue_pairs_attr.attr.attr,
	&speed_attr.attr.attr,
	NULL
};

static const struct attribute_group net_group = {
	.attrs = net_attrs,
};

const struct attribute_group *virtio_net_groups[] = {
	&virtio_common_group,
	&net_group,
	NULL
};
