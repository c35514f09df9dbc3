/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that use a device node or a filesystem: by an open file, their
 * working or root folder, the program they run, a mapping, a socket.
 */
#ifndef DRVIO_HELPER_PROCESS_H
#define DRVIO_HELPER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct processes - those that there were when they were read
 * @n: how many
 * @pids: their ids, in ascending order
 * @namespaces: inode of the mount namespace of each; 0: not known, or it has ended
 */
struct processes {
	size_t n;
	pid_t *pids;
	unsigned long *namespaces;
};

void processes_read(struct processes *all);
void processes_free(struct processes *all);

/* The inode in the text of a link /proc/PID/ns/mnt; 0: it is no such link. */
unsigned long process_namespace(const char *link);

/* Whether a process has a file open whose link in /proc says exactly this. */
bool process_opens(pid_t pid, const char *link);

/**
 * struct wanted - what to look for
 * @nrdevs: how many device nodes
 * @rdevs: their numbers
 * @blocks: they are block devices, otherwise character devices
 * @ndevs: how many filesystems
 * @devs: their device numbers
 * @nmounts: how many mounts
 * @mounts: their ids
 *
 * The ids of mounts find files of filesystems such as btrfs, whose files do
 * not show the number of the filesystem.
 */
struct wanted {
	size_t nrdevs;
	dev_t *rdevs;
	bool blocks;
	size_t ndevs;
	dev_t *devs;
	size_t nmounts;
	int *mounts;
};

void wanted_add_node(struct wanted *wanted, dev_t rdev);
void wanted_add_mount(struct wanted *wanted, dev_t dev, int mount_id);
void wanted_free(struct wanted *wanted);

/**
 * enum use - how a process uses it
 * @USE_NODE: the device node is open
 * @USE_FILE: a file is open
 * @USE_MAPPED: a file is mapped into its memory
 * @USE_CWD: its working folder
 * @USE_ROOT: its root folder
 * @USE_EXE: the program that it runs
 */
enum use {
	USE_NODE,
	USE_FILE,
	USE_MAPPED,
	USE_CWD,
	USE_ROOT,
	USE_EXE,
};

/**
 * struct user - a process that uses something of what is wanted
 * @pid: the process
 * @comm: its name, printable
 * @use: how it uses the first thing that was found
 * @path: what that is
 * @rdev: USE_NODE: which node
 * @dev: device number of the file's filesystem
 * @mount: id of the mount through which it was opened; 0: not known
 * @more: how many further things of what is wanted it uses
 */
struct user {
	pid_t pid;
	char comm[32];
	enum use use;
	const char *path;
	dev_t rdev;
	dev_t dev;
	int mount;
	unsigned int more;
};

/**
 * process_scan() - find the processes that use something
 * @all: among these; this one is left out
 * @wanted: what
 * @found: called once for each process, in the order of their ids
 * @data: handed to @found
 */
void process_scan(const struct processes *all, const struct wanted *wanted,
		  void (*found)(const struct user *user, void *data), void *data);

#endif /* DRVIO_HELPER_PROCESS_H */
