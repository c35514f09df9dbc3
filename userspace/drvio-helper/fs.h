/* SPDX-License-Identifier: GPL-2.0 */
/* Mounting and unmounting filesystems, and putting that back. */
#ifndef DRVIO_HELPER_FS_H
#define DRVIO_HELPER_FS_H

#include <libmount/libmount.h>

#include "job.h"
#include "mounts.h"

/**
 * fs_whole() - whether a mount can be made again from its device alone
 * @mount: the mount
 *
 * Return: false for a bind mount of a folder of the filesystem.
 */
bool fs_whole(const struct mount *mount);

/**
 * fs_unmount() - unmount
 * @job: the run; gets the step in its journal
 * @mount: the mount
 * @base: the whole mount of which it is a bind mount; NULL: it is a whole one
 * @node: the disk or partition below it
 * @source: a path of its block device that lasts; NULL: as the mount names it
 *
 * A forced run detaches what is busy, where the policy allows it.
 *
 * Return: 0, or -1 with the job's why set.
 */
int fs_unmount(struct job *job, const struct mount *mount, const struct mount *base,
	       const struct node *node, const char *source);

/**
 * fs_detach_foreign() - detach a mount in another mount namespace
 * @job: a forced run
 * @mount: the mount
 * @ns: its namespace
 *
 * It cannot be put back: the log says so.
 */
void fs_detach_foreign(struct job *job, const struct mount *mount,
		       const struct mount_ns *ns);

/**
 * fs_mount() - mount an entry of fstab
 * @job: the run; gets the step in its journal
 * @fs: the entry
 * @node: the block device of the entry
 *
 * Return: 0, also when it is mounted there already, or -1 with the job's why
 * set.
 */
int fs_mount(struct job *job, struct libmnt_fs *fs, const struct node *node);

/* The undo of both; see struct step_ops. */
int fs_unmount_undo(json_object *step, char **why);
int fs_mount_undo(json_object *step, char **why);

#endif /* DRVIO_HELPER_FS_H */
