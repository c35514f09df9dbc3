/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of virtio devices: folders of supported_types.
 */
#ifndef _DRVIO_VIRTIO_TYPE_H
#define _DRVIO_VIRTIO_TYPE_H

struct drvio_bus;
struct drvio_type;
struct virtio_id;

/**
 * virtio_types_init() - announce the types that can be added over PCI
 * @bus: the virtio bus
 *
 * Return: 0, -ENOMEM, or what drvio_type_register() returns.
 */
int virtio_types_init(struct drvio_bus *bus);

/* Frees the types, once the bus is unregistered. */
void virtio_types_exit(void);

/**
 * virtio_type_get() - the type of a device
 * @bus: the virtio bus
 * @id: who the device is
 *
 * Types beyond those of virtio_types_init() are announced with their first
 * device.
 *
 * Return: the type, or an ERR_PTR as of drvio_type_register().
 */
struct drvio_type *virtio_type_get(struct drvio_bus *bus, const struct virtio_id *id);

#endif /* _DRVIO_VIRTIO_TYPE_H */
