// SPDX-License-Identifier: GPL-2.0
/*
 * Device-mapper devices that nobody manages: they are removed, and made again
 * from their table.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "blockdev.h"
#include "config.h"
#include "dm.h"
#include "log.h"
#include "sysfs.h"

/* Targets that are all in their table: others keep a state, or a key. */
static const char * const plain_targets[] = {
	"linear", "striped", "delay", "dust", "error", "flakey", "zero",
	"multipath",
};

bool dm_has_uuid(const struct bdev *b, const char *prefix)
{
	return b->dm_name && b->dm_uuid &&
	       !strncmp(b->dm_uuid, prefix, strlen(prefix));
}

void dm_describe(struct bdev *b, const char *what, const char *remedy)
{
	b->path = xasprintf("/dev/mapper/%s", b->dm_name);
	b->what = xasprintf("%s %s (%s)", what, b->dm_name, b->name);
	b->remedy = xasprintf("%s%s", remedy, b->dm_name);
}

/* The folder of the device of which an attribute has a value. */
static bool find(char dir[PATH_MAX], const char *attr, const char *value)
{
	char path[PATH_MAX], text[256];
	struct dirent *entry;
	bool found = false;
	DIR *block;

	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	block = opendir(path);
	while (block && !found && (entry = readdir(block))) {
		if (strncmp(entry->d_name, "dm-", 3))
			continue;
		snprintf(dir, PATH_MAX, "%s/block/%s", config.sysfs, entry->d_name);
		found = sysfs_read(text, sizeof(text), "%s/dm/%s", dir, attr) > 0 &&
			!strcmp(text, value);
	}
	if (block)
		closedir(block);
	return found;
}

bool dm_exists(const char *name)
{
	char dir[PATH_MAX];

	return find(dir, "name", name);
}

char *dm_folder(const char *name)
{
	char dir[PATH_MAX];

	return find(dir, "name", name) ? xstrdup(dir) : NULL;
}

bool dm_is(const char *name, const char *begin, const char *end, dev_t lower)
{
	char dir[PATH_MAX], path[PATH_MAX + 16], uuid[256];
	struct dirent *entry;
	bool stands = !lower;
	size_t len;
	DIR *slaves;

	if (!find(dir, "name", name) ||
	    sysfs_read(uuid, sizeof(uuid), "%s/dm/uuid", dir) <= 0)
		return false;
	len = strlen(uuid);
	if (strncmp(uuid, begin, strlen(begin)) || len < strlen(end) ||
	    strcmp(uuid + len - strlen(end), end))
		return false;
	snprintf(path, sizeof(path), "%s/slaves", dir);
	slaves = opendir(path);
	while (slaves && !stands && (entry = readdir(slaves)))
		stands = entry->d_name[0] != '.' &&
			 sysfs_devno("%s/%s/dev", path, entry->d_name) == lower;
	if (slaves)
		closedir(slaves);
	return stands;
}

void dm_bare_uuid(char *uuid)
{
	char *out = uuid;

	for (const char *p = uuid; *p; p++)
		if (*p != '-')
			*out++ = *p;
	*out = '\0';
}

char *dm_with_uuid(const char *uuid)
{
	char dir[PATH_MAX], name[256];

	if (!find(dir, "uuid", uuid) ||
	    sysfs_read(name, sizeof(name), "%s/dm/name", dir) <= 0)
		return NULL;
	return xstrdup(name);
}

char *dm_table(struct job *job, const char *name, char **why)
{
	char *table;

	if (!layer_run(job, ARGV("dmsetup", "table", "--", name), NULL, &table, why))
		return table;
	free(table);
	return NULL;
}

char *dm_table_lasting(const struct stack *stack, size_t i, const char *table)
{
	char *text = NULL, *copy = xstrdup(table), *rest = copy, *line;
	unsigned int maj, min;
	char *word, *longer;
	size_t lower;
	int end;

	while ((line = strsep(&rest, "\n"))) {
		while ((word = strsep(&line, " "))) {
			lower = NO_BDEV;
			end = 0;
			if (sscanf(word, "%u:%u%n", &maj, &min, &end) == 2 && !word[end])
				lower = stack_find(stack, makedev(maj, min));
			if (lower != NO_BDEV && stack_stands_on(stack, i, lower) &&
			    stack->b[lower].layer)
				word = stack->b[lower].path;
			longer = xasprintf("%s%s%s", text ? text : "", word,
					   line ? " " : rest && *rest ? "\n" : "");
			free(text);
			text = longer;
		}
	}
	free(copy);
	return text;
}

int dm_remove(struct job *job, const struct bdev *b)
{
	if (!dm_exists(b->dm_name) ||
	    !layer_do(job, b->path, ARGV("dmsetup", "remove", "--retry", "--", b->dm_name)))
		return 0;
	if (!job->force)
		return -1;
	/* The table of a device in use becomes one that answers with errors. */
	log_warn("%s: %s is in use: what is written to it from now on is lost",
		 job->req.dev, b->path);
	return layer_do(job, b->path, ARGV("dmsetup", "remove", "--force",
					   "--deferred", "--", b->dm_name));
}

static bool is_suspended(const struct bdev *b)
{
	char text[8];

	return b->dm_name && sysfs_read(text, sizeof(text), "%s/dm/suspended", b->dir) > 0 &&
	       atoi(text);
}

void dm_look_suspended(struct job *job, const struct bdev *b)
{
	if (!is_suspended(b))
		return;
	table_add(&job->blockers, b->path,
		  "%s is suspended, so that whoever reads or writes it waits: dmsetup resume %s",
		  b->what, b->dm_name);
	/* LVM suspends a volume for moments. */
	job->momentary++;
}

void dm_give_up(struct job *job, const struct bdev *b)
{
	char *why;

	if (!is_suspended(b))
		return;
	log_warn("%s: %s is suspended, and is resumed", job->req.dev, b->what);
	if (layer_run(job, ARGV("dmsetup", "resume", "--", b->dm_name), NULL, NULL, &why))
		log_warn("%s: %s", b->path, why);
	free(why);
}

static bool is_plain(const struct bdev *b)
{
	return b->dm_name;
}

static void describe(struct bdev *b)
{
	dm_describe(b, "device-mapper device", "dmsetup remove ");
}

static bool is_plain_target(const char *target)
{
	for (size_t i = 0; i < sizeof(plain_targets) / sizeof(plain_targets[0]); i++)
		if (!strcmp(target, plain_targets[i]))
			return true;
	return false;
}

static void look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	char *why, *table = dm_table(job, b->dm_name, &why);
	char *rest = table, *line, target[64];

	if (!table)
		table_add(&job->blockers, b->path,
			  "%s, whose table cannot be read, so that it could not be made again (%s): %s",
			  b->what, why, b->remedy);
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%*s %*s %63s", target) != 1 ||
		    is_plain_target(target))
			continue;
		table_add(&job->blockers, b->path,
			  "%s has a target (%s) that drvio-helper cannot make again: %s",
			  b->what, target, b->remedy);
		break;
	}
	free(table);
	free(why);
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	json_object *step;
	char *why, *table, *lasting;
	char read_only[8];

	if (!dm_exists(b->dm_name))
		return 0;
	table = dm_table(job, b->dm_name, &why);
	if (!table) {
		job_fail(job, "%s: its table cannot be read: %s", b->path, why);
		free(why);
		return -1;
	}
	lasting = dm_table_lasting(stack, i, table);
	sysfs_read(read_only, sizeof(read_only), "%s/ro", b->dir);
	step = layer_step(job, "dm-remove", b);
	step_add(step, "uuid", b->dm_uuid ? b->dm_uuid : "");
	step_add(step, "table", lasting);
	step_add_int(step, "read_only", atoi(read_only));
	free(table);
	free(lasting);
	if (layer_write(job, b, step) || dm_remove(job, b))
		return -1;
	log_info("%s: %s is removed", job->req.dev, b->what);
	return 0;
}

int dm_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name"), *uuid = step_string(step, "uuid");
	const char *argv[16] = { "dmsetup", "create", name };
	int n = 3, err;
	char *text;

	if (dm_exists(name))
		return 0;
	if (!blockdev_is_same(step)) {
		log_info("%s: its disk has gone, it is not made again", name);
		return 0;
	}
	if (*uuid) {
		argv[n++] = "--uuid";
		argv[n++] = uuid;
	}
	if (step_int(step, "read_only"))
		argv[n++] = "--readonly";
	err = layer_run(NULL, argv, step_string(step, "table"), NULL, &text);
	if (err)
		*why = xasprintf("%s: dmsetup create: %s", name, text);
	else
		log_info("%s: made again", step_string(step, "path"));
	free(text);
	return err;
}

const struct layer dm_layer = {
	.name = "device mapper",
	.policy = POLICY_RELEASE_DM,
	.is = is_plain,
	.describe = describe,
	.look = look,
	.release = release,
};
