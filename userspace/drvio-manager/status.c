// SPDX-License-Identifier: GPL-2.0
/* drvio-manager status: asks the guest how devices stand. */
#include <stdlib.h>

#include "device.h"
#include "guest.h"
#include "mem.h"

static bool status_run(struct manager *m, int argc, char **argv)
{
	struct device *devices;
	bool ok = true;
	int i;

	if (argc < 2)
		return usage_error("status: give one device or more");
	devices = xcalloc((size_t)argc, sizeof(*devices));

	/* A wrong word is found before anything is asked. */
	for (i = 1; ok && i < argc; i++) {
		ok = device_parse(argv[i], &devices[i]);
		if (ok && !*devices[i].name && !m->qmp_path)
			ok = usage_error("status '%s': to look up QEMU's id, give --run DIR or --qmp SOCKET",
					 argv[i]);
	}
	for (i = 1; ok && i < argc; i++) {
		struct outcome o = { .device = devices[i] };

		if (device_resolve(m, &o))
			guest_ask(m, DRVIO_STATUS, &o);
		manager_report(m, &o);
		/* A guest that is silent now would be so for each of them. */
		if (o.code == EXIT_CODE_NOT_LISTENING || o.code == EXIT_CODE_NO_ANSWER)
			break;
	}
	free(devices);
	return ok;
}

const struct command status_command = {
	.name = "status",
	.arguments = "DEV...",
	.help = "show how devices stand in the guest",
	.run = status_run,
};
