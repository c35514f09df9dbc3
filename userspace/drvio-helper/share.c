// SPDX-License-Identifier: GPL-2.0
/*
 * Folders of the host that are mounted in the guest: virtiofs and 9p. Their
 * mounts are named; unmounting them is left to the administrator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "mounts.h"
#include "sysfs.h"

static void look_at_mounts(struct job *job, const struct mounts *mounts, bool v9fs)
{
	char tag[256];
	bool known;

	/* An empty line where the driver is just going. */
	known = sysfs_read(tag, sizeof(tag), "%s/class/drvio/%s/tag", config.sysfs,
			   job->req.dev) > 0;

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
	bool v9fs = !strcmp(job->req.type, "virtio-9p");
	struct processes all;
	struct mounts mounts;

	if (!v9fs && strcmp(job->req.type, "virtio-fs"))
		return;
	mounts_read_own(&mounts);
	processes_read(&all);
	mounts_read_others(&mounts, &all);
	look_at_mounts(job, &mounts, v9fs);
	mounts_free(&mounts);
	processes_free(&all);
}

const struct kind share_kind = {
	.name = "share",
	.look = share_look,
};
