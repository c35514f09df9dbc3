// SPDX-License-Identifier: GPL-2.0
/*
 * The types of virtio devices: what their folders say, and which attributes
 * their DR devices have.
 *
 * The same kind of device over another transport is another type, since the
 * device_api of two types must be the same for a guest to move between them:
 * virtio-net is the one over PCI, virtio-net-vdpa the one over vDPA.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_ids.h>

#include "drvio.h"
#include "virtio_attr.h"
#include "virtio_feature.h"
#include "virtio_id.h"
#include "virtio_slot.h"
#include "virtio_type.h"

#define VIRTIO_API_PCI	"virtio-pci"

/*
 * Of what a control domain sees of virtio types.  Minor: something was added.
 * Major: attributes mean something else, or have gone.
 */
#define VIRTIO_SOFTWARE_VERSION	"1.0.0"

/**
 * struct virtio_type - a type that was announced
 * @node: in types
 * @desc: what drvio is told
 * @device: virtio device id
 * @id: its id
 * @name: its name
 * @description: its description
 */
struct virtio_type {
	struct list_head node;
	struct drvio_type_desc desc;
	u32 device;
	char id[2 * VIRTIO_ID_NAME_MAX];
	char name[VIRTIO_ID_NAME_MAX];
	char description[96];
};

static LIST_HEAD(types);
/* Protects types; taken outside of the locks of drvio. */
static DEFINE_MUTEX(types_lock);

static bool is_pci(const struct drvio_type_desc *desc)
{
	return !strcmp(desc->device_api, VIRTIO_API_PCI);
}

/* Transports other than PCI have no slots that the guest could count. */
static unsigned int available(const struct drvio_type_desc *desc)
{
	return IS_ENABLED(CONFIG_PCI) && is_pci(desc) ? virtio_slots_free() : 0;
}

static const struct virtio_type *to_type(const struct drvio_type_desc *desc)
{
	return container_of(desc, struct virtio_type, desc);
}

static ssize_t show_device_id(const struct drvio_type_desc *desc, char *buf)
{
	return sysfs_emit(buf, "%u\n", to_type(desc)->device);
}

static ssize_t show_features(const struct drvio_type_desc *desc, char *buf)
{
	u32 device = to_type(desc)->device;

	return virtio_feature_emit(device, virtio_feature_supported(device, is_pci(desc)),
				   buf);
}

/* Those that the block layer takes, and with it virtio_blk. */
static ssize_t show_block_sizes(const struct drvio_type_desc *desc, char *buf)
{
	unsigned long size;
	int len = 0;

	for (size = SECTOR_SIZE; size <= SZ_64K; size *= 2)
		if (!blk_validate_block_size(size))
			len += sysfs_emit_at(buf, len, "%s%lu", len ? " " : "", size);
	return len + sysfs_emit_at(buf, len, "\n");
}

/* The limits that virtio_net gives its interfaces. */
static ssize_t show_mtu(const struct drvio_type_desc *desc, char *buf)
{
	return sysfs_emit(buf, "%u %u\n", ETH_MIN_MTU, ETH_MAX_MTU);
}

#define DEVICE_ID_FIELD	{ "compatible_virtio_device_id", show_device_id }
#define FEATURES_FIELD	{ "compatible_features", show_features }

static const struct drvio_type_field common_fields[] = {
	DEVICE_ID_FIELD,
	FEATURES_FIELD,
	{}
};

static const struct drvio_type_field net_fields[] = {
	DEVICE_ID_FIELD,
	FEATURES_FIELD,
	{ "compatible_mtu", show_mtu },
	{}
};

static const struct drvio_type_field blk_fields[] = {
	DEVICE_ID_FIELD,
	FEATURES_FIELD,
	{ "compatible_block_sizes", show_block_sizes },
	{}
};

/**
 * struct virtio_kind - what is known of a kind of device
 * @device: virtio device id
 * @description: what it is
 * @fields: compatible_<field> of its types
 * @groups: attributes of its DR devices
 */
struct virtio_kind {
	u32 device;
	const char *description;
	const struct drvio_type_field *fields;
	const struct attribute_group **groups;
};

/* What a guest can lose and regain, so that it makes sense to add it. */
static const struct virtio_kind kinds[] = {
	{ VIRTIO_ID_NET, "network interface", net_fields, virtio_net_groups },
	{ VIRTIO_ID_BLOCK, "disk", blk_fields, virtio_blk_groups },
	{ VIRTIO_ID_CONSOLE, "console or serial ports", common_fields, virtio_console_groups },
	{ VIRTIO_ID_RNG, "entropy source", common_fields, virtio_common_groups },
	{ VIRTIO_ID_BALLOON, "memory balloon", common_fields, virtio_balloon_groups },
	{ VIRTIO_ID_SCSI, "SCSI host", common_fields, virtio_scsi_groups },
	{ VIRTIO_ID_9P, "9P file system", common_fields, virtio_9p_groups },
	{ VIRTIO_ID_GPU, "graphics adapter", common_fields, virtio_gpu_groups },
	{ VIRTIO_ID_INPUT, "input device", common_fields, virtio_input_groups },
	{ VIRTIO_ID_VSOCK, "socket transport", common_fields, virtio_vsock_groups },
	{ VIRTIO_ID_CRYPTO, "crypto accelerator", common_fields, virtio_crypto_groups },
	{ VIRTIO_ID_MEM, "memory device", common_fields, virtio_mem_groups },
	{ VIRTIO_ID_SOUND, "sound card", common_fields, virtio_sound_groups },
	{ VIRTIO_ID_FS, "shared file system", common_fields, virtio_fs_groups },
	{ VIRTIO_ID_PMEM, "persistent memory", common_fields, virtio_pmem_groups },
};

static const struct virtio_kind other_kind = {
	.description = "device",
	.fields = common_fields,
	.groups = virtio_common_groups,
};

static const struct virtio_kind *find_kind(u32 device)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].device == device)
			return &kinds[i];
	return &other_kind;
}

static struct virtio_type *type_find(const char *id)
{
	struct virtio_type *type;

	list_for_each_entry(type, &types, node)
		if (!strcmp(type->id, id))
			return type;
	return NULL;
}

static struct drvio_type *type_announce(struct drvio_bus *bus, u32 device,
					const char *device_api)
{
	const struct virtio_kind *kind = find_kind(device);
	/* device_api is "virtio-" and the transport. */
	const char *transport = device_api + strlen("virtio-");
	struct drvio_type *registered;
	char name[VIRTIO_ID_NAME_MAX];
	char id[2 * VIRTIO_ID_NAME_MAX];
	struct virtio_type *type;

	virtio_id_name(device, name, sizeof(name));
	if (strcmp(device_api, VIRTIO_API_PCI))
		snprintf(id, sizeof(id), "%s-%s", name, transport);
	else
		strscpy(id, name, sizeof(id));

	mutex_lock(&types_lock);
	type = type_find(id);
	if (!type) {
		type = kzalloc(sizeof(*type), GFP_KERNEL);
		if (!type) {
			registered = ERR_PTR(-ENOMEM);
			goto out;
		}
		type->device = device;
		strscpy(type->id, id, sizeof(type->id));
		strscpy(type->name, name, sizeof(type->name));
		snprintf(type->description, sizeof(type->description),
			 "%s (virtio device \"%s\" over %s)", kind->description,
			 name + strlen("virtio-"), transport);
		type->desc = (struct drvio_type_desc) {
			.id = type->id,
			.name = type->name,
			.description = type->description,
			.device_api = device_api,
			.software_version = VIRTIO_SOFTWARE_VERSION,
			.targets = 1,
			.compatible = kind->fields,
			.groups = kind->groups,
			.available = available,
		};
		list_add_tail(&type->node, &types);
	}
	registered = drvio_type_register(bus, &type->desc);
out:
	mutex_unlock(&types_lock);
	return registered;
}

struct drvio_type *virtio_type_get(struct drvio_bus *bus, const struct virtio_id *id)
{
	return type_announce(bus, id->device, id->device_api);
}

int virtio_types_init(struct drvio_bus *bus)
{
	struct drvio_type *type;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_PCI))
		return 0;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		type = type_announce(bus, kinds[i].device, VIRTIO_API_PCI);
		if (IS_ERR(type))
			return PTR_ERR(type);
	}
	return 0;
}

void virtio_types_exit(void)
{
	struct virtio_type *type, *next;

	list_for_each_entry_safe(type, next, &types, node)
		kfree(type);
	INIT_LIST_HEAD(&types);
}
