// SPDX-License-Identifier: GPL-2.0
/* The block devices that stand on the disks of a target. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "btrfs.h"
#include "config.h"
#include "layer.h"
#include "loop.h"
#include "stack.h"
#include "sysfs.h"

/* What is read once for all devices. */
struct reader {
	struct stack *stack;
	const struct mounts *mounts;
	size_t *at;
	dev_t *source;		/* of each mount without a disk's number */
	struct loops loops;
};

dev_t stack_source(const struct mount *mount)
{
	struct stat st;

	if (major(mount->dev) || mount->ns || strncmp(mount->source, "/dev/", 5) ||
	    stat(mount->source, &st) || !S_ISBLK(st.st_mode))
		return 0;
	return st.st_rdev;
}

static bool has_lower(const struct bdev *b, size_t lower)
{
	for (size_t i = 0; i < b->nlower; i++)
		if (b->lower[i] == lower)
			return true;
	return false;
}

static void add_lower(struct bdev *b, size_t lower)
{
	if (lower == NO_BDEV || has_lower(b, lower))
		return;
	b->lower = xreallocarray(b->lower, b->nlower + 1, sizeof(*b->lower));
	b->lower[b->nlower++] = lower;
}

static char *sysfs_text(const char *dir, const char *attr)
{
	char text[256];

	if (sysfs_read(text, sizeof(text), "%s/%s", dir, attr) < 0)
		return NULL;
	return xstrdup(text);
}

/* Adds a device that stands on another; it may be known already. */
static void add_upper(struct reader *r, const char *name, const char *dir,
		      dev_t rdev, size_t lower, bool is_partition)
{
	struct stack *stack = r->stack;
	size_t i = 0;

	while (i < stack->n && stack->b[i].rdev != rdev)
		i++;
	if (i == stack->n) {
		struct bdev upper = {
			.name = xstrdup(name),
			.dir = xstrdup(dir),
			.rdev = rdev,
			.node = stack->b[lower].node,
		};

		upper.dm_name = sysfs_text(dir, "dm/name");
		upper.dm_uuid = sysfs_text(dir, "dm/uuid");
		if (is_partition) {
			upper.what = xasprintf("partition %s", name);
		} else {
			upper.layer = layer_of(&upper);
			upper.layer->describe(&upper);
		}
		if (!upper.path)
			upper.path = xasprintf("/dev/%s", name);
		stack->b = xreallocarray(stack->b, stack->n + 1, sizeof(upper));
		stack->b[stack->n++] = upper;
	}
	if (i != lower)
		add_lower(&stack->b[i], lower);
}

static void add_holders(struct reader *r, size_t lower)
{
	char folder[PATH_MAX], dir[PATH_MAX];
	struct dirent *entry;
	dev_t rdev;
	DIR *holders;

	snprintf(folder, sizeof(folder), "%s/holders", r->stack->b[lower].dir);
	holders = opendir(folder);
	if (!holders)
		return;
	while ((entry = readdir(holders))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/block/%s", config.sysfs,
			 entry->d_name);
		rdev = sysfs_devno("%s/dev", dir);
		/* One that has gone meanwhile has no number any more. */
		if (rdev)
			add_upper(r, entry->d_name, dir, rdev, lower, false);
	}
	closedir(holders);
}

/* Partitions of what is no disk of the tree: those have their own nodes there. */
static void add_partitions(struct reader *r, size_t disk)
{
	const char *name = r->stack->b[disk].name;
	char dir[PATH_MAX];
	struct dirent *entry;
	dev_t rdev;
	DIR *folder;

	if (!r->stack->b[disk].layer)
		return;
	folder = opendir(r->stack->b[disk].dir);
	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		/* The next device moves the array. */
		name = r->stack->b[disk].name;
		if (strncmp(entry->d_name, name, strlen(name)) ||
		    (size_t)snprintf(dir, sizeof(dir), "%s/%s",
				     r->stack->b[disk].dir, entry->d_name) >= sizeof(dir))
			continue;
		rdev = sysfs_devno("%s/dev", dir);
		if (rdev)
			add_upper(r, entry->d_name, dir, rdev, disk, true);
	}
	closedir(folder);
}

static void add_loop(struct reader *r, const struct loop *loop, size_t lower,
		     bool on_file)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/block/%s", config.sysfs, loop->name);
	add_upper(r, loop->name, dir, loop->rdev, lower, false);
	if (on_file && stack_find(r->stack, loop->rdev) != NO_BDEV)
		r->stack->b[stack_find(r->stack, loop->rdev)].on_file = true;
}

static void add_loops(struct reader *r, size_t lower)
{
	for (size_t i = 0; i < r->loops.n; i++) {
		const struct loop *loop = &r->loops.l[i];

		if (loop->node && loop->node == r->stack->b[lower].rdev) {
			add_loop(r, loop, lower, false);
			continue;
		}
		for (size_t k = 0; k < r->mounts->n; k++) {
			const struct mount *m = &r->mounts->m[k];

			if (r->at[k] != lower || m->ns ||
			    (m->dev != loop->fs && m->id != loop->mount))
				continue;
			add_loop(r, loop, lower, true);
			break;
		}
	}
}

/*
 * Finds the mounts of a device. A filesystem with a number of its own (btrfs)
 * is known by its source, or by another of its devices.
 */
static void take_mounts(struct reader *r, size_t i)
{
	const struct bdev *b = &r->stack->b[i];
	struct btrfs fs;

	btrfs_read(&fs, b->name);
	for (size_t k = 0; k < r->mounts->n; k++) {
		const struct mount *m = &r->mounts->m[k];

		if (r->at[k] != NO_BDEV ||
		    (m->dev != b->rdev && (!r->source[k] ||
					   (r->source[k] != b->rdev &&
					    !btrfs_has(&fs, r->source[k])))))
			continue;
		/* With all of that number: not everywhere is a path to the source. */
		for (size_t j = 0; j < r->mounts->n; j++)
			if (r->at[j] == NO_BDEV && r->mounts->m[j].dev == m->dev)
				r->at[j] = i;
	}
}

/*
 * What goes: the disks, and what stands on something that goes and cannot do
 * without it. Each round knows more of what goes than the one before.
 */
static void settle_fates(struct stack *stack)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < stack->n; i++) {
			struct bdev *b = &stack->b[i];
			enum fate fate;

			if (b->fate == FATE_GOES || !stack_lost(stack, i))
				continue;
			fate = b->layer && b->layer->keeps &&
			       b->layer->keeps(stack, i) ? FATE_LEG : FATE_GOES;
			changed |= fate != b->fate;
			b->fate = fate;
		}
	}
}

static void add_tree(struct stack *stack, const struct devtree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		const struct node *node = &tree->nodes[i];
		struct bdev b = { .rdev = node->rdev, .node = i, .fate = FATE_GOES };

		if (!node_is_block(node))
			continue;
		b.name = xstrdup(node->name);
		b.dir = xstrdup(node->path);
		b.path = xasprintf("/dev/%s", node->devname);
		if (node->kind == NODE_PARTITION)
			add_lower(&b, stack_find(stack, tree->nodes[node->disk].rdev));
		stack->b = xreallocarray(stack->b, stack->n + 1, sizeof(b));
		stack->b[stack->n++] = b;
	}
}

void stack_read(struct stack *stack, const struct devtree *tree,
		const struct mounts *mounts, size_t *at)
{
	struct reader r = { .stack = stack, .mounts = mounts, .at = at };

	memset(stack, 0, sizeof(*stack));
	r.source = xcalloc(mounts->n + 1, sizeof(*r.source));
	for (size_t i = 0; i < mounts->n; i++) {
		at[i] = NO_BDEV;
		r.source[i] = stack_source(&mounts->m[i]);
	}
	loops_read(&r.loops);
	add_tree(stack, tree);
	/* Grows while it is walked. */
	for (size_t i = 0; i < stack->n; i++) {
		take_mounts(&r, i);
		add_partitions(&r, i);
		add_holders(&r, i);
		add_loops(&r, i);
	}
	settle_fates(stack);
	for (size_t i = 0; i < mounts->n; i++)
		if (at[i] != NO_BDEV && stack->b[at[i]].fate != FATE_GOES)
			at[i] = NO_BDEV;
	loops_free(&r.loops);
	free(r.source);
}

size_t stack_find(const struct stack *stack, dev_t rdev)
{
	for (size_t i = 0; rdev && i < stack->n; i++)
		if (stack->b[i].rdev == rdev)
			return i;
	return NO_BDEV;
}

bool stack_stands_on(const struct stack *stack, size_t upper, size_t lower)
{
	return has_lower(&stack->b[upper], lower);
}

bool stack_has_upper(const struct stack *stack, size_t i)
{
	for (size_t k = 0; k < stack->n; k++) {
		const struct bdev *b = &stack->b[k];

		if (b->fate == FATE_STAYS || b->gone || !has_lower(b, i))
			continue;
		/* A partition alone is no user. */
		if (b->layer || stack_has_upper(stack, k))
			return true;
	}
	return false;
}

size_t stack_lost(const struct stack *stack, size_t i)
{
	size_t lost = 0;

	for (size_t k = 0; k < stack->b[i].nlower; k++)
		lost += stack->b[stack->b[i].lower[k]].fate == FATE_GOES;
	return lost;
}

bool stack_loses(const struct stack *stack, dev_t rdev)
{
	size_t i = stack_find(stack, rdev);

	return i != NO_BDEV && stack->b[i].fate == FATE_GOES;
}

void stack_free(struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++) {
		struct bdev *b = &stack->b[i];

		free(b->name);
		free(b->dir);
		free(b->path);
		free(b->dm_name);
		free(b->dm_uuid);
		free(b->what);
		free(b->remedy);
		free(b->lower);
	}
	free(stack->b);
	memset(stack, 0, sizeof(*stack));
}
