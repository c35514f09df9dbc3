// SPDX-License-Identifier: GPL-2.0
/*
 * Who offers what is on the disks to other machines: NFS, the kernel's SCSI
 * target (iSCSI, Fibre Channel, vhost), nbd-server. Taking it back is left to
 * the administrator: what other machines do with it cannot be seen from here.
 */
#include <ctype.h>
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
}

static void look_at_target(struct job *job, struct look *look)
{
	char core[PATH_MAX], folder[PATH_MAX], dir[PATH_MAX];
	struct dirent *hba, *store;
	DIR *hbas, *stores;

	snprintf(core, sizeof(core), "%s/kernel/config/target/core", config.sysfs);
	hbas = opendir(core);
	while (hbas && (hba = readdir(hbas))) {
		if (hba->d_name[0] == '.' ||
		    (size_t)snprintf(folder, sizeof(folder), "%s/%s", core,
				     hba->d_name) >= sizeof(folder))
			continue;
		stores = opendir(folder);
		while (stores && (store = readdir(stores)))
			if (store->d_name[0] != '.' &&
			    (size_t)snprintf(dir, sizeof(dir), "%s/%s", folder,
					     store->d_name) < sizeof(dir))
				look_at_backstore(job, look, dir, hba->d_name,
						  store->d_name);
		if (stores)
			closedir(stores);
	}
	if (hbas)
		closedir(hbas);
}

/* --- nbd-server --- */

struct nbd {
	struct job *job;
	struct look *look;
};

static bool nbd_runs(void)
{
	struct dirent *entry;
	bool runs = false;
	char comm[32];
	DIR *dir;

	dir = opendir(config.proc);
	while (dir && !runs && (entry = readdir(dir)))
		runs = isdigit((unsigned char)entry->d_name[0]) &&
		       sysfs_read(comm, sizeof(comm), "%s/%s/comm", config.proc,
				  entry->d_name) > 0 &&
		       !strcmp(comm, "nbd-server");
	if (dir)
		closedir(dir);
	return runs;
}

static int nbd_value(void *data, const char *section, const char *name, const char *value)
{
	struct nbd *nbd = data;

	if (!strcmp(name, "exportname") && device_of(nbd->look, value) != NO_BDEV)
		table_add(&nbd->job->blockers, value,
			  "offered to other machines by nbd-server, as %s: take it out of %s and reload nbd-server",
			  section, config.nbd);
	return 1;
}

static void look_at_nbd(struct job *job, struct look *look)
{
	struct nbd nbd = { .job = job, .look = look };

	if (sysfs_exists("%s", config.nbd) && nbd_runs())
		ini_parse(config.nbd, nbd_value, &nbd);
}

void exports_look(struct job *job, struct look *look)
{
	look_at_nfs(job, look);
	look_at_target(job, look);
	look_at_nbd(job, look);
}
