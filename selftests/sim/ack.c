// SPDX-License-Identifier: GPL-2.0
/*
 * The ack: what it decides, whom it is taken from, when it is too late.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

static int write_ack(const struct dr_device *dev, const char *cookie, const char *rest)
{
	char line[4200];

	snprintf(line, sizeof(line), "%s %s", cookie, rest);
	return helper_write(dev, line);
}

TEST_F(sim, malformed_acks_are_refused_and_change_nothing)
{
	static const char * const rests[] = {
		"", "\n", "ok\nok\n", "okay\n", "OK\n", " ok\n", "bl\n",
		"progres\n", "failed\nx", "text ok\n",
	};
	static const char * const lines[] = {
		"ok", "ok\n", " ok\n", "\n", "zz ok\n", "0x ok\n", "-1 ok\n",
		"11112222333344445 ok\n", "1",
	};
	char cookie[32];

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	EXPECT_EQ(16, strlen(cookie));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		EXPECT_EQ(-EINVAL, helper_write(&self->dev, lines[i])) {
			TH_LOG("\"%s\"", lines[i]);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(rests); i++) {
		EXPECT_EQ(-EINVAL, write_ack(&self->dev, cookie, rests[i])) {
			TH_LOG("\"%s\"", rests[i]);
		}
	}
	EXPECT_DEV_ATTR("userspace", "request/phase");
	EXPECT_EQ(0, write_ack(&self->dev, cookie, "ok\n"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, a_nul_inside_is_malformed)
{
	char cookie[32], line[64], path[256];
	int fd, len;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	snprintf(path, sizeof(path), CLASS_DIR "/%s/ack", self->dev.node);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	len = snprintf(line, sizeof(line), "%s ok x", cookie);
	line[len - 2] = '\0';
	EXPECT_EQ(-1, write(fd, line, len));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, nothing_pending_takes_no_ack)
{
	EXPECT_EQ(-ENOENT, helper_write(&self->dev, "1234 ok\n"));
	/* The last request's own cookie is too late, a second ack as well. */
	EXPECT_DEV_ATTR("done", "request/phase");
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, CLASS_DIR "/%s/request/cookie",
			       self->dev.node));
	EXPECT_EQ(-ENOENT, write_ack(&self->dev, self->text, "ok\n"));
	EXPECT_EQ(-ENOENT, write_ack(&self->dev, self->text, "progress\n"));
	/* Malformed stays malformed. */
	EXPECT_EQ(-EINVAL, write_ack(&self->dev, self->text, "yes\n"));
}

TEST_F(sim, the_cookie_of_another_request_is_stale)
{
	char old[32], cookie[32];

	ASSERT_EQ(0, attr_read(old, sizeof(old), CLASS_DIR "/%s/request/cookie",
			       self->dev.node));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	EXPECT_STRNE(old, cookie);
	EXPECT_EQ(-ESTALE, write_ack(&self->dev, old, "ok\n"));
	EXPECT_EQ(-ESTALE, write_ack(&self->dev, old, "progress\n"));
	EXPECT_EQ(-ESTALE, helper_write(&self->dev, "0 ok\n"));
	EXPECT_DEV_ATTR("userspace", "request/phase");
	EXPECT_EQ(0, write_ack(&self->dev, cookie, "blocked first\n"));
	/* A second one comes too late, whatever it says. */
	EXPECT_EQ(-ENOENT, write_ack(&self->dev, cookie, "ok\n"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_STREQ("first", self->answer.reason);
}

TEST_F(sim, of_many_acks_at_once_one_wins)
{
	enum { RIVALS = 8 };
	char cookie[32];
	int won = 0, status;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	for (int i = 0; i < RIVALS; i++) {
		if (!fork())
			_exit(-write_ack(&self->dev, cookie, i % 2 ? "ok\n" : "blocked x\n"));
	}
	for (int i = 0; i < RIVALS; i++) {
		ASSERT_LT(0, wait(&status));
		ASSERT_TRUE(WIFEXITED(status));
		won += !WEXITSTATUS(status);
		if (WEXITSTATUS(status))
			EXPECT_EQ(ENOENT, WEXITSTATUS(status));
	}
	EXPECT_EQ(1, won);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_TRUE(self->answer.result == DRVIO_OK || self->answer.result == DRVIO_BLOCKED);
}

TEST_F(sim, text_becomes_the_reason)
{
	char expected[DRVIO_REASON_MAX], *text = self->text;

	CALL_ACKED(DRVIO_UNCONFIGURE, "blocked",
		   "Resource  Information\\n/dev/sd\\\\a  \ttab \x80\xff\x7f end");
	EXPECT_STREQ("Resource  Information\n/dev/sd\\a  ?tab ??? end", self->answer.reason);

	/* Cut at 1023 bytes. */
	memset(text, 'x', 1500);
	text[1500] = '\0';
	CALL_ACKED(DRVIO_UNCONFIGURE, "blocked", text);
	memset(expected, 'x', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = '\0';
	EXPECT_STREQ(expected, self->answer.reason);

	/* Success has no reason on the wire; sysfs keeps the text. */
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "synced, 12 MB");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("", self->answer.reason);
	EXPECT_DEV_ATTR("synced, 12 MB", "request/reason");
}

TEST_F(sim, a_hundred_kilobytes_of_text_harm_nobody)
{
	enum { SIZE = 100 * 1000 };
	char cookie[32], path[256];
	char *line = malloc(SIZE);
	ssize_t n;
	int fd;

	ASSERT_NE(NULL, line);
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	memset(line, 'y', SIZE);
	n = sprintf(line, "%s blocked ", cookie);
	line[n] = 'y';
	snprintf(path, sizeof(path), CLASS_DIR "/%s/ack", self->dev.node);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	/* A page is taken, and that is the line. */
	n = write(fd, line, SIZE);
	EXPECT_EQ(getpagesize(), n);
	EXPECT_EQ(-1, write(fd, line + n, SIZE - n));
	close(fd);
	free(line);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_EQ(DRVIO_REASON_MAX - 1, strlen(self->answer.reason));
}

TEST_F(sim, other_users_cannot_ack)
{
	char cookie[32];
	int status;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	if (!fork()) {
		if (setresuid(65534, 65534, 65534))
			_exit(1);
		_exit(-write_ack(&self->dev, cookie, "ok\n"));
	}
	ASSERT_LT(0, wait(&status));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(EACCES, WEXITSTATUS(status));
	EXPECT_DEV_ATTR("userspace", "request/phase");
	EXPECT_EQ(0, write_ack(&self->dev, cookie, "ok\n"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, no_ack_in_time)
{
	char cookie[32];

	SET_TIMEOUT("ack", "300");
	self->begun = deadline_now_ms();
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_LE(CTL_WAITED(300), ELAPSED_MS());
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("did not answer in time");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "undo"));
	/* Late is too late: it must not go on now. */
	EXPECT_EQ(-ENOENT, write_ack(&self->dev, cookie, "ok\n"));
	EXPECT_DEV_ATTR("configured", "state");

	/* Only force goes on, and only when the time is up. */
	self->begun = deadline_now_ms();
	CALL(DRVIO_FORCE_UNCONFIG);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_LE(CTL_WAITED(300), ELAPSED_MS());

	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));

	SET_TIMEOUT("ack", "30000");
	CONFIGURE_OK();
}

TEST_F(sim, progress_extends_the_deadline)
{
	/* Longer than the pauses, by far where the guest is slow; shorter than all of them. */
	SET_TIMEOUT("ack", "1500");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(0, helper_ack(&self->dev, "progress", "12 % done"));
		EXPECT_DEV_ATTR("12 % done", "request/reason");
		usleep(400 * 1000);
	}
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_LE(CTL_WAITED(2000), ELAPSED_MS());
	/* The text of progress is no reason of the answer. */
	EXPECT_DEV_ATTR("", "request/reason");

	/* And when no more comes, it runs out. */
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "progress", "soon"));
	self->begun = deadline_now_ms();
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_LE(CTL_WAITED(1400), ELAPSED_MS());
}

static int deadline_ms(const struct dr_device *dev)
{
	char text[32];

	if (attr_read(text, sizeof(text), CLASS_DIR "/%s/request/deadline_ms", dev->node))
		return -1;
	return atoi(text);
}

TEST_F(sim, no_progress_reaches_beyond_15_minutes)
{
	EXPECT_EQ(0, deadline_ms(&self->dev));
	SET_TIMEOUT("ack", "900000");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	EXPECT_LT(880000, deadline_ms(&self->dev));
	sleep(2);
	/* It would be 15 minutes again, counted from now. */
	ASSERT_EQ(0, helper_ack(&self->dev, "progress", ""));
	EXPECT_GE(898000, deadline_ms(&self->dev));
	EXPECT_LT(880000, deadline_ms(&self->dev));

	/* A shorter timeout counts from the next progress on. */
	SET_TIMEOUT("ack", "5000");
	ASSERT_EQ(0, helper_ack(&self->dev, "progress", ""));
	EXPECT_GE(5000, deadline_ms(&self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_EQ(0, deadline_ms(&self->dev));
}

TEST_HARNESS_MAIN
