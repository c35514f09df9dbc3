// SPDX-License-Identifier: GPL-2.0
/*
 * Volumes on new disks: what the distribution does in the background, or not at
 * all, is done before the request is answered, so that fstab finds them.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate.h"
#include "config.h"
#include "dm.h"
#include "stack.h"
#include "sysfs.h"
#include "udev.h"

static const struct {
	const char *type;	/* as blkid(8) calls it */
	int (*activate)(struct job *job, const struct volume *volume,
			struct volumes *volumes);
} contents[] = {
	{ "crypto_LUKS", crypt_activate },
	{ "LVM2_member", lvm_activate },
};

#define NCONTENTS	(sizeof(contents) / sizeof(contents[0]))

const char *volume_value(const struct volume *volume, const char *tag)
{
	for (size_t i = 0; i < volume->names.n; i++)
		if (!strncmp(volume->names.s[i], tag, strlen(tag)))
			return volume->names.s[i] + strlen(tag);
	return "";
}

static bool knows(const struct volumes *volumes, dev_t rdev)
{
	for (size_t i = 0; i < volumes->n; i++)
		if (volumes->v[i].node.rdev == rdev)
			return true;
	return false;
}

/* Of what stands on a disk the tree knows nothing: it gets a node of its own. */
static void add(struct volumes *volumes, const char *dir, const char *devname,
		enum node_kind kind, dev_t rdev)
{
	struct volume volume = { .node = { .kind = kind, .rdev = rdev } };
	char *path = realpath(dir, NULL);

	if (!path || knows(volumes, rdev)) {
		free(path);
		return;
	}
	volume.node.path = path;
	volume.node.name = xstrdup(strrchr(path, '/') + 1);
	snprintf(volume.node.devname, sizeof(volume.node.devname), "%s", devname);
	udev_names(&volume.names, &volume.node);
	volumes->v = xreallocarray(volumes->v, volumes->n + 1, sizeof(volume));
	volumes->v[volumes->n++] = volume;
}

void volumes_add_dm(struct volumes *volumes, const char *name)
{
	char *devname = xasprintf("mapper/%s", name), *dir = dm_folder(name);

	if (dir)
		add(volumes, dir, devname, NODE_DISK, sysfs_devno("%s/dev", dir));
	free(devname);
	free(dir);
}

/* Adds what is new since the last time. */
static void read_volumes(const struct job *job, struct volumes *volumes)
{
	struct mounts mounts;
	struct stack stack;
	size_t *at;

	mounts_read_own(&mounts);
	at = xcalloc(mounts.n + 1, sizeof(*at));
	stack_read(&stack, &job->tree, &mounts, at);
	for (size_t i = 0; i < stack.n; i++) {
		const struct bdev *b = &stack.b[i];
		const struct node *node = &job->tree.nodes[b->node];

		add(volumes, b->dir, b->path + strlen("/dev/"),
		    node->rdev == b->rdev ? node->kind :
		    b->layer ? NODE_DISK : NODE_PARTITION, b->rdev);
	}
	stack_free(&stack);
	mounts_free(&mounts);
	free(at);
}

int activate(struct job *job, struct volumes *volumes)
{
	int err = 0;

	memset(volumes, 0, sizeof(*volumes));
	read_volumes(job, volumes);
	if (!job_may(job, POLICY_ACTIVATE))
		return 0;
	/* Grows while it is walked: what was activated may have volumes in it. */
	for (size_t i = 0; i < volumes->n && !err; i++) {
		/* The next one moves the array. */
		struct volume volume = volumes->v[i];
		const char *type = volume_value(&volume, "TYPE=");

		for (size_t k = 0; k < NCONTENTS; k++) {
			if (strcmp(type, contents[k].type))
				continue;
			err = contents[k].activate(job, &volume, volumes);
			read_volumes(job, volumes);
		}
	}
	return err;
}

void volumes_free(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->n; i++) {
		free(volumes->v[i].node.path);
		free(volumes->v[i].node.name);
		strv_free(&volumes->v[i].names);
	}
	free(volumes->v);
	memset(volumes, 0, sizeof(*volumes));
}
