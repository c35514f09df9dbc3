// SPDX-License-Identifier: GPL-2.0
/*
 * What the attributes of all virtio DR devices share, and those that every type
 * has.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "attr.h"
#include "compat.h"
#include "drvio.h"
#include "virtio_attr.h"
#include "virtio_feature.h"
#include "virtio_park.h"

static bool is_parked(struct virtio_device *vdev)
{
	return virtio_park_driver_is(vdev->dev.driver);
}

ssize_t virtio_attr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct virtio_attr *va = container_of(attr, struct virtio_attr, attr);
	struct device *target = drvio_attr_target(dev);
	ssize_t len;

	if (IS_ERR(target))
		return PTR_ERR(target);
	/* Without any driver the device may be on its way out. */
	if (target->driver)
		len = va->show(dev_to_virtio(target), va, buf);
	else
		len = sysfs_emit(buf, "\n");
	drvio_attr_put(target);
	return len;
}

bool virtio_attr_has(struct virtio_device *vdev, unsigned int feature)
{
	u64 features = is_parked(vdev) ? vdev->config->get_features(vdev) :
					 vdev->features;

	return features & BIT_ULL(feature);
}

static const u8 sizes[] = {
	[VIRTIO_U8] = 1,
	[VIRTIO_V16] = 2,
	[VIRTIO_V32] = 4,
	[VIRTIO_V64] = 8,
	[VIRTIO_LE32] = 4,
	[VIRTIO_LE64] = 8,
};

u64 virtio_field_read(struct virtio_device *vdev, struct virtio_field field)
{
	union {
		u8 v8;
		__virtio16 v16;
		__virtio32 v32;
		__virtio64 v64;
		__le32 le32;
		__le64 le64;
	} raw;

	/* In its own width, and not torn, as drivers read it. */
	__virtio_cread_many(vdev, field.offset, &raw, 1, sizes[field.number]);
	switch (field.number) {
	case VIRTIO_U8:
		return raw.v8;
	case VIRTIO_V16:
		return virtio16_to_cpu(vdev, raw.v16);
	case VIRTIO_V32:
		return virtio32_to_cpu(vdev, raw.v32);
	case VIRTIO_V64:
		return virtio64_to_cpu(vdev, raw.v64);
	case VIRTIO_LE32:
		return le32_to_cpu(raw.le32);
	case VIRTIO_LE64:
		return le64_to_cpu(raw.le64);
	}
	return 0;
}

ssize_t virtio_attr_show_field(struct virtio_device *vdev,
			       const struct virtio_attr *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", virtio_field_read(vdev, attr->field));
}

ssize_t virtio_attr_emit_text(char *buf, const char *text, size_t len)
{
	size_t i;

	len = min_t(size_t, strnlen(text, len), PAGE_SIZE - 2);
	for (i = 0; i < len; i++)
		buf[i] = iscntrl(text[i]) ? '?' : text[i];
	buf[i++] = '\n';
	buf[i] = '\0';
	return i;
}

/* What the driver has negotiated; parked, nobody has. */
static ssize_t show_features(struct virtio_device *vdev,
			     const struct virtio_attr *attr, char *buf)
{
	return virtio_feature_emit(vdev->id.device,
				   is_parked(vdev) ? 0 : vdev->features, buf);
}

static ssize_t show_virtqueues(struct virtio_device *vdev,
			       const struct virtio_attr *attr, char *buf)
{
	struct list_head *vq;
	unsigned int n = 0;

	if (is_parked(vdev))
		return sysfs_emit(buf, "\n");
	spin_lock(&vdev->vqs_list_lock);
	list_for_each(vq, &vdev->vqs)
		n++;
	spin_unlock(&vdev->vqs_list_lock);
	return sysfs_emit(buf, "%u\n", n);
}

static struct virtio_attr features_attr = VIRTIO_ATTR(features, show_features);
static struct virtio_attr virtqueues_attr = VIRTIO_ATTR(virtqueues, show_virtqueues);

static struct attribute *common_attrs[] = {
	&features_attr.attr.attr,
	&virtqueues_attr.attr.attr,
	NULL
};

const struct attribute_group virtio_common_group = {
	.attrs = common_attrs,
};

const struct attribute_group *virtio_common_groups[] = {
	&virtio_common_group,
	NULL
};
