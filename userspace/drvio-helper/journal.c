// SPDX-License-Identifier: GPL-2.0
/* What a request has changed in the system, and putting it back. */
#include <dirent.h>
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

/*
 * Two files: most of what was changed a boot puts right, and is forgotten by it;
 * what it does not put right is written down where it outlives one.
 */
struct journal {
	char path[PATH_MAX];
	int fd;
	char lasting_path[PATH_MAX];
	int lasting_fd;		/* -1: nothing of the kind has been changed */
	char *head;
};

/* The lock that this process holds; -1: none. */
static int lock_fd = -1;

static void journal_path(char path[PATH_MAX], const char *dev, const char *ext)
{
	snprintf(path, PATH_MAX, "%s/%s.%s", config.run, dev, ext);
}

static void lasting_path(char path[PATH_MAX], const char *dev)
{
	snprintf(path, PATH_MAX, "%s/%s.journal", config.state, dev);
}

int journal_lock(const char *dev)
{
	struct stat own, there;
	char path[PATH_MAX];

	if (mkdir(config.run, 0700) && errno != EEXIST) {
		log_err("%s: %s", config.run, strerror(errno));
		return -1;
	}
	journal_path(path, dev, "lock");
	/* The file may be removed while it is waited for: then it locks nothing. */
	do {
		if (lock_fd >= 0)
			close(lock_fd);
		lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (lock_fd < 0 || flock(lock_fd, LOCK_EX) || fstat(lock_fd, &own)) {
			log_err("%s: %s", path, strerror(errno));
			return -1;
		}
	} while (stat(path, &there) || own.st_ino != there.st_ino);
	return 0;
}

void journal_disown(void)
{
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
}

void journal_unlock(const char *dev)
{
	char path[PATH_MAX];

	if (lock_fd < 0)
		return;
	journal_path(path, dev, "lock");
	unlink(path);
	close(lock_fd);
	lock_fd = -1;
}

/* Return: 0 once the line is on storage. */
static int write_line(const char *path, int fd, const char *line)
{
	char *text = xasprintf("%s\n", line);
	ssize_t len = strlen(text), done;

	done = write(fd, text, len);
	free(text);
	if (done == len && !fsync(fd))
		return 0;
	log_err("%s: %s", path, done >= 0 && done != len ? "short write" : strerror(errno));
	return -1;
}

/* Names of the folder are on storage. */
static void sync_folder(const char *folder)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	fsync(dir);
	close(dir);
}

/* Return: a descriptor of a file with a head, or -1. */
static int begin_file(const char *path, const char *head)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0) {
		log_err("%s: %s", path, strerror(errno));
		return -1;
	}
	if (write_line(path, fd, head)) {
		close(fd);
		return -1;
	}
	return fd;
}

#define PLAIN	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

struct journal *journal_begin(const struct request *req)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));
	json_object *head = json_object_new_object();

	journal_path(journal->path, req->dev, "journal");
	lasting_path(journal->lasting_path, req->dev);
	journal->lasting_fd = -1;
	json_object_object_add(head, "format", json_object_new_int(JOURNAL_FORMAT));
	json_object_object_add(head, "device", json_object_new_string(req->dev));
	json_object_object_add(head, "cookie", json_object_new_string(req->cookie));
	json_object_object_add(head, "verb",
			       json_object_new_string(verb_name(req->verb)));
	journal->head = xstrdup(json_object_to_json_string_ext(head, PLAIN));
	json_object_put(head);

	journal->fd = begin_file(journal->path, journal->head);
	if (journal->fd >= 0) {
		sync_folder(config.run);
		return journal;
	}
	free(journal->head);
	free(journal);
	return NULL;
}

int journal_step(struct journal *journal, json_object *step)
{
	int err = write_line(journal->path, journal->fd,
			     json_object_to_json_string_ext(step, PLAIN));

	json_object_put(step);
	return err;
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

/*
 * Steps of a request before that could not be put back are taken over. They are
 * never lost: the new file takes the place of the old one when it has them.
 */
static int begin_lasting(const struct journal *journal)
{
	json_object *left = journal_read(journal->lasting_path, NULL);
	char *path = xasprintf("%s.new", journal->lasting_path);
	int fd = begin_file(path, journal->head), err = fd < 0;

	for (size_t i = 0; left && !err && i < json_object_array_length(left); i++)
		err = write_line(path, fd, json_object_to_json_string_ext(
				 json_object_array_get_idx(left, i), PLAIN));
	if (!err && rename(path, journal->lasting_path)) {
		log_err("%s: %s", path, strerror(errno));
		err = -1;
	}
	if (!err)
		sync_folder(config.state);
	if (err && fd >= 0) {
		close(fd);
		unlink(path);
		fd = -1;
	}
	json_object_put(left);
	free(path);
	return fd;
}

int journal_lasting_step(struct journal *journal, json_object *step)
{
	int err = -1;

	if (journal->lasting_fd < 0) {
		if (mkdir(config.state, 0700) && errno != EEXIST)
			log_err("%s: %s", config.state, strerror(errno));
		else
			journal->lasting_fd = begin_lasting(journal);
	}
	if (journal->lasting_fd >= 0)
		err = write_line(journal->lasting_path, journal->lasting_fd,
				 json_object_to_json_string_ext(step, PLAIN));
	json_object_put(step);
	return err;
}

void journal_end(struct journal *journal)
{
	if (!journal)
		return;
	close(journal->fd);
	if (journal->lasting_fd >= 0)
		close(journal->lasting_fd);
	free(journal->head);
	free(journal);
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

static void add_reason(char **why, const char *text)
{
	char *more = xasprintf("%s%s%s", *why ? *why : "", *why ? "; " : "", text);

	free(*why);
	*why = more;
}

/* Undoes the steps of one file. Return: how many; -1 when some were not undone. */
static int undo_file(const char *dev, const char *path, const char *cookie,
		     const struct step_ops *ops, char **why)
{
	json_object *steps = journal_read(path, cookie);
	bool *failed;
	char *text;
	int err = 0;
	size_t n;

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
				add_reason(why, text);
			}
			free(text);
		}
	}
	if (n)
		log_info("%s: put back what an unfinished request had changed (%zu steps)",
			 dev, n);
	free(failed);
	json_object_put(steps);
	return err;
}

static void remove_file(const char *path, const char *cookie)
{
	json_object *steps;

	if (cookie) {
		steps = journal_read(path, cookie);
		if (!steps)
			return;
		json_object_put(steps);
	}
	if (unlink(path) && errno != ENOENT)
		log_err("%s: %s", path, strerror(errno));
}

int journal_undo(const char *dev, const char *cookie,
		 const struct step_ops *ops, char **why)
{
	char path[PATH_MAX];
	int err;

	*why = NULL;
	lasting_path(path, dev);
	err = undo_file(dev, path, cookie, ops, why);
	/* What cannot be put back now may be with the next start. */
	if (!err)
		remove_file(path, cookie);
	journal_path(path, dev, "journal");
	err |= undo_file(dev, path, cookie, ops, why);
	remove_file(path, cookie);
	return err;
}

void journal_drop(const char *dev, const char *cookie)
{
	char path[PATH_MAX];

	lasting_path(path, dev);
	remove_file(path, cookie);
	journal_path(path, dev, "journal");
	remove_file(path, cookie);
}

/* Adds the devices that have a journal in a folder. */
static void find_devices(struct strv *devs, const char *folder)
{
	static const char ext[] = ".journal";
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		bool known = false;
		char *dev;

		if (entry->d_name[0] == '.' || len <= strlen(ext) ||
		    strcmp(entry->d_name + len - strlen(ext), ext))
			continue;
		dev = xasprintf("%.*s", (int)(len - strlen(ext)), entry->d_name);
		for (size_t i = 0; i < devs->n; i++)
			known |= !strcmp(devs->s[i], dev);
		if (known)
			free(dev);
		else
			strv_take(devs, dev);
	}
	if (dir)
		closedir(dir);
}

void journal_devices(struct strv *devs)
{
	find_devices(devs, config.run);
	find_devices(devs, config.state);
}

bool journal_is_of(const char *dev, const char *cookie)
{
	char path[PATH_MAX];
	json_object *steps;

	journal_path(path, dev, "journal");
	steps = journal_read(path, cookie);
	if (!steps) {
		lasting_path(path, dev);
		steps = journal_read(path, cookie);
	}
	json_object_put(steps);
	return steps;
}
