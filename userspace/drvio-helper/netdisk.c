// SPDX-License-Identifier: GPL-2.0
/*
 * Disks that are reached over an interface of the job: those of iSCSI sessions and
 * NBD devices, and what is mounted and swapped on all that stands on them.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "devtree.h"
#include "netdev.h"
#include "stack.h"
#include "swap.h"
#include "sysfs.h"
#include "tcp.h"

/**
 * struct remote - disks of one server
 * @of: whose they are, for people: "the iSCSI target iqn... at 192.0.2.9"
 * @node: the interface of the job that leads there
 */
struct remote {
	const char *of;
	const struct node *node;
};

static void look_at_mount(struct netrun *run, const struct remote *remote,
			  const struct mount *m)
{
	if (mounts_is_system(m->target))
		table_add(&run->job->vetoes, m->target,
			  "the running system needs it, and it is on a disk of %s, which is reached over %s: this interface cannot be released, not even by force",
			  remote->of, remote->node->name);
	else
		table_add(&run->job->blockers, m->target,
			  "%s of %s is on a disk of %s, which is reached over %s: unmount it (umount %s)",
			  m->fstype, m->source, remote->of, remote->node->name, m->target);
}

/* Adds a row for each user of the disks below a folder of sysfs. */
static void look_at_disks(struct netrun *run, const struct remote *remote, char *folder,
			  const struct mounts *mounts)
{
	size_t *at = xcalloc(mounts->n + 1, sizeof(*at));
	struct strv folders = { 0 };
	struct devtree tree;
	struct swaps swaps;
	struct stack stack;
	size_t i;

	strv_take(&folders, folder);
	devtree_read(&tree, &folders);
	stack_read(&stack, &tree, mounts, at);
	swaps_read(&swaps);
	for (i = 0; i < mounts->n; i++)
		if (at[i] != NO_BDEV)
			look_at_mount(run, remote, &mounts->m[i]);
	for (i = 0; i < swaps.n; i++) {
		size_t b = stack_find(&stack, swaps.s[i].rdev);

		if (b != NO_BDEV && stack.b[b].fate == FATE_GOES)
			table_add(&run->job->blockers, swaps.s[i].path,
				  "swap on a disk of %s, which is reached over %s: swapoff %s",
				  remote->of, remote->node->name, swaps.s[i].path);
	}
	swaps_free(&swaps);
	stack_free(&stack);
	devtree_free(&tree);
	strv_free(&folders);
	free(at);
}

/* --- iSCSI ------------------------------------------------------------------ */

static const struct node *way_of_connection(struct netrun *run, const char *connection,
					    char *address, size_t size)
{
	static const char * const attrs[] = { "address", "persistent_address" };
	const struct node *node = NULL;

	/* The second may be a name, the first is none while it is not connected. */
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]) && !node; i++)
		if (sysfs_read(address, size, "%s/class/iscsi_connection/%s/%s",
			       config.sysfs, connection, attrs[i]) > 0)
			node = route_way_to(run, address);
	return node;
}

static void look_at_connection(struct netrun *run, const char *connection,
			       const struct mounts *mounts)
{
	char address[128], target[256], path[PATH_MAX], *folder, *of;
	struct remote remote;
	unsigned int number;

	remote.node = way_of_connection(run, connection, address, sizeof(address));
	if (!remote.node || sscanf(connection, "connection%u", &number) != 1)
		return;
	sysfs_read(target, sizeof(target), "%s/class/iscsi_session/session%u/targetname",
		   config.sysfs, number);
	table_add(&run->job->blockers, target,
		  "an iSCSI session to %s goes over %s: log out (iscsiadm -m node -T %s -u)",
		  address, remote.node->name, target);
	snprintf(path, sizeof(path), "%s/class/iscsi_session/session%u/device",
		 config.sysfs, number);
	folder = realpath(path, NULL);
	if (!folder)
		return;
	of = xasprintf("the iSCSI target %s at %s", target, address);
	remote.of = of;
	look_at_disks(run, &remote, folder, mounts);
	free(of);
}

static void look_at_iscsi(struct netrun *run, const struct mounts *mounts)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/iscsi_connection", config.sysfs);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			look_at_connection(run, entry->d_name, mounts);
	if (dir)
		closedir(dir);
}

/* --- NBD --------------------------------------------------------------------
 *
 * The kernel does not tell which connection a device has, and the client that has
 * made it may be gone. Where it is not, its socket is known; otherwise what leads
 * to a port of NBD counts.
 */
#define NBD_PORT	10809

/* Whether a server of NBD is at a port: of nbdtab(5) "nbd0 HOST EXPORT port=10810". */
static bool is_nbd_port(const char *nbdtab, unsigned int port)
{
	const char *p = nbdtab;

	if (port == NBD_PORT)
		return true;
	while (p && (p = strstr(p, "port="))) {
		p += strlen("port=");
		if (strtoul(p, NULL, 10) == port)
			return true;
	}
	return false;
}

static void look_at_nbd(struct netrun *run, const char *name, const char *nbdtab,
			const struct mounts *mounts)
{
	const struct tcp *tcp, *found = NULL;
	struct remote remote = { 0 };
	char pid[16], path[PATH_MAX], *folder, *of;
	struct tcps tcps;

	/* Only a device that is connected has one. */
	if (sysfs_read(pid, sizeof(pid), "%s/block/%s/pid", config.sysfs, name) <= 0)
		return;
	tcps_read(&tcps, "self");
	tcp = tcps_of(&tcps, atoi(pid));
	for (size_t i = 0; i < tcps.n && !found; i++) {
		if (tcp ? tcp != &tcps.t[i] : !is_nbd_port(nbdtab, tcps.t[i].port))
			continue;
		remote.node = route_way_to(run, tcps.t[i].peer);
		found = remote.node ? &tcps.t[i] : NULL;
	}
	if (found) {
		table_add(&run->job->blockers, name,
			  "a connection to the NBD server at %s goes over %s: disconnect it (nbd-client -d /dev/%s)",
			  found->peer, remote.node->name, name);
		of = xasprintf("the NBD server at %s", found->peer);
		remote.of = of;
		snprintf(path, sizeof(path), "%s/block/%s", config.sysfs, name);
		folder = realpath(path, NULL);
		if (folder)
			look_at_disks(run, &remote, folder, mounts);
		free(of);
	}
	tcps_free(&tcps);
}

static void look_at_nbds(struct netrun *run, const struct mounts *mounts)
{
	char path[PATH_MAX], *nbdtab = sysfs_read_file("%s", config.nbdtab);
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "nbd", 3))
			look_at_nbd(run, entry->d_name, nbdtab, mounts);
	if (dir)
		closedir(dir);
	free(nbdtab);
}

void netdisk_look(struct netrun *run, const struct mounts *mounts)
{
	look_at_iscsi(run, mounts);
	look_at_nbds(run, mounts);
}
