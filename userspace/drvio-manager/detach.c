// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager detach: has the guest let go of a device, then takes it away.
 *
 * Each step finds out for itself whether there is anything to do, so a detach
 * that ended half-way is completed by the next one.
 */
#include <getopt.h>
#include <string.h>

#include "device.h"
#include "guest.h"
#include "host.h"

static void detach(struct manager *m, enum drvio_verb verb, struct outcome *o)
{
	struct host_device found;
	bool deleted;

	if (!host_connect(m, o) || !host_find(m, o->device.id, &found, o))
		return;
	if (found.present) {
		/* Only "ok" promises that the guest has let go. */
		if (!host_identify(&found, o) || !guest_ask(m, verb, o) ||
		    !host_delete_device(m, o))
			return;
		o->host = HOST_DETACHED;
	}
	if (!host_delete_backends(m, o->device.id, &deleted, o))
		return;
	if (!found.present && !deleted)
		outcome_fail(o, EXIT_CODE_NOT_PRESENT, "QEMU has no PCI device with this id");
	else
		o->host = HOST_DETACHED;
}

static bool detach_run(struct manager *m, int argc, char **argv)
{
	enum drvio_verb verb;
	struct outcome o = { };

	if (!unconfigure_options(argc, argv, &verb))
		return false;
	if (argc - optind != 1)
		return usage_error("detach: give the id of one device");
	if (!device_id_valid(argv[optind]))
		return usage_error("detach '%s': it takes QEMU's id of the device", argv[optind]);
	if (!m->qmp_path)
		return usage_error("detach needs QEMU: give --run DIR or --qmp SOCKET");
	strcpy(o.device.id, argv[optind]);
	detach(m, verb, &o);
	manager_report(m, &o);
	return true;
}

const struct command detach_command = {
	.name = "detach",
	.arguments = "[--force] ID",
	.help = "have the guest unconfigure a device, and take it away",
	.run = detach_run,
};
