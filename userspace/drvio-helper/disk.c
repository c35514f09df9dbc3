// SPDX-License-Identifier: GPL-2.0
/*
 * Disks below a target, of whatever driver: who uses them, releasing them, and
 * finishing new ones.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "blockdev.h"
#include "config.h"
#include "fs.h"
#include "fstab.h"
#include "log.h"
#include "mounts.h"
#include "process.h"
#include "swap.h"
#include "sysfs.h"

/* What the running system cannot do without, wherever it is mounted from. */
static const char * const system_targets[] = {
	"/", "/bin", "/boot", "/boot/efi", "/boot/firmware", "/efi", "/etc",
	"/lib", "/lib32", "/lib64", "/opt/drvio", "/sbin", "/usr", "/usr/lib",
	"/usr/bin", "/usr/sbin", "/var", "/var/lib",
};

/* A mount that was just unmounted lets go of its disk a moment later. */
#define RELEASE_TRIES		25
#define RELEASE_TRY_NS		(20 * 1000 * 1000)

/*
 * What one look has found. @node and @base run beside @mounts: the block device
 * of each mount, or NO_NODE; and the whole mount of which it is a bind mount.
 */
#define NO_NODE	((size_t)-1)

struct findings {
	struct mounts mounts;
	size_t *node;
	const struct mount **base;
	struct uppers uppers;
	struct swaps swaps;
	size_t *swap_node;
	bool *used;		/* by node: something that is known uses it */
};

static bool is_system(const char *target)
{
	for (size_t i = 0; i < sizeof(system_targets) / sizeof(system_targets[0]); i++)
		if (!strcmp(target, system_targets[i]))
			return true;
	return false;
}

static const struct node *node_of(const struct job *job, const struct findings *f,
				  size_t i)
{
	return &job->tree.nodes[f->node[i]];
}

/* The number of the block device that a mount names as its source, or 0. */
static dev_t source_rdev(const struct mount *mount)
{
	struct stat st;

	if (strncmp(mount->source, "/dev/", 5) || stat(mount->source, &st) ||
	    !S_ISBLK(st.st_mode))
		return 0;
	return st.st_rdev;
}

/*
 * Finds the block device of each mount. A filesystem with a number of its own
 * (btrfs) is known by its source.
 */
static void match_mounts(const struct job *job, struct findings *f)
{
	const struct node *node;

	f->node = xcalloc(f->mounts.n + 1, sizeof(*f->node));
	f->base = xcalloc(f->mounts.n + 1, sizeof(*f->base));
	for (size_t i = 0; i < f->mounts.n; i++) {
		const struct mount *m = &f->mounts.m[i];

		node = devtree_block(&job->tree, m->dev);
		if (!node && !major(m->dev) && !m->ns)
			node = devtree_block(&job->tree, source_rdev(m));
		f->node[i] = node ? (size_t)(node - job->tree.nodes) : NO_NODE;
		/* Other namespaces may not have the path of the source. */
		for (size_t k = 0; f->node[i] == NO_NODE && k < i; k++)
			if (f->node[k] != NO_NODE && f->mounts.m[k].dev == m->dev)
				f->node[i] = f->node[k];
		if (f->node[i] != NO_NODE)
			f->used[f->node[i]] = true;
	}
}

/* A whole mount of this namespace that shows what the bind mount @i shows. */
static const struct mount *find_base(const struct findings *f, size_t i)
{
	const struct mount *m = &f->mounts.m[i];

	for (size_t k = 0; k < f->mounts.n; k++) {
		const struct mount *base = &f->mounts.m[k];
		size_t len = strlen(base->root);

		if (base->ns || f->node[k] != f->node[i] || base->dev != m->dev ||
		    !fs_whole(base))
			continue;
		if (!strcmp(base->root, "/") ||
		    (!strncmp(m->root, base->root, len) && m->root[len] == '/'))
			return base;
	}
	return NULL;
}

static void look_at_own_mount(struct job *job, struct findings *f, size_t i)
{
	const struct mount *m = &f->mounts.m[i];
	const struct node *node = node_of(job, f, i);

	if (is_system(m->target)) {
		table_add(&job->vetoes, m->target,
			  "the running system needs it, and it is on /dev/%s: this disk cannot be released, not even by force",
			  node->devname);
		return;
	}
	if (!fs_whole(m)) {
		f->base[i] = find_base(f, i);
		if (!f->base[i])
			table_add(&job->blockers, m->target,
				  "a part of the filesystem of /dev/%s (%s) that could not be mounted again: unmount it (umount %s)",
				  node->devname, m->root, m->target);
	}
	for (size_t k = 0; k < f->mounts.n; k++) {
		const struct mount *over = &f->mounts.m[k];

		if (!over->ns && over->parent == m->id && over != m &&
		    f->node[k] == NO_NODE)
			table_add(&job->blockers, over->target,
				  "%s, mounted on top of %s (/dev/%s): unmount it first (umount %s)",
				  over->fstype, m->target, node->devname,
				  over->target);
	}
}

/* Whether a mount of another namespace goes with one of this namespace. */
static bool goes_along(const struct findings *f, size_t i)
{
	const struct mount *m = &f->mounts.m[i];
	bool copy = false;

	for (size_t k = 0; k < f->mounts.n && !copy; k++)
		copy = !f->mounts.m[k].ns && f->node[k] == f->node[i] &&
		       f->mounts.m[k].dev == m->dev &&
		       mounts_is_copy(&f->mounts, m, &f->mounts.m[k]);
	if (!copy)
		return false;
	/* With a mount on top of it that stays, it stays too. */
	for (size_t k = 0; k < f->mounts.n; k++)
		if (f->mounts.m[k].ns == m->ns && f->mounts.m[k].parent == m->id &&
		    f->node[k] == NO_NODE)
			return false;
	return true;
}

static void look_at_foreign_mount(struct job *job, const struct findings *f,
				  size_t i)
{
	const struct mount *m = &f->mounts.m[i];
	const struct mount_ns *ns = &f->mounts.ns[m->ns];

	if (goes_along(f, i))
		return;
	table_add(&job->blockers, m->target,
		  "/dev/%s is mounted there in the private mount namespace of %s (pid %d): unmount it there (nsenter -t %d -m umount %s) or stop %s",
		  node_of(job, f, i)->devname, ns->comm, ns->pid, ns->pid,
		  m->target, ns->comm);
}

/* A filesystem over several disks cannot lose one of them. */
static void look_at_btrfs(struct job *job, struct findings *f)
{
	char path[PATH_MAX], devices[PATH_MAX];
	struct dirent *fs, *entry;
	size_t node, others;
	DIR *dir, *sub;

	snprintf(path, sizeof(path), "%s/fs/btrfs", config.sysfs);
	dir = opendir(path);
	if (!dir)
		return;
	while ((fs = readdir(dir))) {
		if ((size_t)snprintf(devices, sizeof(devices), "%s/%s/devices",
				     path, fs->d_name) >= sizeof(devices))
			continue;
		sub = fs->d_name[0] == '.' ? NULL : opendir(devices);
		if (!sub)
			continue;
		node = NO_NODE;
		others = 0;
		while ((entry = readdir(sub))) {
			size_t i = 0;

			if (entry->d_name[0] == '.')
				continue;
			while (i < job->tree.n &&
			       strcmp(job->tree.nodes[i].name, entry->d_name))
				i++;
			if (i < job->tree.n)
				node = i;
			else
				others++;
		}
		rewinddir(sub);
		while (node != NO_NODE && others && (entry = readdir(sub))) {
			dev_t rdev = sysfs_devno("%s/block/%s/dev", config.sysfs,
						 entry->d_name);

			if (!rdev)
				rdev = sysfs_devno("%s/class/block/%s/dev",
						   config.sysfs, entry->d_name);
			for (size_t k = 0; rdev && k < f->mounts.n; k++)
				if (!f->mounts.m[k].ns &&
				    is_system(f->mounts.m[k].target) &&
				    source_rdev(&f->mounts.m[k]) == rdev)
					table_add(&job->vetoes, f->mounts.m[k].target,
						  "the running system needs it, and a part of it is on /dev/%s: this disk cannot be released, not even by force",
						  job->tree.nodes[node].devname);
		}
		closedir(sub);
		if (node == NO_NODE || !others)
			continue;
		f->used[node] = true;
		table_add(&job->blockers, job->tree.nodes[node].devname,
			  "one of the %zu devices of btrfs filesystem %s: take it out (btrfs device remove /dev/%s PATH) or unmount the filesystem",
			  others + 1, fs->d_name, job->tree.nodes[node].devname);
	}
	closedir(dir);
}

/* What is stacked on the disk, and what the system needs of that. */
static void look_at_uppers(struct job *job, struct findings *f)
{
	for (size_t i = 0; i < f->uppers.n; i++) {
		const struct upper *u = &f->uppers.u[i];
		const char *base = job->tree.nodes[u->base].devname;
		const struct mount *mounted = NULL;
		char resource[300];

		f->used[u->base] = true;
		for (size_t k = 0; k < f->mounts.n; k++) {
			const struct mount *m = &f->mounts.m[k];

			if (m->dev != u->rdev &&
			    (major(m->dev) || m->ns || source_rdev(m) != u->rdev))
				continue;
			if (!mounted)
				mounted = m;
			if (!m->ns && is_system(m->target))
				table_add(&job->vetoes, m->target,
					  "the running system needs it, and it is on %s, which is on /dev/%s: this disk cannot be released, not even by force",
					  u->what, base);
		}
		if (!u->direct && !mounted)
			continue;
		snprintf(resource, sizeof(resource), "/dev/%s", base);
		if (mounted)
			table_add(&job->blockers, resource,
				  "used by %s, mounted on %s: umount %s; %s",
				  u->what, mounted->target, mounted->target,
				  u->remedy);
		else
			table_add(&job->blockers, resource, "used by %s: %s",
				  u->what, u->remedy);
	}
}

static void look_at_swaps(struct job *job, struct findings *f)
{
	unsigned long need = 0;
	const struct node *node;

	f->swap_node = xcalloc(f->swaps.n + 1, sizeof(*f->swap_node));
	for (size_t i = 0; i < f->swaps.n; i++) {
		const struct swap *swap = &f->swaps.s[i];

		f->swap_node[i] = NO_NODE;
		node = swap->rdev ? devtree_block(&job->tree, swap->rdev) : NULL;
		if (node)
			f->swap_node[i] = node - job->tree.nodes;
		for (size_t k = 0; swap->dev && k < f->mounts.n; k++)
			if (f->node[k] != NO_NODE && f->mounts.m[k].dev == swap->dev)
				f->swap_node[i] = f->node[k];
		if (f->swap_node[i] == NO_NODE)
			continue;
		f->used[f->swap_node[i]] = true;
		need += swap->used_kb;
		if (swap->used_kb && need > swap_room_kb())
			table_add(&job->blockers, swap->path,
				  "swap, %lu MiB of it used, more than fits into memory: stop programs or add other swap, then swapoff %s",
				  swap->used_kb / 1024, swap->path);
	}
}

struct process_rows {
	struct job *job;
	struct findings *f;
};

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
	struct process_rows *rows = data;
	struct job *job = rows->job;
	const struct findings *f = rows->f;
	const struct node *node;
	size_t best = NO_NODE;
	char more[32] = "", resource[300];

	if (user->use == USE_NODE) {
		node = devtree_block(&job->tree, user->rdev);
		rows->f->used[node - job->tree.nodes] = true;
		snprintf(resource, sizeof(resource), "/dev/%s", node->devname);
		table_add(&job->blockers, resource,
			  "open in %s (pid %d): close it or stop %s (pid %d)",
			  user->comm, user->pid, user->comm, user->pid);
		job->momentary++;
		return;
	}
	for (size_t i = 0; i < f->mounts.n; i++)
		if (f->node[i] != NO_NODE &&
		    (f->mounts.m[i].id == user->mount ||
		     (best == NO_NODE && f->mounts.m[i].dev == user->dev)))
			best = i;
	if (user->more)
		snprintf(more, sizeof(more), " (and %u more)", user->more);
	table_add(&job->blockers, best != NO_NODE ? f->mounts.m[best].target : "?",
		  "%s: %s%s, by %s (pid %d): %sstop %s (pid %d)",
		  how[user->use], user->path, more, user->comm, user->pid,
		  remedy[user->use], user->comm, user->pid);
}

static void look_at_processes(struct job *job, struct findings *f)
{
	struct process_rows rows = { .job = job, .f = f };
	struct wanted wanted = { .blocks = true };

	for (size_t i = 0; i < job->tree.n; i++)
		if (node_is_block(&job->tree.nodes[i]))
			wanted_add_node(&wanted, job->tree.nodes[i].rdev);
	for (size_t i = 0; i < f->mounts.n; i++)
		if (f->node[i] != NO_NODE)
			wanted_add_mount(&wanted, f->mounts.m[i].dev,
					 f->mounts.m[i].id);
	process_scan(&wanted, add_process, &rows);
	wanted_free(&wanted);
}

/*
 * Whether the root filesystem is known not to be on the disk: it would have been
 * found, or it is of a kind that is on no disk.
 */
static bool root_is_elsewhere(const struct findings *f)
{
	static const char * const diskless[] = {
		"rootfs", "tmpfs", "ramfs", "nfs", "nfs4", "cifs", "9p", "virtiofs",
	};
	const struct mount *root = NULL;

	for (size_t i = 0; i < f->mounts.n; i++)
		if (!f->mounts.m[i].ns && !strcmp(f->mounts.m[i].target, "/"))
			root = &f->mounts.m[i];
	if (!root)
		return false;
	if (major(root->dev) || source_rdev(root))
		return true;
	for (size_t i = 0; i < sizeof(diskless) / sizeof(diskless[0]); i++)
		if (!strcmp(root->fstype, diskless[i]))
			return true;
	return false;
}

/*
 * What is claimed although nothing that uses it was found: a mount that no
 * process can see, a target that exports it, a driver of which nothing is
 * known here.
 */
static void look_at_claims(struct job *job, const struct findings *f)
{
	for (size_t i = 0; i < job->tree.n; i++) {
		const struct node *node = &job->tree.nodes[i];
		bool used = f->used[i];
		char resource[300];

		if (!node_is_block(node))
			continue;
		/* A disk is claimed by the users of its partitions too. */
		for (size_t k = 0; node->kind == NODE_DISK && k < job->tree.n; k++)
			used |= node_is_block(&job->tree.nodes[k]) &&
				job->tree.nodes[k].disk == i && f->used[k];
		if (used || blockdev_flush(node) != -EBUSY)
			continue;
		snprintf(resource, sizeof(resource), "/dev/%s", node->devname);
		table_add(root_is_elsewhere(f) ? &job->blockers : &job->vetoes, resource,
			  "claimed by something in the kernel that drvio-helper does not know%s: find it (lsblk, findmnt, exportfs -v, targetcli ls) and release it",
			  root_is_elsewhere(f) ? "" : ", perhaps for the root filesystem");
	}
}

static void find(struct job *job, struct findings *f)
{
	f->used = xcalloc(job->tree.n + 1, sizeof(*f->used));
	mounts_read_own(&f->mounts);
	mounts_read_others(&f->mounts);
	match_mounts(job, f);
	uppers_read(&f->uppers, &job->tree);
	for (size_t i = 0; i < f->mounts.n; i++)
		if (f->node[i] != NO_NODE && !f->mounts.m[i].ns)
			uppers_add_loops(&f->uppers, f->mounts.m[i].dev, f->node[i]);
	swaps_read(&f->swaps);
}

static void findings_free(struct findings *f)
{
	free(f->node);
	free(f->base);
	free(f->swap_node);
	free(f->used);
	uppers_free(&f->uppers);
	swaps_free(&f->swaps);
	mounts_free(&f->mounts);
	memset(f, 0, sizeof(*f));
}

static void look(struct job *job, struct findings *f)
{
	find(job, f);
	for (size_t i = 0; i < f->mounts.n; i++) {
		if (f->node[i] == NO_NODE)
			continue;
		if (f->mounts.m[i].ns)
			look_at_foreign_mount(job, f, i);
		else
			look_at_own_mount(job, f, i);
	}
	look_at_btrfs(job, f);
	look_at_uppers(job, f);
	look_at_swaps(job, f);
	look_at_processes(job, f);
	look_at_claims(job, f);
}

static bool has_disk(const struct job *job)
{
	return devtree_has(&job->tree, NODE_DISK);
}

/* What the last look has found, for the release that follows. */
static struct findings found;

static void disk_look(struct job *job)
{
	findings_free(&found);
	if (has_disk(job))
		look(job, &found);
}

/*
 * The next mount of this namespace to unmount: one that no other of the disk
 * stands on. Bind mounts come before the whole mounts that they are parts of,
 * so that those are back first when it is undone.
 */
static size_t next_mount(const struct findings *f, const bool *gone)
{
	size_t next = NO_NODE;

	for (size_t i = f->mounts.n; i-- > 0; ) {
		bool covered = false;

		if (f->node[i] == NO_NODE || f->mounts.m[i].ns || gone[i])
			continue;
		for (size_t k = 0; k < f->mounts.n && !covered; k++)
			covered = k != i && f->node[k] != NO_NODE && !gone[k] &&
				  !f->mounts.m[k].ns &&
				  f->mounts.m[k].parent == f->mounts.m[i].id;
		if (covered)
			continue;
		if (f->base[i])
			return i;
		if (next == NO_NODE)
			next = i;
	}
	return next;
}

/* With force, a step that failed does not keep the others from being done. */
static int step_failed(struct job *job)
{
	if (!job->force)
		return -1;
	log_warn("%s: forced on: %s", job->req.dev, job->why);
	free(job->why);
	job->why = NULL;
	return 0;
}

static int check_released(struct job *job)
{
	struct timespec pause = { .tv_nsec = RELEASE_TRY_NS };
	int err, tries = 0;

	for (size_t i = 0; i < job->tree.n; i++) {
		const struct node *node = &job->tree.nodes[i];

		if (!node_is_block(node))
			continue;
		while ((err = blockdev_flush(node)) == -EBUSY && !job->force &&
		       tries++ < RELEASE_TRIES)
			nanosleep(&pause, NULL);
		if (err == -EBUSY)
			return job_fail(job, "/dev/%s: still claimed by something in the kernel after all of it was unmounted: find it (lsblk, findmnt, exportfs -v) and release it",
					node->devname);
		if (err == -EIO)
			return job_fail(job, "/dev/%s: data could not be written: %s",
					node->devname, strerror(-err));
	}
	return 0;
}

static int release(struct job *job, const struct findings *f)
{
	bool *gone = xcalloc(f->mounts.n + 1, sizeof(*gone));
	int err = 0;
	size_t i;

	/* Not even by force: programs die of swap that has gone. */
	for (i = 0; i < f->swaps.n && !err; i++)
		if (f->swap_node[i] != NO_NODE &&
		    swap_off(job, &f->swaps.s[i],
			     &job->tree.nodes[f->swap_node[i]]))
			err = -1;
	while (!err && (i = next_mount(f, gone)) != NO_NODE) {
		gone[i] = true;
		if (fs_unmount(job, &f->mounts.m[i], f->base[i], node_of(job, f, i)))
			err = step_failed(job);
	}
	free(gone);
	if (!err) {
		request_progress_begin(&job->req, "writing out data");
		err = check_released(job);
		request_progress_end();
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
	return has_disk(job) ? fstab_apply(job) : 0;
}

const struct kind disk_kind = {
	.name = "disk",
	.up = disk_up,
	.look = disk_look,
	.down = disk_down,
};
