// SPDX-License-Identifier: GPL-2.0
/* The request as sysfs shows it, the ack, and "progress" during long steps. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "request.h"
#include "sysfs.h"
#include "tap.h"

#define DEV	"disk@0x0000000000000001"

static char dir[] = "/tmp/drvio-request.XXXXXX";

static void put(const char *file, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/class/drvio/" DEV "/%s", dir, file);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

static const char *acked(void)
{
	static char text[4096];

	sysfs_read(text, sizeof(text), "%s/class/drvio/" DEV "/ack", dir);
	return text;
}

static void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

static void test_read(struct request *req)
{
	put("name", "disk\n");
	put("request/verb", "unconfigure\n");
	put("request/cookie", "00000000deadbeef\n");
	put("request/phase", "userspace\n");
	put("request/deadline_ms", "300\n");

	ok(!request_read(req, DEV), "a device");
	is(req->type, "disk", "its type");
	is(req->cookie, "00000000deadbeef", "its cookie");
	ok(req->verb == VERB_UNCONFIGURE, "the verb");
	ok(req->deadline_ms == 300, "the deadline");
	ok(req->targets.n == 3, "three targets, but none that has left");
	ok(req->targets.n == 3 && strstr(req->targets.s[0], "/port0") &&
	   strstr(req->targets.s[1], "/port2") &&
	   strstr(req->targets.s[2], "/port10"), "in the order of their numbers");
}

static void test_waits(const struct request *req)
{
	ok(request_waits(req), "it waits for the ack");
	put("request/phase", "unbind\n");
	ok(!request_waits(req), "it does not, in another phase");
	put("request/phase", "userspace\n");
	put("request/cookie", "00000000deadbee0\n");
	ok(!request_waits(req), "another one does");
	put("request/cookie", "00000000deadbeef\n");
	ok(request_waits(req), "it waits again");
}

static void test_ack(const struct request *req)
{
	char text[3000];

	ok(!request_ack(req, "ok", ""), "an ack");
	is(acked(), "00000000deadbeef ok", "has no text");
	put("ack", "");
	ok(!request_ack(req, "blocked", "a\nb\\c\td"), "an ack with a text");
	is(acked(), "00000000deadbeef blocked a\\nb\\\\c?d", "is escaped");
	put("ack", "");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ok(!request_ack(req, "failed", text), "an ack with a long text");
	ok(strlen(acked()) == strlen("00000000deadbeef failed ") + 1023, "is cut");
}

static void test_progress(const struct request *req)
{
	put("ack", "");
	request_progress_begin(req, "the step");
	request_progress_end();
	is(acked(), "", "a short step makes no progress");

	request_progress_begin(req, "the step");
	for (int i = 0; i < 50 && !*acked(); i++)
		sleep_ms(20);
	is(acked(), "00000000deadbeef progress the step", "a long one does");
	put("ack", "");
	for (int i = 0; i < 50 && !*acked(); i++)
		sleep_ms(20);
	is(acked(), "00000000deadbeef progress the step", "time and again");
	request_progress_end();
	put("ack", "");
	sleep_ms(300);
	is(acked(), "", "until it has ended");
}

static void test_missing(struct request *req)
{
	char path[200];

	ok(request_read(req, "disk@0x2") < 0, "no such device");
	ok(request_read(req, "") < 0, "no name");
	ok(request_read(req, "../drvio") < 0, "a path");
	ok(request_read(req, ".") < 0, "a folder");
	snprintf(path, sizeof(path), "%s/class/drvio/" DEV "/request", dir);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/cookie");
	unlink(path);
	ok(!request_read(req, DEV), "a device that had no request");
	is(req->cookie, "", "has no cookie");
	ok(!strcmp(verb_name(VERB_FORCE), "force-unconfigure"), "the words are those of the kernel");
	request_free(req);
}

int main(void)
{
	struct request req;
	char command[1000];

	if (!mkdtemp(dir))
		return 1;
	config.sysfs = dir;
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p class/drvio/" DEV "/request port0 port2 port10 && cd class/drvio/" DEV
		 " && ln -s ../../../port0 target0 && ln -s ../../../port2 target2 && ln -s ../../../port10 target10 && ln -s ../../../gone target3 && touch ack targets",
		 dir);
	ok(!system(command), "a tree");
	test_read(&req);
	test_waits(&req);
	test_ack(&req);
	test_progress(&req);
	request_free(&req);
	test_missing(&req);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ok(!system(command), "the tree is gone");
	return tap_done();
}
