/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The identity of a virtio device: the (name, dev_id) by which the control
 * domain addresses it, and the device_api of its type.
 */
#ifndef _DRVIO_VIRTIO_ID_H
#define _DRVIO_VIRTIO_ID_H

#include <linux/types.h>

struct pci_dev;
struct virtio_device;

/* The longest name: "virtio-" and a device name of the specification. */
#define VIRTIO_ID_NAME_MAX	32

/**
 * struct virtio_id - who a virtio device is
 * @device: what it is, as its virtio device id
 * @name: "virtio-" and its name in the virtio specification
 * @dev_id: its place, as include/uapi/linux/drvio.h describes it
 * @device_api: what carries it, "virtio-pci" and the like
 */
struct virtio_id {
	u32 device;
	char name[VIRTIO_ID_NAME_MAX];
	u64 dev_id;
	const char *device_api;
};

/**
 * virtio_id_get() - find out who a virtio device is
 * @vdev: the device; its parent exists, so before or while it is on the bus
 * @id: where to put it
 */
void virtio_id_get(struct virtio_device *vdev, struct virtio_id *id);

/* Prints the name of a kind of device, "virtio-net", by its virtio id. */
void virtio_id_name(u32 device, char *name, size_t size);

/**
 * virtio_id_pci() - the dev_id of a PCI function
 * @pdev: the function
 * @dev_id: where to put it
 *
 * Return: whether it has one: there is room for DRVIO_ID_PCI_HOPS_MAX hops.
 */
bool virtio_id_pci(struct pci_dev *pdev, u64 *dev_id);

/* The dev_id of what has but a name. */
u64 virtio_id_other(const char *name);

/**
 * virtio_id_module() - the module whose driver takes devices of a kind
 * @device: virtio device id
 *
 * Return: its name as modprobe takes it, or NULL when none is known.
 */
const char *virtio_id_module(u32 device);

#endif /* _DRVIO_VIRTIO_ID_H */
