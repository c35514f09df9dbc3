// SPDX-License-Identifier: GPL-2.0
/* Programs that are run: what they get, what is got from them, their time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "run.h"
#include "tap.h"

#define ARGV(...)	((const char *const[]){ __VA_ARGS__, NULL })

static int go(struct run *run, const char *const argv[], unsigned int timeout_ms)
{
	run_free(run);
	run->argv = argv;
	run->timeout_ms = timeout_ms;
	return run_program(run);
}

static void test_results(void)
{
	struct run run = { 0 };
	char *long_text;

	ok(!go(&run, ARGV("echo", "a b", "$HOME"), 5000), "a program succeeds");
	is(run.output, "a b $HOME\n", "its output, and no shell in between");
	ok(!run.why, "nothing went wrong");

	ok(go(&run, ARGV("sh", "-c", "echo out; echo one >&2; echo ' two ' >&2; exit 3"), 5000) == 3,
	   "an exit status");
	is(run.output, "out\n", "output of one that fails");
	is(run.why, "two", "the last line of its errors");
	ok(go(&run, ARGV("false"), 5000) == 1 && strstr(run.why, "exit status 1"),
	   "one that says nothing");
	ok(go(&run, ARGV("sh", "-c", "kill -9 $$"), 5000) == -1 &&
	   strstr(run.why, "signal 9"), "one that is killed");
	ok(go(&run, ARGV("no-such-program"), 5000) == -1 &&
	   strstr(run.why, "no such program"), "one that is not there");
	ok(go(&run, ARGV("/no/such/program"), 5000) == -1 &&
	   strstr(run.why, "no such program"), "not even by its path");

	setenv("SECRET", "x", 1);
	run.env = ARGV("ONE=1");
	ok(!go(&run, ARGV("env"), 5000), "env");
	ok(strstr(run.output, "PATH=" RUN_PATH "\n") && strstr(run.output, "ONE=1\n") &&
	   !strstr(run.output, "SECRET"), "a clean environment");
	run.env = NULL;

	long_text = xcalloc(1, 200001);
	memset(long_text, 'x', 200000);
	run.input = long_text;
	ok(!go(&run, ARGV("cat"), 5000), "a long input");
	is(run.output, long_text, "comes back whole");
	ok(!go(&run, ARGV("true"), 5000), "an input that nobody reads");
	run.input = NULL;
	ok(!go(&run, ARGV("cat"), 5000) && !*run.output, "no input");
	run_free(&run);
	free(long_text);
}

static void test_time(void)
{
	struct run run = { 0 };
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	ok(go(&run, ARGV("sleep", "30"), 200) == -1 && strstr(run.why, "after 200 ms"),
	   "a program that takes too long");
	ok(go(&run, ARGV("sh", "-c", "sleep 30 & sleep 30"), 200) == -1,
	   "and what it has started");
	ok(go(&run, ARGV("sh", "-c", "exec >&- 2>&-; sleep 30"), 200) == -1,
	   "one that has closed its output");
	ok(go(&run, ARGV("sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxx; done"), 200) == -1 &&
	   strlen(run.output) <= 256 * 1024, "one that has no end");
	clock_gettime(CLOCK_MONOTONIC, &b);
	ok(b.tv_sec - a.tv_sec < 15, "are not waited for");
	run_free(&run);
}

/* Who runs a program is killed: so is the program, which would go on behind its back. */
static void test_killed(void)
{
	char text[64] = "";
	struct run run = { 0 };
	struct timespec a, b;
	pid_t parent;
	int ends[2];

	ok(!pipe(ends), "a pipe");
	parent = fork();
	if (!parent) {
		/* Its copy of the descriptor is open as long as it runs. */
		snprintf(text, sizeof(text), "echo >&%d; exec sleep 30", ends[1]);
		go(&run, ARGV("sh", "-c", text), 30000);
		_exit(0);
	}
	close(ends[1]);
	ok(read(ends[0], text, 1) == 1, "a program runs");
	clock_gettime(CLOCK_MONOTONIC, &a);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	ok(!read(ends[0], text, 1), "and ends");
	clock_gettime(CLOCK_MONOTONIC, &b);
	ok(b.tv_sec - a.tv_sec < 15, "with who has run it, who was killed");
	close(ends[0]);
}

int main(void)
{
	test_results();
	test_killed();
	test_time();
	return tap_done();
}
