// SPDX-License-Identifier: GPL-2.0
/*
 * Character devices below a target (ports of a serial device, input devices,
 * ...), and the two that stand elsewhere in /dev: consoles and the random
 * number generator. They have nothing to be released: either a process has one
 * open, or it is idle.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "process.h"
#include "sysfs.h"

#define TYPE_CONSOLE	"virtio-console"
#define TYPE_RNG	"virtio-rng"

static const char *port_name(const struct node *node, char *buf, size_t size)
{
	return sysfs_read(buf, size, "%s/name", node->path) > 0 ? buf : NULL;
}

/* Its driver waits for whoever has it open, without an end. */
static bool is_waited_for(const struct node *node)
{
	return !strncmp(node->name, "vhost-vdpa-", strlen("vhost-vdpa-"));
}

static void add_process(const struct user *user, void *data)
{
	char name[128], resource[512];
	struct job *job = data;
	bool waited_for = false;

	snprintf(resource, sizeof(resource), "%s", user->path);
	for (size_t i = 0; i < job->tree.n; i++) {
		const struct node *node = &job->tree.nodes[i];

		if (node->kind != NODE_CHAR || node->rdev != user->rdev)
			continue;
		waited_for = is_waited_for(node);
		if (port_name(node, name, sizeof(name)))
			snprintf(resource, sizeof(resource), "/dev/%s (%s)",
				 node->devname, name);
	}
	table_add(waited_for ? &job->vetoes : &job->blockers, resource,
		  "open in %s (pid %d): close it or stop %s (pid %d)%s",
		  user->comm, user->pid, user->comm, user->pid,
		  waited_for ? "; nothing else helps, not even force" : "");
}

/* A port without a name may be a console; which one, nothing in sysfs tells. */
static bool may_be_console(const struct job *job)
{
	char name[128];

	if (strcmp(job->req.type, TYPE_CONSOLE))
		return false;
	for (size_t i = 0; i < job->tree.n; i++)
		if (!strcmp(job->tree.nodes[i].subsystem, "virtio-ports") &&
		    !port_name(&job->tree.nodes[i], name, sizeof(name)))
			return true;
	return false;
}

static void look_at_consoles(struct job *job, struct wanted *wanted)
{
	char *text, *rest, *line, path[PATH_MAX];
	struct dirent *entry;
	dev_t rdev;
	DIR *dir;

	text = sysfs_read_file("%s/consoles", config.proc);
	rest = text;
	while (rest && (line = strsep(&rest, "\n")))
		if (!strncmp(line, "hvc", 3))
			table_add(&job->blockers, "/dev/hvc",
				  "%.*s is a console of the kernel, perhaps on this device: take it out of the kernel's command line (console=)",
				  (int)strcspn(line, " "), line);
	free(text);

	snprintf(path, sizeof(path), "%s/class/tty", config.sysfs);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "hvc", 3))
			continue;
		rdev = sysfs_devno("%s/%s/dev", path, entry->d_name);
		if (rdev)
			wanted_add_node(wanted, rdev);
	}
	closedir(dir);
}

/* With several generators, sysfs does not tell which device is which. */
static void look_at_rng(struct job *job, struct wanted *wanted)
{
	char current[64];
	dev_t rdev;

	if (strcmp(job->req.type, TYPE_RNG))
		return;
	sysfs_read(current, sizeof(current),
		   "%s/class/misc/hw_random/rng_current", config.sysfs);
	if (strncmp(current, "virtio_rng", 10))
		return;
	rdev = sysfs_devno("%s/class/misc/hw_random/dev", config.sysfs);
	if (rdev)
		wanted_add_node(wanted, rdev);
}

static void chardev_look(struct job *job)
{
	struct wanted wanted = { .blocks = false };
	struct processes all;

	for (size_t i = 0; i < job->tree.n; i++)
		if (job->tree.nodes[i].kind == NODE_CHAR &&
		    job->tree.nodes[i].rdev)
			wanted_add_node(&wanted, job->tree.nodes[i].rdev);
	if (may_be_console(job))
		look_at_consoles(job, &wanted);
	look_at_rng(job, &wanted);
	if (wanted.nrdevs) {
		processes_read(&all);
		process_scan(&all, &wanted, add_process, job);
		processes_free(&all);
	}
	wanted_free(&wanted);
}

const struct kind chardev_kind = {
	.name = "character device",
	.look = chardev_look,
};
