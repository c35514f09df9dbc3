// SPDX-License-Identifier: GPL-2.0
/*
 * The uevents of a request: which come, in which order, and every key of them.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

/* The next event of the device, with all that does not depend on the request. */
#define EVENT(_name, _verb)							\
	do {									\
		ASSERT_TRUE(uevent_next(self->events, self->dev.node, &event,	\
					CTL_WAIT_MS));				\
		EXPECT_STREQ("change", uevent_get(&event, "ACTION"));		\
		EXPECT_STREQ("drvio", uevent_get(&event, "SUBSYSTEM"));		\
		EXPECT_STREQ("drvio_device", uevent_get(&event, "DEVTYPE"));	\
		EXPECT_STREQ("sim", uevent_get(&event, "DRVIO_TYPE"));		\
		EXPECT_STREQ("0x0000000000000051",				\
			     uevent_get(&event, "DRVIO_DEV_ID"));		\
		EXPECT_STREQ("/devices/drvio-sim/sim51.0",			\
			     uevent_get(&event, "DRVIO_TARGETS"));		\
		ASSERT_NE(NULL, uevent_get(&event, "DRVIO_EVENT"));		\
		EXPECT_STREQ(_name, uevent_get(&event, "DRVIO_EVENT"));		\
		EXPECT_STREQ(_verb, uevent_get(&event, "DRVIO_VERB"));		\
		ASSERT_NE(NULL, uevent_get(&event, "DRVIO_COOKIE"));		\
		EXPECT_EQ(16, strlen(uevent_get(&event, "DRVIO_COOKIE")));	\
		ASSERT_NE(NULL, uevent_get(&event, "DRVIO_REQ_NUM"));		\
		EXPECT_EQ(number, strtoull(uevent_get(&event, "DRVIO_REQ_NUM"),	\
					   NULL, 10));				\
		ASSERT_NE(NULL, uevent_get(&event, "DRVIO_DEADLINE_MS"));	\
	} while (0)

#define NO_MORE_EVENTS()							\
	EXPECT_FALSE(uevent_next(self->events, self->dev.node, &event, 30)) {	\
		TH_LOG("%s", uevent_get(&event, "DRVIO_EVENT"));		\
	}

TEST_F(sim, of_an_unconfigure_and_a_configure)
{
	uint64_t number = self->s.next_number;
	struct uevent event;
	char cookie[32];

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	EVENT("request", "unconfigure");
	EXPECT_LT(20000, atoi(uevent_get(&event, "DRVIO_DEADLINE_MS")));
	EXPECT_GE(30000, atoi(uevent_get(&event, "DRVIO_DEADLINE_MS")));
	/* All of it can be read from request/ as well. */
	strcpy(cookie, uevent_get(&event, "DRVIO_COOKIE"));
	EXPECT_DEV_ATTR(cookie, "request/cookie");
	EXPECT_DEV_ATTR("unconfigure", "request/verb");
	EXPECT_DEV_ATTR(uevent_get(&event, "DRVIO_REQ_NUM"), "request/number");
	NO_MORE_EVENTS();
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	EVENT("done", "unconfigure");
	EXPECT_STREQ(cookie, uevent_get(&event, "DRVIO_COOKIE"));
	EXPECT_STREQ("0", uevent_get(&event, "DRVIO_DEADLINE_MS"));
	/* Who is told "done" finds it done. */
	EXPECT_DEV_ATTR("unconfigured", "state");
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));

	number = self->s.next_number;
	CALL_ACKED(DRVIO_CONFIGURE, "ok", "");
	EVENT("request", "configure");
	EXPECT_STRNE(cookie, uevent_get(&event, "DRVIO_COOKIE"));
	NO_MORE_EVENTS();
}

TEST_F(sim, of_refusals)
{
	uint64_t number = self->s.next_number;
	struct uevent event;

	CALL_ACKED(DRVIO_UNCONFIGURE, "blocked", "in use");
	EVENT("request", "unconfigure");
	EVENT("undo", "unconfigure");

	number = self->s.next_number;
	SET("busy", "in use");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EVENT("request", "unconfigure");
	EVENT("undo", "unconfigure");

	number = self->s.next_number;
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EVENT("request", "force-unconfigure");
	EVENT("done", "force-unconfigure");
	SET("busy", "");

	/* The undo comes before the driver is unbound: userspace needs it. */
	number = self->s.next_number;
	SET("hang_unbind", "1");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "failed", "no"));
	EVENT("request", "configure");
	EVENT("undo", "configure");
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
	SET("hang_unbind", "0");
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);

	/* Userspace was never asked: there is nothing to undo. */
	SET("fail_bind", "5");
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	NO_MORE_EVENTS();
}

TEST_F(sim, of_what_needs_no_userspace)
{
	struct uevent event;

	CALL(DRVIO_STATUS);
	CALL(DRVIO_CONFIGURE);
	ASSERT_EQ(0, attr_write("mine\n", CLASS_DIR "/%s/hold", self->dev.node));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	NO_MORE_EVENTS();
}

TEST_F(sim, of_a_loss)
{
	uint64_t number = self->s.next_number;
	struct uevent event;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	EVENT("request", "unconfigure");
	ASSERT_EQ(0, sim_remove(&self->dev));
	EVENT("lost", "unconfigure");
	ASSERT_TRUE(uevent_next(self->events, self->dev.node, &event, CTL_WAIT_MS));
	EXPECT_STREQ("remove", uevent_get(&event, "ACTION"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
	NO_MORE_EVENTS();
}

TEST_HARNESS_MAIN
