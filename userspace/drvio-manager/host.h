/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is done to the machine through QEMU: finding devices and free ports,
 * adding and taking away devices and their backends.
 */
#ifndef DRVIO_MANAGER_HOST_H
#define DRVIO_MANAGER_HOST_H

#include "manager.h"
#include "pci.h"

/**
 * struct host_device - a device of the machine
 * @present: there is one
 * @vendor: PCI vendor
 * @device: PCI device
 * @deep: it lies deeper than a dev_id can tell
 * @place: where it is
 */
struct host_device {
	bool present;
	unsigned int vendor;
	unsigned int device;
	bool deep;
	struct pci_place place;
};

/* All of these put what went wrong into @o and return false then. */

/* Connects to QMP; nothing is done where it is connected. */
bool host_connect(struct manager *m, struct outcome *o);

/* Finds a device by its id; @found->present tells whether there is one. */
bool host_find(struct manager *m, const char *id, struct host_device *found,
	       struct outcome *o);

/* Sets name and dev_id of @o->device to those of a virtio device. */
bool host_identify(const struct host_device *found, struct outcome *o);

/**
 * host_find_port() - a free port
 * @m: the manager
 * @wanted: its id; NULL: any
 * @place: where a device behind it will be
 * @o: the outcome; @o->slot gets the id
 */
bool host_find_port(struct manager *m, const char *wanted, struct pci_place *place,
		    struct outcome *o);

/* Runs a command of which only the success counts; takes @arguments over. */
bool host_do(struct manager *m, const char *command, struct json_object *arguments,
	     struct outcome *o);

/* Deletes @o->device in QEMU and waits until it is gone. */
bool host_delete_device(struct manager *m, struct outcome *o);

/* The name under which attach adds the backend of a device. */
void host_backend_name(const char *id, char *name, size_t size);

/**
 * host_delete_backends() - delete the backends that attach added for a device
 * @m: the manager
 * @id: the device
 * @deleted: where to put whether there were any; may be NULL
 * @o: the outcome
 */
bool host_delete_backends(struct manager *m, const char *id, bool *deleted,
			  struct outcome *o);

#endif
