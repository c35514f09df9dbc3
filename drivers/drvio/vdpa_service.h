/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The services of the vDPA bus, which are targets of DR devices:
 *
 *   vDPA devices		on the vdpa bus; each has one client: a virtio
 *				device (virtio_vdpa), or a node for a virtual
 *				machine in this guest (vhost_vdpa)
 *   management devices		the parents of vDPA devices, of which "vdpa dev add"
 *				makes them; their clients are the vDPA devices
 *
 * A management device is a PCI function with a driver such as vp_vdpa, or made by
 * a module and on no bus.  Nothing lists them but what they have made: one is
 * known from its first vDPA device on, until it loses its driver.
 */
#ifndef _DRVIO_VDPA_SERVICE_H
#define _DRVIO_VDPA_SERVICE_H

#include <linux/device.h>
#include <linux/vdpa.h>

#include "bind.h"
#include "drvio.h"

/* Whether a device is on the vdpa bus; otherwise it is a management device. */
bool vdpa_is_device(const struct device *dev);

/* Whether drivers can be unbound from a service: not without a bus. */
bool vdpa_on_bus(const struct device *dev);

/**
 * vdpa_service_add() - a service has come
 * @dev: its device
 * @mgmt: of a vDPA device: what manages it, or NULL
 *
 * Return: 0, -EEXIST when it is known, -ENOMEM.
 */
int vdpa_service_add(struct device *dev, struct device *mgmt);

/**
 * vdpa_service_del() - a service goes
 * @dev: its device; nothing happens when it is not known
 *
 * Return: what has managed it, to be compared only, or NULL.
 */
struct device *vdpa_service_del(struct device *dev);
/* Forgets all of them, once the bus is unregistered. */
void vdpa_services_exit(void);

/**
 * enum vdpa_service_state - what drvio does with a service
 * @VDPA_SERVICE_FREE: nothing: its driver is its own affair
 * @VDPA_SERVICE_TAKEN: its driver was unbound, or is about to be
 * @VDPA_SERVICE_PARKING: as that; and the parking driver may bind it now
 */
enum vdpa_service_state {
	VDPA_SERVICE_FREE,
	VDPA_SERVICE_TAKEN,
	VDPA_SERVICE_PARKING,
};

/**
 * vdpa_service_set() - change what is done with a service
 * @dev: its device
 * @state: from now on
 */
void vdpa_service_set(struct device *dev, enum vdpa_service_state state);

/* What is done with a service; VDPA_SERVICE_FREE when @dev is none. */
enum vdpa_service_state vdpa_service_get(struct device *dev);

/* Notes the driver that a service has, which binds it again later. */
void vdpa_service_note_driver(struct device *dev);

/**
 * vdpa_service_driver() - the driver that was noted
 * @dev: the service's device
 * @name: gets its name, "" when there is none; DRVIO_DRIVER_MAX bytes
 */
void vdpa_service_driver(struct device *dev, char *name);

/**
 * vdpa_service_virtio() - the virtio device that a vDPA device has become
 * @vdev: the vDPA device, with its device_lock held
 *
 * Return: its device, referenced, or NULL.  It is there while the lock is held.
 */
struct device *vdpa_service_virtio(struct vdpa_device *vdev);

/* Prints the clients of a service: the type's clients. */
ssize_t vdpa_service_clients(struct device *dr, char *buf);

/**
 * vdpa_service_child() - a vDPA device of a management device
 * @mgmt: the management device
 * @n: which, from 0
 *
 * Return: its device, referenced, or NULL.
 */
struct device *vdpa_service_child(struct device *mgmt, unsigned int n);

#endif /* _DRVIO_VDPA_SERVICE_H */
