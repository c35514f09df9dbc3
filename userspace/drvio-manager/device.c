// SPDX-License-Identifier: GPL-2.0
/* Devices as the command line names them. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "host.h"

bool device_id_valid(const char *text)
{
	if (!isalpha((unsigned char)*text) || strlen(text) >= QEMU_ID_MAX)
		return false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr("-._", *text))
			return false;
	}
	return true;
}

/* "<type>@<dev_id>", @at where the @ is */
static bool parse_address(const char *text, const char *at, struct device *dev)
{
	size_t n = (size_t)(at - text);
	char *end;

	if (!n || n >= sizeof(dev->name))
		return usage_error("'%s': the type has 1 to %zu characters", text,
				   sizeof(dev->name) - 1);
	memcpy(dev->name, text, n);
	dev->name[n] = '\0';

	errno = 0;
	dev->dev_id = strtoull(at + 1, &end, 0);
	if (!isdigit((unsigned char)at[1]) || *end || errno)
		return usage_error("'%s': '%s' is no dev_id; it looks like 0x0102009000000000",
				   text, at + 1);
	return true;
}

bool device_parse(const char *text, struct device *dev)
{
	const char *at = strrchr(text, '@');

	memset(dev, 0, sizeof(*dev));
	if (at)
		return parse_address(text, at, dev);
	if (!device_id_valid(text))
		return usage_error("'%s': neither <type>@<dev_id> nor an id of QEMU's", text);
	strcpy(dev->id, text);
	return true;
}

bool device_resolve(struct manager *m, struct outcome *o)
{
	struct host_device found;

	if (*o->device.name)
		return true;
	if (!host_connect(m, o) || !host_find(m, o->device.id, &found, o))
		return false;
	if (!found.present)
		return outcome_fail(o, EXIT_CODE_NOT_PRESENT,
				    "QEMU has no PCI device with this id");
	if (!host_identify(&found, o))
		return false;
	return true;
}
