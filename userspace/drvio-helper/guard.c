// SPDX-License-Identifier: GPL-2.0
/* Steps that the kernel may never come back from. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "guard.h"
#include "log.h"
#include "sysfs.h"

/* How often it is looked whether the disks transfer anything. */
#define LOOK_MS		250

/* How long a process that was killed may take to be gone. */
#define KILLED_MS	100

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

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* Transfers that the disks have completed: reads, writes, discards and flushes. */
static unsigned long long transfers(const struct job *job)
{
	unsigned long long done = 0, n[4];
	char text[256];

	for (size_t i = 0; job && i < job->tree.n; i++) {
		if (job->tree.nodes[i].kind != NODE_DISK ||
		    sysfs_read(text, sizeof(text), "%s/stat", job->tree.nodes[i].path) <= 0)
			continue;
		memset(n, 0, sizeof(n));
		sscanf(text, "%llu %*u %*u %*u %llu %*u %*u %*u %*u %*u %*u %llu %*u %*u %*u %llu",
		       &n[0], &n[1], &n[2], &n[3]);
		done += n[0] + n[1] + n[2] + n[3];
	}
	return done;
}

/* Return: whether the other end of the pipe was closed, not too late. */
static bool wait_for(const struct job *job, bool asked, int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };
	unsigned long long before = transfers(job), done;
	long since = now_ms();

	while (poll(&end, 1, stall_ms < LOOK_MS ? stall_ms : LOOK_MS) <= 0) {
		done = transfers(job);
		if (done != before)
			since = now_ms();
		before = done;
		if (now_ms() - since >= stall_ms || (asked && !request_waits(&job->req)))
			return false;
	}
	return true;
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

int guard(struct job *job, const char *what, int (*fn)(void *data, char text[GUARD_TEXT]),
	  void *data, char text[GUARD_TEXT])
{
	/* Who only looks, or undoes, has no request to answer. */
	bool asked = job && job->journal, ended;
	struct answer answer = { .err = EIO };
	pid_t parent = getpid(), pid;
	int ends[2];

	if (!stall_ms)
		guard_policy(NULL, NULL);
	if (pipe2(ends, O_CLOEXEC) || (pid = fork()) < 0) {
		log_err("%s: %s", what, strerror(errno));
		exit(EXIT_CODE_INTERNAL);
	}
	if (!pid)
		child(parent, ends[1], fn, data);
	setpgid(pid, pid);
	close(ends[1]);
	if (asked)
		request_progress_begin(&job->req, what);
	ended = wait_for(job, asked, ends[0]);
	if (asked)
		request_progress_end();
	if (!ended) {
		end_of(pid);
		answer.err = ETIME;
		snprintf(answer.text, sizeof(answer.text),
			 "given up after %u ms in which no disk of the device transferred anything: look why it does not answer (dmsetup info, the log of the kernel)",
			 stall_ms);
	} else if (read(ends[0], &answer, sizeof(answer)) != sizeof(answer)) {
		snprintf(answer.text, sizeof(answer.text), "ended unexpectedly");
	}
	if (ended)
		waitpid(pid, NULL, 0);
	close(ends[0]);
	if (answer.err && !*answer.text)
		snprintf(answer.text, sizeof(answer.text), "%s", strerror(answer.err));
	memcpy(text, answer.text, sizeof(answer.text));
	return answer.err;
}
