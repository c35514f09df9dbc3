// SPDX-License-Identifier: GPL-2.0
/*
 * Multipath maps: a path is deleted while another one works, by multipathd where
 * that runs and in the map's table where it does not. A map that only goes as a
 * whole is a device-mapper device like others.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "blockdev.h"
#include "config.h"
#include "dm.h"
#include "log.h"
#include "multipath.h"
#include "sysfs.h"

#define DAEMON_SOCKET	"/org/kernel/linux/storage/multipathd"	/* abstract */
#define QUEUEING	"queue_if_no_path"

static bool is_multipath(const struct bdev *b)
{
	return dm_has_uuid(b, "mpath-");
}

static void describe(struct bdev *b)
{
	dm_describe(b, "multipath map", "multipath -f ");
}

static bool is_running(dev_t rdev)
{
	char state[32];

	/* Only SCSI disks have one. */
	return sysfs_read(state, sizeof(state), "%s/dev/block/%u:%u/device/state",
			  config.sysfs, major(rdev), minor(rdev)) < 0 ||
	       !strcmp(state, "running") || !strcmp(state, "live");
}

/* How many of the paths in a status work and do not go. */
static size_t healthy(const struct stack *stack, char *status)
{
	unsigned int maj, min;
	char *word, *next;
	size_t n = 0;
	int end;

	for (word = strtok_r(status, " \n", &next); word;
	     word = strtok_r(NULL, " \n", &next)) {
		end = 0;
		if (sscanf(word, "%u:%u%n", &maj, &min, &end) != 2 || word[end])
			continue;
		word = strtok_r(NULL, " \n", &next);
		if (!word)
			break;
		n += !strcmp(word, "A") && is_running(makedev(maj, min)) &&
		     (!stack || !stack_loses(stack, makedev(maj, min)));
	}
	return n;
}

/* Paths of a map that work; of those that do not go where a stack is given. */
static size_t count_healthy(const struct bdev *b, const struct stack *stack)
{
	char *status, *why;
	size_t n = 0;

	if (!layer_run(NULL, ARGV("dmsetup", "status", "--noflush", "--", b->dm_name),
		       NULL, &status, &why))
		n = healthy(stack, status);
	else
		log_warn("%s: its paths cannot be asked for: %s", b->path, why);
	free(status);
	free(why);
	return n;
}

static bool keeps(const struct stack *stack, size_t i)
{
	return count_healthy(&stack->b[i], stack) > 0;
}

static bool redundant(const struct stack *stack, size_t i)
{
	(void)stack;
	(void)i;
	return true;
}

/* Whether what is written to it now would wait for ever. */
static bool hangs(struct job *job, const struct bdev *b)
{
	char *why, *table;
	bool queues;

	if (count_healthy(b, NULL))
		return false;
	table = dm_table(job, b->dm_name, &why);
	queues = table && strstr(table, QUEUEING);
	free(table);
	free(why);
	return queues;
}

static void look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];

	if (b->fate == FATE_GOES && hangs(job, b))
		table_add(&job->blockers, b->path,
			  "%s has no path that works, and keeps what is written until it has one: repair a path, or give up the data (dmsetup message %s 0 fail_if_no_path)",
			  b->what, b->dm_name);
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	return dm_layer.release(job, stack, i);
}

void multipath_give_up(struct job *job, const struct bdev *b)
{
	char *why;

	if (!job->force || !hangs(job, b))
		return;
	log_warn("%s: %s has no path that works: what was written to it is lost",
		 job->req.dev, b->what);
	if (layer_run(job, ARGV("dmsetup", "message", b->dm_name, "0", "fail_if_no_path"),
		      NULL, NULL, &why))
		log_warn("%s: %s", b->path, why);
	free(why);
}

static bool daemon_runs(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return false;
	strcpy(addr.sun_path + 1, DAEMON_SOCKET);
	err = connect(fd, (struct sockaddr *)&addr, offsetof(struct sockaddr_un, sun_path) +
		      1 + strlen(DAEMON_SOCKET));
	close(fd);
	return !err;
}

/* --- The table ---
 *
 *	BEGIN LENGTH multipath NFEATURES FEATURE... NHANDLER HANDLER...
 *	NGROUPS FIRST { SELECTOR NARGS ARG... NPATHS NPATHARGS { PATH ARG... }... }...
 */
struct words {
	struct strv w;
	size_t at;
};

static const char *next_word(struct words *words)
{
	return words->at < words->w.n ? words->w.s[words->at++] : NULL;
}

static int next_number(struct words *words)
{
	const char *word = next_word(words);
	char *end;
	long n;

	if (!word)
		return -1;
	n = strtol(word, &end, 10);
	return *end || n < 0 || n > 1024 ? -1 : n;
}

static void append(char **text, const char *word)
{
	char *longer = xasprintf("%s%s%s", *text ? *text : "", *text ? " " : "", word);

	free(*text);
	*text = longer;
}

/* Copies words, and a number of them first. Return: 0, or -1 at their end. */
static int copy_counted(struct words *words, char **text)
{
	int n = next_number(words);
	const char *word;

	if (n < 0)
		return -1;
	append(text, words->w.s[words->at - 1]);
	while (n-- > 0) {
		word = next_word(words);
		if (!word)
			return -1;
		append(text, word);
	}
	return 0;
}

/* Copies a group but for a path. Return: how many paths it has left, or -1. */
static int copy_group(struct words *words, char **text, const char *path, bool *found)
{
	const char *word = next_word(words);
	int paths, args, left = 0;
	char *head = NULL, *rest = NULL, *number;
	bool take = false;

	if (!word)
		return -1;
	append(&head, word);
	if (copy_counted(words, &head))
		goto broken;
	paths = next_number(words);
	args = next_number(words);
	if (paths < 0 || args < 0)
		goto broken;
	for (int i = 0; i < paths; i++) {
		for (int k = 0; k <= args; k++) {
			word = next_word(words);
			if (!word)
				goto broken;
			if (!k) {
				take = strcmp(word, path);
				left += take;
				*found |= !take;
			}
			if (take)
				append(&rest, word);
		}
	}
	if (left) {
		number = xasprintf("%s %d %d %s", head, left, args, rest);
		append(text, number);
		free(number);
	}
	free(head);
	free(rest);
	return left;
broken:
	free(head);
	free(rest);
	return -1;
}

char *multipath_without(const char *table, const char *path)
{
	char *copy = xstrdup(table), *word, *next, *head = NULL, *groups = NULL;
	int ngroups, left = 0, got;
	struct words words = { 0 };
	char *without = NULL;
	bool found = false;

	for (word = strtok_r(copy, " \n", &next); word; word = strtok_r(NULL, " \n", &next))
		strv_take(&words.w, xstrdup(word));
	for (int i = 0; i < 3 && words.at < words.w.n; i++)
		append(&head, next_word(&words));
	if (words.at < 3 || strcmp(words.w.s[2], "multipath") ||
	    copy_counted(&words, &head) || copy_counted(&words, &head))
		goto out;
	ngroups = next_number(&words);
	if (ngroups < 0 || next_number(&words) < 0)
		goto out;
	for (int i = 0; i < ngroups; i++) {
		got = copy_group(&words, &groups, path, &found);
		if (got < 0)
			goto out;
		left += got > 0;
	}
	if (found && left && words.at == words.w.n)
		without = xasprintf("%s %d 1 %s", head, left, groups);
out:
	free(head);
	free(groups);
	free(copy);
	strv_free(&words.w);
	return without;
}

/* No flush and no freeze: they would wait for what is queued. */
static int load_table(struct job *job, const char *name, const char *table, char **why)
{
	int err = layer_run(job, ARGV("dmsetup", "reload", "--", name), table, NULL, why);

	if (err)
		return err;
	free(*why);
	return layer_run(job, ARGV("dmsetup", "resume", "--noflush", "--nolockfs",
				   "--", name), NULL, NULL, why);
}

static int delete_path(struct job *job, const struct bdev *b, const struct bdev *lower,
		       const char *table)
{
	char number[32], *why = NULL, *without;
	int err;

	snprintf(number, sizeof(number), "%u:%u", major(lower->rdev), minor(lower->rdev));
	without = multipath_without(table, number);
	if (!without)
		return job_fail(job, "%s: %s cannot be taken out of its table: %s", b->path,
				lower->path, table);
	err = load_table(job, b->dm_name, without, &why);
	if (err)
		job_fail(job, "%s: %s could not be taken out: %s", b->path, lower->path, why);
	free(without);
	free(why);
	return err;
}

static int delete_by_daemon(struct job *job, const struct bdev *b, const struct bdev *lower)
{
	char *why;
	int err;

	err = layer_run(job, ARGV("multipathd", "del", "path", lower->name), NULL, NULL, &why);
	if (err)
		job_fail(job, "%s: multipathd has not deleted the path %s (%s): see whether it answers (multipathd show paths)",
			 b->path, lower->path, why);
	free(why);
	return err;
}

static int drop(struct job *job, const struct stack *stack, size_t i, size_t k)
{
	const struct bdev *b = &stack->b[i], *lower = &stack->b[k];
	bool daemon = daemon_runs();
	json_object *step;
	char *why, *table;
	int err;

	table = dm_table(job, b->dm_name, &why);
	if (!table) {
		job_fail(job, "%s: %s", b->path, why);
		free(why);
		return -1;
	}
	step = layer_step(job, "multipath-leg", b);
	step_add(step, "member", lower->name);
	step_add(step, "table", table);
	step_add_int(step, "daemon", daemon);
	err = layer_write(job, b, step);
	if (!err)
		err = daemon ? delete_by_daemon(job, b, lower) : delete_path(job, b, lower, table);
	if (!err)
		log_info("%s: path %s of %s is deleted", job->req.dev, lower->path, b->what);
	free(table);
	return err;
}

int multipath_leg_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name"), *member = step_string(step, "member");
	char *text;
	int err;

	if (!blockdev_is_same(step)) {
		log_info("%s: it has gone, it is no path of %s again", member, name);
		return 0;
	}
	if (step_int(step, "daemon"))
		err = layer_run(NULL, ARGV("multipathd", "add", "path", member), NULL, NULL, &text);
	else
		err = load_table(NULL, name, step_string(step, "table"), &text);
	if (err)
		*why = xasprintf("%s: it could not be made a path of %s again: %s",
				 member, name, text);
	else
		log_info("%s: a path of %s again", member, name);
	free(text);
	return err;
}

const struct layer multipath_layer = {
	.name = "multipath",
	.policy = POLICY_RELEASE_MULTIPATH,
	.leg_policy = POLICY_RELEASE_MULTIPATH_LEG,
	.is = is_multipath,
	.describe = describe,
	.keeps = keeps,
	.redundant = redundant,
	.look = look,
	.release = release,
	.drop = drop,
};
