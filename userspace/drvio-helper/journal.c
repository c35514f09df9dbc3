// SPDX-License-Identifier: GPL-2.0
/* What a request has changed in the system, and putting it back. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "journal.h"
#include "log.h"
#include "sysfs.h"

#define JOURNAL_FORMAT	1

struct journal {
	char path[PATH_MAX];
	int fd;
};

static void journal_path(char path[PATH_MAX], const char *dev, const char *ext)
{
	snprintf(path, PATH_MAX, "%s/%s.%s", config.run, dev, ext);
}

int journal_lock(const char *dev)
{
	char path[PATH_MAX];
	int fd;

	if (mkdir(config.run, 0700) && errno != EEXIST) {
		log_err("%s: %s", config.run, strerror(errno));
		return -1;
	}
	journal_path(path, dev, "lock");
	/* Never removed: another run may be waiting for this very file. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		log_err("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return 0;
}

static int write_line(struct journal *journal, json_object *line)
{
	char *text;
	ssize_t len, done;

	text = xasprintf("%s\n", json_object_to_json_string_ext(line,
				JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	len = strlen(text);
	done = write(journal->fd, text, len);
	free(text);
	json_object_put(line);
	if (done != len || fsync(journal->fd)) {
		log_err("%s: %s", journal->path,
			done >= 0 && done != len ? "short write" : strerror(errno));
		return -1;
	}
	return 0;
}

struct journal *journal_begin(const struct request *req)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));
	json_object *head = json_object_new_object();
	int dir;

	journal_path(journal->path, req->dev, "journal");
	json_object_object_add(head, "format", json_object_new_int(JOURNAL_FORMAT));
	json_object_object_add(head, "device", json_object_new_string(req->dev));
	json_object_object_add(head, "cookie", json_object_new_string(req->cookie));
	json_object_object_add(head, "verb",
			       json_object_new_string(verb_name(req->verb)));

	journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_TRUNC |
			   O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (journal->fd < 0) {
		log_err("%s: %s", journal->path, strerror(errno));
		json_object_put(head);
		free(journal);
		return NULL;
	}
	if (write_line(journal, head)) {
		journal_end(journal);
		return NULL;
	}
	dir = open(config.run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return journal;
}

int journal_step(struct journal *journal, json_object *step)
{
	return write_line(journal, step);
}

void journal_end(struct journal *journal)
{
	if (!journal)
		return;
	close(journal->fd);
	free(journal);
}

/*
 * Reads the steps of a journal.
 *
 * Return: an array; NULL when there is no journal, or one of another request.
 */
static json_object *journal_read(const char *path, const char *cookie)
{
	char *text, *line, *rest;
	json_object *steps, *step, *value;
	bool head = true;

	text = sysfs_read_file("%s", path);
	if (!text) {
		if (errno != ENOENT)
			log_err("%s: %s", path, strerror(errno));
		return NULL;
	}
	steps = json_object_new_array();
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		/* What has no newline behind it was not written to its end. */
		if (!rest)
			break;
		step = json_tokener_parse(line);
		if (!step) {
			log_err("%s: a line is no JSON, and is left out", path);
			continue;
		}
		if (head) {
			head = false;
			if (!json_object_object_get_ex(step, "format", &value) ||
			    json_object_get_int(value) != JOURNAL_FORMAT) {
				log_err("%s: of an unknown format: nothing is put back",
					path);
				json_object_put(step);
				break;
			}
			if (cookie &&
			    (!json_object_object_get_ex(step, "cookie", &value) ||
			     strcmp(json_object_get_string(value), cookie))) {
				json_object_put(step);
				json_object_put(steps);
				free(text);
				return NULL;
			}
			json_object_put(step);
			continue;
		}
		json_object_array_add(steps, step);
	}
	free(text);
	return steps;
}

static int undo_step(json_object *step, const struct step_ops *ops, char **why)
{
	json_object *op;
	const char *name;

	*why = NULL;
	if (!json_object_object_get_ex(step, "op", &op)) {
		*why = xstrdup("a step of the journal has no \"op\"");
		return -1;
	}
	name = json_object_get_string(op);
	for (; ops->name; ops++)
		if (!strcmp(ops->name, name))
			return ops->undo(step, why);
	*why = xasprintf("a step of the journal has the unknown op \"%s\"", name);
	return -1;
}

int journal_undo(const char *dev, const char *cookie,
		 const struct step_ops *ops, char **why)
{
	char path[PATH_MAX], *text, *more;
	json_object *steps;
	bool *failed;
	size_t n;
	int err = 0;

	*why = NULL;
	journal_path(path, dev, "journal");
	steps = journal_read(path, cookie);
	if (!steps)
		return 0;

	/*
	 * Steps that fail are tried a second time: a bind mount may need a
	 * mount that comes after it here.
	 */
	n = json_object_array_length(steps);
	failed = xcalloc(n + 1, sizeof(*failed));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = n; i-- > 0; ) {
			if (pass && !failed[i])
				continue;
			failed[i] = undo_step(json_object_array_get_idx(steps, i),
					      ops, &text);
			if (failed[i] && pass) {
				err = -1;
				log_err("%s: not put back: %s", dev, text);
				more = xasprintf("%s%s%s", *why ? *why : "",
						 *why ? "; " : "", text);
				free(*why);
				*why = more;
			}
			free(text);
		}
	}
	if (n)
		log_info("%s: put back what an unfinished request had changed (%zu steps)",
			 dev, n);
	free(failed);
	json_object_put(steps);
	journal_drop(dev, NULL);
	return err;
}

void journal_drop(const char *dev, const char *cookie)
{
	char path[PATH_MAX];
	json_object *steps;

	journal_path(path, dev, "journal");
	if (cookie) {
		steps = journal_read(path, cookie);
		if (!steps)
			return;
		json_object_put(steps);
	}
	if (unlink(path) && errno != ENOENT)
		log_err("%s: %s", path, strerror(errno));
}
