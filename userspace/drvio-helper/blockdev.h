/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block device: who has claimed it in the kernel, what is stacked on it,
 * and whether it is still the one that a journal speaks of.
 */
#ifndef DRVIO_HELPER_BLOCKDEV_H
#define DRVIO_HELPER_BLOCKDEV_H

#include "job.h"

/**
 * struct upper - a block device that stands on another
 * @name: "dm-0"
 * @rdev: its number
 * @base: index of the node below it
 * @direct: it stands on the node itself, not on another upper
 * @what: what it is, "logical volume vg-data (dm-0)"
 * @remedy: how it is taken down
 */
struct upper {
	char *name;
	dev_t rdev;
	size_t base;
	bool direct;
	char *what;
	char *remedy;
};

struct uppers {
	size_t n;
	struct upper *u;
};

/* Finds what stands on the block devices of a tree: dm, md, bcache, loops. */
void uppers_read(struct uppers *uppers, const struct devtree *tree);

/**
 * uppers_add_loops() - find loop devices backed by files of filesystems
 * @uppers: gets them
 * @dev: device number of the filesystem
 * @base: index of the node that it is on
 */
void uppers_add_loops(struct uppers *uppers, dev_t dev, size_t base);
const struct upper *uppers_find(const struct uppers *uppers, dev_t rdev);
void uppers_free(struct uppers *uppers);

/**
 * blockdev_flush() - try to claim a block device, and flush it
 * @node: the device
 *
 * Return: 0 when nobody has claimed it, -EBUSY when somebody in the kernel has;
 * other errors say nothing about users.
 */
int blockdev_flush(const struct node *node);

/* Writes down in a step which block device it is about. */
void blockdev_identify(json_object *step, const struct node *node);

/* Whether that device is still there, and no other has its number now. */
bool blockdev_is_same(json_object *step);

/* Values of a step; "" and 0 where there is none. */
const char *step_string(json_object *step, const char *key);
int step_int(json_object *step, const char *key);

#endif /* DRVIO_HELPER_BLOCKDEV_H */
