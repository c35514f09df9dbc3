// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of drvio-sim, and their switches in debugfs.
 */
#include <dirent.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "sim.h"

#define DEBUG_DIR	"/sys/kernel/debug/drvio-sim"
#define CREATE		CLASS_DIR "/sim/supported_types/sim/create"
#define DEL_DEVICE	"/sys/bus/drvio-sim/del_device"
#define POLL_US		2000

bool sim_load(void)
{
	return !system("modprobe drvio-sim") && !access(CREATE, W_OK);
}

void sim_name(struct dr_device *dev, uint64_t dev_id)
{
	memset(dev, 0, sizeof(*dev));
	strcpy(dev->name, "sim");
	dev->dev_id = dev_id;
	snprintf(dev->node, sizeof(dev->node), "sim@0x%016" PRIx64, dev_id);
	snprintf(dev->target, sizeof(dev->target), "sim%" PRIx64 ".0", dev_id);
}

int sim_add(const struct dr_device *dev, unsigned int targets)
{
	char line[64];

	snprintf(line, sizeof(line), "0x%" PRIx64 " %u\n", dev->dev_id, targets);
	return attr_write(line, CREATE);
}

int sim_create(struct dr_device *dev, uint64_t dev_id, unsigned int targets)
{
	sim_name(dev, dev_id);
	return sim_add(dev, targets);
}

static int remove_id(const char *id)
{
	return attr_write(id, DEL_DEVICE);
}

int sim_remove(const struct dr_device *dev)
{
	char id[32];

	snprintf(id, sizeof(id), "0x%" PRIx64 "\n", dev->dev_id);
	return remove_id(id);
}

static bool wait_gone(const char *node)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	while (deadline_left_ms(&d)) {
		if (attr_mode(CLASS_DIR "/%s", node) < 0 &&
		    attr_mode(DEBUG_DIR "/%s", node) < 0)
			return true;
		usleep(POLL_US);
	}
	return false;
}

bool sim_remove_all(void)
{
	static const char * const releases[] = {
		"hang_bind", "hang_unbind", "delay_bind_ms", "delay_unbind_ms",
	};
	struct dirent *entry;
	bool ok = true;
	DIR *dir;

	dir = opendir(DEBUG_DIR);
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "sim@", 4))
			continue;
		for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++)
			attr_write("0", DEBUG_DIR "/%s/%s", entry->d_name, releases[i]);
		remove_id(entry->d_name + 4);
		/* One that vanishes by itself just now needs another moment. */
		if (!wait_gone(entry->d_name))
			ok = false;
	}
	closedir(dir);
	return ok;
}

int sim_set(const struct dr_device *dev, const char *name, const char *value)
{
	char line[ATTR_MAX];

	snprintf(line, sizeof(line), "%s\n", value);
	return attr_write(line, DEBUG_DIR "/%s/%s", dev->node, name);
}

bool sim_wait_hanging(const struct dr_device *dev, int drivers)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char now[32];

	while (deadline_left_ms(&d)) {
		if (!attr_read(now, sizeof(now), DEBUG_DIR "/%s/hanging", dev->node) &&
		    atoi(now) == drivers)
			return true;
		usleep(POLL_US);
	}
	return false;
}

bool sim_wait_gone(const struct dr_device *dev)
{
	return wait_gone(dev->node);
}

bool sim_driver_is(const struct dr_device *dev, const char *driver)
{
	char path[PATH_MAX], to[PATH_MAX];
	ssize_t len;
	int i;

	for (i = 0; ; i++) {
		snprintf(path, sizeof(path), CLASS_DIR "/%s/target%d", dev->node, i);
		if (access(path, F_OK))
			break;
		strcat(path, "/driver");
		len = readlink(path, to, sizeof(to) - 1);
		to[len < 0 ? 0 : len] = '\0';
		if (strcmp(len < 0 ? "" : basename(to), driver))
			return false;
	}
	return i > 0;
}
