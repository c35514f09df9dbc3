/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All mounts of the system, in every mount namespace that a process is in.
 */
#ifndef DRVIO_HELPER_MOUNTS_H
#define DRVIO_HELPER_MOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "process.h"

/**
 * struct mount - a line of a mountinfo
 * @id: unique in the system
 * @parent: id of the mount on which it is
 * @dev: device number of its filesystem
 * @root: which folder of the filesystem is mounted
 * @target: where
 * @options: of the mount, "rw,relatime"
 * @shared: its peer group; 0: none
 * @master: the peer group that it is a slave of; 0: none
 * @unbindable: whether it is
 * @fstype: "ext4"
 * @source: "/dev/vdb1"
 * @fs_options: of the filesystem, "rw,errors=continue"
 * @ns: index of its namespace
 * @text: where all of these strings are
 */
struct mount {
	int id;
	int parent;
	dev_t dev;
	char *root;
	char *target;
	char *options;
	int shared;
	int master;
	bool unbindable;
	char *fstype;
	char *source;
	char *fs_options;
	size_t ns;
	char *text;
};

/**
 * struct mount_ns - a mount namespace
 * @inode: of /proc/PID/ns/mnt
 * @pid: a process in it
 * @comm: name of that process
 */
struct mount_ns {
	unsigned long inode;
	pid_t pid;
	char comm[32];
};

/**
 * struct mounts - all of them
 * @n: how many
 * @m: the mounts; those of one namespace stand together
 * @nns: how many namespaces
 * @ns: the namespaces; the first is the one of this process
 */
struct mounts {
	size_t n;
	struct mount *m;
	size_t nns;
	struct mount_ns *ns;
};

/* Reads the mounts of this process's namespace. */
void mounts_read_own(struct mounts *mounts);

/* Adds those of all other namespaces that processes are in. */
void mounts_read_others(struct mounts *mounts, const struct processes *all);

/**
 * mounts_parse_line() - parse a line of a mountinfo
 * @mount: gets it; to be cleared
 * @line: the line
 *
 * Return: 0, or -1 when it is no such line.
 */
int mounts_parse_line(struct mount *mount, const char *line);

/* The mount with an id in a namespace, or NULL. */
const struct mount *mounts_find(const struct mounts *mounts, size_t ns, int id);

/**
 * mounts_is_copy() - whether a mount goes when this namespace's mount goes
 * @mounts: all mounts
 * @other: a mount of another namespace
 * @own: the mount of this namespace that may be unmounted
 *
 * An unmount propagates from the mount that @own is on to its peers and slaves.
 */
bool mounts_is_copy(const struct mounts *mounts, const struct mount *other,
		    const struct mount *own);

/* Whether the running system cannot do without what is mounted at @target. */
bool mounts_is_system(const char *target);

void mount_clear(struct mount *mount);
void mounts_free(struct mounts *mounts);

/* Undoes the escapes of procfs, "\040" and so on, in place. */
char *proc_unescape(char *text);

#endif /* DRVIO_HELPER_MOUNTS_H */
