// SPDX-License-Identifier: GPL-2.0
/*
 * The identity of a virtio device.  The host computes the same from the
 * topology that it chose, before the device exists; so nothing here may depend
 * on what the guest makes of it (probe order, virtioN, names of its own).
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/string.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include <uapi/linux/drvio.h>

#include "compat.h"
#include "virtio_id.h"

#define ID_BITS		GENMASK_ULL(DRVIO_ID_KIND_SHIFT - 1, 0)

/*
 * Names are those of the virtio specification, in the spelling of
 * <linux/virtio_ids.h> where the specification writes prose; modules are those
 * of the kernel, where it has a driver.
 */
static const struct {
	const char *name;
	const char *module;
} virtio_kinds[] = {
	[VIRTIO_ID_NET]			= { "net", "virtio_net" },
	[VIRTIO_ID_BLOCK]		= { "blk", "virtio_blk" },
	[VIRTIO_ID_CONSOLE]		= { "console", "virtio_console" },
	[VIRTIO_ID_RNG]			= { "rng", "virtio_rng" },
	[VIRTIO_ID_BALLOON]		= { "balloon", "virtio_balloon" },
	[VIRTIO_ID_IOMEM]		= { "iomem" },
	[VIRTIO_ID_RPMSG]		= { "rpmsg", "virtio_rpmsg_bus" },
	[VIRTIO_ID_SCSI]		= { "scsi", "virtio_scsi" },
	[VIRTIO_ID_9P]			= { "9p", "9pnet_virtio" },
	[VIRTIO_ID_MAC80211_WLAN]	= { "mac80211-wlan" },
	[VIRTIO_ID_RPROC_SERIAL]	= { "rproc-serial", "virtio_console" },
	[VIRTIO_ID_CAIF]		= { "caif", "caif_virtio" },
	[VIRTIO_ID_MEMORY_BALLOON]	= { "memory-balloon" },
	[VIRTIO_ID_GPU]			= { "gpu", "virtio-gpu" },
	[VIRTIO_ID_CLOCK]		= { "clock" },
	[VIRTIO_ID_INPUT]		= { "input", "virtio_input" },
	[VIRTIO_ID_VSOCK]		= { "vsock", "vmw_vsock_virtio_transport" },
	[VIRTIO_ID_CRYPTO]		= { "crypto", "virtio_crypto" },
	[VIRTIO_ID_SIGNAL_DIST]		= { "signal-dist" },
	[VIRTIO_ID_PSTORE]		= { "pstore" },
	[VIRTIO_ID_IOMMU]		= { "iommu", "virtio-iommu" },
	[VIRTIO_ID_MEM]			= { "mem", "virtio_mem" },
	[VIRTIO_ID_SOUND]		= { "sound", "virtio_snd" },
	[VIRTIO_ID_FS]			= { "fs", "virtiofs" },
	[VIRTIO_ID_PMEM]		= { "pmem", "virtio_pmem" },
	[VIRTIO_ID_RPMB]		= { "rpmb" },
	[VIRTIO_ID_MAC80211_HWSIM]	= { "mac80211-hwsim", "mac80211_hwsim" },
	[VIRTIO_ID_VIDEO_ENCODER]	= { "video-encoder" },
	[VIRTIO_ID_VIDEO_DECODER]	= { "video-decoder" },
	[VIRTIO_ID_SCMI]		= { "scmi", "scmi-module" },
	[VIRTIO_ID_NITRO_SEC_MOD]	= { "nitro-sec-mod" },
	[VIRTIO_ID_I2C_ADAPTER]		= { "i2c", "i2c-virtio" },
	[VIRTIO_ID_WATCHDOG]		= { "watchdog" },
	[VIRTIO_ID_CAN]			= { "can" },
	[VIRTIO_ID_DMABUF]		= { "dmabuf" },
	[VIRTIO_ID_PARAM_SERV]		= { "param-serv" },
	[VIRTIO_ID_AUDIO_POLICY]	= { "audio-policy" },
	[VIRTIO_ID_BT]			= { "bt", "virtio_bt" },
	[VIRTIO_ID_GPIO]		= { "gpio", "gpio-virtio" },
};

const char *virtio_id_module(u32 device)
{
	return device < ARRAY_SIZE(virtio_kinds) ? virtio_kinds[device].module : NULL;
}

void virtio_id_name(u32 device, char *name, size_t size)
{
	if (device < ARRAY_SIZE(virtio_kinds) && virtio_kinds[device].name)
		snprintf(name, size, "virtio-%s", virtio_kinds[device].name);
	else
		snprintf(name, size, "virtio-0x%x", device);
}
EXPORT_SYMBOL_GPL(virtio_id_name);

static u64 make_id(u64 kind, u64 place)
{
	return kind << DRVIO_ID_KIND_SHIFT | (place & ID_BITS);
}

/*
 * The path from the root bus, which the host knows from its command line.  Bus
 * numbers below the root are the guest's choice and do not count; nor does the
 * PCI domain, which has no place in the format.
 */
bool virtio_id_pci(struct pci_dev *pdev, u64 *dev_id)
{
	unsigned int shift, hops = 0;
	u64 path = 0;

	/* From the device up: each hop found pushes the others down. */
	for (;;) {
		struct pci_dev *up = pci_upstream_bridge(pdev);

		if (++hops > DRVIO_ID_PCI_HOPS_MAX)
			return false;
		path = path >> 8 | (u64)pdev->devfn << 32;
		if (!up)
			break;
		pdev = up;
	}
	shift = 8 * DRVIO_ID_PCI_HOPS_MAX;
	*dev_id = make_id(DRVIO_ID_KIND_PCI,
			  (u64)hops << (shift + 8) |
			  (u64)pci_physfn(pdev)->bus->number << shift | path);
	return true;
}
EXPORT_SYMBOL_GPL(virtio_id_pci);

static bool mmio_id(struct platform_device *pdev, u64 *dev_id)
{
	struct resource *mem = platform_get_resource(pdev, IORESOURCE_MEM, 0);

	if (!mem)
		return false;
	*dev_id = make_id(DRVIO_ID_KIND_MMIO, mem->start);
	return true;
}

/* A CCW device is named after its subchannel set and number: "0.1.00ab". */
static bool ccw_id(const char *busid, u64 *dev_id)
{
	unsigned int cssid, ssid, devno;
	int end = 0;

	if (sscanf(busid, "%2x.%1x.%4x%n", &cssid, &ssid, &devno, &end) != 3 ||
	    busid[end])
		return false;
	*dev_id = make_id(DRVIO_ID_KIND_CCW, cssid << 24 | ssid << 16 | devno);
	return true;
}

/* FNV-1a, 64 bit */
static u64 hash_name(const char *name)
{
	u64 hash = 0xcbf29ce484222325ULL;

	while (*name)
		hash = (hash ^ (u8)*name++) * 0x100000001b3ULL;
	return hash;
}

u64 virtio_id_other(const char *name)
{
	return make_id(DRVIO_ID_KIND_OTHER, hash_name(name));
}
EXPORT_SYMBOL_GPL(virtio_id_other);

void virtio_id_get(struct virtio_device *vdev, struct virtio_id *id)
{
	struct device *parent = vdev->dev.parent;
	const char *bus = parent->bus ? parent->bus->name : "";
	const char *carrier = virtio_bus_name(vdev);
	const char *name = dev_name(parent);

	id->device = vdev->id.device;
	virtio_id_name(vdev->id.device, id->name, sizeof(id->name));

	/*
	 * The parent tells the transport, but a vDPA device hands its virtio
	 * device to the function that does the DMA: a PCI parent that is not
	 * the carrier.  One function may have several such; they are told
	 * apart by the name of the vDPA device.
	 */
	if (dev_is_pci(parent) && !strcmp(carrier, name)) {
		id->device_api = "virtio-pci";
		if (virtio_id_pci(to_pci_dev(parent), &id->dev_id))
			return;
	} else if (dev_is_pci(parent)) {
		id->device_api = "virtio-vdpa";
		name = carrier;
	} else if (dev_is_platform(parent) &&
		   !strcmp(carrier, to_platform_device(parent)->name)) {
		id->device_api = "virtio-mmio";
		if (mmio_id(to_platform_device(parent), &id->dev_id))
			return;
	} else if (!strcmp(bus, "ccw")) {
		id->device_api = "virtio-ccw";
		if (ccw_id(name, &id->dev_id))
			return;
	} else if (!strcmp(bus, "vdpa")) {
		id->device_api = "virtio-vdpa";
	} else {
		id->device_api = "virtio-other";
	}
	id->dev_id = virtio_id_other(name);
}
EXPORT_SYMBOL_IF_KUNIT(virtio_id_get);
