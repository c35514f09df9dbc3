// SPDX-License-Identifier: GPL-2.0
/* drvio-manager configure: has the guest configure a device that is there. */
#include "device.h"
#include "guest.h"

static bool configure_run(struct manager *m, int argc, char **argv)
{
	struct outcome o = { };

	if (argc != 2)
		return usage_error("configure: give one device");
	if (!device_parse(argv[1], &o.device))
		return false;
	if (!*o.device.name && !m->qmp_path)
		return usage_error("configure '%s': to look up QEMU's id, give --run DIR or --qmp SOCKET",
				   argv[1]);
	if (device_resolve(m, &o))
		guest_ask(m, DRVIO_CONFIGURE, &o);
	manager_report(m, &o);
	return true;
}

const struct command configure_command = {
	.name = "configure",
	.arguments = "DEV",
	.help = "have the guest configure a device that the machine has",
	.run = configure_run,
};
