// SPDX-License-Identifier: GPL-2.0
/* A block device: its claims, what is stacked on it, its identity. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/loop.h>

#include "blockdev.h"
#include "config.h"
#include "sysfs.h"

static const struct {
	const char *prefix;	/* of the device-mapper uuid */
	const char *what;
	const char *remedy;
} dm_users[] = {
	{ "LVM-", "logical volume", "lvchange -an /dev/mapper/%s" },
	{ "CRYPT-", "encrypted volume", "cryptsetup close %s" },
	{ "mpath-", "multipath map", "multipath -f %s" },
	{ "", "device-mapper device", "dmsetup remove %s" },
};

static void describe_dm(struct upper *upper)
{
	char name[256], uuid[256];
	size_t i = 0;

	sysfs_read(name, sizeof(name), "%s/block/%s/dm/name", config.sysfs,
		   upper->name);
	sysfs_read(uuid, sizeof(uuid), "%s/block/%s/dm/uuid", config.sysfs,
		   upper->name);
	while (strncmp(uuid, dm_users[i].prefix, strlen(dm_users[i].prefix)))
		i++;
	upper->what = xasprintf("%s %s (%s)", dm_users[i].what, name, upper->name);
	upper->remedy = xasprintf(dm_users[i].remedy, name);
}

static void describe(struct upper *upper)
{
	if (!strncmp(upper->name, "dm-", 3)) {
		describe_dm(upper);
	} else if (!strncmp(upper->name, "md", 2)) {
		upper->what = xasprintf("RAID array %s", upper->name);
		upper->remedy = xasprintf("mdadm --stop /dev/%s", upper->name);
	} else if (!strncmp(upper->name, "bcache", 6)) {
		upper->what = xasprintf("cache %s", upper->name);
		upper->remedy = xasprintf("echo 1 > /sys/block/%s/bcache/stop",
					  upper->name);
	} else if (!strncmp(upper->name, "loop", 4)) {
		upper->what = xasprintf("loop device %s", upper->name);
		upper->remedy = xasprintf("losetup -d /dev/%s", upper->name);
	} else {
		upper->what = xasprintf("block device %s", upper->name);
		upper->remedy = xasprintf("take %s down", upper->name);
	}
}

const struct upper *uppers_find(const struct uppers *uppers, dev_t rdev)
{
	for (size_t i = 0; i < uppers->n; i++)
		if (uppers->u[i].rdev == rdev)
			return &uppers->u[i];
	return NULL;
}

static void add_holders(struct uppers *uppers, const char *path, size_t base,
			bool direct);

static void add_upper(struct uppers *uppers, const char *name, dev_t rdev,
		      size_t base, bool direct)
{
	struct upper upper = { .rdev = rdev, .base = base, .direct = direct };
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	/* An array has many members, and may be reached through each. */
	for (size_t i = 0; i < uppers->n; i++)
		if (uppers->u[i].rdev == rdev && uppers->u[i].base == base)
			return;
	upper.name = xstrdup(name);
	describe(&upper);
	uppers->u = xreallocarray(uppers->u, uppers->n + 1, sizeof(upper));
	uppers->u[uppers->n++] = upper;

	snprintf(path, sizeof(path), "%s/block/%s", config.sysfs, name);
	add_holders(uppers, path, base, false);
	/* Its partitions may have holders of their own. */
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char part[PATH_MAX];

		if (strncmp(entry->d_name, name, strlen(name)))
			continue;
		rdev = sysfs_devno("%s/%s/dev", path, entry->d_name);
		if (!rdev)
			continue;
		add_upper(uppers, entry->d_name, rdev, base, false);
		if ((size_t)snprintf(part, sizeof(part), "%s/%s", path,
				     entry->d_name) < sizeof(part))
			add_holders(uppers, part, base, false);
	}
	closedir(dir);
}

static void add_holders(struct uppers *uppers, const char *path, size_t base,
			bool direct)
{
	char folder[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if ((size_t)snprintf(folder, sizeof(folder), "%s/holders", path) >=
	    sizeof(folder))
		return;
	dir = opendir(folder);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_upper(uppers, entry->d_name,
				  sysfs_devno("%s/block/%s/dev", config.sysfs,
					      entry->d_name), base, direct);
	closedir(dir);
}

/* What backs a loop device, from the device itself: paths may be anything. */
static int loop_backing(const char *name, dev_t *dev, dev_t *rdev)
{
	struct loop_info64 info;
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", config.dev, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	err = ioctl(fd, LOOP_GET_STATUS64, &info);
	close(fd);
	if (err)
		return -1;
	*dev = info.lo_device;
	*rdev = info.lo_rdevice;
	return 0;
}

/* As the kernel packs a device number for this ioctl. */
static dev_t loop_devno(dev_t dev)
{
	return makedev((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

static void add_loops(struct uppers *uppers, dev_t want_dev, dev_t want_rdev,
		      size_t base)
{
	char path[PATH_MAX];
	struct dirent *entry;
	dev_t dev, rdev;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "loop", 4) ||
		    !sysfs_exists("%s/%s/loop/backing_file", path, entry->d_name) ||
		    loop_backing(entry->d_name, &dev, &rdev))
			continue;
		if ((want_dev && loop_devno(dev) == want_dev) ||
		    (want_rdev && loop_devno(rdev) == want_rdev))
			add_upper(uppers, entry->d_name,
				  sysfs_devno("%s/%s/dev", path, entry->d_name),
				  base, true);
	}
	closedir(dir);
}

void uppers_read(struct uppers *uppers, const struct devtree *tree)
{
	memset(uppers, 0, sizeof(*uppers));
	for (size_t i = 0; i < tree->n; i++) {
		if (!node_is_block(&tree->nodes[i]))
			continue;
		add_holders(uppers, tree->nodes[i].path, i, true);
		add_loops(uppers, 0, tree->nodes[i].rdev, i);
	}
}

void uppers_add_loops(struct uppers *uppers, dev_t dev, size_t base)
{
	add_loops(uppers, dev, 0, base);
}

void uppers_free(struct uppers *uppers)
{
	for (size_t i = 0; i < uppers->n; i++) {
		free(uppers->u[i].name);
		free(uppers->u[i].what);
		free(uppers->u[i].remedy);
	}
	free(uppers->u);
	memset(uppers, 0, sizeof(*uppers));
}

int blockdev_flush(const struct node *node)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", config.dev, node->devname);
	/* For reading only: udev looks anew at what was open for writing. */
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != node->rdev)
		err = -ENODEV;
	else if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

/* Grows with each disk that appears; a number used again does not fool it. */
static void read_diskseq(char *buf, size_t size, const char *path, bool partition)
{
	sysfs_read(buf, size, "%s%s/diskseq", path, partition ? "/.." : "");
}

void blockdev_identify(json_object *step, const struct node *node)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", major(node->rdev), minor(node->rdev));
	json_object_object_add(step, "dev", json_object_new_string(text));
	read_diskseq(text, sizeof(text), node->path, node->kind == NODE_PARTITION);
	json_object_object_add(step, "diskseq", json_object_new_string(text));
}

bool blockdev_is_same(json_object *step)
{
	char link[PATH_MAX], *path, diskseq[32];

	snprintf(link, sizeof(link), "%s/dev/block/%s", config.sysfs,
		 step_string(step, "dev"));
	path = realpath(link, NULL);
	if (!path)
		return false;
	read_diskseq(diskseq, sizeof(diskseq), path,
		     sysfs_exists("%s/partition", path));
	free(path);
	return !strcmp(diskseq, step_string(step, "diskseq"));
}

const char *step_string(json_object *step, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(step, key, &value))
		return "";
	return json_object_get_string(value);
}

int step_int(json_object *step, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(step, key, &value))
		return 0;
	return json_object_get_int(value);
}
