// SPDX-License-Identifier: GPL-2.0
/* The device nodes below the targets of a request. */
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "devtree.h"
#include "sysfs.h"

/* virtio-scsi's partitions are 7 folders below the target. */
#define DEPTH_MAX	16

dev_t sysfs_devno(const char *fmt, ...)
{
	unsigned int major, minor;
	char path[PATH_MAX], text[32];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (sysfs_read(text, sizeof(text), "%s", path) < 0 ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return 0;
	return makedev(major, minor);
}

void uevent_value(const char *uevent, const char *key, char *buf,
		  size_t size)
{
	size_t len = strlen(key);
	const char *p = uevent;

	buf[0] = '\0';
	while (p) {
		if (!strncmp(p, key, len) && p[len] == '=') {
			p += len + 1;
			snprintf(buf, size, "%.*s", (int)strcspn(p, "\n"), p);
			return;
		}
		p = strchr(p, '\n');
		if (p)
			p++;
	}
}

/* Of a device without a subsystem the kernel tells no DEVNAME: it is its own name. */
static void add_node(struct devtree *tree, const char *path, const char *subsystem)
{
	char uevent[2048], value[64];
	struct node node = { 0 };

	if (sysfs_read(uevent, sizeof(uevent), "%s/uevent", path) < 0)
		return;
	uevent_value(uevent, "DEVNAME", node.devname, sizeof(node.devname));
	if (!strcmp(subsystem, "net")) {
		uevent_value(uevent, "IFINDEX", value, sizeof(value));
		node.kind = NODE_NET;
		node.ifindex = atoi(value);
		if (node.ifindex <= 0)
			return;
	} else {
		node.rdev = sysfs_devno("%s/dev", path);
		if (!*subsystem)
			snprintf(node.devname, sizeof(node.devname), "%s",
				 strrchr(path, '/') + 1);
		if (!node.rdev || !*node.devname)
			return;
		node.kind = NODE_CHAR;
		if (!strcmp(subsystem, "block")) {
			uevent_value(uevent, "DEVTYPE", value, sizeof(value));
			node.kind = !strcmp(value, "partition") ?
				    NODE_PARTITION : NODE_DISK;
		}
	}
	node.path = xstrdup(path);
	node.name = strrchr(node.path, '/') + 1;
	snprintf(node.subsystem, sizeof(node.subsystem), "%s", subsystem);
	node.disk = tree->n;
	if (node.kind == NODE_PARTITION)
		for (size_t i = tree->n; i-- > 0; )
			if (tree->nodes[i].kind == NODE_DISK) {
				node.disk = i;
				break;
			}
	tree->nodes = xreallocarray(tree->nodes, tree->n + 1, sizeof(node));
	tree->nodes[tree->n++] = node;
}

/* Links are not followed: they lead out of the tree. */
static void walk(struct devtree *tree, const char *path, int depth)
{
	char subsystem[64], child[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	/* The nodes of vhost_vdpa belong to no subsystem. */
	if (!sysfs_link_name(subsystem, sizeof(subsystem), "%s/subsystem", path) ||
	    sysfs_exists("%s/dev", path))
		add_node(tree, path, subsystem);
	if (depth == DEPTH_MAX)
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(child, sizeof(child), "%s/%s", path,
				     entry->d_name) < sizeof(child))
			walk(tree, child, depth + 1);
	}
	closedir(dir);
}

/*
 * The nodes of a graphics adapter are not below it, but beside it: its driver
 * gives them to the function on the bus, for the sake of DMA.
 */
static void walk_beside(struct devtree *tree, const char *target)
{
	static const char * const subsystems[] = { "drm", "graphics" };
	int parent = strrchr(target, '/') - target;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++)
		if ((size_t)snprintf(path, sizeof(path), "%.*s/%s", parent, target,
				     subsystems[i]) < sizeof(path))
			walk(tree, path, 0);
}

/* Below one that comes before it; so what is named twice is walked once. */
static bool is_below_another(const struct strv *targets, size_t target)
{
	for (size_t i = 0; i < target; i++) {
		size_t len = strlen(targets->s[i]);
		if (!strncmp(targets->s[target], targets->s[i], len) &&
		    strchr("/", targets->s[target][len]))
			return true;
	}
	return false;
}

void devtree_read(struct devtree *tree, const struct strv *targets)
{
	memset(tree, 0, sizeof(*tree));
	for (size_t i = 0; i < targets->n; i++)
		if (!is_below_another(targets, i))
			walk(tree, targets->s[i], 0);
	for (size_t i = 0; i < targets->n; i++)
		walk_beside(tree, targets->s[i]);
}

bool node_is_block(const struct node *node)
{
	return node->kind == NODE_DISK || node->kind == NODE_PARTITION;
}

const struct node *devtree_block(const struct devtree *tree, dev_t rdev)
{
	for (size_t i = 0; i < tree->n; i++)
		if (node_is_block(&tree->nodes[i]) && tree->nodes[i].rdev == rdev)
			return &tree->nodes[i];
	return NULL;
}

bool devtree_has(const struct devtree *tree, enum node_kind kind)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->nodes[i].kind == kind)
			return true;
	return false;
}

void devtree_free(struct devtree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		free(tree->nodes[i].path);
	free(tree->nodes);
	memset(tree, 0, sizeof(*tree));
}
