/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes of virtio DR devices: live values of what the guest has, or could
 * have, of the device.  A reader asks the driver's own objects while a driver is
 * bound, and the device's config space while it is parked; nothing is kept.
 *
 * Locks: attr.h.  With the device_lock of the target held and any driver bound, the
 * parking one included, the device is neither removed nor probed: its config space
 * can be read, and what its driver has made (net_device, gendisk) stays.
 */
#ifndef _DRVIO_VIRTIO_ATTR_H
#define _DRVIO_VIRTIO_ATTR_H

#include <linux/device.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>
#include <linux/types.h>

struct virtio_device;

/**
 * enum virtio_number - how a number lies in the config space
 *
 * @VIRTIO_U8: a byte
 * @VIRTIO_V16: __virtio16: little-endian, on legacy devices in the guest's order
 * @VIRTIO_V32: __virtio32
 * @VIRTIO_V64: __virtio64
 * @VIRTIO_LE32: __le32: always little-endian
 * @VIRTIO_LE64: __le64
 */
enum virtio_number {
	VIRTIO_U8,
	VIRTIO_V16,
	VIRTIO_V32,
	VIRTIO_V64,
	VIRTIO_LE32,
	VIRTIO_LE64,
};

/**
 * struct virtio_field - a number in the config space of a device
 * @offset: where
 * @number: how
 */
struct virtio_field {
	u16 offset;
	enum virtio_number number;
};

#define VIRTIO_FIELD(_struct, _member, _number) {			\
	.offset = offsetof(struct _struct, _member),			\
	.number = _number,						\
}

/**
 * struct virtio_attr - an attribute of the DR devices of a type
 * @attr: what sysfs knows; its show is virtio_attr_show()
 * @show: prints the value, or an empty line when there is none to tell; called
 *	with the device_lock held and a driver bound, maybe the parking one
 * @field: for virtio_attr_show_field()
 */
struct virtio_attr {
	struct device_attribute attr;
	ssize_t (*show)(struct virtio_device *vdev, const struct virtio_attr *attr,
			char *buf);
	struct virtio_field field;
};

#define VIRTIO_ATTR(_name, _show) {					\
	.attr = __ATTR(_name, 0444, virtio_attr_show, NULL),		\
	.show = _show,							\
}

/* A number that is the same for the guest whether its driver is bound or not. */
#define VIRTIO_FIELD_ATTR(_name, _struct, _member, _number) {		\
	.attr = __ATTR(_name, 0444, virtio_attr_show, NULL),		\
	.show = virtio_attr_show_field,					\
	.field = VIRTIO_FIELD(_struct, _member, _number),			\
}

ssize_t virtio_attr_show(struct device *dev, struct device_attribute *attr, char *buf);
ssize_t virtio_attr_show_field(struct virtio_device *vdev,
			       const struct virtio_attr *attr, char *buf);

/**
 * virtio_attr_has() - whether a feature is there
 * @vdev: the device, locked as for show
 * @feature: its bit
 *
 * Return: whether the driver has negotiated it; of a parked device, whether the
 * device offers it.
 */
bool virtio_attr_has(struct virtio_device *vdev, unsigned int feature);

/* Reads a number; the device is locked as for show. */
u64 virtio_field_read(struct virtio_device *vdev, struct virtio_field field);

/* Prints text of the device in a line: what would break the line is "?". */
ssize_t virtio_attr_emit_text(char *buf, const char *text, size_t len);

/* What every type has. */
extern const struct attribute_group virtio_common_group;

/* For struct drvio_type_desc, the common group included. */
extern const struct attribute_group *virtio_common_groups[];
extern const struct attribute_group *virtio_net_groups[];
extern const struct attribute_group *virtio_blk_groups[];
extern const struct attribute_group *virtio_scsi_groups[];
extern const struct attribute_group *virtio_console_groups[];
extern const struct attribute_group *virtio_balloon_groups[];
extern const struct attribute_group *virtio_9p_groups[];
extern const struct attribute_group *virtio_gpu_groups[];
extern const struct attribute_group *virtio_input_groups[];
extern const struct attribute_group *virtio_vsock_groups[];
extern const struct attribute_group *virtio_crypto_groups[];
extern const struct attribute_group *virtio_mem_groups[];
extern const struct attribute_group *virtio_sound_groups[];
extern const struct attribute_group *virtio_fs_groups[];
extern const struct attribute_group *virtio_pmem_groups[];

#endif /* _DRVIO_VIRTIO_ATTR_H */
