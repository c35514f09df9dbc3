// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of disks.  While virtio_blk is bound they are those of its disk;
 * while the device is parked, what its config space says.
 */
#include <linux/blkdev.h>
#include <linux/virtio.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>

#include "attr.h"
#include "virtio_attr.h"
#include "virtio_serial.h"

#define BLK_FIELD(_member, _number) \
	((struct virtio_field)VIRTIO_FIELD(virtio_blk_config, _member, _number))

/* What a device has that does not tell. */
#define BLK_SIZE_DEFAULT	512

static u64 config_block_size(struct virtio_device *vdev)
{
	if (!virtio_attr_has(vdev, VIRTIO_BLK_F_BLK_SIZE))
		return BLK_SIZE_DEFAULT;
	return virtio_field_read(vdev, BLK_FIELD(blk_size, VIRTIO_V32));
}

static ssize_t show_capacity(struct virtio_device *vdev, const struct virtio_attr *attr,
			     char *buf)
{
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);

	return sysfs_emit(buf, "%llu\n", disk ? (u64)get_capacity(disk) :
			  virtio_field_read(vdev, BLK_FIELD(capacity, VIRTIO_V64)));
}

static ssize_t show_logical_block_size(struct virtio_device *vdev,
				       const struct virtio_attr *attr, char *buf)
{
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);

	return sysfs_emit(buf, "%llu\n", disk ? (u64)queue_logical_block_size(disk->queue) :
			  config_block_size(vdev));
}

static ssize_t show_physical_block_size(struct virtio_device *vdev,
					const struct virtio_attr *attr, char *buf)
{
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);
	u64 size, exp = 0;

	if (disk) {
		size = queue_physical_block_size(disk->queue);
	} else {
		size = config_block_size(vdev);
		if (virtio_attr_has(vdev, VIRTIO_BLK_F_TOPOLOGY))
			exp = virtio_field_read(vdev, BLK_FIELD(physical_block_exp, VIRTIO_U8));
		/* A device may say anything. */
		size <<= min(exp, 31ULL);
	}
	return sysfs_emit(buf, "%llu\n", size);
}

static ssize_t show_read_only(struct virtio_device *vdev, const struct virtio_attr *attr,
			      char *buf)
{
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);

	return sysfs_emit(buf, "%d\n", disk ? !!get_disk_ro(disk) :
			  virtio_attr_has(vdev, VIRTIO_BLK_F_RO));
}

static ssize_t show_queues(struct virtio_device *vdev, const struct virtio_attr *attr,
			   char *buf)
{
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);
	u64 queues = 1;

	if (disk)
		queues = disk->queue->nr_hw_queues;
	else if (virtio_attr_has(vdev, VIRTIO_BLK_F_MQ))
		queues = virtio_field_read(vdev, BLK_FIELD(num_queues, VIRTIO_V16));
	return sysfs_emit(buf, "%llu\n", queues);
}

/* Not in the config space: the device tells it to its driver alone. */
static ssize_t show_serial(struct virtio_device *vdev, const struct virtio_attr *attr,
			   char *buf)
{
	char text[VIRTIO_SERIAL_MAX] = "";
	struct gendisk *disk = drvio_attr_disk(&vdev->dev);
	int err = 0;

	if (disk)
		err = virtio_serial_read(disk, text);
	return err ?: virtio_attr_emit_text(buf, text, sizeof(text));
}

static struct virtio_attr capacity_attr = VIRTIO_ATTR(capacity, show_capacity);
static struct virtio_attr logical_block_size_attr =
	VIRTIO_ATTR(logical_block_size, show_logical_block_size);
static struct virtio_attr physical_block_size_attr =
	VIRTIO_ATTR(physical_block_size, show_physical_block_size);
static struct virtio_attr read_only_attr = VIRTIO_ATTR(read_only, show_read_only);
static struct virtio_attr serial_attr = VIRTIO_ATTR(serial, show_serial);
static struct virtio_attr queues_attr = VIRTIO_ATTR(queues, show_queues);

static struct attribute *blk_attrs[] = {
	&capacity_attr.attr.attr,
	&logical_block_size_attr.attr.attr,
	&physical_block_size_attr.attr.attr,
	&read_only_attr.attr.attr,
	&serial_attr.attr.attr,
	&queues_attr.attr.attr,
	NULL
};

static const struct attribute_group blk_group = {
	.attrs = blk_attrs,
};

const struct attribute_group *virtio_blk_groups[] = {
	&virtio_common_group,
	&blk_group,
	NULL
};
