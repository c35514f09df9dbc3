// SPDX-License-Identifier: GPL-2.0
/* The journal: what is put back, in which order, and what is not. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "journal.h"
#include "sysfs.h"
#include "tap.h"

#define DEV	"virtio-blk@0x0102000800000000"

static char undone[1000];
static int fail_first, fail_always;

static int undo(json_object *step, char **why)
{
	json_object *value;

	if (fail_first && strstr(json_object_to_json_string(step), "\"two\"") &&
	    fail_first-- > 0) {
		*why = strdup("not yet");
		return -1;
	}
	if (fail_always && strstr(json_object_to_json_string(step), "\"two\"")) {
		*why = strdup("never");
		return -1;
	}
	json_object_object_get_ex(step, "name", &value);
	strcat(undone, json_object_get_string(value));
	strcat(undone, " ");
	return 0;
}

static const struct step_ops ops[] = {
	{ "test", undo },
	{ NULL, NULL },
};

static json_object *new_step(const char *op, const char *name)
{
	json_object *step = json_object_new_object();

	json_object_object_add(step, "op", json_object_new_string(op));
	json_object_object_add(step, "name", json_object_new_string(name));
	return step;
}

static const char *path(void)
{
	static char buf[4096];

	snprintf(buf, sizeof(buf), "%s/" DEV ".journal", config.run);
	return buf;
}

static void write_journal(const char *cookie)
{
	struct request req = { .dev = DEV, .verb = VERB_UNCONFIGURE };
	struct journal *journal;

	snprintf(req.cookie, sizeof(req.cookie), "%s", cookie);
	journal = journal_begin(&req);
	ok(journal, "a journal is begun");
	if (!journal)
		exit(tap_done());
	ok(!journal_step(journal, new_step("test", "one")) &&
	   !journal_step(journal, new_step("test", "two")) &&
	   !journal_step(journal, new_step("test", "three")), "three steps are written");
	journal_end(journal);
	undone[0] = '\0';
}

static void append(const char *text)
{
	int fd = open(path(), O_WRONLY | O_APPEND);

	ok(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "a line is added");
	close(fd);
}

static void test_order(void)
{
	struct stat st;
	char *why;

	write_journal("1");
	ok(!stat(path(), &st) && (st.st_mode & 0777) == 0600, "nobody else reads it");
	ok(!journal_undo(DEV, NULL, ops, &why) && !why, "all is put back");
	is(undone, "three two one ", "the last step first");
	ok(access(path(), F_OK), "the journal has gone");
	undone[0] = '\0';
	ok(!journal_undo(DEV, NULL, ops, &why) && !*undone, "a second time nothing happens");
}

static void test_cookie(void)
{
	char *why;

	write_journal("2");
	ok(!journal_undo(DEV, "1", ops, &why) && !*undone, "that of another request stays");
	journal_drop(DEV, "1");
	ok(!access(path(), F_OK), "and is not dropped");
	ok(!journal_undo(DEV, "2", ops, &why), "that of this request");
	is(undone, "three two one ", "is put back");
	write_journal("3");
	journal_drop(DEV, "3");
	ok(access(path(), F_OK), "that of this request is dropped");
}

static void test_torn(void)
{
	char *why;

	write_journal("4");
	append("{\"op\":\"test\",\"name\":\"fo");
	ok(!journal_undo(DEV, NULL, ops, &why), "a torn line is no error");
	is(undone, "three two one ", "its step was not begun");

	write_journal("5");
	append("{]\n");
	append("{\"op\":\"test\",\"name\":\"four\"}\n");
	ok(!journal_undo(DEV, NULL, ops, &why), "a line of rubbish is no error");
	is(undone, "four three two one ", "the others are put back");

	write_journal("6");
	ok(!truncate(path(), 0), "an empty file");
	ok(!journal_undo(DEV, NULL, ops, &why) && !*undone, "has nothing to put back");
}

static void test_failures(void)
{
	char *why;

	write_journal("7");
	fail_first = 1;
	ok(!journal_undo(DEV, NULL, ops, &why) && !why, "what fails is tried again");
	is(undone, "three one two ", "after the others");

	write_journal("8");
	fail_always = 1;
	ok(journal_undo(DEV, NULL, ops, &why) < 0, "what fails twice is an error");
	is(why, "never", "with its reason");
	is(undone, "three one ", "the others are put back");
	ok(!access(path(), F_OK), "and it stays written down");
	free(why);
	undone[0] = '\0';
	ok(journal_undo(DEV, "8", ops, &why) < 0 && !*undone, "alone");
	free(why);
	/* The first start was that above. */
	write_journal("8b");
	ok(journal_undo(DEV, "8b", ops, &why) < 0, "a request after it takes it over");
	is(why, "never; never", "with its own");
	is(undone, "three one ", "which is put back");
	free(why);
	ok(journal_undo(DEV, NULL, ops, &why) < 0 && !access(path(), F_OK), "the second start");
	free(why);
	ok(journal_undo(DEV, NULL, ops, &why) < 0 && access(path(), F_OK),
	   "the third start is the last to try it");
	free(why);
	fail_always = 0;

	write_journal("8c");
	fail_always = 1;
	ok(journal_undo(DEV, NULL, ops, &why) < 0, "what fails at one start");
	free(why);
	fail_always = 0;
	undone[0] = '\0';
	ok(!journal_undo(DEV, NULL, ops, &why) && access(path(), F_OK), "is put back by the next");
	is(undone, "two ", "and nothing else");

	write_journal("9");
	append("{\"op\":\"of the future\"}\n");
	append("{\"name\":\"no op\"}\n");
	append("5\n");
	ok(journal_undo(DEV, NULL, ops, &why) < 0, "an unknown step is an error");
	ok(strstr(why, "of the future"), "and is named");
	is(undone, "three two one ", "the others are put back");
	free(why);
	journal_drop(DEV, NULL);
}

static void test_format(void)
{
	char *why;
	int fd;

	undone[0] = '\0';
	fd = open(path(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	close(fd);
	append("{\"format\":2,\"cookie\":\"1\"}\n");
	append("{\"op\":\"test\",\"name\":\"one\"}\n");
	ok(!journal_undo(DEV, NULL, ops, &why) && !*undone,
	   "of another format nothing is guessed");
}

static bool has_lasting(void)
{
	char file[4096];

	snprintf(file, sizeof(file), "%s/" DEV ".journal", config.state);
	return !access(file, F_OK);
}

/* What a boot does not put right is in a file of its own, and undone first. */
static void test_lasting(void)
{
	struct request req = { .dev = DEV, .verb = VERB_UNCONFIGURE, .cookie = "10" };
	struct strv devs = { 0 };
	struct journal *journal;
	char *why;

	journal = journal_begin(&req);
	ok(journal && !has_lasting(), "a request that changes nothing for good");
	ok(!journal_step(journal, new_step("test", "one")) &&
	   !journal_lasting_step(journal, new_step("test", "two")) &&
	   !journal_step(journal, new_step("test", "three")), "one step is to last");
	journal_end(journal);
	ok(has_lasting(), "it is written down");
	ok(!unlink(path()), "a boot forgets the others");
	journal_devices(&devs);
	ok(devs.n == 1 && !strcmp(devs.s[0], DEV), "the device is found");
	strv_free(&devs);
	ok(journal_is_of(DEV, "10") && !journal_is_of(DEV, "11"), "and its request");
	undone[0] = '\0';
	fail_always = 1;
	ok(journal_undo(DEV, NULL, ops, &why) < 0 && has_lasting(),
	   "what cannot be put back stays");
	free(why);
	undone[0] = '\0';
	snprintf(req.cookie, sizeof(req.cookie), "12");
	journal = journal_begin(&req);
	ok(journal && !journal_lasting_step(journal, new_step("test", "four")),
	   "a request after it has a lasting step, too");
	journal_end(journal);
	ok(journal_undo(DEV, "12", ops, &why) < 0 && has_lasting(),
	   "both are in the journal");
	is(undone, "four ", "the new one is put back");
	free(why);
	undone[0] = '\0';
	fail_always = 0;
	ok(!journal_undo(DEV, NULL, ops, &why) && !has_lasting(), "until it can");
	is(undone, "two ", "and is put back");
	snprintf(req.cookie, sizeof(req.cookie), "10");

	journal = journal_begin(&req);
	ok(!journal_lasting_step(journal, new_step("test", "two")), "another one");
	journal_end(journal);
	journal_drop(DEV, "11");
	ok(has_lasting(), "is not dropped by another request");
	journal_drop(DEV, "10");
	ok(!has_lasting() && access(path(), F_OK), "but by its own");
	journal_devices(&devs);
	ok(devs.n == 0, "nothing is left");
}

/* A lock goes with its run, and one that waits for it gets the next. */
static void test_unlock(void)
{
	char lock[4096];

	snprintf(lock, sizeof(lock), "%s/" DEV ".lock", config.run);
	ok(!journal_lock(DEV) && !access(lock, F_OK), "a lock");
	journal_unlock(DEV);
	ok(access(lock, F_OK), "goes with its run");
	journal_unlock(DEV);
	ok(!journal_lock(DEV), "and can be had again");
	journal_unlock(DEV);
}

/* A second run waits for the first, and gets the lock when that is killed. */
static void test_lock(void)
{
	int pipes[2], status;
	char c;
	pid_t pid;

	ok(!pipe(pipes), "a pipe");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* The folder is not there yet. */
		c = journal_lock(DEV) ? 'n' : 'y';
		if (write(pipes[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ok(read(pipes[0], &c, 1) == 1 && c == 'y', "the first run has the lock");
	fflush(stdout);
	if (!fork()) {
		alarm(1);
		_exit(journal_lock(DEV) ? 1 : 0);
	}
	wait(&status);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM, "the second one waits");
	kill(pid, SIGKILL);
	ok(!journal_lock(DEV), "until the first one is killed");
	waitpid(pid, NULL, 0);
}

int main(void)
{
	char dir[] = "/tmp/drvio-journal.XXXXXX", run[100], state[100], command[200];

	if (!mkdtemp(dir))
		return 1;
	snprintf(run, sizeof(run), "%s/run", dir);
	config.run = run;
	snprintf(state, sizeof(state), "%s/state", dir);
	config.state = state;
	test_lock();
	test_order();
	test_cookie();
	test_torn();
	test_failures();
	test_format();
	test_lasting();
	test_unlock();
	config.run = "/proc/no/such/folder";
	ok(journal_lock(DEV) < 0, "without a folder there is no lock");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || tap_done();
}
