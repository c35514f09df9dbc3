/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device nodes below the targets of a request: what the driver that is
 * bound to a target offers to the rest of the system.
 */
#ifndef DRVIO_HELPER_DEVTREE_H
#define DRVIO_HELPER_DEVTREE_H

#include <stdbool.h>
#include <sys/types.h>

#include "mem.h"

enum node_kind {
	NODE_NET,		/* an interface */
	NODE_DISK,		/* a whole block device */
	NODE_PARTITION,
	NODE_CHAR,		/* anything else with a node in /dev */
};

/**
 * struct node - a device below a target
 * @kind: what it is
 * @path: its folder in sysfs
 * @name: last component of @path, "vda"
 * @devname: below /dev, "vda"; "" for interfaces
 * @subsystem: "block", "net", "virtio-ports", ...
 * @rdev: device number; 0 for interfaces
 * @ifindex: of an interface; otherwise 0
 * @disk: of a partition: index of its disk; of a disk: its own
 */
struct node {
	enum node_kind kind;
	char *path;
	char *name;
	char devname[256];
	char subsystem[64];
	dev_t rdev;
	int ifindex;
	size_t disk;
};

/**
 * struct devtree - all of them
 * @n: how many
 * @nodes: parents before children
 */
struct devtree {
	size_t n;
	struct node *nodes;
};

/**
 * devtree_read() - find the nodes below targets
 * @tree: gets them
 * @targets: folders in sysfs
 */
void devtree_read(struct devtree *tree, const struct strv *targets);

/* The block device with a device number, or NULL. */
const struct node *devtree_block(const struct devtree *tree, dev_t rdev);

/* Whether there is a node of a kind. */
bool devtree_has(const struct devtree *tree, enum node_kind kind);

/* Whether a node is a disk or a partition. */
bool node_is_block(const struct node *node);

void devtree_free(struct devtree *tree);

/* The value of a line KEY=value of a uevent file; "" where there is none. */
void uevent_value(const char *uevent, const char *key, char *buf, size_t size);

/* Reads "major:minor" of an attribute; 0 when it cannot be read. */
dev_t sysfs_devno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* DRVIO_HELPER_DEVTREE_H */
