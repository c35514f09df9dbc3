// SPDX-License-Identifier: GPL-2.0
/*
 * Services: what manages vDPA devices is in use as long as there is one of
 * them. A vDPA device itself is used by what is above it, which the other kinds
 * look at.
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "sysfs.h"

#define TYPE_MGMTDEV	"vdpa-mgmtdev"

static void add_client(struct job *job, const char *name)
{
	char driver[64];

	sysfs_link_name(driver, sizeof(driver), "%s/bus/vdpa/devices/%s/driver",
			config.sysfs, name);
	table_add(&job->blockers, name,
		  "vDPA device of it%s%s: remove that first (vdpa dev del %s)",
		  *driver ? ", used by " : "", driver, name);
}

static void service_look(struct job *job)
{
	const char *target;

	if (strcmp(job->req.type, TYPE_MGMTDEV) || !job->req.targets.n)
		return;
	target = job->req.targets.s[0];
	if (!sysfs_exists("%s/subsystem", target))
		table_add(&job->vetoes, strrchr(target, '/') + 1,
			  "it is on no bus, so there is no driver to unbind it from: remove its vDPA devices (vdpa dev del) and the module that has made it");
	for (size_t i = 0; i < job->req.clients.n; i++)
		add_client(job, job->req.clients.s[i]);
}

const struct kind service_kind = {
	.name = "service",
	.look = service_look,
};
