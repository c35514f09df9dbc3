// SPDX-License-Identifier: GPL-2.0
/*
 * Links: how many there may be, how much each may ask, and what becomes of
 * requests whose link has gone.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

/* drivers/drvio/limits.h */
#define LINKS		8
#define QUEUE		64
#define BACKLOG		256

static long counter(const char *name)
{
	char text[32];

	if (attr_read(text, sizeof(text), SERVICE_DIR "/statistics/%s", name))
		return -1;
	return atol(text);
}

TEST_F(sim, there_are_eight_links)
{
	int fds[LINKS + 1], n;

	/* The fixture has one, a relay may have another. */
	for (n = 0; n <= LINKS; n++) {
		fds[n] = open("/dev/drvio", O_RDWR | O_CLOEXEC);
		if (fds[n] < 0)
			break;
	}
	EXPECT_EQ(EUSERS, errno);
	EXPECT_LE(LINKS - 2, n);
	EXPECT_GE(LINKS - 1, n);
	for (int i = 0; i < LINKS; i++) {
		EXPECT_EQ(0, attr_read(self->text, ATTR_MAX, CLASS_DIR "/link%d/state", i));
	}
	/* Those that there are work on. */
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);

	ASSERT_LT(0, n);
	close(fds[0]);
	fds[0] = open("/dev/drvio", O_RDWR | O_CLOEXEC);
	EXPECT_LE(0, fds[0]);
	while (n--)
		close(fds[n]);
}

TEST_F(sim, more_than_64_requests_are_blocked)
{
	struct pollfd pfd = { .fd = self->s.fd, .events = POLLOUT };
	struct deadline soon = deadline_in_ms(100);
	uint64_t first = self->s.next_number;
	int sent;

	/* The first waits for userspace, the others wait for the first. */
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	for (sent = 1; poll(&pfd, 1, 0) == 1 && sent < 2 * BACKLOG; sent++)
		ASSERT_TRUE(ctl_send(&self->s, DRVIO_STATUS, &self->dev));
	/* At some point the link takes no more: memory is not for the asking. */
	EXPECT_EQ(BACKLOG, sent);
	EXPECT_EQ(SESSION_TIMEOUT, session_answer(&self->s, &self->answer, &soon));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	for (int i = 0; i < sent; i++) {
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		ASSERT_EQ(first + i, self->answer.number);
		if (i < QUEUE) {
			EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
		} else {
			/* As it was when they were refused. */
			EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
			EXPECT_REASON("64 requests of this link are queued");
		}
	}
	/* And it goes on. */
	EXPECT_EQ(1, poll(&pfd, 1, 1000));
	CONFIGURE_OK();
}

TEST_F(sim, another_link_is_not_held_up_by_a_full_one)
{
	struct session other;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	for (int i = 1; i < BACKLOG; i++)
		ASSERT_TRUE(ctl_send(&self->s, DRVIO_STATUS, &self->dev));
	ASSERT_TRUE(ctl_open(&other));
	ASSERT_TRUE(ctl_call(&other, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	session_close(&other);
	/* Closed with all of that pending. */
	session_close(&self->s);
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
}

/* The link goes while the request is in some phase: its end stays readable. */
#define CLOSED_IN(_verb, _phase, _release, _state)				\
	do {									\
		long dropped = counter("dropped");				\
										\
		ASSERT_TRUE(ctl_send(&self->s, _verb, &self->dev));		\
		if (!strcmp(_phase, "unbind"))					\
			ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));		\
		ASSERT_TRUE(helper_wait_phase(&self->dev, _phase));		\
		session_close(&self->s);					\
		EXPECT_EQ(dropped + 1, counter("dropped"));			\
		_release;							\
		ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));		\
		EXPECT_DEV_ATTR("ok", "request/result");			\
		EXPECT_DEV_ATTR(_state, "state");				\
		ASSERT_TRUE(ctl_open(&self->s));				\
		CALL(DRVIO_STATUS);						\
		EXPECT_EQ(DRVIO_OK, self->answer.result);			\
		EXPECT_EQ(counter("requests"),					\
			  counter("answers") + counter("dropped"));		\
	} while (0)

TEST_F(sim, closed_while_userspace_works)
{
	CLOSED_IN(DRVIO_UNCONFIGURE, "userspace",
		  ASSERT_EQ(0, helper_ack(&self->dev, "ok", "")), "unconfigured");
	CLOSED_IN(DRVIO_CONFIGURE, "userspace",
		  ASSERT_EQ(0, helper_ack(&self->dev, "ok", "")), "configured");
}

TEST_F(sim, closed_while_a_driver_works)
{
	SET("hang_unbind", "1");
	CLOSED_IN(DRVIO_UNCONFIGURE, "unbind", SET("hang_unbind", "0"), "unconfigured");
	SET("hang_bind", "1");
	CLOSED_IN(DRVIO_CONFIGURE, "bind",
		  SET("hang_bind", "0");
		  ASSERT_EQ(0, helper_ack(&self->dev, "ok", "")), "configured");
}

TEST_F(sim, closed_while_the_device_is_awaited)
{
	struct dr_device late = self->dev;

	late.dev_id = 0x52;
	SET_TIMEOUT("appear", "5000");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &late));
	usleep(50 * 1000);
	session_close(&self->s);
	/* It was asked for, and goes on. */
	ASSERT_EQ(0, sim_create(&late, 0x52, 1));
	ASSERT_EQ(0, helper_ack(&late, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&late, "done"));
	ASSERT_TRUE(ctl_open(&self->s));
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &late, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_F(sim, what_was_queued_is_not_begun_once_the_link_has_gone)
{
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	session_close(&self->s);
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));
	usleep(100 * 1000);
	EXPECT_DEV_ATTR("unconfigure", "request/verb");
	EXPECT_DEV_ATTR("unconfigured", "state");
	EXPECT_EQ(counter("requests"), counter("answers") + counter("dropped"));
	ASSERT_TRUE(ctl_open(&self->s));
}

TEST_F(sim, a_new_session_on_the_same_link_gets_no_old_answers)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	struct drvio_ds_msg init = {
		.type = DRVIO_DS_INIT_REQ, .major = DRVIO_DS_MAJOR, .minor = DRVIO_DS_MINOR,
	};

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	/* As a manager that was restarted behind a relay. */
	ASSERT_EQ(SESSION_OK, session_send(&self->s, &init, &d));
	self->s.registered = false;
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_REASON("is under way");
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("is busy with request");
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_EQ(0, self->s.stale);
}

TEST_HARNESS_MAIN
