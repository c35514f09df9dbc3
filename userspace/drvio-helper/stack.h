/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block devices that stand on the disks of a target: partitions, device
 * mapper, md, bcache, loop devices, and what of them goes when the disks go.
 */
#ifndef DRVIO_HELPER_STACK_H
#define DRVIO_HELPER_STACK_H

#include "devtree.h"
#include "mounts.h"

struct layer;

#define NO_BDEV	((size_t)-1)

/**
 * enum fate - what becomes of a block device when the disks go
 * @FATE_STAYS: nothing: none of what it stands on goes
 * @FATE_LEG: it loses a leg (path, member), and works on without it
 * @FATE_GOES: it goes, and everything above it before it
 */
enum fate {
	FATE_STAYS,
	FATE_LEG,
	FATE_GOES,
};

/**
 * struct bdev - a block device
 * @name: of the kernel, "dm-0"
 * @dir: its folder in sysfs
 * @path: a path in /dev that it has again after it was made anew
 * @rdev: its number
 * @node: index, in the tree, of the disk or partition that it stands on
 * @layer: who knows it; NULL: a disk or a partition
 * @dm_name: of device mapper: its name
 * @dm_uuid: of device mapper: its uuid
 * @what: what it is, for people: "logical volume vg-data (dm-0)"
 * @remedy: how it is taken down by hand
 * @nlower: on how many devices of the stack it stands
 * @lower: which
 * @on_file: it stands on a file of a filesystem on its lower device
 * @fate: what becomes of it
 * @used: something that is known uses it
 * @gone: it was taken down, or has lost its legs
 */
struct bdev {
	char *name;
	char *dir;
	char *path;
	dev_t rdev;
	size_t node;
	const struct layer *layer;
	char *dm_name;
	char *dm_uuid;
	char *what;
	char *remedy;
	size_t nlower;
	size_t *lower;
	bool on_file;
	enum fate fate;
	bool used;
	bool gone;
};

/**
 * struct stack - all of them
 * @n: how many
 * @b: the disks and partitions of the tree first, in the tree's order
 */
struct stack {
	size_t n;
	struct bdev *b;
};

/**
 * stack_read() - find what stands on the disks of a tree
 * @stack: gets it
 * @tree: the disks and partitions
 * @mounts: all mounts
 * @at: beside @mounts: gets which block device of the stack each is of, or
 *	NO_BDEV; only devices that go have mounts here
 */
void stack_read(struct stack *stack, const struct devtree *tree,
		const struct mounts *mounts, size_t *at);

/* The block device that goes with a number, or NO_BDEV. */
size_t stack_find(const struct stack *stack, dev_t rdev);

/* The block device that a mount of this namespace names as its source, or 0. */
dev_t stack_source(const struct mount *mount);

/* Whether @upper stands on @lower directly. */
bool stack_stands_on(const struct stack *stack, size_t upper, size_t lower);

/*
 * Whether a device that goes or loses a leg, and has not yet, stands on @i
 * or on a partition of it.
 */
bool stack_has_upper(const struct stack *stack, size_t i);

/* How many of the devices that @i stands on go. */
size_t stack_lost(const struct stack *stack, size_t i);

/* Whether the device @rdev goes. */
bool stack_loses(const struct stack *stack, dev_t rdev);

void stack_free(struct stack *stack);

#endif /* DRVIO_HELPER_STACK_H */
