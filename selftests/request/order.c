// SPDX-License-Identifier: GPL-2.0
/*
 * Several requests at once: answers keep the order of one link while devices
 * overlap, and an answer whose link has gone stays readable.
 */
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "helper.h"

FIXTURE(order)
{
	struct dr_device net, blk;
	struct session s;
	struct session_answer answer;
	char text[ATTR_MAX];
};

FIXTURE_SETUP(order)
{
	ASSERT_TRUE(dr_device_find(&self->net, "virtio-net", 0));
	ASSERT_TRUE(dr_device_find(&self->blk, "virtio-blk", 0));
	ASSERT_TRUE(ctl_restore(&self->net));
	ASSERT_TRUE(ctl_restore(&self->blk));
	ASSERT_TRUE(ctl_open(&self->s));
}

FIXTURE_TEARDOWN(order)
{
	session_close(&self->s);
	EXPECT_TRUE(ctl_restore(&self->net));
	EXPECT_TRUE(ctl_restore(&self->blk));
}

TEST_F(order, a_quick_device_overtakes_but_its_answer_does_not)
{
	struct deadline soon = deadline_in_ms(300);
	uint64_t first = self->s.next_number;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->net));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->blk));
	ASSERT_TRUE(helper_wait_phase(&self->net, "userspace"));
	ASSERT_EQ(0, helper_ack(&self->blk, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->blk, "done"));
	EXPECT_EQ(SESSION_TIMEOUT, session_answer(&self->s, &self->answer, &soon));

	ASSERT_EQ(0, helper_ack(&self->net, "blocked", "net"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(first, self->answer.number);
	EXPECT_EQ(DRVIO_BLOCKED, self->answer.result);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(first + 1, self->answer.number);
	EXPECT_EQ(DRVIO_OK, self->answer.result);
}

TEST_F(order, requests_for_one_device_run_one_after_the_other)
{
	uint64_t first = self->s.next_number;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->net));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->net));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_STATUS, &self->net));
	ASSERT_EQ(0, helper_ack(&self->net, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(first, self->answer.number);
	EXPECT_EQ(DRVIO_UNCONFIGURED, self->answer.status);
	ASSERT_EQ(0, helper_ack(&self->net, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(first + 1, self->answer.number);
	EXPECT_EQ(DRVIO_CONFIGURED, self->answer.status);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(first + 2, self->answer.number);
	EXPECT_EQ(DRVIO_CONFIGURED, self->answer.status);
}

TEST_F(order, a_lost_link_does_not_lose_the_outcome)
{
	struct session other;

	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->net));
	ASSERT_TRUE(helper_wait_phase(&self->net, "userspace"));
	session_close(&self->s);
	ASSERT_EQ(0, helper_ack(&self->net, "blocked", "still here"));
	ASSERT_TRUE(helper_wait_phase(&self->net, "done"));
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, CLASS_DIR "/%s/request/reason",
			       self->net.node));
	EXPECT_STREQ("still here", self->text);

	ASSERT_TRUE(ctl_open(&other));
	ASSERT_TRUE(ctl_call(&other, DRVIO_STATUS, &self->net, &self->answer));
	EXPECT_EQ(DRVIO_CONFIGURED, self->answer.status);
	EXPECT_NE(NULL, strstr(self->answer.reason, "still here"));
	session_close(&other);
	ASSERT_TRUE(ctl_open(&self->s));
}

TEST_HARNESS_MAIN
