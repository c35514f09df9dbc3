// SPDX-License-Identifier: GPL-2.0
/* The request as sysfs shows it, and the ack. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/drvio.h>

#include "config.h"
#include "escape.h"
#include "log.h"
#include "request.h"
#include "sysfs.h"

/* The only phase in which the kernel takes an ack. */
#define PHASE_USERSPACE	"userspace"

static const char * const verb_names[] = {
	[VERB_NONE] = "none",
	[VERB_CONFIGURE] = DRVIO_VERB_CONFIGURE,
	[VERB_UNCONFIGURE] = DRVIO_VERB_UNCONFIGURE,
	[VERB_FORCE] = DRVIO_VERB_FORCE_UNCONFIG,
};

const char *verb_name(enum verb verb)
{
	return verb_names[verb];
}

static enum verb verb_find(const char *name)
{
	for (enum verb v = VERB_CONFIGURE; v <= VERB_FORCE; v++)
		if (!strcmp(name, verb_names[v]))
			return v;
	return VERB_NONE;
}

static int number_of_target(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_target(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "target", 6) &&
	       entry->d_name[6] >= '0' && entry->d_name[6] <= '9';
}

static int read_targets(struct request *req)
{
	char path[PATH_MAX], *real;
	struct dirent **entries;
	int n;

	snprintf(path, sizeof(path), "%s/class/drvio/%s", config.sysfs, req->dev);
	n = scandir(path, &entries, is_target, number_of_target);
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/class/drvio/%s/%s",
			 config.sysfs, req->dev, entries[i]->d_name);
		real = realpath(path, NULL);
		/* A target that left meanwhile has nothing to release. */
		if (real)
			strv_take(&req->targets, real);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

/* The folder of a device on any bus, or NULL. */
static char *device_path(const char *name)
{
	char path[PATH_MAX], *real = NULL;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bus", config.sysfs);
	dir = opendir(path);
	while (dir && !real && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/bus/%s/devices/%s", config.sysfs,
				     entry->d_name, name) >= sizeof(path))
			continue;
		real = realpath(path, NULL);
	}
	if (dir)
		closedir(dir);
	return real;
}

/* Of services: a client need not be below its service in the tree of devices. */
static void read_clients(struct request *req)
{
	char text[4096], *rest = text, *name, *path;

	if (sysfs_read(text, sizeof(text), "%s/class/drvio/%s/clients", config.sysfs,
		       req->dev) <= 0)
		return;
	while ((name = strsep(&rest, " "))) {
		strv_take(&req->clients, xstrdup(name));
		path = device_path(name);
		if (path)
			strv_take(&req->targets, path);
	}
}

int request_read(struct request *req, const char *dev)
{
	char text[64];

	memset(req, 0, sizeof(*req));
	req->dev = dev;
	/* A name, not a path: it is the end of paths that root writes to. */
	if (!*dev || *dev == '.' || strchr(dev, '/')) {
		log_err("\"%s\" is no name of a device", dev);
		return -1;
	}
	if (read_targets(req)) {
		log_err("%s: no such device: %s/class/drvio/%s: %s", dev,
			config.sysfs, dev, strerror(errno));
		return -1;
	}
	read_clients(req);
	sysfs_read(req->type, sizeof(req->type), "%s/class/drvio/%s/name",
		   config.sysfs, dev);
	sysfs_read(req->cookie, sizeof(req->cookie),
		   "%s/class/drvio/%s/request/cookie", config.sysfs, dev);
	sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/verb",
		   config.sysfs, dev);
	req->verb = verb_find(text);
	sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/deadline_ms",
		   config.sysfs, dev);
	req->deadline_ms = strtoul(text, NULL, 10);
	return 0;
}

bool request_waits(const struct request *req)
{
	char text[64];

	sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/phase",
		   config.sysfs, req->dev);
	if (strcmp(text, PHASE_USERSPACE))
		return false;
	sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/cookie",
		   config.sysfs, req->dev);
	return !strcmp(text, req->cookie);
}

int request_ack(const struct request *req, const char *word, const char *text)
{
	char *line, *escaped;
	int err;

	escaped = escape(text, DRVIO_REASON_MAX - 1);
	line = xasprintf("%s %s%s%s\n", req->cookie, word, *escaped ? " " : "",
			 escaped);
	err = sysfs_write(line, "%s/class/drvio/%s/ack", config.sysfs, req->dev);
	if (err == -ESTALE || err == -ENOENT)
		log_info("%s: request %s is over, \"%s\" comes too late",
			 req->dev, req->cookie, word);
	else if (err)
		log_err("%s: ack \"%s\": %s", req->dev, word, strerror(-err));
	free(escaped);
	free(line);
	return err ? -1 : 0;
}

/*
 * The thread that says "progress". A thread and not a timer signal, since
 * swapoff(2) gives up on any signal.
 */
static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool running;
	const struct request *req;
	const char *what;
	unsigned int every_ms;
} progress = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.stop = PTHREAD_COND_INITIALIZER,
};

static void *progress_run(void *unused)
{
	struct timespec until;

	(void)unused;
	pthread_mutex_lock(&progress.lock);
	while (progress.running) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += progress.every_ms / 1000;
		until.tv_nsec += progress.every_ms % 1000 * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		if (pthread_cond_timedwait(&progress.stop, &progress.lock,
					   &until) != ETIMEDOUT)
			continue;
		/* A request that is over is noticed by the step that follows. */
		if (request_ack(progress.req, DRVIO_ACK_PROGRESS, progress.what))
			break;
	}
	pthread_mutex_unlock(&progress.lock);
	return NULL;
}

void request_progress_begin(const struct request *req, const char *what)
{
	progress.req = req;
	progress.what = what;
	progress.every_ms = req->deadline_ms / 3;
	if (progress.every_ms < 100)
		progress.every_ms = 100;
	progress.running = true;
	if (pthread_create(&progress.thread, NULL, progress_run, NULL)) {
		log_warn("%s: no thread to report progress", req->dev);
		progress.running = false;
	}
}

void request_progress_end(void)
{
	if (!progress.running)
		return;
	pthread_mutex_lock(&progress.lock);
	progress.running = false;
	pthread_cond_signal(&progress.stop);
	pthread_mutex_unlock(&progress.lock);
	pthread_join(progress.thread, NULL);
}

void request_free(struct request *req)
{
	strv_free(&req->targets);
	strv_free(&req->clients);
}
