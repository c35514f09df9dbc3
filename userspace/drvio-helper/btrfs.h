/* SPDX-License-Identifier: GPL-2.0 */
/* Which devices make up a filesystem of btrfs that is mounted. */
#ifndef DRVIO_HELPER_BTRFS_H
#define DRVIO_HELPER_BTRFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct btrfs - a filesystem
 * @uuid: its id; "" where a device belongs to none that is mounted
 * @n: how many devices it has
 */
struct btrfs {
	char uuid[64];
	size_t n;
};

/* The filesystem that a block device, "vdb1", belongs to. */
void btrfs_read(struct btrfs *fs, const char *name);

/* Whether a block device belongs to it. */
bool btrfs_has(const struct btrfs *fs, dev_t rdev);

#endif /* DRVIO_HELPER_BTRFS_H */
