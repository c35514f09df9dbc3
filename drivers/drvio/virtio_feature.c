// SPDX-License-Identifier: GPL-2.0
/*
 * Feature bits of virtio devices.
 */
#include <linux/bits.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include "virtio_feature.h"
#include "virtio_park.h"

#define FEATURES	64

/*
 * Names of bits, as numbers: not all kernels have macros for all of them.
 * Those without a device are of the rings and transports.
 */
static const struct {
	u32 device;
	u8 bit;
	const char *name;
} names[] = {
	{ 0, 24, "notify_on_empty" },
	{ 0, 27, "any_layout" },
	{ 0, 28, "indirect_desc" },
	{ 0, 29, "event_idx" },
	{ 0, 32, "version_1" },
	{ 0, 33, "access_platform" },
	{ 0, 34, "ring_packed" },
	{ 0, 35, "in_order" },
	{ 0, 36, "order_platform" },
	{ 0, 37, "sr_iov" },
	{ 0, 38, "notification_data" },
	{ 0, 39, "notif_config_data" },
	{ 0, 40, "ring_reset" },
	{ 0, 41, "admin_vq" },

	{ VIRTIO_ID_NET, 0, "csum" },
	{ VIRTIO_ID_NET, 1, "guest_csum" },
	{ VIRTIO_ID_NET, 2, "ctrl_guest_offloads" },
	{ VIRTIO_ID_NET, 3, "mtu" },
	{ VIRTIO_ID_NET, 5, "mac" },
	{ VIRTIO_ID_NET, 6, "gso" },
	{ VIRTIO_ID_NET, 7, "guest_tso4" },
	{ VIRTIO_ID_NET, 8, "guest_tso6" },
	{ VIRTIO_ID_NET, 9, "guest_ecn" },
	{ VIRTIO_ID_NET, 10, "guest_ufo" },
	{ VIRTIO_ID_NET, 11, "host_tso4" },
	{ VIRTIO_ID_NET, 12, "host_tso6" },
	{ VIRTIO_ID_NET, 13, "host_ecn" },
	{ VIRTIO_ID_NET, 14, "host_ufo" },
	{ VIRTIO_ID_NET, 15, "mrg_rxbuf" },
	{ VIRTIO_ID_NET, 16, "status" },
	{ VIRTIO_ID_NET, 17, "ctrl_vq" },
	{ VIRTIO_ID_NET, 18, "ctrl_rx" },
	{ VIRTIO_ID_NET, 19, "ctrl_vlan" },
	{ VIRTIO_ID_NET, 20, "ctrl_rx_extra" },
	{ VIRTIO_ID_NET, 21, "guest_announce" },
	{ VIRTIO_ID_NET, 22, "mq" },
	{ VIRTIO_ID_NET, 23, "ctrl_mac_addr" },
	{ VIRTIO_ID_NET, 50, "device_stats" },
	{ VIRTIO_ID_NET, 51, "hash_tunnel" },
	{ VIRTIO_ID_NET, 52, "vq_notf_coal" },
	{ VIRTIO_ID_NET, 53, "notf_coal" },
	{ VIRTIO_ID_NET, 54, "guest_uso4" },
	{ VIRTIO_ID_NET, 55, "guest_uso6" },
	{ VIRTIO_ID_NET, 56, "host_uso" },
	{ VIRTIO_ID_NET, 57, "hash_report" },
	{ VIRTIO_ID_NET, 59, "guest_hdrlen" },
	{ VIRTIO_ID_NET, 60, "rss" },
	{ VIRTIO_ID_NET, 61, "rsc_ext" },
	{ VIRTIO_ID_NET, 62, "standby" },
	{ VIRTIO_ID_NET, 63, "speed_duplex" },

	{ VIRTIO_ID_BLOCK, 0, "barrier" },
	{ VIRTIO_ID_BLOCK, 1, "size_max" },
	{ VIRTIO_ID_BLOCK, 2, "seg_max" },
	{ VIRTIO_ID_BLOCK, 4, "geometry" },
	{ VIRTIO_ID_BLOCK, 5, "ro" },
	{ VIRTIO_ID_BLOCK, 6, "blk_size" },
	{ VIRTIO_ID_BLOCK, 7, "scsi" },
	{ VIRTIO_ID_BLOCK, 9, "flush" },
	{ VIRTIO_ID_BLOCK, 10, "topology" },
	{ VIRTIO_ID_BLOCK, 11, "config_wce" },
	{ VIRTIO_ID_BLOCK, 12, "mq" },
	{ VIRTIO_ID_BLOCK, 13, "discard" },
	{ VIRTIO_ID_BLOCK, 14, "write_zeroes" },
	{ VIRTIO_ID_BLOCK, 15, "lifetime" },
	{ VIRTIO_ID_BLOCK, 16, "secure_erase" },
	{ VIRTIO_ID_BLOCK, 17, "zoned" },

	{ VIRTIO_ID_CONSOLE, 0, "size" },
	{ VIRTIO_ID_CONSOLE, 1, "multiport" },
	{ VIRTIO_ID_CONSOLE, 2, "emerg_write" },

	{ VIRTIO_ID_BALLOON, 0, "must_tell_host" },
	{ VIRTIO_ID_BALLOON, 1, "stats_vq" },
	{ VIRTIO_ID_BALLOON, 2, "deflate_on_oom" },
	{ VIRTIO_ID_BALLOON, 3, "free_page_hint" },
	{ VIRTIO_ID_BALLOON, 4, "page_poison" },
	{ VIRTIO_ID_BALLOON, 5, "reporting" },

	{ VIRTIO_ID_SCSI, 0, "inout" },
	{ VIRTIO_ID_SCSI, 1, "hotplug" },
	{ VIRTIO_ID_SCSI, 2, "change" },
	{ VIRTIO_ID_SCSI, 3, "t10_pi" },

	{ VIRTIO_ID_9P, 0, "mount_tag" },

	{ VIRTIO_ID_GPU, 0, "virgl" },
	{ VIRTIO_ID_GPU, 1, "edid" },
	{ VIRTIO_ID_GPU, 2, "resource_uuid" },
	{ VIRTIO_ID_GPU, 3, "resource_blob" },
	{ VIRTIO_ID_GPU, 4, "context_init" },

	{ VIRTIO_ID_VSOCK, 0, "stream" },
	{ VIRTIO_ID_VSOCK, 1, "seqpacket" },
	{ VIRTIO_ID_VSOCK, 2, "no_implied_stream" },

	{ VIRTIO_ID_CRYPTO, 0, "revision_1" },
	{ VIRTIO_ID_CRYPTO, 1, "cipher_stateless_mode" },
	{ VIRTIO_ID_CRYPTO, 2, "hash_stateless_mode" },
	{ VIRTIO_ID_CRYPTO, 3, "mac_stateless_mode" },
	{ VIRTIO_ID_CRYPTO, 4, "aead_stateless_mode" },
	{ VIRTIO_ID_CRYPTO, 5, "akcipher_stateless_mode" },

	{ VIRTIO_ID_MEM, 0, "acpi_pxm" },
	{ VIRTIO_ID_MEM, 1, "unplugged_inaccessible" },
	{ VIRTIO_ID_MEM, 2, "persistent_suspend" },

	{ VIRTIO_ID_SOUND, 0, "ctls" },
	{ VIRTIO_ID_FS, 0, "notification" },
	{ VIRTIO_ID_PMEM, 0, "shmem_region" },
};

static const char *feature_name(u32 device, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].bit == bit && (!names[i].device || names[i].device == device))
			return names[i].name;
	return NULL;
}

ssize_t virtio_feature_emit(u32 device, u64 features, char *buf)
{
	const char *name;
	unsigned int bit;
	int len = 0;

	for (bit = 0; bit < FEATURES; bit++) {
		if (!(features & BIT_ULL(bit)))
			continue;
		name = feature_name(device, bit);
		len += sysfs_emit_at(buf, len, "%s", len ? " " : "");
		if (name)
			len += sysfs_emit_at(buf, len, "%s", name);
		else
			len += sysfs_emit_at(buf, len, "bit%u", bit);
	}
	return len + sysfs_emit_at(buf, len, "\n");
}
EXPORT_SYMBOL_GPL(virtio_feature_emit);

/**
 * struct feature_search - asking the drivers of a kind of device
 * @device: the virtio device id
 * @found: whether there is one
 * @features: what they support
 */
struct feature_search {
	u32 device;
	bool found;
	u64 features;
};

static bool takes(const struct virtio_driver *drv, u32 device)
{
	const struct virtio_device_id *id;

	for (id = drv->id_table; id->device; id++)
		if (id->device == device || id->device == VIRTIO_DEV_ANY_ID)
			return true;
	return false;
}

static u64 table_mask(const unsigned int *table, unsigned int size)
{
	u64 mask = 0;

	while (size--)
		if (table[size] < FEATURES)
			mask |= BIT_ULL(table[size]);
	return mask;
}

/* A driver cannot go away while it is looked at, see find_driver(). */
static int add_driver(struct device_driver *drv, void *data)
{
	struct virtio_driver *vdrv = drv_to_virtio(drv);
	struct feature_search *search = data;

	if (virtio_park_driver_is(drv) || !takes(vdrv, search->device))
		return 0;
	search->found = true;
	search->features |= table_mask(vdrv->feature_table, vdrv->feature_table_size);
	if (vdrv->feature_table_legacy)
		search->features |= table_mask(vdrv->feature_table_legacy,
					       vdrv->feature_table_size_legacy);
	return 0;
}

/*
 * The rings tell by what they leave of a device's features.  That device is
 * none: only its features are looked at.
 */
static u64 ring_features(void)
{
	struct virtio_device *vdev = kzalloc(sizeof(*vdev), GFP_KERNEL);
	u64 features;

	if (!vdev)
		return 0;
	vdev->features = GENMASK_ULL(VIRTIO_TRANSPORT_F_END - 1, VIRTIO_TRANSPORT_F_START);
	vring_transport_features(vdev);
	features = vdev->features;
	kfree(vdev);
	return features;
}

/* What virtio_pci adds: no device and no symbol tells, but the headers. */
static u64 pci_features(void)
{
	u64 features = BIT_ULL(VIRTIO_F_SR_IOV) | BIT_ULL(VIRTIO_F_RING_RESET);

#ifdef VIRTIO_F_ADMIN_VQ
	features |= BIT_ULL(VIRTIO_F_ADMIN_VQ);
#endif
	return features;
}

u64 virtio_feature_supported(u32 device, bool pci)
{
	struct feature_search search = { .device = device };

	bus_for_each_drv(virtio_park_driver.driver.bus, NULL, &search, add_driver);
	if (!search.found)
		return 0;
	return search.features | ring_features() | (pci ? pci_features() : 0);
}
