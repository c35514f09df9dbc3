// SPDX-License-Identifier: GPL-2.0
/* SCSI hosts below a target. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "scsi.h"
#include "sysfs.h"

/* Devices are added right after the look; that nothing comes for so long will do. */
#define TRY_MS		20
#define QUIET_TRIES	5

static bool begins_with_number(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && isdigit((unsigned char)name[len]);
}

/* Counts the targets of a host: each has at least one device. */
static size_t count_targets(const char *host)
{
	struct dirent *entry;
	DIR *dir = opendir(host);
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += begins_with_number(entry->d_name, "target");
	if (dir)
		closedir(dir);
	return n;
}

static void wait_for_host(struct job *job, const char *host, const char *name)
{
	struct timespec pause = { .tv_nsec = TRY_MS * 1000 * 1000 };
	unsigned int left = job_number(job, POLICY_UDEV_TIMEOUT) / TRY_MS;
	size_t n, before;
	int err, quiet = 0;

	err = sysfs_write("- - -\n", "%s/scsi_host/%s/scan", host, name);
	if (err)
		log_warn("%s: %s could not be asked for its disks: %s", job->req.dev,
			 name, strerror(-err));
	for (before = count_targets(host); quiet < QUIET_TRIES && left--; before = n) {
		nanosleep(&pause, NULL);
		n = count_targets(host);
		quiet = n == before ? quiet + 1 : 0;
	}
}

void scsi_wait(struct job *job)
{
	char host[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	for (size_t i = 0; i < job->req.targets.n; i++) {
		dir = opendir(job->req.targets.s[i]);
		while (dir && (entry = readdir(dir))) {
			if (!begins_with_number(entry->d_name, "host") ||
			    (size_t)snprintf(host, sizeof(host), "%s/%s",
					     job->req.targets.s[i],
					     entry->d_name) >= sizeof(host))
				continue;
			request_progress_begin(&job->req, "waiting for SCSI disks");
			wait_for_host(job, host, entry->d_name);
			request_progress_end();
		}
		if (dir)
			closedir(dir);
	}
	devtree_free(&job->tree);
	devtree_read(&job->tree, &job->req.targets);
}
