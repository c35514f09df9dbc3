/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The PCI topology of a QEMU machine, out of query-pci: where a device is, what
 * it is to dr-vio, and which root ports are free.
 */
#ifndef DRVIO_PCI_H
#define DRVIO_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include <linux/drvio.h>

#define PCI_DEVFN(slot, function)	((uint8_t)((slot) << 3 | (function)))

/**
 * struct pci_place - the way from the root bus to a device
 * @root_bus: number of the root bus
 * @hops: devices on the way, the device itself included
 * @devfn: their device and function numbers, the root's first
 */
struct pci_place {
	uint8_t root_bus;
	unsigned int hops;
	uint8_t devfn[DRVIO_ID_PCI_HOPS_MAX];
};

/**
 * struct pci_device - a device of query-pci
 * @id: QEMU's id of it, "" when it has none
 * @vendor: PCI vendor
 * @device: PCI device
 * @class: PCI class and subclass
 * @deep: it lies deeper than a dev_id can tell; @place is not all of the way
 * @empty: a bridge with nothing behind it
 * @place: where it is
 */
struct pci_device {
	const char *id;
	unsigned int vendor;
	unsigned int device;
	unsigned int class;
	bool deep;
	bool empty;
	struct pci_place place;
};

/**
 * pci_walk() - look at each device of a machine
 * @buses: what query-pci returned
 * @look: called for each, bridges ahead of what is behind them; true: enough
 * @arg: handed to it
 *
 * Return: whether @look returned true.
 */
bool pci_walk(struct json_object *buses,
	      bool (*look)(const struct pci_device *dev, void *arg), void *arg);

/* Whether a slot of a root port or downstream port takes a hot-added device. */
bool pci_is_port(const struct pci_device *dev);

/* The place of a device in function 0 of slot 0 behind @port.  False: too deep. */
bool pci_behind(const struct pci_device *port, struct pci_place *place);

/* The dev_id of a place. */
uint64_t pci_dev_id(const struct pci_place *place);

/**
 * pci_virtio_name() - the type of a virtio device
 * @vendor: PCI vendor
 * @device: PCI device, transitional ones too
 * @name: where to put it
 * @size: bytes there
 *
 * Return: false when it is no virtio device.
 */
bool pci_virtio_name(unsigned int vendor, unsigned int device, char *name, size_t size);

#endif /* DRVIO_PCI_H */
