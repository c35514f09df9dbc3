// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of the types that need little: most are numbers of the config
 * space, the same whether a driver is bound or the device is parked.
 */
#include <linux/list.h>
#include <linux/virtio.h>
#include <linux/virtio_9p.h>
#include <linux/virtio_balloon.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_crypto.h>
#include <linux/virtio_fs.h>
#include <linux/virtio_gpu.h>
#include <linux/virtio_input.h>
#include <linux/virtio_mem.h>
#include <linux/virtio_pmem.h>
#include <linux/virtio_scsi.h>
#include <linux/virtio_snd.h>
#include <linux/virtio_vsock.h>

#include "virtio_attr.h"

#define DEFINE_GROUPS(_kind)						\
static const struct attribute_group _kind##_group = {			\
	.attrs = _kind##_attrs,						\
};									\
const struct attribute_group *virtio_##_kind##_groups[] = {		\
	&virtio_common_group,						\
	&_kind##_group,							\
	NULL								\
}

/* SCSI host */

static struct virtio_attr scsi_queues =
	VIRTIO_FIELD_ATTR(queues, virtio_scsi_config, num_queues, VIRTIO_V32);
static struct virtio_attr scsi_max_channel =
	VIRTIO_FIELD_ATTR(max_channel, virtio_scsi_config, max_channel, VIRTIO_V16);
static struct virtio_attr scsi_max_target =
	VIRTIO_FIELD_ATTR(max_target, virtio_scsi_config, max_target, VIRTIO_V16);
static struct virtio_attr scsi_max_lun =
	VIRTIO_FIELD_ATTR(max_lun, virtio_scsi_config, max_lun, VIRTIO_V32);

static struct attribute *scsi_attrs[] = {
	&scsi_queues.attr.attr,
	&scsi_max_channel.attr.attr,
	&scsi_max_target.attr.attr,
	&scsi_max_lun.attr.attr,
	NULL
};

DEFINE_GROUPS(scsi);

/* Console and serial ports */

static int count_port(struct device *dev, void *data)
{
	unsigned int *ports = data;

	*ports += dev->class && !strcmp(dev->class->name, "virtio-ports");
	return 0;
}

/* Those that there are; only the driver knows. */
static ssize_t show_ports(struct virtio_device *vdev, const struct virtio_attr *attr,
			  char *buf)
{
	unsigned int ports = 0;

	device_for_each_child(&vdev->dev, &ports, count_port);
	return ports ? sysfs_emit(buf, "%u\n", ports) : sysfs_emit(buf, "\n");
}

static ssize_t show_max_ports(struct virtio_device *vdev, const struct virtio_attr *attr,
			      char *buf)
{
	if (!virtio_attr_has(vdev, VIRTIO_CONSOLE_F_MULTIPORT))
		return sysfs_emit(buf, "1\n");
	return virtio_attr_show_field(vdev, attr, buf);
}

static struct virtio_attr console_ports = VIRTIO_ATTR(ports, show_ports);
static struct virtio_attr console_max_ports = {
	.attr = __ATTR(max_ports, 0444, virtio_attr_show, NULL),
	.show = show_max_ports,
	.field = VIRTIO_FIELD(virtio_console_config, max_nr_ports, VIRTIO_V32),
};

static struct attribute *console_attrs[] = {
	&console_ports.attr.attr,
	&console_max_ports.attr.attr,
	NULL
};

DEFINE_GROUPS(console);

/* Balloon, in pages of 4 KiB */

static struct virtio_attr balloon_actual_pages =
	VIRTIO_FIELD_ATTR(actual_pages, virtio_balloon_config, actual, VIRTIO_LE32);
static struct virtio_attr balloon_requested_pages =
	VIRTIO_FIELD_ATTR(requested_pages, virtio_balloon_config, num_pages, VIRTIO_LE32);

static struct attribute *balloon_attrs[] = {
	&balloon_actual_pages.attr.attr,
	&balloon_requested_pages.attr.attr,
	NULL
};

DEFINE_GROUPS(balloon);

/* File systems: the tag is what a mount names */

static ssize_t show_9p_tag(struct virtio_device *vdev, const struct virtio_attr *attr,
			   char *buf)
{
	char tag[256];
	u64 len;

	if (!virtio_attr_has(vdev, VIRTIO_9P_MOUNT_TAG))
		return sysfs_emit(buf, "\n");
	len = min_t(u64, virtio_field_read(vdev, attr->field), sizeof(tag));
	virtio_cread_bytes(vdev, offsetof(struct virtio_9p_config, tag), tag, len);
	return virtio_attr_emit_text(buf, tag, len);
}

static struct virtio_attr tag_9p = {
	.attr = __ATTR(tag, 0444, virtio_attr_show, NULL),
	.show = show_9p_tag,
	.field = VIRTIO_FIELD(virtio_9p_config, tag_len, VIRTIO_V16),
};

static struct attribute *p9_attrs[] = {
	&tag_9p.attr.attr,
	NULL
};

static const struct attribute_group p9_group = {
	.attrs = p9_attrs,
};

const struct attribute_group *virtio_9p_groups[] = {
	&virtio_common_group,
	&p9_group,
	NULL
};

static ssize_t show_fs_tag(struct virtio_device *vdev, const struct virtio_attr *attr,
			   char *buf)
{
	char tag[sizeof_field(struct virtio_fs_config, tag)];

	virtio_cread_bytes(vdev, offsetof(struct virtio_fs_config, tag), tag, sizeof(tag));
	return virtio_attr_emit_text(buf, tag, sizeof(tag));
}

static struct virtio_attr fs_tag = VIRTIO_ATTR(tag, show_fs_tag);
static struct virtio_attr fs_queues =
	VIRTIO_FIELD_ATTR(queues, virtio_fs_config, num_request_queues, VIRTIO_LE32);

static struct attribute *fs_attrs[] = {
	&fs_tag.attr.attr,
	&fs_queues.attr.attr,
	NULL
};

DEFINE_GROUPS(fs);

/* Graphics */

static struct virtio_attr gpu_scanouts =
	VIRTIO_FIELD_ATTR(scanouts, virtio_gpu_config, num_scanouts, VIRTIO_LE32);
static struct virtio_attr gpu_capsets =
	VIRTIO_FIELD_ATTR(capsets, virtio_gpu_config, num_capsets, VIRTIO_LE32);

static struct attribute *gpu_attrs[] = {
	&gpu_scanouts.attr.attr,
	&gpu_capsets.attr.attr,
	NULL
};

DEFINE_GROUPS(gpu);

/*
 * Input: a text is selected first.  Of the drivers only a probe does that, which
 * holds the device_lock as well.
 */
static ssize_t show_input_name(struct virtio_device *vdev,
			       const struct virtio_attr *attr, char *buf)
{
	char name[sizeof_field(struct virtio_input_config, u.string)];
	u8 size;

	virtio_cwrite8(vdev, offsetof(struct virtio_input_config, select),
		       VIRTIO_INPUT_CFG_ID_NAME);
	virtio_cwrite8(vdev, offsetof(struct virtio_input_config, subsel), 0);
	size = virtio_cread8(vdev, offsetof(struct virtio_input_config, size));
	size = min_t(u8, size, sizeof(name));
	virtio_cread_bytes(vdev, offsetof(struct virtio_input_config, u.string), name, size);
	return virtio_attr_emit_text(buf, name, size);
}

static struct virtio_attr input_name = VIRTIO_ATTR(input_name, show_input_name);

static struct attribute *input_attrs[] = {
	&input_name.attr.attr,
	NULL
};

DEFINE_GROUPS(input);

/* Sockets */

static struct virtio_attr vsock_guest_cid =
	VIRTIO_FIELD_ATTR(guest_cid, virtio_vsock_config, guest_cid, VIRTIO_LE64);

static struct attribute *vsock_attrs[] = {
	&vsock_guest_cid.attr.attr,
	NULL
};

DEFINE_GROUPS(vsock);

/* Crypto */

/* A mask of the VIRTIO_CRYPTO_SERVICE_ of the specification. */
static ssize_t show_services(struct virtio_device *vdev, const struct virtio_attr *attr,
			     char *buf)
{
	return sysfs_emit(buf, "0x%llx\n", virtio_field_read(vdev, attr->field));
}

static struct virtio_attr crypto_queues =
	VIRTIO_FIELD_ATTR(queues, virtio_crypto_config, max_dataqueues, VIRTIO_LE32);
static struct virtio_attr crypto_services = {
	.attr = __ATTR(services, 0444, virtio_attr_show, NULL),
	.show = show_services,
	.field = VIRTIO_FIELD(virtio_crypto_config, crypto_services, VIRTIO_LE32),
};

static struct attribute *crypto_attrs[] = {
	&crypto_queues.attr.attr,
	&crypto_services.attr.attr,
	NULL
};

DEFINE_GROUPS(crypto);

/* Memory, in bytes */

static struct virtio_attr mem_block_size =
	VIRTIO_FIELD_ATTR(block_size, virtio_mem_config, block_size, VIRTIO_LE64);
static struct virtio_attr mem_region_size =
	VIRTIO_FIELD_ATTR(region_size, virtio_mem_config, region_size, VIRTIO_LE64);
static struct virtio_attr mem_plugged_size =
	VIRTIO_FIELD_ATTR(plugged_size, virtio_mem_config, plugged_size, VIRTIO_LE64);
static struct virtio_attr mem_requested_size =
	VIRTIO_FIELD_ATTR(requested_size, virtio_mem_config, requested_size, VIRTIO_LE64);

static struct attribute *mem_attrs[] = {
	&mem_block_size.attr.attr,
	&mem_region_size.attr.attr,
	&mem_plugged_size.attr.attr,
	&mem_requested_size.attr.attr,
	NULL
};

DEFINE_GROUPS(mem);

static struct virtio_attr pmem_size =
	VIRTIO_FIELD_ATTR(size, virtio_pmem_config, size, VIRTIO_LE64);

static struct attribute *pmem_attrs[] = {
	&pmem_size.attr.attr,
	NULL
};

DEFINE_GROUPS(pmem);

/* Sound */

static struct virtio_attr sound_jacks =
	VIRTIO_FIELD_ATTR(jacks, virtio_snd_config, jacks, VIRTIO_LE32);
static struct virtio_attr sound_streams =
	VIRTIO_FIELD_ATTR(streams, virtio_snd_config, streams, VIRTIO_LE32);
static struct virtio_attr sound_chmaps =
	VIRTIO_FIELD_ATTR(chmaps, virtio_snd_config, chmaps, VIRTIO_LE32);

static struct attribute *sound_attrs[] = {
	&sound_jacks.attr.attr,
	&sound_streams.attr.attr,
	&sound_chmaps.attr.attr,
	NULL
};

DEFINE_GROUPS(sound);
