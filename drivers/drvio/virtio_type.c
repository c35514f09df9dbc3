// SPDX-License-Identifier: GPL-2.0
/*
 * The types of virtio devices.
 *
 * The same kind of device over another transport is another type, since the
 * device_api of two types must be the same for a guest to move between them:
 * virtio-net is the one over PCI, virtio-net-vdpa the one over vDPA.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_ids.h>

#include "drvio.h"
#include "virtio_id.h"
#include "virtio_type.h"

#define VIRTIO_API_PCI	"virtio-pci"

/**
 * struct virtio_type - a type that was announced
 * @node: in types
 * @desc: what drvio is told
 * @id: its id
 * @name: its name
 * @description: its description
 */
struct virtio_type {
	struct list_head node;
	struct drvio_type_desc desc;
	char id[2 * VIRTIO_ID_NAME_MAX];
	char name[VIRTIO_ID_NAME_MAX];
	char description[96];
};

static LIST_HEAD(types);
/* Protects types; taken outside of the locks of drvio. */
static DEFINE_MUTEX(types_lock);

/* What a guest can lose and regain, so that it makes sense to add it. */
static const u32 pci_types[] = {
	VIRTIO_ID_NET, VIRTIO_ID_BLOCK, VIRTIO_ID_CONSOLE, VIRTIO_ID_RNG,
	VIRTIO_ID_BALLOON, VIRTIO_ID_SCSI, VIRTIO_ID_9P, VIRTIO_ID_GPU,
	VIRTIO_ID_INPUT, VIRTIO_ID_VSOCK, VIRTIO_ID_CRYPTO, VIRTIO_ID_MEM,
	VIRTIO_ID_SOUND, VIRTIO_ID_FS, VIRTIO_ID_PMEM,
};

/* A port that can take a device while the guest runs, and has none. */
static bool is_free_slot(struct pci_dev *pdev)
{
	u32 cap = 0;

	if (pci_pcie_type(pdev) != PCI_EXP_TYPE_ROOT_PORT &&
	    pci_pcie_type(pdev) != PCI_EXP_TYPE_DOWNSTREAM)
		return false;
	if (!pdev->subordinate || !list_empty(&pdev->subordinate->devices))
		return false;
	pcie_capability_read_dword(pdev, PCI_EXP_SLTCAP, &cap);
	return cap & PCI_EXP_SLTCAP_HPC;
}

static unsigned int pci_available(const struct drvio_type_desc *desc)
{
	struct pci_dev *pdev = NULL;
	unsigned int n = 0;

	pci_lock_rescan_remove();
	for_each_pci_dev(pdev)
		n += is_free_slot(pdev);
	pci_unlock_rescan_remove();
	return n;
}

/* The other transports have no slots that the guest could count. */
static unsigned int none_available(const struct drvio_type_desc *desc)
{
	return 0;
}

static struct virtio_type *type_find(const char *id)
{
	struct virtio_type *type;

	list_for_each_entry(type, &types, node)
		if (!strcmp(type->id, id))
			return type;
	return NULL;
}

static struct drvio_type *type_announce(struct drvio_bus *bus, const char *name,
					const char *device_api)
{
	bool pci = !strcmp(device_api, VIRTIO_API_PCI);
	struct drvio_type *registered;
	char id[2 * VIRTIO_ID_NAME_MAX];
	struct virtio_type *type;

	/* device_api is "virtio-" and the transport. */
	snprintf(id, sizeof(id), "%s%s", name,
		 pci ? "" : device_api + strlen("virtio"));

	mutex_lock(&types_lock);
	type = type_find(id);
	if (!type) {
		type = kzalloc(sizeof(*type), GFP_KERNEL);
		if (!type) {
			registered = ERR_PTR(-ENOMEM);
			goto out;
		}
		strscpy(type->id, id, sizeof(type->id));
		strscpy(type->name, name, sizeof(type->name));
		snprintf(type->description, sizeof(type->description),
			 "virtio device \"%s\" over %s", name + strlen("virtio-"),
			 device_api + strlen("virtio-"));
		type->desc = (struct drvio_type_desc) {
			.id = type->id,
			.name = type->name,
			.description = type->description,
			.device_api = device_api,
			.software_version = "1.0.0",
			.available = pci ? pci_available : none_available,
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
	return type_announce(bus, id->name, id->device_api);
}

int virtio_types_init(struct drvio_bus *bus)
{
	char name[VIRTIO_ID_NAME_MAX];
	struct drvio_type *type;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pci_types); i++) {
		virtio_id_name(pci_types[i], name, sizeof(name));
		type = type_announce(bus, name, VIRTIO_API_PCI);
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
