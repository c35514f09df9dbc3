// SPDX-License-Identifier: GPL-2.0
/* Steps that the kernel may never come back from. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "deadline.h"
#include "guard.h"
#include "log.h"
#include "sysfs.h"

/* How often it is looked whether the disks transfer anything. */
#define LOOK_MS		250

/* How long a look may take: less than the kernel waits for the answer to a request. */
#define LOOK_LIMIT_MS	10000

/* How long a process that was killed may take to be gone. */
#define KILLED_MS	1000

/* A step of a request, of an undo, or a look. */
enum how { STEP, UNDO, LOOK };

/* What the process says at its end. */
struct answer {
	int err;
	char text[GUARD_TEXT];
};

/* What guard_policy() has found; 0: nothing yet. */
static unsigned int stall_ms;

void guard_policy(const struct policy *policy, const char *dev)
{
	stall_ms = policy_number(policy, dev, POLICY_STALL_TIMEOUT);
}

/* Transfers that a disk has completed: reads, writes, discards and flushes. */
static unsigned long long disk_transfers(const char *path)
{
	unsigned long long n[4] = { 0 };
	char text[256];

	if (sysfs_read(text, sizeof(text), "%s/stat", path) > 0)
		sscanf(text, "%llu %*u %*u %*u %llu %*u %*u %*u %*u %*u %*u %llu %*u %*u %*u %llu",
		       &n[0], &n[1], &n[2], &n[3]);
	return n[0] + n[1] + n[2] + n[3];
}

/* Of the device's disks; of an undo, which knows none of them, of all. */
static unsigned long long transfers(const struct job *job)
{
	unsigned long long done = 0;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	for (size_t i = 0; job && i < job->tree.n; i++)
		if (job->tree.nodes[i].kind == NODE_DISK)
			done += disk_transfers(job->tree.nodes[i].path);
	if (job)
		return done;
	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/block/%s", config.sysfs, entry->d_name);
		done += disk_transfers(path);
	}
	if (dir)
		closedir(dir);
	return done;
}

/* Whether the kernel counts what the device's disks transfer (queue/iostats). */
static bool transfers_count(const struct job *job)
{
	char text[16];

	for (size_t i = 0; job && i < job->tree.n; i++)
		if (job->tree.nodes[i].kind == NODE_DISK &&
		    sysfs_read(text, sizeof(text), "%s/queue/iostats",
			       job->tree.nodes[i].path) > 0 && *text == '0')
			return false;
	return true;
}

/*
 * Waits until the other end of the pipe is closed. Return: NULL then, else why it
 * is waited for no longer.
 */
static const char *wait_for(const struct job *job, enum how how, int fd)
{
	const unsigned int limit = how == LOOK && stall_ms > LOOK_LIMIT_MS ? LOOK_LIMIT_MS :
								     stall_ms;
	struct pollfd end = { .fd = fd, .events = POLLIN };
	bool count = how != LOOK && transfers_count(job);
	unsigned long long before = count ? transfers(job) : 0, done;
	uint64_t since = deadline_now_ms();

	while (poll(&end, 1, limit < LOOK_MS ? limit : LOOK_MS) <= 0) {
		done = count ? transfers(job) : 0;
		/* Of disks that are not counted nobody knows that they stall. */
		if (done != before || (how != LOOK && !count))
			since = deadline_now_ms();
		before = done;
		if (deadline_now_ms() - since >= limit)
			return how == LOOK ? "the disk did not answer in time" :
					     "no disk of the device transferred anything for as long as stall_timeout_ms says";
		if (how == STEP && job->journal && !request_waits(&job->req))
			return "the request is over";
	}
	return NULL;
}

/* The process of a step, in itself. */
static pid_t step_pid;

/*
 * What a step starts in turn, as libmount does mount.<type>, ends with it. A daemon
 * that stays behind for a filesystem in userspace has a parent of its own by then.
 */
static void end_with_step(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != step_pid)
		_exit(1);
}

/* As programs that are run, it ends with who has started it. */
static void __attribute__((noreturn))
child(pid_t parent, int fd, int (*fn)(void *data, char text[GUARD_TEXT]), void *data)
{
	struct answer answer;

	memset(&answer, 0, sizeof(answer));
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	step_pid = getpid();
	if (pthread_atfork(NULL, NULL, end_with_step))
		_exit(1);
	/* The run that has the device is the one that waits. */
	journal_disown();
	answer.err = fn(data, answer.text);
	_exit(write(fd, &answer, sizeof(answer)) != sizeof(answer));
}

static void end_of(pid_t pid)
{
	struct timespec pause = { .tv_nsec = 1000 * 1000 };

	kill(-pid, SIGKILL);
	for (int ms = 0; ms < KILLED_MS && !waitpid(pid, NULL, WNOHANG); ms++)
		nanosleep(&pause, NULL);
}

static int not_begun(char text[GUARD_TEXT], int err)
{
	snprintf(text, GUARD_TEXT, "%s", strerror(err));
	return err;
}

static int run(struct job *job, enum how how, const char *what,
	       int (*fn)(void *data, char text[GUARD_TEXT]), void *data,
	       char text[GUARD_TEXT])
{
	/* Who only looks, or undoes, has no request to answer. */
	bool asked = how == STEP && job->journal;
	const char *given_up;
	struct answer answer = { .err = EIO };
	pid_t parent = getpid(), pid;
	int ends[2];

	if (!stall_ms)
		guard_policy(NULL, NULL);
	if (pipe2(ends, O_CLOEXEC))
		return not_begun(text, errno);
	pid = fork();
	if (pid < 0) {
		int err = errno;

		close(ends[0]);
		close(ends[1]);
		return not_begun(text, err);
	}
	if (!pid)
		child(parent, ends[1], fn, data);
	setpgid(pid, pid);
	close(ends[1]);
	if (asked)
		request_progress_begin(&job->req, what);
	given_up = wait_for(job, how, ends[0]);
	if (asked)
		request_progress_end();
	if (given_up) {
		end_of(pid);
		answer.err = ETIME;
		snprintf(answer.text, sizeof(answer.text),
			 "given up: %s: look why it does not answer (dmsetup info, the log of the kernel)",
			 given_up);
	} else if (read(ends[0], &answer, sizeof(answer)) != sizeof(answer)) {
		snprintf(answer.text, sizeof(answer.text), "ended unexpectedly");
	}
	if (!given_up)
		waitpid(pid, NULL, 0);
	close(ends[0]);
	if (answer.err && !*answer.text)
		snprintf(answer.text, sizeof(answer.text), "%s", strerror(answer.err));
	memcpy(text, answer.text, sizeof(answer.text));
	return answer.err;
}

int guard(struct job *job, const char *what, int (*fn)(void *data, char text[GUARD_TEXT]),
	  void *data, char text[GUARD_TEXT])
{
	return run(job, job ? STEP : UNDO, what, fn, data, text);
}

int guard_look(const char *what, int (*fn)(void *data, char text[GUARD_TEXT]), void *data,
	       char text[GUARD_TEXT])
{
	return run(NULL, LOOK, what, fn, data, text);
}
