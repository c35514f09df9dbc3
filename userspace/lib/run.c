// SPDX-License-Identifier: GPL-2.0
/* Running programs of the system. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "run.h"

/* No program that is run here has more to say. */
#define OUTPUT_MAX	(256 * 1024)

/* Room for the variables that are always set. */
#define ENV_MAX		32

/* How long a program that was killed may take to be gone. */
#define KILLED_MS	500

enum { END_IN, END_OUT, END_ERR, NENDS };

struct text {
	char *s;
	size_t len;
};

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static bool find_program(char path[PATH_MAX], const struct run *run)
{
	const char *dir = RUN_PATH, *name = run->argv[0];

	if (run->fd > 0) {
		snprintf(path, PATH_MAX, "/proc/self/fd/%d", run->fd);
		return true;
	}
	if (*name == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return !access(path, X_OK);
	}
	while (*dir) {
		int len = strcspn(dir, ":");

		snprintf(path, PATH_MAX, "%.*s/%s", len, dir, name);
		if (!access(path, X_OK))
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}

/*
 * It ends with who has started it: what is done after that one was killed is not to
 * meet with what it had begun.
 */
static void child(const char *path, struct run *run, int ends[NENDS][2], pid_t parent)
{
	char *env[ENV_MAX] = { "PATH=" RUN_PATH, "LC_ALL=C", "HOME=/" };
	int n = 3;
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(127);
	for (int i = 0; run->env && run->env[i] && n < ENV_MAX - 1; i++)
		env[n++] = (char *)run->env[i];
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(ends[END_IN][0], 0) < 0 || dup2(ends[END_OUT][1], 1) < 0 ||
	    dup2(ends[END_ERR][1], 2) < 0 || chdir("/"))
		_exit(127);
	/* The interpreter of a script opens it by this number. */
	if (run->fd > 0)
		fcntl(run->fd, F_SETFD, 0);
	execve(path, (char *const *)run->argv, env);
	_exit(127);
}

static void take(struct text *text, int *fd)
{
	char buf[4096];
	ssize_t len = read(*fd, buf, sizeof(buf));

	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (len <= 0) {
		close(*fd);
		*fd = -1;
		return;
	}
	/* What is too much is read, so that it does not wait, and dropped. */
	if (text->len + len > OUTPUT_MAX)
		return;
	text->s = xreallocarray(text->s, text->len + len + 1, 1);
	memcpy(text->s + text->len, buf, len);
	text->len += len;
	text->s[text->len] = '\0';
}

static void give(const char **input, int *fd)
{
	ssize_t len = write(*fd, *input, strlen(*input));

	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (len > 0)
		*input += len;
	if (len < 0 || !**input) {
		close(*fd);
		*fd = -1;
	}
}

/* Return: whether the program closed its ends before the time was over. */
static bool talk(struct run *run, int ends[NENDS][2], struct text *out,
		 struct text *err, long end)
{
	const char *input = run->input ? run->input : "";
	int *in_fd = &ends[END_IN][1], *out_fd = &ends[END_OUT][0];
	int *err_fd = &ends[END_ERR][0];

	fcntl(*in_fd, F_SETFL, O_NONBLOCK);
	if (!*input) {
		close(*in_fd);
		*in_fd = -1;
	}
	while (*out_fd >= 0 || *err_fd >= 0) {
		struct pollfd fds[] = {
			{ .fd = *in_fd, .events = POLLOUT },
			{ .fd = *out_fd, .events = POLLIN },
			{ .fd = *err_fd, .events = POLLIN },
		};
		long left = end - now_ms();

		if (left <= 0)
			return false;
		if (poll(fds, 3, left) <= 0)
			continue;
		if (fds[0].revents)
			give(&input, in_fd);
		if (fds[1].revents)
			take(out, out_fd);
		if (fds[2].revents)
			take(err, err_fd);
	}
	return true;
}

/* Return: whether it has ended, with its status. */
static bool reap(pid_t pid, int *status, long end)
{
	struct timespec pause = { .tv_nsec = 1000 * 1000 };

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (now_ms() >= end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* The last line of a text that has anything in it. */
static char *last_line(const struct text *text)
{
	size_t end = text->len, begin;

	while (end && strchr(" \t\n", text->s[end - 1]))
		end--;
	for (begin = end; begin && text->s[begin - 1] != '\n'; )
		begin--;
	while (begin < end && strchr(" \t", text->s[begin]))
		begin++;
	return end > begin ? xasprintf("%.*s", (int)(end - begin), text->s + begin) :
			     NULL;
}

static int wait_for(struct run *run, pid_t pid, int ends[NENDS][2])
{
	long end = now_ms() + run->timeout_ms;
	struct text out = { 0 }, err = { 0 };
	int status = 0, rc = -1;

	if (!talk(run, ends, &out, &err, end) || !reap(pid, &status, end)) {
		kill(-pid, SIGKILL);
		reap(pid, &status, now_ms() + KILLED_MS);
		run->why = xasprintf("%s: not done after %u ms, and killed",
				     run->argv[0], run->timeout_ms);
	} else if (WIFSIGNALED(status)) {
		run->why = xasprintf("%s: ended by signal %d (%s)", run->argv[0],
				     WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else {
		rc = WEXITSTATUS(status);
		if (rc)
			run->why = last_line(&err);
		if (rc && !run->why)
			run->why = xasprintf("%s: exit status %d", run->argv[0], rc);
	}
	run->output = out.s ? out.s : xstrdup("");
	free(err.s);
	return rc;
}

int run_program(struct run *run)
{
	int ends[NENDS][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	char path[PATH_MAX];
	bool piped = true;
	pid_t parent = getpid(), pid = -1;
	int rc = -1;

	run->output = NULL;
	run->why = NULL;
	if (!find_program(path, run)) {
		run->why = xasprintf("%s: there is no such program: install it",
				     run->argv[0]);
		goto out;
	}
	for (int i = 0; i < NENDS; i++)
		piped &= !pipe2(ends[i], O_CLOEXEC);
	if (piped)
		pid = fork();
	if (pid < 0) {
		run->why = xasprintf("%s: %s", run->argv[0], strerror(errno));
		goto out;
	}
	if (!pid)
		child(path, run, ends, parent);
	close(ends[END_IN][0]);
	close(ends[END_OUT][1]);
	close(ends[END_ERR][1]);
	ends[END_IN][0] = ends[END_OUT][1] = ends[END_ERR][1] = -1;
	rc = wait_for(run, pid, ends);
out:
	for (int i = 0; i < NENDS; i++)
		for (int k = 0; k < 2; k++)
			if (ends[i][k] >= 0)
				close(ends[i][k]);
	signal(SIGPIPE, old);
	return rc;
}

void run_free(struct run *run)
{
	free(run->output);
	free(run->why);
	run->output = NULL;
	run->why = NULL;
}
