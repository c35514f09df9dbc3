// SPDX-License-Identifier: GPL-2.0
/*
 * Requests for devices that are not there.
 */
#include <string.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "helper.h"

FIXTURE(absent)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	char appear[32];
};

FIXTURE_SETUP(absent)
{
	memset(&self->dev, 0, sizeof(self->dev));
	strcpy(self->dev.name, "virtio-net");
	self->dev.dev_id = 0x0102ff0000000000;
	ASSERT_EQ(0, attr_read(self->appear, sizeof(self->appear),
			       SERVICE_DIR "/appear_timeout_ms"));
	ASSERT_EQ(0, attr_write("300\n", SERVICE_DIR "/appear_timeout_ms"));
	ASSERT_TRUE(ctl_open(&self->s));
}

FIXTURE_TEARDOWN(absent)
{
	session_close(&self->s);
	EXPECT_EQ(0, attr_write(self->appear, SERVICE_DIR "/appear_timeout_ms"));
}

TEST_F(absent, configure_waits_for_it_and_says_that_it_did_not_come)
{
	uint64_t begun = deadline_now_ms();

	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_NOT_IN_MD, self->answer.result);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
	EXPECT_LE(CTL_WAITED(300), deadline_now_ms() - begun);
	EXPECT_GT(5000, deadline_now_ms() - begun);
	EXPECT_NE(NULL, strstr(self->answer.reason, "virtio-net@0x0102ff0000000000"));
}

TEST_F(absent, unconfigure_succeeds)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_UNCONFIGURE, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
}

TEST_F(absent, force_succeeds)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_FORCE_UNCONFIG, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
}

TEST_F(absent, status_says_so)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
}

/* Not only the id but also the type has to be right. */
TEST_F(absent, a_device_of_another_type_is_another_device)
{
	ASSERT_TRUE(dr_device_find(&self->dev, "virtio-blk", 0));
	strcpy(self->dev.name, "virtio-net");
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_EQ(DRVIO_OK, self->answer.result);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
}

TEST_HARNESS_MAIN
