// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager unconfigure: has the guest let go of a device; it stays in the
 * machine.
 */
#include <getopt.h>

#include "device.h"
#include "guest.h"

bool unconfigure_options(int argc, char **argv, enum drvio_verb *verb)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ }
	};
	int c;

	*verb = DRVIO_UNCONFIGURE;
	optind = 0;
	while ((c = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (c != 'f')
			return usage_error("see drvio-manager --help");
		*verb = DRVIO_FORCE_UNCONFIG;
	}
	return true;
}

static bool unconfigure_run(struct manager *m, int argc, char **argv)
{
	enum drvio_verb verb;
	struct outcome o = { };

	if (!unconfigure_options(argc, argv, &verb))
		return false;
	if (argc - optind != 1)
		return usage_error("unconfigure: give one device");
	if (!device_parse(argv[optind], &o.device))
		return false;
	if (!*o.device.name && !m->qmp_path)
		return usage_error("unconfigure '%s': to look up QEMU's id, give --run DIR or --qmp SOCKET",
				   argv[optind]);
	if (device_resolve(m, &o))
		guest_ask(m, verb, &o);
	manager_report(m, &o);
	return true;
}

const struct command unconfigure_command = {
	.name = "unconfigure",
	.arguments = "[--force] DEV",
	.help = "have the guest let go of a device",
	.run = unconfigure_run,
};
