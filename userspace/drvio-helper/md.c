// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of md: a member is failed and removed while the array has all its data
 * without it; otherwise the array is stopped, and assembled again.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blockdev.h"
#include "config.h"
#include "layer.h"
#include "log.h"
#include "sysfs.h"

/* A member that was failed is removed once its last write has ended. */
#define REMOVE_TRIES	100
#define REMOVE_TRY_NS	(20 * 1000 * 1000)

static bool is_md(const struct bdev *b)
{
	return !strncmp(b->name, "md", 2) && sysfs_exists("%s/md", b->dir);
}

static void describe(struct bdev *b)
{
	b->path = xasprintf("/dev/%s", b->name);
	b->what = xasprintf("RAID array %s", b->name);
	b->remedy = xasprintf("mdadm --stop /dev/%s", b->name);
}

static int attr_int(const struct bdev *b, const char *attr)
{
	char text[32];

	sysfs_read(text, sizeof(text), "%s/md/%s", b->dir, attr);
	return atoi(text);
}

static bool attr_is(const struct bdev *b, const char *attr, const char *value)
{
	char text[64];

	return sysfs_read(text, sizeof(text), "%s/md/%s", b->dir, attr) > 0 &&
	       !strcmp(text, value);
}

/* Whether a member has data that the array needs. */
static bool is_in_sync(const struct bdev *b, const char *member)
{
	char state[128];

	return sysfs_read(state, sizeof(state), "%s/md/dev-%s/state", b->dir, member) > 0 &&
	       strstr(state, "in_sync") && !strstr(state, "faulty");
}

/* What was written to it may not be on the other members yet. */
static bool is_journal(const struct bdev *b, const char *member)
{
	char state[128];

	return sysfs_read(state, sizeof(state), "%s/md/dev-%s/state", b->dir, member) > 0 &&
	       strstr(state, "journal");
}

/* How many members may be missing. */
static int tolerates(const struct bdev *b)
{
	int disks = attr_int(b, "raid_disks");

	if (attr_is(b, "level", "raid1"))
		return disks - 1;
	if (attr_is(b, "level", "raid6"))
		return 2;
	/* Of raid10, which two may be missing depends on its layout. */
	if (attr_is(b, "level", "raid4") || attr_is(b, "level", "raid5") ||
	    attr_is(b, "level", "raid10"))
		return 1;
	return 0;
}

/* What is missing already, and what goes now, is not more than it tolerates. */
static bool keeps(const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	int missing = attr_int(b, "degraded"), lost = 0;

	/* While members are made equal, which one is right is not for sure. */
	if (!attr_is(b, "sync_action", "idle"))
		return false;
	/* Somebody in userspace writes down its state: mdmon. */
	if (sysfs_exists("%s/md/metadata_version", b->dir)) {
		char text[64];

		sysfs_read(text, sizeof(text), "%s/md/metadata_version", b->dir);
		if (!strncmp(text, "external", 8))
			return false;
	}
	for (size_t k = 0; k < b->nlower; k++) {
		const struct bdev *lower = &stack->b[b->lower[k]];

		if (lower->fate != FATE_GOES)
			continue;
		if (is_journal(b, lower->name))
			return false;
		lost += is_in_sync(b, lower->name);
	}
	return missing + lost <= tolerates(b);
}

/* Members elsewhere could have kept it going. */
static bool redundant(const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];

	return tolerates(b) > 0 && (int)stack_lost(stack, i) < attr_int(b, "raid_disks");
}

static int remove_member(struct job *job, const struct bdev *b, const struct bdev *lower)
{
	struct timespec pause = { .tv_nsec = REMOVE_TRY_NS };
	int err, tries = 0;

	err = sysfs_write("faulty\n", "%s/md/dev-%s/state", b->dir, lower->name);
	while (!err) {
		err = sysfs_write("remove\n", "%s/md/dev-%s/state", b->dir, lower->name);
		if (err != -EBUSY || tries++ == REMOVE_TRIES)
			break;
		nanosleep(&pause, NULL);
		err = 0;
	}
	/* What is no member any more has been removed. */
	if (err && err != -ENOENT)
		return job_fail(job, "%s: member %s could not be removed: %s",
				b->path, lower->path, strerror(-err));
	return 0;
}

/*
 * The others write down that it has gone, and no boot takes it back: so the step
 * lasts, and tells the member and its array by their ids.
 */
static int drop(struct job *job, const struct stack *stack, size_t i, size_t k)
{
	const struct bdev *b = &stack->b[i], *lower = &stack->b[k];
	json_object *step = layer_step(job, "md-leg", b);
	char boot[64], *id;

	step_add(step, "member", lower->path);
	sysfs_read(boot, sizeof(boot), "%s/sys/kernel/random/boot_id", config.proc);
	step_add(step, "boot", boot);
	id = blockdev_value(lower->path, "UUID");
	step_add(step, "array_id", id ? id : "");
	free(id);
	id = blockdev_value(lower->path, "UUID_SUB");
	step_add(step, "member_id", id ? id : "");
	free(id);
	if (journal_lasting_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				b->path);
	if (remove_member(job, b, lower))
		return -1;
	log_info("%s: %s is no member of %s any more", job->req.dev, lower->path, b->path);
	return 0;
}

/* All members, wherever they are, that are needed to assemble it. */
static json_object *members(const struct bdev *b)
{
	json_object *names = json_object_new_array();
	char path[PATH_MAX], state[128], dm[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/md", b->dir);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char *name;

		if (strncmp(entry->d_name, "dev-", 4) ||
		    sysfs_read(state, sizeof(state), "%s/%s/state", path, entry->d_name) < 0 ||
		    strstr(state, "faulty"))
			continue;
		/* The number of a device-mapper device may be another then. */
		if (sysfs_read(dm, sizeof(dm), "%s/%s/block/dm/name", path,
			       entry->d_name) > 0)
			name = xasprintf("/dev/mapper/%s", dm);
		else
			name = xasprintf("/dev/%s", entry->d_name + 4);
		json_object_array_add(names, json_object_new_string(name));
		free(name);
	}
	if (dir)
		closedir(dir);
	return names;
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	json_object *step;

	if (!sysfs_exists("%s/md/array_state", b->dir) || attr_is(b, "array_state", "clear"))
		return 0;
	step = layer_step(job, "md-stop", b);
	json_object_object_add(step, "members", members(b));
	if (layer_write(job, b, step) ||
	    layer_do(job, b->path, ARGV("mdadm", "--stop", b->path)))
		return -1;
	log_info("%s: %s is stopped", job->req.dev, b->what);
	return 0;
}

static bool is_running(const char *name)
{
	char text[32];

	return sysfs_read(text, sizeof(text), "%s/block/%s/md/array_state",
			  config.sysfs, name) > 0 &&
	       strcmp(text, "clear") && strcmp(text, "inactive");
}

int md_undo(json_object *step, char **why)
{
	const char *argv[256] = { "mdadm", "--assemble", "--run", step_string(step, "path") };
	json_object *names;
	size_t n = 4;
	char *text;
	int err;

	if (is_running(step_string(step, "name")))
		return 0;
	if (!blockdev_is_same(step)) {
		log_info("%s: a disk of it has gone, it is not assembled again", argv[3]);
		return 0;
	}
	if (json_object_object_get_ex(step, "members", &names) &&
	    json_object_is_type(names, json_type_array))
		for (size_t i = 0; i < json_object_array_length(names) && n < 255; i++)
			argv[n++] = json_object_get_string(json_object_array_get_idx(names, i));
	err = layer_run(NULL, argv, NULL, NULL, &text);
	/* udev assembles by itself, and may have been faster. */
	if (err && !is_running(step_string(step, "name")))
		*why = xasprintf("%s: mdadm --assemble: %s", argv[3], text);
	else
		err = 0;
	if (!err)
		log_info("%s: assembled again", argv[3]);
	free(text);
	return err;
}

static bool is_member(const char *name, const char *member)
{
	char state[128];

	return sysfs_read(state, sizeof(state), "%s/block/%s/md/dev-%s/state",
			  config.sysfs, name, member) > 0 && !strstr(state, "faulty");
}

/* After a boot: the running array with an id, by one of its members. */
static bool find_array(char name[64], const char *id)
{
	char path[PATH_MAX], dev[PATH_MAX];
	struct dirent *entry, *member;
	bool found = false;
	DIR *dir, *md;

	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "md", 2) || !is_running(entry->d_name) ||
		    strlen(entry->d_name) >= 64)
			continue;
		snprintf(path, sizeof(path), "%s/block/%s/md", config.sysfs, entry->d_name);
		md = opendir(path);
		while (md && !found && (member = readdir(md))) {
			char *value;

			if (strncmp(member->d_name, "dev-", 4))
				continue;
			snprintf(dev, sizeof(dev), "%s/%s", config.dev, member->d_name + 4);
			value = blockdev_value(dev, "UUID");
			found = value && !strcmp(value, id);
			free(value);
		}
		if (md)
			closedir(md);
		if (found)
			strcpy(name, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

int md_leg_undo(json_object *step, char **why)
{
	char name[64], boot[64], *path, *member = NULL, *text = NULL;
	bool same_boot;
	int err = 0;

	sysfs_read(boot, sizeof(boot), "%s/sys/kernel/random/boot_id", config.proc);
	same_boot = !strcmp(boot, step_string(step, "boot"));
	if (same_boot) {
		if (!blockdev_is_same(step)) {
			log_info("%s: it has gone, it is not added to %s",
				 step_string(step, "member"), step_string(step, "path"));
			return 0;
		}
		snprintf(name, sizeof(name), "%s", step_string(step, "name"));
		member = xstrdup(step_string(step, "member"));
	} else {
		member = blockdev_find("UUID_SUB", step_string(step, "member_id"));
		if (!member || !find_array(name, step_string(step, "array_id"))) {
			*why = xasprintf("%s, once a member of %s: the %s is not there: add it by hand (mdadm --add)",
					 step_string(step, "member"), step_string(step, "path"),
					 member ? "array" : "disk");
			free(member);
			return -1;
		}
	}
	path = xasprintf("/dev/%s", name);
	if (!is_running(name)) {
		log_info("%s: it does not run: %s is not added to it", path, member);
	} else if (!is_member(name, strrchr(member, '/') + 1)) {
		err = layer_run(NULL, ARGV("mdadm", path, "--re-add", member), NULL, NULL, &text);
		if (err) {
			/* What was written meanwhile is not known: all of it is copied. */
			free(text);
			err = layer_run(NULL, ARGV("mdadm", path, "--add", member), NULL,
					NULL, &text);
		}
		if (err)
			*why = xasprintf("%s: mdadm %s --add: %s", member, path, text);
		else
			log_info("%s: a member of %s again", member, path);
	}
	free(text);
	free(path);
	free(member);
	return err;
}

const struct layer md_layer = {
	.name = "md",
	.policy = POLICY_RELEASE_MD,
	.leg_policy = POLICY_RELEASE_MD_LEG,
	.is = is_md,
	.describe = describe,
	.keeps = keeps,
	.redundant = redundant,
	.release = release,
	.drop = drop,
};
