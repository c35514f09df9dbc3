// SPDX-License-Identifier: GPL-2.0
/*
 * Who offers what is on the disks to other machines: NFS, the kernel's SCSI
 * target (iSCSI, Fibre Channel, vhost), nbd-server. Taking it back is left to
 * the administrator: what other machines do with it cannot be seen from here.
 */
#include <dirent.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "look.h"
#include "mounts.h"
#include "sysfs.h"
#include "tcp.h"

/* The mount of this namespace that a path is on: the one with the longest target. */
static size_t mount_of(const struct look *look, const char *path)
{
	size_t best = NO_BDEV, longest = 0;

	for (size_t i = 0; i < look->mounts.n; i++) {
		const struct mount *m = &look->mounts.m[i];
		size_t len = strcmp(m->target, "/") ? strlen(m->target) : 0;

		if (m->ns || len < longest || strncmp(path, m->target, len) ||
		    (path[len] && path[len] != '/'))
			continue;
		best = i;
		longest = len;
	}
	return best;
}

/* The device that goes and that a path, to a device or a file, is on. */
static size_t device_of(const struct look *look, const char *path)
{
	struct stat st;
	size_t i;

	if (!stat(path, &st) && S_ISBLK(st.st_mode)) {
		i = stack_find(&look->stack, st.st_rdev);
		return i != NO_BDEV && look->stack.b[i].fate == FATE_GOES ? i : NO_BDEV;
	}
	i = mount_of(look, path);
	return i == NO_BDEV ? NO_BDEV : look->at[i];
}

/* --- NFS --- */

static void look_at_nfs(struct job *job, struct look *look)
{
	char *text, *rest, *line, *path, threads[16];

	/* What exportfs has written down means nothing while no server runs. */
	sysfs_read(threads, sizeof(threads), "%s/fs/nfsd/threads", config.proc);
	if (atoi(threads) <= 0)
		return;
	text = sysfs_read_file("%s", config.etab);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		path = strsep(&line, "\t ");
		if (!*path || !line)
			continue;
		proc_unescape(path);
		if (device_of(look, path) == NO_BDEV)
			continue;
		table_add(&job->blockers, path, "exported by NFS to %.*s: exportfs -u %.*s:%s",
			  (int)strcspn(line, "("), line, (int)strcspn(line, "("), line, path);
	}
	free(text);
}

/* --- The kernel's SCSI target --- */

/* Folders of a folder, but for hidden ones; to be freed. */
static struct strv folders_of(const char *path)
{
	struct strv found = { 0 };
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && entry->d_type == DT_DIR)
			strv_take(&found, xasprintf("%s/%s", path, entry->d_name));
	if (dir)
		closedir(dir);
	return found;
}

/* Whether a portal group offers a backstore: one of its LUNs is a link to it. */
static bool has_backstore(const char *group, const char *backstore)
{
	char *path = xasprintf("%s/lun", group), *to, link[PATH_MAX];
	struct strv luns = folders_of(path);
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	for (size_t i = 0; i < luns.n; i++) {
		dir = opendir(luns.s[i]);
		while (dir && (entry = readdir(dir))) {
			if (entry->d_type != DT_LNK)
				continue;
			snprintf(link, sizeof(link), "%s/%s", luns.s[i], entry->d_name);
			to = realpath(link, NULL);
			found |= to && !strcmp(to, backstore);
			free(to);
		}
		if (dir)
			closedir(dir);
	}
	strv_free(&luns);
	free(path);
	return found;
}

static void add_initiator(struct job *job, const char *path, const char *initiator,
			  const char *group)
{
	const char *target = strrchr(group, '/');

	/* .../target/iscsi/iqn.2026-11.org.example:disk/tpgt_1 */
	while (target > group && target[-1] != '/')
		target--;
	table_add(&job->blockers, path,
		  "used by the initiator %s, of the target %.*s: log out there (iscsiadm -m node -T %.*s -u)",
		  initiator, (int)strcspn(target, "/"), target,
		  (int)strcspn(target, "/"), target);
}

/*
 * Those that are logged in: by name, where they have a list of their LUNs, and else
 * all in one file, a line and a NUL each.
 */
static void look_at_initiators(struct job *job, const char *path, const char *group)
{
	char text[4096], *acls = xasprintf("%s/acls", group);
	struct strv known = folders_of(acls);
	int len;

	for (size_t i = 0; i < known.n; i++)
		if (sysfs_read(text, sizeof(text), "%s/info", known.s[i]) > 0 &&
		    !strncmp(text, "InitiatorName:", strlen("InitiatorName:")))
			add_initiator(job, path, strrchr(known.s[i], '/') + 1, group);
	len = sysfs_read(text, sizeof(text), "%s/dynamic_sessions", group);
	for (int at = 0, end; at < len; at = end + 1) {
		end = at + strcspn(text + at, "\n");
		text[end] = '\0';
		if (text[at])
			add_initiator(job, path, text + at, group);
	}
	strv_free(&known);
	free(acls);
}

static void look_at_groups(struct job *job, const char *path, const char *dir)
{
	char *target = xasprintf("%s/kernel/config/target", config.sysfs);
	struct strv fabrics = folders_of(target);
	char *backstore = realpath(dir, NULL);

	for (size_t i = 0; backstore && i < fabrics.n; i++) {
		struct strv targets = folders_of(fabrics.s[i]);

		for (size_t k = 0; k < targets.n; k++) {
			struct strv groups = folders_of(targets.s[k]);

			for (size_t g = 0; g < groups.n; g++)
				if (has_backstore(groups.s[g], backstore))
					look_at_initiators(job, path, groups.s[g]);
			strv_free(&groups);
		}
		strv_free(&targets);
	}
	strv_free(&fabrics);
	free(backstore);
	free(target);
}

static void look_at_backstore(struct job *job, struct look *look, const char *dir,
			      const char *hba, const char *name)
{
	static const struct {
		const char *prefix;
		const char *folder;	/* of targetcli */
	} kinds[] = {
		{ "iblock_", "block" },
		{ "fileio_", "fileio" },
		{ "pscsi_", "pscsi" },
		{ "user_", "user" },
	};
	char path[PATH_MAX];
	size_t i;

	if (sysfs_read(path, sizeof(path), "%s/udev_path", dir) <= 0)
		return;
	i = device_of(look, path);
	if (i == NO_BDEV)
		return;
	look->stack.b[i].used = true;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (!strncmp(hba, kinds[k].prefix, strlen(kinds[k].prefix)))
			table_add(&job->blockers, path,
				  "offered to other machines by the SCSI target, as %s: targetcli /backstores/%s delete %s",
				  name, kinds[k].folder, name);
	look_at_groups(job, path, dir);
}

static void look_at_target(struct job *job, struct look *look)
{
	char *core = xasprintf("%s/kernel/config/target/core", config.sysfs);
	struct strv hbas = folders_of(core);

	for (size_t i = 0; i < hbas.n; i++) {
		struct strv stores = folders_of(hbas.s[i]);

		for (size_t k = 0; k < stores.n; k++)
			look_at_backstore(job, look, stores.s[k], strrchr(hbas.s[i], '/') + 1,
					  strrchr(stores.s[k], '/') + 1);
		strv_free(&stores);
	}
	strv_free(&hbas);
	free(core);
}

/* --- nbd-server --- */

struct nbd {
	struct job *job;
	struct look *look;
	pid_t *pids;		/* of the server */
	size_t n;
};

/* Processes of nbd-server: one that listens, and one for each client. */
static void find_servers(struct nbd *nbd)
{
	const struct processes *all = &nbd->look->processes;
	char comm[32];

	for (size_t i = 0; i < all->n; i++) {
		if (sysfs_read(comm, sizeof(comm), "%s/%d/comm", config.proc, all->pids[i]) <= 0 ||
		    strcmp(comm, "nbd-server"))
			continue;
		nbd->pids = xreallocarray(nbd->pids, nbd->n + 1, sizeof(*nbd->pids));
		nbd->pids[nbd->n++] = all->pids[i];
	}
}

/* Who has an export open through a process of the server. */
static void look_at_client(struct job *job, const char *export, pid_t pid)
{
	const struct tcp *client;
	struct tcps tcps;
	char number[16];

	if (!process_opens(pid, export))
		return;
	snprintf(number, sizeof(number), "%d", pid);
	tcps_read(&tcps, number);
	client = tcps_of(&tcps, pid);
	if (client)
		table_add(&job->blockers, export,
			  "used by the NBD client at %s port %u, through nbd-server (pid %d): disconnect it there (nbd-client -d)",
			  client->peer, client->port, pid);
	tcps_free(&tcps);
}

static int nbd_value(void *data, const char *section, const char *name, const char *value)
{
	struct nbd *nbd = data;
	char *path;

	if (strcmp(name, "exportname") || device_of(nbd->look, value) == NO_BDEV)
		return 1;
	table_add(&nbd->job->blockers, value,
		  "offered to other machines by nbd-server, as %s: take it out of %s and reload nbd-server",
		  section, config.nbd);
	path = realpath(value, NULL);
	for (size_t i = 0; path && i < nbd->n; i++)
		look_at_client(nbd->job, path, nbd->pids[i]);
	free(path);
	return 1;
}

static void look_at_nbd(struct job *job, struct look *look)
{
	struct nbd nbd = { .job = job, .look = look };

	if (!sysfs_exists("%s", config.nbd))
		return;
	find_servers(&nbd);
	if (nbd.n)
		ini_parse(config.nbd, nbd_value, &nbd);
	free(nbd.pids);
}

void exports_look(struct job *job, struct look *look)
{
	look_at_nfs(job, look);
	look_at_target(job, look);
	look_at_nbd(job, look);
}
