// SPDX-License-Identifier: GPL-2.0
/*
 * Folders of the host that are mounted in the guest: virtiofs and 9p. Their
 * mounts are named; unmounting them is left to the administrator.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "mounts.h"
#include "sysfs.h"

/*
 * The tag of a virtiofs device. Kernels before 6.9 do not tell it.
 *
 * Return: whether it is known.
 */
static bool virtiofs_tag(const char *target, char *tag, size_t size)
{
	char path[PATH_MAX], link[PATH_MAX], *real;
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/fs/virtiofs", config.sysfs);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (size_t)snprintf(link, sizeof(link), "%s/%s/device", path,
				     entry->d_name) >= sizeof(link))
			continue;
		real = realpath(link, NULL);
		if (real && !strcmp(real, target))
			found = sysfs_read(tag, size, "%s/%s/tag", path,
					   entry->d_name) > 0;
		free(real);
	}
	closedir(dir);
	return found;
}

static void look_at_target(struct job *job, const struct mounts *mounts,
			   const char *target)
{
	bool v9fs = !strcmp(job->req.type, "virtio-9p"), known;
	char tag[256] = "";

	if (v9fs)
		known = sysfs_read(tag, sizeof(tag), "%s/mount_tag", target) > 0;
	else
		known = virtiofs_tag(target, tag, sizeof(tag));

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *m = &mounts->m[i];
		const struct mount_ns *ns = &mounts->ns[m->ns];
		char where[96] = "";

		if (strcmp(m->fstype, v9fs ? "9p" : "virtiofs") ||
		    (known && strcmp(m->source, tag)))
			continue;
		if (m->ns)
			snprintf(where, sizeof(where),
				 ", in the mount namespace of %s (pid %d)",
				 ns->comm, ns->pid);
		if (!m->ns && (!strcmp(m->target, "/") || !strcmp(m->target, "/usr")))
			table_add(&job->vetoes, m->target,
				  "the running system needs it: this device cannot be released, not even by force");
		else
			table_add(&job->blockers, m->target,
				  "%s \"%s\" is mounted there%s%s: unmount it (umount %s)",
				  m->fstype, m->source, where,
				  known ? "" : ", perhaps from this device",
				  m->target);
	}
}

static void share_look(struct job *job)
{
	struct processes all;
	struct mounts mounts;

	if (strcmp(job->req.type, "virtio-9p") && strcmp(job->req.type, "virtio-fs"))
		return;
	mounts_read_own(&mounts);
	processes_read(&all);
	mounts_read_others(&mounts, &all);
	for (size_t i = 0; i < job->req.targets.n; i++)
		look_at_target(job, &mounts, job->req.targets.s[i]);
	mounts_free(&mounts);
	processes_free(&all);
}

const struct kind share_kind = {
	.name = "share",
	.look = share_look,
};
