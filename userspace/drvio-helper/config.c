// SPDX-License-Identifier: GPL-2.0
/* What an administrator can set, from /etc/drvio/helper.conf. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "log.h"

struct config config = {
	.sysfs = "/sys",
	.proc = "/proc",
	.dev = "/dev",
	.run = "/run/drvio",
	.fstab = "/etc/fstab",
	.carrier_timeout_ms = 5000,
	.udev_timeout_ms = 10000,
};

static const struct {
	const char *section;
	const char *name;
	unsigned int *value;
} settings[] = {
	{ "network", "carrier_timeout_ms", &config.carrier_timeout_ms },
	{ "disk", "udev_timeout_ms", &config.udev_timeout_ms },
};

/* No request lasts longer than 15 minutes. */
#define TIMEOUT_MAX_MS	(15 * 60 * 1000)

static int setting(void *path, const char *section, const char *name,
		   const char *value)
{
	unsigned long ms;
	char *end;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(section, settings[i].section) ||
		    strcmp(name, settings[i].name))
			continue;
		errno = 0;
		ms = strtoul(value, &end, 10);
		if (errno || end == value || *end || *value == '-' ||
		    ms > TIMEOUT_MAX_MS) {
			log_err("%s: %s: \"%s\" is no number of milliseconds from 0 to %d",
				(const char *)path, name, value, TIMEOUT_MAX_MS);
			return 0;
		}
		*settings[i].value = ms;
		return 1;
	}
	log_err("%s: no setting \"%s\" in section [%s]", (const char *)path,
		name, section);
	return 0;
}

int config_load(const char *path)
{
	struct stat st;
	FILE *file;
	int line;

	file = fopen(path, "re");
	if (!file) {
		if (errno == ENOENT)
			return 0;
		log_err("%s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(fileno(file), &st) || st.st_uid || st.st_mode & 022) {
		log_err("%s: refused: it must belong to root and be writable by nobody else",
			path);
		fclose(file);
		return -1;
	}
	line = ini_parse_file(file, setting, (void *)path);
	fclose(file);
	if (line) {
		log_err("%s: line %d is wrong", path, line);
		return -1;
	}
	return 0;
}
