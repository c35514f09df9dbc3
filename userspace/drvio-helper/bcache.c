// SPDX-License-Identifier: GPL-2.0
/* Devices of bcache: stopped, and registered again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blockdev.h"
#include "config.h"
#include "layer.h"
#include "log.h"
#include "sysfs.h"

/* It stops once what is written to it is on its disk, or in its cache. */
#define STOP_TRIES	250
#define STOP_TRY_NS	(20 * 1000 * 1000)

static bool is_bcache(const struct bdev *b)
{
	return !strncmp(b->name, "bcache", 6);
}

static void describe(struct bdev *b)
{
	b->path = xasprintf("/dev/%s", b->name);
	b->what = xasprintf("cache %s", b->name);
	b->remedy = xasprintf("echo 1 > /sys/block/%s/bcache/stop", b->name);
}

/* The disk below it stops with it; a disk that is its cache does not. */
static void look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];

	for (size_t k = 0; k < b->nlower; k++) {
		const struct bdev *lower = &stack->b[b->lower[k]];

		if (lower->fate == FATE_GOES && sysfs_exists("%s/bcache/set", lower->dir))
			table_add(&job->blockers, lower->path,
				  "the cache of %s: take it off first (echo 1 > /sys/block/%s/bcache/detach), then stop its set (echo 1 > /sys/fs/bcache/UUID/stop)",
				  b->name, b->name);
	}
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	struct timespec pause = { .tv_nsec = STOP_TRY_NS };
	const struct bdev *b = &stack->b[i];
	int err, tries = 0;
	json_object *step;

	if (!sysfs_exists("%s/bcache", b->dir))
		return 0;
	step = layer_step(job, "bcache-stop", b);
	step_add(step, "device", b->nlower ? stack->b[b->lower[0]].path : "");
	if (layer_write(job, b, step))
		return -1;
	err = sysfs_write("1\n", "%s/bcache/stop", b->dir);
	if (err && err != -ENOENT)
		return job_fail(job, "%s: it could not be stopped: %s", b->path, strerror(-err));
	request_progress_begin(&job->req, "stopping bcache");
	while (sysfs_exists("%s/bcache", b->dir) && tries++ < STOP_TRIES)
		nanosleep(&pause, NULL);
	request_progress_end();
	if (sysfs_exists("%s/bcache", b->dir))
		return job_fail(job, "%s: it does not stop: look at the kernel's log", b->path);
	log_info("%s: %s is stopped", job->req.dev, b->what);
	return 0;
}

int bcache_undo(json_object *step, char **why)
{
	const char *device = step_string(step, "device");
	char *line;
	int err;

	if (!blockdev_is_same(step)) {
		log_info("%s: it has gone, it is not registered again", device);
		return 0;
	}
	line = xasprintf("%s\n", device);
	/* udev registers by itself, and may have been faster. */
	err = sysfs_write(line, "%s/fs/bcache/register_quiet", config.sysfs);
	free(line);
	if (err) {
		*why = xasprintf("%s: bcache: %s", device, strerror(-err));
		return -1;
	}
	log_info("%s: registered again", device);
	return 0;
}

const struct layer bcache_layer = {
	.name = "bcache",
	.policy = POLICY_RELEASE_BCACHE,
	.is = is_bcache,
	.describe = describe,
	.look = look,
	.release = release,
};
