// SPDX-License-Identifier: GPL-2.0
/*
 * What each verb answers about a device that is there, as the control domain
 * hears it and as sysfs keeps it.
 *
 *	control domain --- /dev/drvio ---> drvio --- uevent, ack ---> helper
 *	  (this test)                       |                       (this test)
 *	                              virtio-net, virtio-blk
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "helper.h"

FIXTURE(cases)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	char text[ATTR_MAX];
};

FIXTURE_VARIANT(cases)
{
	const char *name;
};

FIXTURE_VARIANT_ADD(cases, net)
{
	.name = "virtio-net",
};

FIXTURE_VARIANT_ADD(cases, blk)
{
	.name = "virtio-blk",
};

FIXTURE_SETUP(cases)
{
	ASSERT_TRUE(dr_device_find(&self->dev, variant->name, 0));
	ASSERT_TRUE(ctl_restore(&self->dev));
	ASSERT_TRUE(ctl_open(&self->s));
}

FIXTURE_TEARDOWN(cases)
{
	session_close(&self->s);
	EXPECT_TRUE(ctl_restore(&self->dev));
}

#define EXPECT_ANSWER(_result, _status)					\
	do {								\
		EXPECT_EQ(_result, self->answer.result);		\
		EXPECT_EQ(_status, self->answer.status) {		\
			TH_LOG("reason: %s", self->answer.reason);	\
		}							\
	} while (0)

#define EXPECT_ATTR(_text, _attr)					\
	do {								\
		EXPECT_EQ(0, attr_read(self->text, ATTR_MAX,		\
				       CLASS_DIR "/%s/" _attr,		\
				       self->dev.node));		\
		EXPECT_STREQ(_text, self->text);			\
	} while (0)

TEST_F(cases, configure_of_a_configured_device_succeeds_at_once)
{
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_STREQ("", self->answer.reason);
}

TEST_F(cases, unconfigure_and_configure)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &self->dev, "ok", "",
				   &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("", self->answer.reason);
	EXPECT_ATTR("unconfigured", "state");
	EXPECT_ATTR("unconfigured", "status");
	EXPECT_ATTR("unconfigure", "request/verb");
	EXPECT_ATTR("done", "request/phase");
	EXPECT_ATTR("ok", "request/result");

	/* Again: nothing is left to do, and nobody is asked. */
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_UNCONFIGURE, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);

	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_CONFIGURE, &self->dev, "ok", "",
				   &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_ATTR("configured", "state");
	EXPECT_ATTR("configured", "status");
}

TEST_F(cases, unconfigure_that_userspace_blocks)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &self->dev, "blocked",
				   "line one\\nback\\\\slash", &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_STREQ("line one\nback\\slash", self->answer.reason);
	EXPECT_ATTR("configured", "state");
	EXPECT_ATTR("blocked", "request/result");
	EXPECT_ATTR("line one\\nback\\\\slash", "request/reason");

	ASSERT_TRUE(ctl_call(&self->s, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->answer.reason, "line one"));
}

TEST_F(cases, unconfigure_that_userspace_fails)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &self->dev, "failed",
				   "no way", &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STREQ("no way", self->answer.reason);
}

TEST_F(cases, force_goes_on_where_userspace_blocks)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_FORCE_UNCONFIG, &self->dev, "blocked",
				   "in use", &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_ATTR("force-unconfigure", "request/verb");
}

TEST_F(cases, force_stops_where_userspace_fails)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_FORCE_UNCONFIG, &self->dev, "failed",
				   "the root filesystem", &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STREQ("the root filesystem", self->answer.reason);
}

TEST_F(cases, configure_that_userspace_denies_is_undone)
{
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &self->dev, "ok", "",
				   &self->answer));
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_CONFIGURE, &self->dev, "blocked",
				   "not wanted here", &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("not wanted here", self->answer.reason);
	EXPECT_ATTR("unconfigured", "state");

	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_CONFIGURE, &self->dev, "failed",
				   "does not come up", &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("does not come up", self->answer.reason);
}

TEST_F(cases, status_tells_what_is_under_way)
{
	struct session other;

	ASSERT_TRUE(ctl_open(&other));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "progress", "half way"));
	/* A link answers in order, so the question comes over another one. */
	ASSERT_TRUE(ctl_call(&other, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->answer.reason, "unconfiguring"));
	EXPECT_NE(NULL, strstr(self->answer.reason, "half way"));

	/* And a second request for the device is refused there. */
	ASSERT_TRUE(ctl_call(&other, DRVIO_UNCONFIGURE, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->answer.reason, "busy"));

	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	session_close(&other);
}

TEST_F(cases, without_a_helper_requests_fail_at_once)
{
	ASSERT_EQ(0, helper_register(""));
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_UNCONFIGURE, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->answer.reason, "drvio-helper"));
	/* What needs none is answered all the same. */
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_HARNESS_MAIN
