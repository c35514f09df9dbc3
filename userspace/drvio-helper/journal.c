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
 * What could not be put back is tried again by so many starts: what hangs or is
 * gone for good is not to delay each request from now on. Not so what lasts.
 */
#define STARTS_MAX	3

#define PLAIN	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

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

/*
 * Reads the steps of a journal; @head gets its first line, or NULL where there is
 * none that is understood. Both are to be freed.
 *
 * Return: an array; NULL when there is no journal, or one of another request.
 */
static json_object *journal_read(const char *path, const char *cookie, json_object **head)
{
	char *text, *line, *rest;
	json_object *steps, *step, *value;

	*head = NULL;

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
		if (*head) {
			json_object_array_add(steps, step);
			continue;
		}
		*head = step;
		if (!json_object_object_get_ex(step, "format", &value) ||
		    json_object_get_int(value) != JOURNAL_FORMAT) {
			log_err("%s: of an unknown format: nothing is put back", path);
			break;
		}
		if (cookie && (!json_object_object_get_ex(step, "cookie", &value) ||
			       strcmp(json_object_get_string(value), cookie))) {
			json_object_put(*head);
			json_object_put(steps);
			*head = steps = NULL;
			break;
		}
	}
	free(text);
	return steps;
}

/*
 * A file with a head and steps takes the place of the one that is there, which is
 * never without them. Return: as begin_file().
 */
static int begin_over(const char *path, const char *folder, const char *head,
		      json_object *steps)
{
	char *next = xasprintf("%s.new", path);
	int fd = begin_file(next, head), err = fd < 0;

	for (size_t i = 0; steps && !err && i < json_object_array_length(steps); i++)
		err = write_line(next, fd, json_object_to_json_string_ext(
				 json_object_array_get_idx(steps, i), PLAIN));
	if (!err && rename(next, path)) {
		log_err("%s: %s", next, strerror(errno));
		err = -1;
	}
	if (!err)
		sync_folder(folder);
	if (err && fd >= 0) {
		close(fd);
		unlink(next);
		fd = -1;
	}
	free(next);
	return fd;
}

/* By how many starts was it tried in vain what a journal has. */
static int starts(json_object *head)
{
	json_object *value;

	return json_object_object_get_ex(head, "starts", &value) ? json_object_get_int(value) : 0;
}

struct journal *journal_begin(const struct request *req)
{
	struct journal *journal = xcalloc(1, sizeof(*journal));
	json_object *head = json_object_new_object(), *left, *old;

	journal_path(journal->path, req->dev, "journal");
	lasting_path(journal->lasting_path, req->dev);
	journal->lasting_fd = -1;
	json_object_object_add(head, "format", json_object_new_int(JOURNAL_FORMAT));
	json_object_object_add(head, "device", json_object_new_string(req->dev));
	json_object_object_add(head, "cookie", json_object_new_string(req->cookie));
	json_object_object_add(head, "verb",
			       json_object_new_string(verb_name(req->verb)));
	/* Steps of a request before that could not be put back are taken over. */
	left = journal_read(journal->path, NULL, &old);
	json_object_object_add(head, "starts", json_object_new_int(starts(old)));
	journal->head = xstrdup(json_object_to_json_string_ext(head, PLAIN));
	json_object_put(head);

	journal->fd = begin_over(journal->path, config.run, journal->head, left);
	json_object_put(left);
	json_object_put(old);
	if (journal->fd >= 0)
		return journal;
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

int journal_lasting_step(struct journal *journal, json_object *step)
{
	json_object *left, *old;
	int err = -1;

	if (journal->lasting_fd < 0 && mkdir(config.state, 0700) && errno != EEXIST) {
		log_err("%s: %s", config.state, strerror(errno));
	} else if (journal->lasting_fd < 0) {
		left = journal_read(journal->lasting_path, NULL, &old);
		journal->lasting_fd = begin_over(journal->lasting_path, config.state,
						 journal->head, left);
		json_object_put(left);
		json_object_put(old);
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

static void remove_file(const char *path)
{
	if (unlink(path) && errno != ENOENT)
		log_err("%s: %s", path, strerror(errno));
}

/* A journal keeps the steps that could not be undone; @start: a start has tried. */
static void keep(const char *path, const char *folder, json_object *head, json_object *steps,
		 const bool *failed, bool start)
{
	json_object *left = json_object_new_array();
	int fd;

	for (size_t i = 0; i < json_object_array_length(steps); i++)
		if (failed[i])
			json_object_array_add(left, json_object_get(
					      json_object_array_get_idx(steps, i)));
	json_object_object_add(head, "starts", json_object_new_int(starts(head) + start));
	fd = begin_over(path, folder, json_object_to_json_string_ext(head, PLAIN), left);
	if (fd >= 0)
		close(fd);
	json_object_put(left);
}

/*
 * Undoes the steps of one file, of which nothing is left then but what could not be
 * undone. Return: 0; -1 when some were not.
 */
static int undo_file(const char *dev, const char *path, const char *folder,
		     const char *cookie, const struct step_ops *ops, int starts_max,
		     char **why)
{
	json_object *head, *steps = journal_read(path, cookie, &head);
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
	if (err && !cookie && starts_max && starts(head) + 1 >= starts_max) {
		log_err("%s: that is given up now, after %d starts", dev, starts_max);
		remove_file(path);
	} else if (err) {
		keep(path, folder, head, steps, failed, !cookie);
	} else {
		remove_file(path);
	}
	free(failed);
	json_object_put(steps);
	json_object_put(head);
	return err;
}

int journal_undo(const char *dev, const char *cookie,
		 const struct step_ops *ops, char **why)
{
	char path[PATH_MAX];
	int err;

	*why = NULL;
	lasting_path(path, dev);
	err = undo_file(dev, path, config.state, cookie, ops, 0, why);
	journal_path(path, dev, "journal");
	return undo_file(dev, path, config.run, cookie, ops, STARTS_MAX, why) || err ? -1 : 0;
}

/* Removes a journal, where @cookie is not NULL only that of this request. */
static void drop_file(const char *path, const char *cookie)
{
	json_object *head, *steps = journal_read(path, cookie, &head);

	if (steps)
		remove_file(path);
	json_object_put(steps);
	json_object_put(head);
}

void journal_drop(const char *dev, const char *cookie)
{
	char path[PATH_MAX];

	lasting_path(path, dev);
	drop_file(path, cookie);
	journal_path(path, dev, "journal");
	drop_file(path, cookie);
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
	json_object *steps, *head;
	bool is;

	journal_path(path, dev, "journal");
	steps = journal_read(path, cookie, &head);
	if (!steps) {
		lasting_path(path, dev);
		steps = journal_read(path, cookie, &head);
	}
	is = steps;
	json_object_put(steps);
	json_object_put(head);
	return is;
}
