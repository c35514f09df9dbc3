// SPDX-License-Identifier: GPL-2.0
/* The PCI topology of a QEMU machine, out of query-pci. */
#include <stdio.h>
#include <string.h>

#include <linux/virtio_ids.h>

#include "pci.h"

#define PCI_VENDOR_VIRTIO	0x1af4
#define PCI_CLASS_BRIDGE_PCI	0x0604

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_is_type(object, json_type_object) &&
	       json_object_object_get_ex(object, key, &value) ? value : NULL;
}

/* A number of the object, 0 where it has none. */
static unsigned int get_number(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key);

	return json_object_is_type(value, json_type_int) ?
		(unsigned int)json_object_get_int64(value) : 0;
}

static const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key);

	return json_object_is_type(value, json_type_string) ?
		json_object_get_string(value) : "";
}

static size_t length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ?
		json_object_array_length(array) : 0;
}

struct walk {
	bool (*look)(const struct pci_device *dev, void *arg);
	void *arg;
};

static bool step(struct pci_place *place, uint8_t devfn)
{
	if (place->hops == DRVIO_ID_PCI_HOPS_MAX)
		return false;
	place->devfn[place->hops++] = devfn;
	return true;
}

/* @above: the bridge that leads here, or the empty place of a root bus. */
static bool walk_devices(const struct walk *w, struct json_object *devices,
			 const struct pci_device *above)
{
	size_t i;

	for (i = 0; i < length(devices); i++) {
		struct json_object *object = json_object_array_get_idx(devices, i);
		struct json_object *bridge = get(object, "pci_bridge");
		struct pci_device dev = {
			.id = get_text(object, "qdev_id"),
			.vendor = get_number(get(object, "id"), "vendor"),
			.device = get_number(get(object, "id"), "device"),
			.class = get_number(get(object, "class_info"), "class"),
			.deep = above->deep,
			.empty = bridge && !length(get(bridge, "devices")),
			.place = above->place,
		};

		if (!step(&dev.place, PCI_DEVFN(get_number(object, "slot"),
						get_number(object, "function"))))
			dev.deep = true;
		if (w->look(&dev, w->arg))
			return true;
		if (bridge && walk_devices(w, get(bridge, "devices"), &dev))
			return true;
	}
	return false;
}

bool pci_walk(struct json_object *buses,
	      bool (*look)(const struct pci_device *dev, void *arg), void *arg)
{
	const struct walk w = { .look = look, .arg = arg };
	size_t i;

	for (i = 0; i < length(buses); i++) {
		struct json_object *bus = json_object_array_get_idx(buses, i);
		struct pci_device root = {
			.place.root_bus = (uint8_t)get_number(bus, "bus"),
		};

		if (walk_devices(&w, get(bus, "devices"), &root))
			return true;
	}
	return false;
}

bool pci_is_port(const struct pci_device *dev)
{
	/* Those of QEMU; other bridges have several slots or do not hotplug. */
	static const struct {
		unsigned int vendor;
		unsigned int device;
	} ports[] = {
		{ 0x1b36, 0x000c },	/* pcie-root-port */
		{ 0x8086, 0x3420 },	/* ioh3420 */
		{ 0x104c, 0x8233 },	/* xio3130-downstream */
	};
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (dev->vendor == ports[i].vendor && dev->device == ports[i].device)
			return dev->class == PCI_CLASS_BRIDGE_PCI && *dev->id;
	}
	return false;
}

bool pci_behind(const struct pci_device *port, struct pci_place *place)
{
	*place = port->place;
	return !port->deep && step(place, PCI_DEVFN(0, 0));
}

uint64_t pci_dev_id(const struct pci_place *place)
{
	uint64_t id;
	unsigned int i;

	id = (uint64_t)DRVIO_ID_KIND_PCI << DRVIO_ID_KIND_SHIFT |
	     (uint64_t)place->hops << 48 | (uint64_t)place->root_bus << 40;
	for (i = 0; i < place->hops; i++)
		id |= (uint64_t)place->devfn[i] << (32 - 8 * i);
	return id;
}

/* The names of the virtio specification, as the guest's module has them. */
static const char * const virtio_names[] = {
	[VIRTIO_ID_NET] = "net",
	[VIRTIO_ID_BLOCK] = "blk",
	[VIRTIO_ID_CONSOLE] = "console",
	[VIRTIO_ID_RNG] = "rng",
	[VIRTIO_ID_BALLOON] = "balloon",
	[VIRTIO_ID_IOMEM] = "iomem",
	[VIRTIO_ID_RPMSG] = "rpmsg",
	[VIRTIO_ID_SCSI] = "scsi",
	[VIRTIO_ID_9P] = "9p",
	[VIRTIO_ID_MAC80211_WLAN] = "mac80211-wlan",
	[VIRTIO_ID_RPROC_SERIAL] = "rproc-serial",
	[VIRTIO_ID_CAIF] = "caif",
	[VIRTIO_ID_MEMORY_BALLOON] = "memory-balloon",
	[VIRTIO_ID_GPU] = "gpu",
	[VIRTIO_ID_CLOCK] = "clock",
	[VIRTIO_ID_INPUT] = "input",
	[VIRTIO_ID_VSOCK] = "vsock",
	[VIRTIO_ID_CRYPTO] = "crypto",
	[VIRTIO_ID_SIGNAL_DIST] = "signal-dist",
	[VIRTIO_ID_PSTORE] = "pstore",
	[VIRTIO_ID_IOMMU] = "iommu",
	[VIRTIO_ID_MEM] = "mem",
	[VIRTIO_ID_SOUND] = "sound",
	[VIRTIO_ID_FS] = "fs",
	[VIRTIO_ID_PMEM] = "pmem",
	[VIRTIO_ID_RPMB] = "rpmb",
	[VIRTIO_ID_MAC80211_HWSIM] = "mac80211-hwsim",
	[VIRTIO_ID_VIDEO_ENCODER] = "video-encoder",
	[VIRTIO_ID_VIDEO_DECODER] = "video-decoder",
	[VIRTIO_ID_SCMI] = "scmi",
	[VIRTIO_ID_NITRO_SEC_MOD] = "nitro-sec-mod",
	[VIRTIO_ID_I2C_ADAPTER] = "i2c",
	[VIRTIO_ID_WATCHDOG] = "watchdog",
	[VIRTIO_ID_CAN] = "can",
	[VIRTIO_ID_DMABUF] = "dmabuf",
	[VIRTIO_ID_PARAM_SERV] = "param-serv",
	[VIRTIO_ID_AUDIO_POLICY] = "audio-policy",
	[VIRTIO_ID_BT] = "bt",
	[VIRTIO_ID_GPIO] = "gpio",
};

/* PCI device ids of transitional devices, from 0x1000 on. */
static const unsigned int transitional[] = {
	VIRTIO_ID_NET, VIRTIO_ID_BLOCK, VIRTIO_ID_BALLOON, VIRTIO_ID_CONSOLE,
	VIRTIO_ID_SCSI, VIRTIO_ID_RNG, 0, 0, 0, VIRTIO_ID_9P,
};

bool pci_virtio_name(unsigned int vendor, unsigned int device, char *name, size_t size)
{
	unsigned int kind = 0;

	if (vendor != PCI_VENDOR_VIRTIO)
		return false;
	if (device >= 0x1040 && device <= 0x107f)
		kind = device - 0x1040;
	else if (device >= 0x1000 &&
		 device - 0x1000 < sizeof(transitional) / sizeof(transitional[0]))
		kind = transitional[device - 0x1000];
	if (!kind)
		return false;
	if (kind < sizeof(virtio_names) / sizeof(virtio_names[0]) && virtio_names[kind])
		snprintf(name, size, "virtio-%s", virtio_names[kind]);
	else
		snprintf(name, size, "virtio-0x%x", kind);
	return true;
}
