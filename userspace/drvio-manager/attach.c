// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager attach: adds a device to the machine and has the guest
 * configure it.  What the guest refuses is taken away again.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "guest.h"
#include "host.h"
#include "netdev.h"
#include "progress.h"

enum {
	/* virtio-blk cuts a longer one without a word. */
	SERIAL_MAX = 20,
	/* QEMU's limit of a node-name, less "drvio-". */
	BLK_ID_MAX = 31 - 6,
	/* device_add has plugged it by then; this is for slow machines. */
	APPEAR_MS = 2000,
	APPEAR_LOOK_MS = 20,
	/* What was begun is put right even when the time is up. */
	UNDO_MS = 10 * 1000,
};

/**
 * struct attach - what the command line asks for
 * @net: a NIC, otherwise a disk
 * @id: QEMU's id of the new device
 * @slot: the port; NULL: any free one
 * @file: the disk's image
 * @format: of the image
 * @serial: of the disk; NULL: none
 * @read_only: the disk is
 * @mac: of the NIC; NULL: QEMU chooses
 * @netdev: the NIC's backend
 */
struct attach {
	bool net;
	const char *id;
	const char *slot;
	const char *file;
	const char *format;
	const char *serial;
	bool read_only;
	const char *mac;
	const char *netdev;
};

static bool mac_valid(const char *mac)
{
	int i;

	for (i = 0; i < 17; i++) {
		if (i % 3 == 2 ? mac[i] != ':' : !isxdigit((unsigned char)mac[i]))
			return false;
	}
	return !mac[17];
}

static bool check(const struct attach *a)
{
	if (!device_id_valid(a->id))
		return usage_error("'%s' cannot be an id: a letter, then letters, digits, '-', '.' and '_'",
				   a->id);
	if (a->net) {
		if (a->file || a->serial || a->read_only)
			return usage_error("--file, --format, --serial and --read-only are for blk");
		if (a->mac && !mac_valid(a->mac))
			return usage_error("--mac '%s': it looks like 52:54:00:12:34:56", a->mac);
		return true;
	}
	if (a->mac || a->netdev)
		return usage_error("--mac and --netdev are for net");
	if (!a->file)
		return usage_error("attach blk: which image? give --file PATH");
	if (strlen(a->id) > BLK_ID_MAX)
		return usage_error("'%s': the id of a disk has at most %d characters", a->id,
				   BLK_ID_MAX);
	if (a->serial && (!*a->serial || strlen(a->serial) > SERIAL_MAX))
		return usage_error("--serial '%s': virtio-blk has 1 to %d characters of it",
				   a->serial, SERIAL_MAX);
	return true;
}

static bool parse(int argc, char **argv, struct attach *a)
{
	enum { SLOT, FILE_, FORMAT, SERIAL, READ_ONLY, MAC, NETDEV };
	static const struct option options[] = {
		{ "slot", required_argument, NULL, SLOT },
		{ "file", required_argument, NULL, FILE_ },
		{ "format", required_argument, NULL, FORMAT },
		{ "serial", required_argument, NULL, SERIAL },
		{ "read-only", no_argument, NULL, READ_ONLY },
		{ "mac", required_argument, NULL, MAC },
		{ "netdev", required_argument, NULL, NETDEV },
		{ }
	};
	int c;

	*a = (struct attach) { .format = "raw" };
	optind = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case SLOT:
			a->slot = optarg;
			break;
		case FILE_:
			a->file = optarg;
			break;
		case FORMAT:
			a->format = optarg;
			break;
		case SERIAL:
			a->serial = optarg;
			break;
		case READ_ONLY:
			a->read_only = true;
			break;
		case MAC:
			a->mac = optarg;
			break;
		case NETDEV:
			a->netdev = optarg;
			break;
		default:
			return usage_error("see drvio-manager --help");
		}
	}
	if (argc - optind != 2)
		return usage_error("attach: give net or blk, and an id for the new device");
	a->net = !strcmp(argv[optind], "net");
	if (!a->net && strcmp(argv[optind], "blk"))
		return usage_error("attach '%s': it is net or blk", argv[optind]);
	a->id = argv[optind + 1];
	return check(a);
}

static void add(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

/* QEMU may run in another directory: it gets the path from the root. */
static struct json_object *blockdev_arguments(const struct attach *a, const char *backend,
					      struct outcome *o)
{
	struct json_object *file, *node;
	char path[PATH_MAX];

	if (!realpath(a->file, path)) {
		outcome_fail(o, EXIT_CODE_USAGE, "--file %s: %s", a->file, strerror(errno));
		return NULL;
	}
	file = json_object_new_object();
	add(file, "driver", "file");
	add(file, "filename", path);
	node = json_object_new_object();
	add(node, "driver", a->format);
	add(node, "node-name", backend);
	json_object_object_add(node, "read-only", json_object_new_boolean(a->read_only));
	json_object_object_add(node, "file", file);
	return node;
}

static bool add_backend(struct manager *m, const struct attach *a,
			struct json_object *netdev, struct outcome *o)
{
	struct json_object *arguments;
	char backend[QEMU_ID_MAX + 16];

	if (a->net)
		return host_do(m, "netdev_add", json_object_get(netdev), o);
	host_backend_name(a->id, backend, sizeof(backend));
	arguments = blockdev_arguments(a, backend, o);
	return arguments && host_do(m, "blockdev-add", arguments, o);
}

static bool add_device(struct manager *m, const struct attach *a, struct outcome *o)
{
	struct json_object *arguments = json_object_new_object();
	char backend[QEMU_ID_MAX + 16];

	host_backend_name(a->id, backend, sizeof(backend));
	add(arguments, "driver", a->net ? "virtio-net-pci" : "virtio-blk-pci");
	add(arguments, "id", a->id);
	add(arguments, "bus", o->slot);
	add(arguments, a->net ? "netdev" : "drive", backend);
	if (a->mac)
		add(arguments, "mac", a->mac);
	if (a->serial)
		add(arguments, "serial", a->serial);
	return host_do(m, "device_add", arguments, o);
}

/*
 * The place follows from the port, but where QEMU shows the device its word
 * counts.  It shows none behind a port that the guest gave no bus number.
 */
static bool locate(struct manager *m, const struct attach *a,
		   const struct pci_place *expected, struct outcome *o)
{
	struct deadline give_up = deadline_sooner(&m->deadline, APPEAR_MS);
	struct host_device found;
	struct deadline pause;

	do {
		if (!host_find(m, a->id, &found, o))
			return false;
		if (found.present)
			return host_identify(&found, o);
		pause = deadline_sooner(&give_up, APPEAR_LOOK_MS);
		deadline_poll(&pause, -1, 0);
	} while (deadline_left_ms(&give_up));

	strcpy(o->device.name, a->net ? "virtio-net" : "virtio-blk");
	o->device.dev_id = pci_dev_id(expected);
	return true;
}

static void time_for_undo(struct manager *m)
{
	if (deadline_left_ms(&m->deadline) < UNDO_MS)
		m->deadline.end_ms = deadline_now_ms() + UNDO_MS;
}

/*
 * Takes away what was added.  The code and the error of the outcome stay those
 * of what went wrong first.
 */
static void remove_again(struct manager *m, struct outcome *o)
{
	struct outcome undo = { .device = o->device };

	time_for_undo(m);
	if (host_delete_device(m, &undo) &&
	    host_delete_backends(m, o->device.id, NULL, &undo)) {
		o->host = HOST_REMOVED_AGAIN;
		return;
	}
	o->host = HOST_ATTACHED;
	outcome_fail(o, o->code, "%s%sit could not be taken away again: %.400s; detach it",
		     o->error, *o->error ? "; " : "", undo.error);
}

/* The device is plugged: from here on it stays, or is taken away cleanly. */
static void configure(struct manager *m, const struct attach *a,
		      const struct pci_place *place, struct outcome *o)
{
	o->host = HOST_ATTACHED;
	if (!locate(m, a, place, o)) {
		remove_again(m, o);
		return;
	}
	if (guest_ask(m, DRVIO_CONFIGURE, o))
		return;
	/*
	 * Where the guest said nothing it may be at work on the device; where
	 * it says "configured" it uses it.  Both forbid to pull it.
	 */
	if (o->answered && o->answer.status != DRVIO_CONFIGURED)
		remove_again(m, o);
	else
		outcome_fail(o, o->code, "%s%sthe device is left in place; detach takes it away",
			     o->error, *o->error ? "; " : "");
}

static void attach(struct manager *m, const struct attach *a, struct json_object *netdev,
		   struct outcome *o)
{
	struct host_device found;
	struct pci_place place;

	/* The guest first: what nobody can configure is not added at all. */
	if (!host_connect(m, o) || !guest_connect(m, o) ||
	    !host_find(m, a->id, &found, o))
		return;
	if (found.present) {
		outcome_fail(o, EXIT_CODE_QEMU, "QEMU has a device %s already; configure it, or detach it first",
			     a->id);
		return;
	}
	if (!host_find_port(m, a->slot, &place, o))
		return;
	progress_set("QEMU to add %s", a->id);
	if (!add_backend(m, a, netdev, o))
		return;
	if (!add_device(m, a, o)) {
		struct outcome undo = { };

		time_for_undo(m);
		host_delete_backends(m, a->id, NULL, &undo);
		return;
	}
	configure(m, a, &place, o);
}

static bool attach_run(struct manager *m, int argc, char **argv)
{
	struct json_object *netdev = NULL;
	char backend[QEMU_ID_MAX + 16];
	struct outcome o = { };
	struct attach a;

	if (!parse(argc, argv, &a))
		return false;
	if (!m->qmp_path)
		return usage_error("attach needs QEMU: give --run DIR or --qmp SOCKET");
	if (a.net) {
		host_backend_name(a.id, backend, sizeof(backend));
		netdev = netdev_arguments(a.netdev ? : "user", backend);
		if (!netdev)
			return false;
	}
	strcpy(o.device.id, a.id);
	attach(m, &a, netdev, &o);
	json_object_put(netdev);
	manager_report(m, &o);
	return true;
}

const struct command attach_command = {
	.name = "attach",
	.arguments = "net|blk ID [OPTION...]",
	.help = "add a device to the machine and have the guest configure it",
	.run = attach_run,
};
