// SPDX-License-Identifier: GPL-2.0
/* A block device: its claims, its identity. */
#include <blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev.h"
#include "config.h"
#include "guard.h"
#include "sysfs.h"

/* Return: a descriptor with an exclusive claim, or a negative errno. */
static int claim(const char *devname, dev_t rdev)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", config.dev, devname);
	/* For reading only: udev looks anew at what was open for writing. */
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISBLK(st.st_mode) && st.st_rdev == rdev)
		return fd;
	close(fd);
	return -ENODEV;
}

int blockdev_claimed(const char *name, dev_t rdev)
{
	int fd = claim(name, rdev);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

struct probe {
	const char *path;
	const char *tag;
};

static int do_probe(void *data, char text[GUARD_TEXT])
{
	const struct probe *probe = data;
	blkid_probe pr = blkid_new_probe_from_filename(probe->path);
	const char *value;

	if (!pr)
		return errno ? errno : EIO;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID);
	if (!blkid_do_safeprobe(pr) &&
	    !blkid_probe_lookup_value(pr, probe->tag, &value, NULL))
		snprintf(text, GUARD_TEXT, "%s", value);
	blkid_free_probe(pr);
	return 0;
}

char *blockdev_value(const char *path, const char *tag)
{
	struct probe probe = { .path = path, .tag = tag };
	char text[GUARD_TEXT];

	if (guard_look("reading what is on it", do_probe, &probe, text) || !*text)
		return NULL;
	return xstrdup(text);
}

char *blockdev_find(const char *tag, const char *value)
{
	char path[PATH_MAX], dev[PATH_MAX], *has, *found = NULL;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/block", config.sysfs);
	dir = *value ? opendir(path) : NULL;
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(dev, sizeof(dev), "%s/%s", config.dev, entry->d_name);
		has = blockdev_value(dev, tag);
		if (has && !strcmp(has, value))
			found = xstrdup(dev);
		free(has);
	}
	if (dir)
		closedir(dir);
	return found;
}

int blockdev_flush(const struct node *node)
{
	int err = 0, fd = claim(node->devname, node->rdev);

	if (fd < 0)
		return fd;
	if (fsync(fd))
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

int64_t step_int64(json_object *step, const char *key)
{
	json_object *value;

	if (!json_object_object_get_ex(step, key, &value))
		return 0;
	return json_object_get_int64(value);
}

void step_add(json_object *step, const char *key, const char *value)
{
	json_object_object_add(step, key, json_object_new_string(value));
}

void step_add_int(json_object *step, const char *key, int value)
{
	json_object_object_add(step, key, json_object_new_int(value));
}
