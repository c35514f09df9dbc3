// SPDX-License-Identifier: GPL-2.0
/*
 * Disks below a target, of whatever driver: looking at all that stands on them,
 * and releasing it in order. Who uses what is in users.c, how a kind of block
 * device is taken down in its layer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "activate.h"
#include "blockdev.h"
#include "config.h"
#include "dm.h"
#include "fs.h"
#include "fstab.h"
#include "guard.h"
#include "layer.h"
#include "log.h"
#include "look.h"

/* A mount that was just unmounted lets go of its disk a moment later. */
#define RELEASE_TRIES		25
#define RELEASE_TRY_NS		(20 * 1000 * 1000)

/* What the last look has found, for the release that follows. */
static struct look found;

static bool has_disk(const struct job *job)
{
	return devtree_has(&job->tree, NODE_DISK);
}

/* --- Looking --- */

static void look_free(struct look *look)
{
	stack_free(&look->stack);
	swaps_free(&look->swaps);
	mounts_free(&look->mounts);
	processes_free(&look->processes);
	free(look->at);
	free(look->base);
	free(look->private);
	free(look->unmounted);
	free(look->swap_at);
	memset(look, 0, sizeof(*look));
}

static void find_swaps(struct look *look)
{
	look->swap_at = xcalloc(look->swaps.n + 1, sizeof(*look->swap_at));
	for (size_t i = 0; i < look->swaps.n; i++) {
		const struct swap *swap = &look->swaps.s[i];
		size_t at = stack_find(&look->stack, swap->rdev);

		for (size_t k = 0; swap->dev && k < look->mounts.n; k++)
			if (look->at[k] != NO_BDEV && look->mounts.m[k].dev == swap->dev)
				at = look->at[k];
		if (at != NO_BDEV && look->stack.b[at].fate != FATE_GOES)
			at = NO_BDEV;
		look->swap_at[i] = at;
	}
}

static void find(struct job *job, struct look *look)
{
	mounts_read_own(&look->mounts);
	processes_read(&look->processes);
	mounts_read_others(&look->mounts, &look->processes);
	look->at = xcalloc(look->mounts.n + 1, sizeof(*look->at));
	look->base = xcalloc(look->mounts.n + 1, sizeof(*look->base));
	look->private = xcalloc(look->mounts.n + 1, sizeof(*look->private));
	look->unmounted = xcalloc(look->mounts.n + 1, sizeof(*look->unmounted));
	stack_read(&look->stack, &job->tree, &look->mounts, look->at);
	swaps_read(&look->swaps);
	find_swaps(look);
}

static bool in_use(const struct look *look, size_t i)
{
	bool swap = false;

	for (size_t k = 0; k < look->swaps.n; k++)
		swap |= look->swap_at[k] == i;
	return swap || look->stack.b[i].used || look_is_mounted(look, i) ||
	       stack_has_upper(&look->stack, i);
}

/* The last healthy leg of something that could have others. */
static void look_at_last_leg(struct job *job, const struct look *look, size_t i)
{
	const struct bdev *b = &look->stack.b[i];
	bool never = job_is(job, POLICY_LAST_LEG, "refuse");

	if (job_is(job, POLICY_LAST_LEG, "allow") || !b->layer->redundant ||
	    !b->layer->redundant(&look->stack, i) || !in_use(look, i))
		return;
	table_add(never ? &job->vetoes : &job->blockers,
		  look->stack.b[b->lower[0]].path,
		  "%s is in use and would not work without it: give it another healthy leg, or release what uses it (lsblk %s) and %s%s",
		  b->what, b->path, b->remedy, never ? " (last_leg = refuse)" : "");
}

static void look_at_layers(struct job *job, struct look *look)
{
	for (size_t i = 0; i < look->stack.n; i++) {
		const struct bdev *b = &look->stack.b[i];
		bool leg = b->fate == FATE_LEG;
		enum policy_id id;

		if (!b->layer || b->fate == FATE_STAYS)
			continue;
		id = leg ? b->layer->leg_policy : b->layer->policy;
		if (id != POLICY_NKEYS && !job_may(job, id))
			table_add(&job->blockers, look->stack.b[b->lower[0]].path,
				  "used by %s (%s = no in %s): %s", b->what,
				  policy_keys[id].name, config.policy, b->remedy);
		dm_look_suspended(job, b);
		if (b->layer->look)
			b->layer->look(job, &look->stack, i);
		if (!leg)
			look_at_last_leg(job, look, i);
	}
}

static void disk_look(struct job *job)
{
	look_free(&found);
	if (!has_disk(job))
		return;
	find(job, &found);
	exports_look(job, &found);
	users_look(job, &found);
	look_at_layers(job, &found);
}

/* --- Releasing --- */

/* The next block device to take down: one that nothing stands on any more. */
static size_t next_device(const struct look *look)
{
	for (size_t i = look->stack.n; i-- > 0; ) {
		const struct bdev *b = &look->stack.b[i];

		if (b->layer && b->fate == FATE_GOES && !b->gone &&
		    !stack_has_upper(&look->stack, i) && !look_is_mounted(look, i))
			return i;
	}
	return NO_BDEV;
}

/* A loop device on a file of the mount's filesystem holds it. */
static bool has_loop(const struct look *look, size_t mount)
{
	for (size_t i = 0; i < look->stack.n; i++) {
		const struct bdev *b = &look->stack.b[i];

		if (b->on_file && !b->gone && b->fate == FATE_GOES &&
		    stack_stands_on(&look->stack, i, look->at[mount]))
			return true;
	}
	return false;
}

/*
 * The next mount of this namespace to unmount: one that no other of the disk
 * stands on. Bind mounts come before the whole mounts that they are parts of,
 * so that those are back first when it is undone.
 */
static size_t next_mount(const struct look *look)
{
	size_t next = NO_BDEV;

	for (size_t i = look->mounts.n; i-- > 0; ) {
		bool covered = false;

		if (look->at[i] == NO_BDEV || look->mounts.m[i].ns || look->unmounted[i])
			continue;
		for (size_t k = 0; k < look->mounts.n && !covered; k++)
			covered = k != i && look->at[k] != NO_BDEV &&
				  !look->unmounted[k] && !look->mounts.m[k].ns &&
				  look->mounts.m[k].parent == look->mounts.m[i].id;
		if (covered || has_loop(look, i))
			continue;
		if (look->base[i])
			return i;
		if (next == NO_BDEV)
			next = i;
	}
	return next;
}

static size_t next_leg(const struct look *look)
{
	for (size_t i = 0; i < look->stack.n; i++)
		if (look->stack.b[i].fate == FATE_LEG && !look->stack.b[i].gone)
			return i;
	return NO_BDEV;
}

/* It did when it was looked at: hooks and unmounts have taken their time since. */
static int check_keeps(struct job *job, const struct look *look, size_t i)
{
	const struct bdev *b = &look->stack.b[i];
	size_t k = 0;

	if (b->layer->keeps(&look->stack, i))
		return 0;
	while (k + 1 < b->nlower && look->stack.b[b->lower[k]].fate != FATE_GOES)
		k++;
	return job_fail(job, "%s: it would not work any more without %s: ask again",
			b->path, look->stack.b[b->lower[k]].path);
}

static int drop_legs(struct job *job, struct look *look, size_t i)
{
	const struct bdev *b = &look->stack.b[i];
	int err = 0;

	for (size_t k = 0; k < b->nlower && !err; k++)
		if (look->stack.b[b->lower[k]].fate == FATE_GOES)
			err = b->layer->drop(job, &look->stack, i, b->lower[k]);
	return err;
}

/* With force, a step that failed does not keep the others from being done. */
static int step_failed(struct job *job)
{
	if (!job->force)
		return -1;
	return job_forgive(job, "forced on");
}

static int do_flush(void *node, char text[GUARD_TEXT])
{
	(void)text;
	return -blockdev_flush(node);
}

/* Of all disks, whichever of them fails first: by force, the device goes all the same. */
static int check_released(struct job *job)
{
	struct timespec pause = { .tv_nsec = RELEASE_TRY_NS };
	int err, tries = 0, failed = 0;
	char text[GUARD_TEXT];

	for (size_t i = 0; i < job->tree.n; i++) {
		struct node *node = &job->tree.nodes[i];

		if (!node_is_block(node))
			continue;
		while ((err = guard(job, "writing out data", do_flush, node, text)) == EBUSY &&
		       !job->force && tries++ < RELEASE_TRIES)
			nanosleep(&pause, NULL);
		if (failed)
			continue;
		if (err == EBUSY)
			failed = job_fail(job, "/dev/%s: still claimed by something in the kernel after all of it was unmounted: find it (lsblk, findmnt, exportfs -v) and release it",
					  node->devname);
		else if (err == EIO || err == ETIME || err == EAGAIN || err == ENOMEM)
			failed = job_fail(job, "/dev/%s: data could not be written: %s",
					  node->devname, text);
	}
	return failed;
}

static int release_mount(struct job *job, struct look *look, size_t i)
{
	const struct bdev *b = &look->stack.b[look->at[i]];

	look->unmounted[i] = true;
	if (!fs_unmount(job, &look->mounts.m[i], look->base[i],
			&job->tree.nodes[b->node], b->layer ? b->path : NULL))
		return 0;
	return job_may(job, POLICY_FORCE_UNMOUNT) ? step_failed(job) : -1;
}

/* What would go by itself with its mount goes in order, and comes back so. */
static int hold_loops(struct job *job, const struct look *look)
{
	int err = 0;

	for (size_t i = 0; i < look->stack.n && !err; i++)
		if (look->stack.b[i].fate == FATE_GOES &&
		    look->stack.b[i].layer == &loop_layer &&
		    loop_hold(job, &look->stack, i))
			err = step_failed(job);
	return err;
}

static int release_swap(struct job *job, struct look *look, size_t i)
{
	const struct bdev *b = &look->stack.b[look->swap_at[i]];
	const struct swap *swap = &look->swaps.s[i];

	/* The kernel names it /dev/dm-0, which may be another after an undo. */
	return swap_off(job, swap, &job->tree.nodes[b->node],
			swap->rdev && b->layer ? b->path : NULL);
}

/* From the top down: devices as soon as they are free, legs in the end. */
static int release_all(struct job *job, struct look *look)
{
	struct bdev *b;
	int err = 0;
	size_t i;

	while (!err) {
		if ((i = next_device(look)) != NO_BDEV) {
			b = &look->stack.b[i];
			b->gone = true;
			if (b->layer->release(job, &look->stack, i))
				err = step_failed(job);
		} else if ((i = next_mount(look)) != NO_BDEV) {
			err = release_mount(job, look, i);
		} else if ((i = next_leg(look)) != NO_BDEV) {
			look->stack.b[i].gone = true;
			/* Not even by force: what stands on it is not of this device. */
			err = check_keeps(job, look, i);
			if (!err && drop_legs(job, look, i))
				err = step_failed(job);
		} else {
			break;
		}
	}
	return err;
}

/* By force only, what waits for something that never comes: all the rest would, too. */
static void give_up(struct job *job, struct look *look)
{
	for (size_t i = 0; i < look->stack.n; i++) {
		if (look->stack.b[i].fate != FATE_GOES)
			continue;
		dm_give_up(job, &look->stack.b[i]);
		if (look->stack.b[i].layer == &multipath_layer)
			multipath_give_up(job, &look->stack.b[i]);
	}
}

/*
 * By force only: what is busy is made free, or taken away from under its users.
 * This cannot be put back, so what may fail for good comes before.
 */
static int evict_users(struct job *job, struct look *look)
{
	bool may = job_may(job, POLICY_FORCE_UNMOUNT);

	for (size_t i = 0; i < look->mounts.n; i++) {
		const struct mount *m = &look->mounts.m[i];

		if (look->private[i] && !may)
			return job_fail(job, "%s: mounted in the private mount namespace of %s (pid %d), and not to be detached by force (force_unmount = no in %s)",
					m->target, look->mounts.ns[m->ns].comm,
					look->mounts.ns[m->ns].pid, config.policy);
	}
	if (job_may(job, POLICY_KILL))
		users_kill(job, look);
	for (size_t i = 0; i < look->mounts.n; i++)
		if (look->private[i])
			fs_detach_foreign(job, &look->mounts.m[i],
					  &look->mounts.ns[look->mounts.m[i].ns]);
	return 0;
}

static int release(struct job *job, struct look *look)
{
	int err;

	if (job->force)
		give_up(job, look);
	err = hold_loops(job, look);
	/* Not even by force: programs die of swap that has gone. */
	for (size_t i = 0; i < look->swaps.n && !err; i++)
		if (look->swap_at[i] != NO_BDEV)
			err = release_swap(job, look, i);
	if (!err && job->force)
		err = evict_users(job, look);
	if (!err)
		err = release_all(job, look);
	if (!err) {
		err = check_released(job);
		if (err)
			err = step_failed(job);
	}
	return err;
}

static int disk_down(struct job *job)
{
	return has_disk(job) ? release(job, &found) : 0;
}

static int disk_up(struct job *job)
{
	struct volumes volumes;
	int err;

	if (!has_disk(job))
		return 0;
	err = activate(job, &volumes);
	if (!err)
		err = fstab_apply(job, &volumes);
	volumes_free(&volumes);
	return err;
}

const struct kind disk_kind = {
	.name = "disk",
	.up = disk_up,
	.look = disk_look,
	.down = disk_down,
};
