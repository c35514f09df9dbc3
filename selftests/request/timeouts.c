// SPDX-License-Identifier: GPL-2.0
/*
 * A helper that does not answer: what it costs, and what only FORCE may do.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "helper.h"

#define ACK_MS	400

FIXTURE(timeouts)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	char before[32];
	char text[ATTR_MAX];
	uint64_t begun;
};

FIXTURE_SETUP(timeouts)
{
	ASSERT_TRUE(dr_device_find(&self->dev, "virtio-net", 0));
	ASSERT_TRUE(ctl_restore(&self->dev));
	ASSERT_EQ(0, attr_read(self->before, sizeof(self->before),
			       SERVICE_DIR "/ack_timeout_ms"));
	ASSERT_EQ(0, attr_write("400\n", SERVICE_DIR "/ack_timeout_ms"));
	ASSERT_TRUE(ctl_open(&self->s));
	self->begun = deadline_now_ms();
}

FIXTURE_TEARDOWN(timeouts)
{
	session_close(&self->s);
	EXPECT_EQ(0, attr_write(self->before, SERVICE_DIR "/ack_timeout_ms"));
	EXPECT_TRUE(ctl_restore(&self->dev));
}

TEST_F(timeouts, unconfigure_fails_and_changes_nothing)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_UNCONFIGURE, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_FAILURE, self->answer.result);
	EXPECT_EQ(DRVIO_CONFIGURED, self->answer.status);
	EXPECT_LE(CTL_WAITED(ACK_MS), deadline_now_ms() - self->begun);
	EXPECT_NE(NULL, strstr(self->answer.reason, "did not answer in time"));
	/* Too late is too late. */
	EXPECT_EQ(-ENOENT, helper_write(&self->dev, "1 ok\n"));
}

TEST_F(timeouts, force_goes_on)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_FORCE_UNCONFIG, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_UNCONFIGURED, self->answer.status);
	EXPECT_LE(CTL_WAITED(ACK_MS), deadline_now_ms() - self->begun);
}

TEST_F(timeouts, configure_is_undone)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &self->dev, "ok", "",
				   &self->answer));
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_FAILURE, self->answer.result);
	EXPECT_EQ(DRVIO_UNCONFIGURED, self->answer.status);
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, CLASS_DIR "/%s/state", self->dev.node));
	EXPECT_STREQ("unconfigured", self->text);
}

TEST_F(timeouts, progress_extends_the_deadline)
{
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(0, helper_ack(&self->dev, "progress", "syncing"));
		usleep(ACK_MS / 2 * 1000);
	}
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_UNCONFIGURED, self->answer.status);
	EXPECT_LT(ACK_MS, deadline_now_ms() - self->begun);
}

TEST_HARNESS_MAIN
