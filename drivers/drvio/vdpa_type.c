// SPDX-License-Identifier: GPL-2.0
/*
 * The types of services, and the attributes of their DR devices.
 *
 * A vDPA device is read by the operations of its parent, which are valid from its
 * addition to the bus until its removal; and that waits for the readers here.
 */
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#include "vdpa_service.h"
#include "vdpa_type.h"
#include "virtio_feature.h"
#include "virtio_id.h"

#define VDPA_API		"virtio-vdpa"

/* As VIRTIO_SOFTWARE_VERSION, of what a control domain sees of these types. */
#define VDPA_SOFTWARE_VERSION	"1.0.0"

/**
 * struct vdpa_attr - an attribute of the DR devices of vDPA devices
 * @attr: what sysfs knows; its show is vdpa_attr_show()
 * @show: prints the value
 */
struct vdpa_attr {
	struct device_attribute attr;
	ssize_t (*show)(struct vdpa_device *vdev, char *buf);
};

static ssize_t vdpa_attr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct vdpa_attr *va = container_of(attr, struct vdpa_attr, attr);
	struct device *target = drvio_device_get_target(dev);
	ssize_t len;

	if (!target)
		return -ENODEV;
	len = va->show(dev_to_vdpa(target), buf);
	put_device(target);
	return len;
}

#define VDPA_ATTR(_name, _show) {					\
	.attr = __ATTR(_name, 0444, vdpa_attr_show, NULL),		\
	.show = _show,							\
}

static u64 device_features(struct vdpa_device *vdev)
{
	u64 features;

	down_read(&vdev->cf_lock);
	features = vdev->config->get_device_features(vdev);
	up_read(&vdev->cf_lock);
	return features;
}

/* Not vdpa_get_config(), which would take an unbound device for a legacy one. */
static void read_config(struct vdpa_device *vdev, unsigned int offset, void *buf,
			unsigned int len)
{
	down_read(&vdev->cf_lock);
	vdev->config->get_config(vdev, offset, buf, len);
	up_read(&vdev->cf_lock);
}

static ssize_t show_device_features(struct vdpa_device *vdev, char *buf)
{
	return virtio_feature_emit(vdev->config->get_device_id(vdev),
				   device_features(vdev), buf);
}

static ssize_t show_max_vqs(struct vdpa_device *vdev, char *buf)
{
	return sysfs_emit(buf, "%u\n", vdev->nvqs);
}

static ssize_t show_max_vq_size(struct vdpa_device *vdev, char *buf)
{
	return sysfs_emit(buf, "%u\n", vdev->config->get_vq_num_max(vdev));
}

static struct vdpa_attr device_features_attr = VDPA_ATTR(device_features, show_device_features);
static struct vdpa_attr max_vqs_attr = VDPA_ATTR(max_vqs, show_max_vqs);
static struct vdpa_attr max_vq_size_attr = VDPA_ATTR(max_vq_size, show_max_vq_size);

static struct attribute *common_attrs[] = {
	&device_features_attr.attr.attr,
	&max_vqs_attr.attr.attr,
	&max_vq_size_attr.attr.attr,
	NULL
};

static const struct attribute_group common_group = {
	.attrs = common_attrs,
};

static const struct attribute_group *common_groups[] = {
	&common_group,
	NULL
};

/* Network: what the device offers, not what the interface above makes of it */

static ssize_t show_mac(struct vdpa_device *vdev, char *buf)
{
	u8 mac[ETH_ALEN];

	if (!(device_features(vdev) & BIT_ULL(VIRTIO_NET_F_MAC)))
		return sysfs_emit(buf, "\n");
	read_config(vdev, offsetof(struct virtio_net_config, mac), mac, sizeof(mac));
	return sysfs_emit(buf, "%pM\n", mac);
}

static ssize_t show_mtu(struct vdpa_device *vdev, char *buf)
{
	__le16 mtu;

	if (!(device_features(vdev) & BIT_ULL(VIRTIO_NET_F_MTU)))
		return sysfs_emit(buf, "\n");
	read_config(vdev, offsetof(struct virtio_net_config, mtu), &mtu, sizeof(mtu));
	return sysfs_emit(buf, "%u\n", le16_to_cpu(mtu));
}

static struct vdpa_attr mac_attr = VDPA_ATTR(mac, show_mac);
static struct vdpa_attr mtu_attr = VDPA_ATTR(mtu, show_mtu);

static struct attribute *net_attrs[] = {
	&mac_attr.attr.attr,
	&mtu_attr.attr.attr,
	NULL
};

static const struct attribute_group net_group = {
	.attrs = net_attrs,
};

static const struct attribute_group *net_groups[] = {
	&common_group,
	&net_group,
	NULL
};

/* Block */

static ssize_t show_capacity(struct vdpa_device *vdev, char *buf)
{
	__le64 capacity;

	read_config(vdev, offsetof(struct virtio_blk_config, capacity), &capacity,
		    sizeof(capacity));
	return sysfs_emit(buf, "%llu\n", le64_to_cpu(capacity));
}

static struct vdpa_attr capacity_attr = VDPA_ATTR(capacity, show_capacity);

static struct attribute *blk_attrs[] = {
	&capacity_attr.attr.attr,
	NULL
};

static const struct attribute_group blk_group = {
	.attrs = blk_attrs,
};

static const struct attribute_group *blk_groups[] = {
	&common_group,
	&blk_group,
	NULL
};

/**
 * struct vdpa_type - a type that was announced
 * @node: in types
 * @desc: what drvio is told
 * @device: virtio device id; 0: management devices
 * @name: its name and id
 * @description: its description
 */
struct vdpa_type {
	struct list_head node;
	struct drvio_type_desc desc;
	u32 device;
	char name[VIRTIO_ID_NAME_MAX];
	char description[96];
};

static LIST_HEAD(types);
/* Protects types; taken outside of the locks of drvio. */
static DEFINE_MUTEX(types_lock);

static const struct {
	u32 device;
	const char *description;
	const struct attribute_group **groups;
} kinds[] = {
	{ VIRTIO_ID_NET, "network service", net_groups },
	{ VIRTIO_ID_BLOCK, "block service", blk_groups },
};

/* The administrator of the guest makes them; the host adds none. */
static unsigned int available(const struct drvio_type_desc *desc)
{
	return 0;
}

static ssize_t show_device_id(const struct drvio_type_desc *desc, char *buf)
{
	return sysfs_emit(buf, "%u\n", container_of(desc, struct vdpa_type, desc)->device);
}

static const struct drvio_type_field device_fields[] = {
	{ "compatible_virtio_device_id", show_device_id },
	{}
};

static void describe_device(struct vdpa_type *type)
{
	const char *description = "service";
	char name[VIRTIO_ID_NAME_MAX];
	unsigned int i;

	virtio_id_name(type->device, name, sizeof(name));
	snprintf(type->name, sizeof(type->name), "vdpa-%s", name + strlen("virtio-"));
	type->desc.groups = common_groups;
	type->desc.compatible = device_fields;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].device != type->device)
			continue;
		description = kinds[i].description;
		type->desc.groups = kinds[i].groups;
	}
	snprintf(type->description, sizeof(type->description),
		 "%s (vDPA device of the kind \"%s\")", description,
		 name + strlen("virtio-"));
}

static void describe_mgmt(struct vdpa_type *type)
{
	strscpy(type->name, "vdpa-mgmtdev", sizeof(type->name));
	strscpy(type->description, "vDPA management device", sizeof(type->description));
}

static struct vdpa_type *type_make(u32 device)
{
	struct vdpa_type *type;

	lockdep_assert_held(&types_lock);
	list_for_each_entry(type, &types, node)
		if (type->device == device)
			return type;
	type = kzalloc(sizeof(*type), GFP_KERNEL);
	if (!type)
		return NULL;
	type->device = device;
	type->desc = (struct drvio_type_desc) {
		.id = type->name,
		.name = type->name,
		.description = type->description,
		.device_api = VDPA_API,
		.software_version = VDPA_SOFTWARE_VERSION,
		.targets = 1,
		.clients = vdpa_service_clients,
		.available = available,
	};
	if (device)
		describe_device(type);
	else
		describe_mgmt(type);
	list_add_tail(&type->node, &types);
	return type;
}

struct drvio_type *vdpa_type_get(struct drvio_bus *bus, u32 device)
{
	struct drvio_type *registered = ERR_PTR(-ENOMEM);
	struct vdpa_type *type;

	mutex_lock(&types_lock);
	type = type_make(device);
	if (type)
		registered = drvio_type_register(bus, &type->desc);
	mutex_unlock(&types_lock);
	return registered;
}

struct drvio_type *vdpa_type_mgmt(struct drvio_bus *bus)
{
	return vdpa_type_get(bus, 0);
}

int vdpa_types_init(struct drvio_bus *bus)
{
	struct drvio_type *type = vdpa_type_mgmt(bus);
	unsigned int i;

	for (i = 0; !IS_ERR(type) && i < ARRAY_SIZE(kinds); i++)
		type = vdpa_type_get(bus, kinds[i].device);
	return PTR_ERR_OR_ZERO(type);
}

void vdpa_types_exit(void)
{
	struct vdpa_type *type, *next;

	list_for_each_entry_safe(type, next, &types, node)
		kfree(type);
	INIT_LIST_HEAD(&types);
}
