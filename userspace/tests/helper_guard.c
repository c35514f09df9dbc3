// SPDX-License-Identifier: GPL-2.0
/* Steps in a process of their own: what comes back of them, and when they hang. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "guard.h"
#include "tap.h"

static int changed;

static int succeed(void *data, char text[GUARD_TEXT])
{
	changed = 1;
	snprintf(text, GUARD_TEXT, "got %s", (char *)data);
	return 0;
}

static int fail(void *data, char text[GUARD_TEXT])
{
	(void)text;
	return *(int *)data;
}

static int crash(void *data, char text[GUARD_TEXT])
{
	(void)data;
	(void)text;
	raise(SIGKILL);
	return 0;
}

static int hang(void *data, char text[GUARD_TEXT])
{
	int *fd = data;
	pid_t pid = getpid();

	(void)text;
	if (write(*fd, &pid, sizeof(pid)) == sizeof(pid))
		pause();
	return 0;
}

static int sleep_on(void *data, char text[GUARD_TEXT])
{
	const struct timespec pause = { .tv_sec = 3 };

	(void)data;
	(void)text;
	nanosleep(&pause, NULL);
	return 0;
}

/* As a disk does that transfers something a few times, and the step ends after. */
static int slow(void *data, char text[GUARD_TEXT])
{
	const struct timespec pause = { .tv_nsec = 500 * 1000 * 1000 };
	FILE *f;

	(void)text;
	for (int i = 1; i <= 4; i++) {
		nanosleep(&pause, NULL);
		f = fopen(data, "w");
		fprintf(f, "0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0\n", i);
		fclose(f);
	}
	return 0;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

int main(void)
{
	char dir[] = "/tmp/drvio-guard.XXXXXX", *stat, *queue, *iostats, *why;
	struct node node = { .kind = NODE_DISK, .path = dir };
	struct job job = { .req.dev = "virtio-blk@0x1", .tree = { 1, &node } };
	int ends[2], err = ENOENT;
	char text[GUARD_TEXT];
	long began;
	pid_t pid;
	FILE *f;

	ok(!guard_look("step", succeed, "it", text), "a step succeeds");
	is(text, "got it", "its text");
	ok(!changed, "it is done in another process");
	ok(guard_look("step", fail, &err, text) == ENOENT, "a step fails");
	is(text, strerror(ENOENT), "what its errno means");
	ok(guard_look("step", crash, NULL, text) == EIO, "a step that is killed");
	is(text, "ended unexpectedly", "says so");

	if (!mkdtemp(dir) || pipe(ends))
		return 1;
	stat = xasprintf("%s/stat", dir);
	job.policy = policy_parse("text", "[default]\nstall_timeout_ms = 1500\n", &why);
	guard_policy(job.policy, job.req.dev);
	began = now_ms();
	ok(guard(&job, "step", hang, &ends[1], text) == ETIME, "a step that hangs is given up");
	ok(now_ms() - began >= 1500, "not before the time is over");
	ok(strstr(text, "given up: no disk of the device transferred anything") != NULL,
	   "and says so");
	ok(read(ends[0], &pid, sizeof(pid)) == sizeof(pid) && kill(pid, 0) && errno == ESRCH,
	   "its process is ended");
	ok(!guard(&job, "step", slow, stat, text), "a step that is slow is waited for while the disk works");

	/* A disk whose transfers nobody counts may be at work all the time. */
	queue = xasprintf("%s/queue", dir);
	iostats = xasprintf("%s/iostats", queue);
	f = mkdir(queue, 0700) ? NULL : fopen(iostats, "w");
	if (!f || fputs("0\n", f) < 0 || fclose(f))
		return 1;
	ok(!guard(&job, "step", sleep_on, NULL, text), "of a disk that is not counted nobody says that it hangs");
	config.sysfs = dir;
	ok(guard(NULL, "step", hang, &ends[1], text) == ETIME, "an undo is given up when no disk does anything");
	unlink(iostats);
	rmdir(queue);
	free(iostats);
	free(queue);

	unlink(stat);
	rmdir(dir);
	free(stat);
	policy_free(job.policy);
	return tap_done();
}
