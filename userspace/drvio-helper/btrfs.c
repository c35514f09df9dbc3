// SPDX-License-Identifier: GPL-2.0
/* Which devices make up a filesystem of btrfs that is mounted. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "btrfs.h"
#include "config.h"
#include "sysfs.h"

static size_t count_devices(const char *uuid)
{
	char path[PATH_MAX];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/fs/btrfs/%s/devices", config.sysfs, uuid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

void btrfs_read(struct btrfs *fs, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	memset(fs, 0, sizeof(*fs));
	snprintf(path, sizeof(path), "%s/fs/btrfs", config.sysfs);
	dir = opendir(path);
	while (dir && !*fs->uuid && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(fs->uuid) ||
		    !sysfs_exists("%s/%s/devices/%s", path, entry->d_name, name))
			continue;
		strcpy(fs->uuid, entry->d_name);
		fs->n = count_devices(fs->uuid);
	}
	if (dir)
		closedir(dir);
}

bool btrfs_has(const struct btrfs *fs, dev_t rdev)
{
	char name[64];

	return *fs->uuid && rdev &&
	       !sysfs_link_name(name, sizeof(name), "%s/dev/block/%u:%u",
				config.sysfs, major(rdev), minor(rdev)) &&
	       sysfs_exists("%s/fs/btrfs/%s/devices/%s", config.sysfs, fs->uuid, name);
}
