// SPDX-License-Identifier: GPL-2.0
/* Swap areas. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "blockdev.h"
#include "config.h"
#include "guard.h"
#include "log.h"
#include "mounts.h"
#include "swap.h"
#include "sysfs.h"

/* Left free when swapped pages come back, so that nothing is killed for it. */
#define SWAP_MARGIN_KB	(16 * 1024)

void swaps_read(struct swaps *swaps)
{
	char *text, *rest, *line, path[4096];
	struct stat st;

	memset(swaps, 0, sizeof(*swaps));
	text = sysfs_read_file("%s/swaps", config.proc);
	if (!text)
		return;
	rest = text;
	strsep(&rest, "\n");	/* the headings */
	while ((line = strsep(&rest, "\n"))) {
		struct swap swap = { 0 };

		if (sscanf(line, "%4095s %*s %*s %lu %d", path, &swap.used_kb,
			   &swap.priority) != 3)
			continue;
		proc_unescape(path);
		if (!stat(path, &st)) {
			if (S_ISBLK(st.st_mode))
				swap.rdev = st.st_rdev;
			else
				swap.dev = st.st_dev;
		}
		swap.path = xstrdup(path);
		swaps->s = xreallocarray(swaps->s, swaps->n + 1, sizeof(swap));
		swaps->s[swaps->n++] = swap;
	}
	free(text);
}

void swaps_free(struct swaps *swaps)
{
	for (size_t i = 0; i < swaps->n; i++)
		free(swaps->s[i].path);
	free(swaps->s);
	memset(swaps, 0, sizeof(*swaps));
}

unsigned long swap_room_kb(void)
{
	unsigned long kb = 0;
	char *text, *p;

	text = sysfs_read_file("%s/meminfo", config.proc);
	p = text ? strstr(text, "MemAvailable:") : NULL;
	if (p)
		kb = strtoul(p + strlen("MemAvailable:"), NULL, 10);
	free(text);
	return kb > SWAP_MARGIN_KB ? kb - SWAP_MARGIN_KB : 0;
}

static int flags(int priority)
{
	if (priority < 0)
		return 0;
	return SWAP_FLAG_PREFER |
	       ((priority << SWAP_FLAG_PRIO_SHIFT) & SWAP_FLAG_PRIO_MASK);
}

static json_object *new_step(const char *op, const char *path, int priority,
			     const struct node *node)
{
	json_object *step = json_object_new_object();

	json_object_object_add(step, "op", json_object_new_string(op));
	json_object_object_add(step, "path", json_object_new_string(path));
	json_object_object_add(step, "priority", json_object_new_int(priority));
	blockdev_identify(step, node);
	return step;
}

/* --- What is done in a process of its own; see guard.h --- */

static int do_off(void *path, char message[GUARD_TEXT])
{
	(void)message;
	return swapoff(path) ? errno : 0;
}

struct on {
	const char *path;
	int priority;
};

static int do_on(void *data, char message[GUARD_TEXT])
{
	const struct on *on = data;

	(void)message;
	return swapon(on->path, flags(on->priority)) ? errno : 0;
}

/* Return: 0, also when it is on already, or an errno with @message. */
static int turn_on(struct job *job, const char *path, int priority,
		   char message[GUARD_TEXT])
{
	struct on on = { .path = path, .priority = priority };
	int err = guard(job, "swapon", do_on, &on, message);

	return err == EBUSY ? 0 : err;
}

int swap_off(struct job *job, const struct swap *swap, const struct node *node,
	     const char *path)
{
	char message[GUARD_TEXT];
	int err;

	if (journal_step(job->journal, new_step("swapoff", path ? path : swap->path,
						swap->priority, node)))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				swap->path);
	err = guard(job, "swapoff", do_off, swap->path, message);
	/* Somebody else was faster. */
	if (err == EINVAL)
		err = 0;
	if (err)
		return job_fail(job, "%s: swapoff: %s", swap->path,
				err == ENOMEM ? "not enough memory for what is swapped there" :
						message);
	log_info("%s: swap %s is off", job->req.dev, swap->path);
	return 0;
}

int swap_on(struct job *job, const char *path, int priority,
	    const struct node *node)
{
	char message[GUARD_TEXT];
	int err;

	if (journal_step(job->journal, new_step("swapon", path, priority, node)))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				path);
	err = turn_on(job, path, priority, message);
	if (err)
		return job_fail(job, "%s: swapon: %s", path,
				err == EINVAL ? "no swap area on it: run mkswap" :
						message);
	log_info("%s: swap %s is on", job->req.dev, path);
	return 0;
}

int swap_off_undo(json_object *step, char **why)
{
	const char *path = step_string(step, "path");
	char message[GUARD_TEXT];

	if (!blockdev_is_same(step))
		return 0;
	if (turn_on(NULL, path, step_int(step, "priority"), message)) {
		*why = xasprintf("%s: swapon: %s", path, message);
		return -1;
	}
	return 0;
}

int swap_on_undo(json_object *step, char **why)
{
	const char *path = step_string(step, "path");
	char message[GUARD_TEXT];
	int err;

	err = guard(NULL, "swapoff", do_off, (char *)path, message);
	if (err && err != EINVAL && err != ENOENT && err != ENXIO) {
		*why = xasprintf("%s: swapoff: %s", path, message);
		return -1;
	}
	return 0;
}
