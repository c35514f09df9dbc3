// SPDX-License-Identifier: GPL-2.0
/* What is done to the machine through QEMU. */
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "progress.h"

enum {
	/* An event that was missed is made up for by looking that often. */
	LOOK_MS = 1000,
	/* A backend stays in use for moments after its device is gone. */
	RELEASE_MS = 5000,
	RELEASE_LOOK_MS = 20,
};

static bool qmp_failed(struct manager *m, struct outcome *o)
{
	return outcome_fail(o, EXIT_CODE_QEMU, "%s", qmp_why(m->qmp));
}

bool host_connect(struct manager *m, struct outcome *o)
{
	struct deadline d = deadline_sooner(&m->deadline, m->listen_ms);
	char why[512];

	if (m->qmp)
		return true;
	progress_set("QEMU");
	m->qmp = qmp_open(m->qmp_path, &d, why, sizeof(why));
	return m->qmp || outcome_fail(o, EXIT_CODE_QEMU, "%s", why);
}

bool host_do(struct manager *m, const char *command, struct json_object *arguments,
	     struct outcome *o)
{
	struct json_object *value = qmp_call(m->qmp, command, arguments, &m->deadline);

	if (!value)
		return qmp_failed(m, o);
	json_object_put(value);
	return true;
}

/* Walks the machine's PCI devices. */
static bool walk(struct manager *m, bool (*look)(const struct pci_device *, void *),
		 void *arg, struct outcome *o)
{
	struct json_object *buses = qmp_call(m->qmp, "query-pci", NULL, &m->deadline);

	if (!buses)
		return qmp_failed(m, o);
	pci_walk(buses, look, arg);
	json_object_put(buses);
	return true;
}

struct find {
	const char *id;
	struct host_device *found;
};

static bool look_for_device(const struct pci_device *dev, void *arg)
{
	struct find *find = arg;

	if (strcmp(dev->id, find->id))
		return false;
	*find->found = (struct host_device) {
		.present = true,
		.vendor = dev->vendor,
		.device = dev->device,
		.deep = dev->deep,
		.place = dev->place,
	};
	return true;
}

bool host_find(struct manager *m, const char *id, struct host_device *found,
	       struct outcome *o)
{
	struct find find = { .id = id, .found = found };

	memset(found, 0, sizeof(*found));
	return walk(m, look_for_device, &find, o);
}

bool host_identify(const struct host_device *found, struct outcome *o)
{
	if (!pci_virtio_name(found->vendor, found->device, o->device.name,
			     sizeof(o->device.name)))
		return outcome_fail(o, EXIT_CODE_USAGE,
				    "PCI device %04x:%04x is no virtio device: dr-vio cannot address it",
				    found->vendor, found->device);
	if (found->deep) {
		*o->device.name = '\0';
		return outcome_fail(o, EXIT_CODE_USAGE,
				    "it lies behind more than %d bridges: dr-vio cannot address it",
				    DRVIO_ID_PCI_HOPS_MAX - 1);
	}
	o->device.dev_id = pci_dev_id(&found->place);
	return true;
}

/**
 * struct port_search - the search for a free port
 * @wanted: its id; NULL: any
 * @slot: where to put the id
 * @place: where to put the place behind it
 * @found: there is one
 * @taken: the port @wanted exists, but something is plugged in
 * @no_port: @wanted is a device, but no port
 */
struct port_search {
	const char *wanted;
	char *slot;
	struct pci_place *place;
	bool found;
	bool taken;
	bool no_port;
};

static bool look_for_port(const struct pci_device *dev, void *arg)
{
	struct port_search *s = arg;

	if (s->wanted && strcmp(dev->id, s->wanted))
		return false;
	if (!pci_is_port(dev)) {
		s->no_port = s->wanted;
		return s->wanted;
	}
	if (!dev->empty || !pci_behind(dev, s->place)) {
		s->taken = true;
		return s->wanted;
	}
	s->found = true;
	snprintf(s->slot, QEMU_ID_MAX, "%s", dev->id);
	return true;
}

bool host_find_port(struct manager *m, const char *wanted, struct pci_place *place,
		    struct outcome *o)
{
	struct port_search s = { .wanted = wanted, .slot = o->slot, .place = place };

	if (!walk(m, look_for_port, &s, o))
		return false;
	if (s.found)
		return true;
	if (s.no_port)
		return outcome_fail(o, EXIT_CODE_QEMU, "%s is no PCIe root port", wanted);
	if (wanted && s.taken)
		return outcome_fail(o, EXIT_CODE_QEMU, "the port %s is taken", wanted);
	if (wanted)
		return outcome_fail(o, EXIT_CODE_QEMU, "there is no port %s", wanted);
	if (s.taken)
		return outcome_fail(o, EXIT_CODE_QEMU,
				    "all PCIe root ports are taken: detach something, or start QEMU with more of -device pcie-root-port,id=...");
	return outcome_fail(o, EXIT_CODE_QEMU,
			    "the machine has no PCIe root port with an id: start QEMU with -device pcie-root-port,id=...");
}

/* Whether a list has an object whose @key is @value. */
static bool list_has(struct json_object *list, const char *key, const char *value)
{
	struct json_object *found;
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(list); i++) {
		if (json_object_object_get_ex(json_object_array_get_idx(list, i),
					      key, &found) &&
		    json_object_is_type(found, json_type_string) &&
		    !strcmp(json_object_get_string(found), value))
			return true;
	}
	return false;
}

/* Whether QEMU still has a device with this id, on whatever bus. */
static bool still_there(struct manager *m, const char *id, bool *there, struct outcome *o)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *list;

	json_object_object_add(arguments, "path",
			       json_object_new_string("/machine/peripheral"));
	list = qmp_call(m->qmp, "qom-list", arguments, &m->deadline);
	if (!list)
		return qmp_failed(m, o);
	*there = list_has(list, "name", id);
	json_object_put(list);
	return true;
}

static bool wait_deleted(struct manager *m, struct outcome *o)
{
	bool there = true;

	while (there) {
		struct deadline d = deadline_sooner(&m->deadline, LOOK_MS);

		switch (qmp_wait_unplug(m->qmp, &d)) {
		case QMP_UNPLUG_DONE:
			return true;
		case QMP_UNPLUG_REFUSED:
			return outcome_fail(o, EXIT_CODE_FAILED,
					    "the guest refused to let go of the slot (DEVICE_UNPLUG_GUEST_ERROR)");
		case QMP_UNPLUG_ERROR:
			return qmp_failed(m, o);
		case QMP_UNPLUG_PENDING:
			break;
		}
		if (!deadline_left_ms(&m->deadline))
			return outcome_fail(o, EXIT_CODE_NO_ANSWER,
					    "the guest has let go of it, but QEMU has not deleted it in time; run detach again");
		if (!still_there(m, o->device.id, &there, o))
			return false;
	}
	return true;
}

static struct json_object *with_id(const char *key, const char *value)
{
	struct json_object *arguments = json_object_new_object();

	json_object_object_add(arguments, key, json_object_new_string(value));
	return arguments;
}

bool host_delete_device(struct manager *m, struct outcome *o)
{
	struct json_object *value;

	progress_set("QEMU to delete %s", o->device.id);
	qmp_watch_unplug(m->qmp, o->device.id);
	value = qmp_call(m->qmp, "device_del", with_id("id", o->device.id), &m->deadline);
	if (!value) {
		/* An earlier run asked for it, and was not there at the end. */
		if (!strcmp(qmp_error_class(m->qmp), "DeviceNotFound"))
			return true;
		if (!strstr(qmp_why(m->qmp), "already in the process of unplug"))
			return qmp_failed(m, o);
	}
	json_object_put(value);
	return wait_deleted(m, o);
}

void host_backend_name(const char *id, char *name, size_t size)
{
	snprintf(name, size, "drvio-%s", id);
}

static bool block_node_exists(struct manager *m, const char *name, bool *exists,
			      struct outcome *o)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *list;

	json_object_object_add(arguments, "flat", json_object_new_boolean(true));
	list = qmp_call(m->qmp, "query-named-block-nodes", arguments, &m->deadline);
	if (!list)
		return qmp_failed(m, o);
	*exists = list_has(list, "node-name", name);
	json_object_put(list);
	return true;
}

static bool delete_block_node(struct manager *m, const char *name, struct outcome *o)
{
	struct deadline give_up = deadline_sooner(&m->deadline, RELEASE_MS);
	struct deadline pause;
	struct json_object *value;

	for (;;) {
		value = qmp_call(m->qmp, "blockdev-del", with_id("node-name", name),
				 &m->deadline);
		if (value) {
			json_object_put(value);
			return true;
		}
		if (!deadline_left_ms(&give_up))
			return qmp_failed(m, o);
		pause = deadline_sooner(&give_up, RELEASE_LOOK_MS);
		deadline_poll(&pause, -1, 0);
	}
}

bool host_delete_backends(struct manager *m, const char *id, bool *deleted,
			  struct outcome *o)
{
	char name[QEMU_ID_MAX + 16];
	struct json_object *value;
	bool net, block = false;

	host_backend_name(id, name, sizeof(name));
	value = qmp_call(m->qmp, "netdev_del", with_id("id", name), &m->deadline);
	net = value != NULL;
	json_object_put(value);
	if (!net && strcmp(qmp_error_class(m->qmp), "DeviceNotFound"))
		return qmp_failed(m, o);
	if (!block_node_exists(m, name, &block, o) ||
	    (block && !delete_block_node(m, name, o)))
		return false;
	if (deleted)
		*deleted = net || block;
	return true;
}
