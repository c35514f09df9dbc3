// SPDX-License-Identifier: GPL-2.0
/* Who uses the block devices that go: mounts, swap, processes, the kernel. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "blockdev.h"
#include "btrfs.h"
#include "config.h"
#include "fs.h"
#include "layer.h"
#include "log.h"
#include "look.h"
#include "process.h"
#include "sysfs.h"

/* How often it is looked whether a process has ended. */
#define KILL_TRY_NS	(20 * 1000 * 1000)

char *look_place(const struct look *look, size_t i)
{
	const struct stack *stack = &look->stack;
	const struct bdev *b = &stack->b[i];

	if (!b->layer && (!b->nlower || !stack->b[b->lower[0]].layer))
		return xstrdup(b->path);
	for (size_t k = 0; k < stack->n; k++)
		if (!stack->b[k].layer && stack->b[k].node == b->node)
			return xasprintf("%s, which is on %s", b->what, stack->b[k].path);
	return xstrdup(b->what);
}

bool look_is_mounted(const struct look *look, size_t i)
{
	for (size_t k = 0; k < look->mounts.n; k++)
		if (look->at[k] == i && !look->mounts.m[k].ns && !look->unmounted[k])
			return true;
	for (size_t k = 0; k < look->stack.n; k++)
		if (!look->stack.b[k].layer && stack_stands_on(&look->stack, k, i) &&
		    look_is_mounted(look, k))
			return true;
	return false;
}

/* --- Mounts --- */

/* A whole mount of this namespace that shows what the bind mount @i shows. */
static const struct mount *find_base(const struct look *look, size_t i)
{
	const struct mount *m = &look->mounts.m[i];

	for (size_t k = 0; k < look->mounts.n; k++) {
		const struct mount *base = &look->mounts.m[k];
		size_t len = strlen(base->root);

		if (base->ns || look->at[k] != look->at[i] || base->dev != m->dev ||
		    !fs_whole(base))
			continue;
		if (!strcmp(base->root, "/") ||
		    (!strncmp(m->root, base->root, len) && m->root[len] == '/'))
			return base;
	}
	return NULL;
}

static void look_at_own_mount(struct job *job, struct look *look, size_t i)
{
	const struct mount *m = &look->mounts.m[i];
	char *place = look_place(look, look->at[i]);

	if (mounts_is_system(m->target)) {
		table_add(&job->vetoes, m->target,
			  "the running system needs it, and it is on %s: this disk cannot be released, not even by force",
			  place);
		goto out;
	}
	if (policy_matches(job->policy, job->req.dev, POLICY_KEEP_MOUNTED, m->target))
		table_add(&job->vetoes, m->target,
			  "it is to stay mounted (keep_mounted in %s), and it is on %s",
			  config.policy, place);
	if (!job_may(job, POLICY_UNMOUNT))
		table_add(&job->blockers, m->target,
			  "%s is mounted there, and is not to be unmounted (unmount = no in %s): umount %s",
			  place, config.policy, m->target);
	/* Its daemon ends with it, and no journal knows how to start it. */
	if (!strncmp(m->fstype, "fuse", 4))
		table_add(&job->blockers, m->target,
			  "a filesystem in userspace (%s) on %s, which could not be mounted again: unmount it (umount %s)",
			  m->fstype, place, m->target);
	if (!fs_whole(m)) {
		look->base[i] = find_base(look, i);
		if (!look->base[i])
			table_add(&job->blockers, m->target,
				  "a part of the filesystem of %s (%s) that could not be mounted again: unmount it (umount %s)",
				  place, m->root, m->target);
	}
	for (size_t k = 0; k < look->mounts.n; k++) {
		const struct mount *over = &look->mounts.m[k];

		if (!over->ns && over->parent == m->id && over != m &&
		    look->at[k] == NO_BDEV)
			table_add(&job->blockers, over->target,
				  "%s, mounted on top of %s (%s): unmount it first (umount %s)",
				  over->fstype, m->target, place, over->target);
	}
out:
	free(place);
}

/* Whether a mount of another namespace goes with one of this namespace. */
static bool goes_along(const struct look *look, size_t i)
{
	const struct mount *m = &look->mounts.m[i];
	bool copy = false;

	for (size_t k = 0; k < look->mounts.n && !copy; k++)
		copy = !look->mounts.m[k].ns && look->at[k] == look->at[i] &&
		       look->mounts.m[k].dev == m->dev &&
		       mounts_is_copy(&look->mounts, m, &look->mounts.m[k]);
	if (!copy)
		return false;
	/* With a mount on top of it that stays, it stays too. */
	for (size_t k = 0; k < look->mounts.n; k++)
		if (look->mounts.m[k].ns == m->ns && look->mounts.m[k].parent == m->id &&
		    look->at[k] == NO_BDEV)
			return false;
	return true;
}

static void look_at_foreign_mount(struct job *job, struct look *look, size_t i)
{
	const struct mount *m = &look->mounts.m[i];
	const struct mount_ns *ns = &look->mounts.ns[m->ns];
	char *place;

	if (goes_along(look, i))
		return;
	look->private[i] = true;
	place = look_place(look, look->at[i]);
	table_add(&job->blockers, m->target,
		  "%s is mounted there in the private mount namespace of %s (pid %d): unmount it there (nsenter -t %d -m umount %s) or stop %s",
		  place, ns->comm, ns->pid, ns->pid, m->target, ns->comm);
	free(place);
}

static void look_at_mounts(struct job *job, struct look *look)
{
	for (size_t i = 0; i < look->mounts.n; i++) {
		if (look->at[i] == NO_BDEV)
			continue;
		look->stack.b[look->at[i]].used = true;
		if (look->mounts.m[i].ns)
			look_at_foreign_mount(job, look, i);
		else
			look_at_own_mount(job, look, i);
	}
}

/* A filesystem over several disks that is mounted, but not where it can be seen. */
static void look_at_btrfs(struct job *job, struct look *look)
{
	for (size_t i = 0; i < look->stack.n; i++) {
		struct bdev *b = &look->stack.b[i];
		struct btrfs fs;

		if (b->fate != FATE_GOES || b->used)
			continue;
		btrfs_read(&fs, b->name);
		if (!*fs.uuid)
			continue;
		b->used = true;
		table_add(&job->blockers, b->path,
			  "one of the %zu devices of btrfs filesystem %s, which is mounted out of sight: take it out (btrfs device remove %s PATH) or unmount the filesystem",
			  fs.n, fs.uuid, b->path);
	}
}

/* --- Swap --- */

static void look_at_swaps(struct job *job, struct look *look)
{
	unsigned long need = 0;

	for (size_t i = 0; i < look->swaps.n; i++) {
		const struct swap *swap = &look->swaps.s[i];

		if (look->swap_at[i] == NO_BDEV)
			continue;
		look->stack.b[look->swap_at[i]].used = true;
		need += swap->used_kb;
		if (swap->used_kb && need > swap_room_kb())
			table_add(&job->blockers, swap->path,
				  "swap, %lu MiB of it used, more than fits into memory: stop programs or add other swap, then swapoff %s",
				  swap->used_kb / 1024, swap->path);
		else if (!job_may(job, POLICY_SWAPOFF))
			table_add(&job->blockers, swap->path,
				  "swap, which is not to be taken out of use (swapoff = no in %s): swapoff %s",
				  config.policy, swap->path);
	}
}

/* Where the memory of a system that hibernates goes, or has gone. */
static void look_at_resume(struct job *job, struct look *look)
{
	size_t i = stack_find(&look->stack, sysfs_devno("%s/power/resume", config.sysfs));

	if (i != NO_BDEV && look->stack.b[i].fate == FATE_GOES)
		table_add(&job->blockers, look->stack.b[i].path,
			  "the system resumes from it after hibernation: take it out of resume= and echo 0:0 > /sys/power/resume");
}

/* --- Processes --- */

struct rows {
	struct job *job;
	struct look *look;
	pid_t *pids;		/* of users_kill(): who uses something */
	size_t n;
};

/* The daemon of multipath lets go of a path that it is told to delete. */
static bool is_its_daemon(const struct look *look, size_t i, const struct user *user)
{
	if (strcmp(user->comm, "multipathd"))
		return false;
	for (size_t k = 0; k < look->stack.n; k++)
		if (look->stack.b[k].layer == &multipath_layer &&
		    stack_stands_on(&look->stack, k, i))
			return true;
	return false;
}

static void add_node_user(struct rows *rows, const struct user *user)
{
	size_t i = stack_find(&rows->look->stack, user->rdev);
	struct bdev *b;

	if (i == NO_BDEV || is_its_daemon(rows->look, i, user))
		return;
	b = &rows->look->stack.b[i];
	b->used = true;
	table_add(&rows->job->blockers, b->path,
		  "open in %s (pid %d): close it or stop %s (pid %d)",
		  user->comm, user->pid, user->comm, user->pid);
	rows->job->momentary++;
}

static void add_process(const struct user *user, void *data)
{
	static const char * const how[] = {
		[USE_FILE] = "file open",
		[USE_MAPPED] = "file mapped",
		[USE_CWD] = "working folder",
		[USE_ROOT] = "root folder",
		[USE_EXE] = "program running",
	};
	static const char * const remedy[] = {
		[USE_FILE] = "close the file or ",
		[USE_MAPPED] = "",
		[USE_CWD] = "leave the folder or ",
		[USE_ROOT] = "",
		[USE_EXE] = "",
	};
	struct rows *rows = data;
	const struct look *look = rows->look;
	size_t best = NO_BDEV;
	char more[32] = "";

	if (user->use == USE_NODE) {
		add_node_user(rows, user);
		return;
	}
	for (size_t i = 0; i < look->mounts.n; i++)
		if (look->at[i] != NO_BDEV &&
		    (look->mounts.m[i].id == user->mount ||
		     (best == NO_BDEV && look->mounts.m[i].dev == user->dev)))
			best = i;
	if (user->more)
		snprintf(more, sizeof(more), " (and %u more)", user->more);
	table_add(&rows->job->blockers,
		  best != NO_BDEV ? look->mounts.m[best].target : "?",
		  "%s: %s%s, by %s (pid %d): %sstop %s (pid %d)",
		  how[user->use], user->path, more, user->comm, user->pid,
		  remedy[user->use], user->comm, user->pid);
}

static void scan(struct rows *rows,
		 void (*found)(const struct user *user, void *data))
{
	struct wanted wanted = { .blocks = true };
	const struct look *look = rows->look;

	for (size_t i = 0; i < look->stack.n; i++)
		if (look->stack.b[i].fate == FATE_GOES)
			wanted_add_node(&wanted, look->stack.b[i].rdev);
	for (size_t i = 0; i < look->mounts.n; i++)
		if (look->at[i] != NO_BDEV)
			wanted_add_mount(&wanted, look->mounts.m[i].dev,
					 look->mounts.m[i].id);
	process_scan(&look->processes, &wanted, found, rows);
	wanted_free(&wanted);
}

/* Time has passed since it was looked who there is. */
static void scan_anew(struct rows *rows,
		      void (*found)(const struct user *user, void *data))
{
	processes_free(&rows->look->processes);
	processes_read(&rows->look->processes);
	scan(rows, found);
}

static void add_pid(const struct user *user, void *data)
{
	struct rows *rows = data;

	/* Without the first one the system ends. */
	if (user->pid == 1 ||
	    (user->use == USE_NODE &&
	     is_its_daemon(rows->look, stack_find(&rows->look->stack, user->rdev), user)))
		return;
	rows->pids = xreallocarray(rows->pids, rows->n + 1, sizeof(*rows->pids));
	rows->pids[rows->n++] = user->pid;
	log_warn("%s: %s (pid %d) uses it, and is ended", rows->job->req.dev,
		 user->comm, user->pid);
}

static bool any_lives(const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (!kill(rows->pids[i], 0))
			return true;
	return false;
}

void users_kill(struct job *job, struct look *look)
{
	unsigned int left = job_number(job, POLICY_KILL_TIMEOUT) / (KILL_TRY_NS / 1000000);
	struct timespec pause = { .tv_nsec = KILL_TRY_NS };
	struct rows rows = { .job = job, .look = look };

	scan_anew(&rows, add_pid);
	if (!rows.n)
		return;
	request_progress_begin(&job->req, "ending processes");
	for (size_t i = 0; i < rows.n; i++)
		kill(rows.pids[i], SIGTERM);
	while (any_lives(&rows) && left--)
		nanosleep(&pause, NULL);
	/* Who has ended may have left its number to another one. */
	free(rows.pids);
	rows.pids = NULL;
	rows.n = 0;
	scan_anew(&rows, add_pid);
	for (size_t i = 0; i < rows.n; i++)
		kill(rows.pids[i], SIGKILL);
	/* What they had open is closed a moment after that. */
	for (left = 50; any_lives(&rows) && left--; )
		nanosleep(&pause, NULL);
	request_progress_end();
	free(rows.pids);
}

/* --- Claims --- */

/*
 * Whether the root filesystem is known not to be on the disk: it would have been
 * found, or it is of a kind that is on no disk.
 */
static bool root_is_elsewhere(const struct look *look)
{
	static const char * const diskless[] = {
		"rootfs", "tmpfs", "ramfs", "nfs", "nfs4", "cifs", "9p", "virtiofs",
	};
	const struct mount *root = NULL;

	for (size_t i = 0; i < look->mounts.n; i++)
		if (!look->mounts.m[i].ns && !strcmp(look->mounts.m[i].target, "/"))
			root = &look->mounts.m[i];
	if (!root)
		return false;
	if (major(root->dev) || stack_source(root))
		return true;
	for (size_t i = 0; i < sizeof(diskless) / sizeof(diskless[0]); i++)
		if (!strcmp(root->fstype, diskless[i]))
			return true;
	return false;
}

/* A disk is claimed by the users of its partitions too. */
static bool is_used(const struct stack *stack, size_t i)
{
	if (stack->b[i].used || stack_has_upper(stack, i))
		return true;
	for (size_t k = 0; k < stack->n; k++)
		if (!stack->b[k].layer && stack_stands_on(stack, k, i) &&
		    is_used(stack, k))
			return true;
	return false;
}

/*
 * What is claimed although nothing that uses it was found: a mount that no
 * process can see, a pool of ZFS, a driver of which nothing is known here.
 */
static void look_at_claims(struct job *job, const struct look *look)
{
	bool elsewhere = root_is_elsewhere(look);

	for (size_t i = 0; i < look->stack.n; i++) {
		const struct bdev *b = &look->stack.b[i];
		char *content;

		if (b->fate != FATE_GOES || is_used(&look->stack, i) ||
		    blockdev_claimed(b->name, b->rdev) != -EBUSY)
			continue;
		content = blockdev_value(b->path, "TYPE");
		if (content && !strcmp(content, "zfs_member"))
			table_add(elsewhere ? &job->blockers : &job->vetoes, b->path,
				  "a device of a ZFS pool: zpool export it, or take this device out of it (zpool list -v, zpool offline)");
		else
			table_add(elsewhere ? &job->blockers : &job->vetoes, b->path,
				  "claimed by something in the kernel that drvio-helper does not know%s: find it (lsblk, findmnt, exportfs -v, targetcli ls) and release it",
				  elsewhere ? "" : ", perhaps for the root filesystem");
		free(content);
	}
}

void users_look(struct job *job, struct look *look)
{
	struct rows rows = { .job = job, .look = look };

	look_at_mounts(job, look);
	look_at_btrfs(job, look);
	look_at_swaps(job, look);
	look_at_resume(job, look);
	scan(&rows, add_process);
	look_at_claims(job, look);
}
