// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that vanish, in each phase of a request: it is answered FAILURE /
 * NOT_PRESENT, userspace is told "lost", and when the device is back all is well.
 */
#include "../kselftest_harness.h"
#include "sim_fixture.h"

FIXTURE(phase)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	int events;
};

FIXTURE_VARIANT(phase)
{
	enum drvio_verb verb;
	const char *at;
	bool ack;
	/* The driver's remove may be through before the device has gone. */
	bool may_succeed;
};

#define VARIANT(_name, _verb, _at, _ack, _may_succeed)				\
FIXTURE_VARIANT_ADD(phase, _name)						\
{										\
	.verb = _verb, .at = _at, .ack = _ack, .may_succeed = _may_succeed,	\
}

VARIANT(configure_before_bind, DRVIO_CONFIGURE, "bind", false, false);
VARIANT(configure_in_probe, DRVIO_CONFIGURE, "probe", false, false);
VARIANT(configure_in_userspace, DRVIO_CONFIGURE, "bound", false, false);
VARIANT(unconfigure_at_claim, DRVIO_UNCONFIGURE, "claim", true, false);
VARIANT(unconfigure_before_unbind, DRVIO_UNCONFIGURE, "unbind", true, false);
VARIANT(unconfigure_in_remove, DRVIO_UNCONFIGURE, "remove", true, true);
VARIANT(force_at_claim, DRVIO_FORCE_UNCONFIG, "claim", true, false);
VARIANT(force_before_unbind, DRVIO_FORCE_UNCONFIG, "unbind", true, false);
VARIANT(force_in_remove, DRVIO_FORCE_UNCONFIG, "remove", true, true);
VARIANT(undo_of_configure, DRVIO_CONFIGURE, "claim", true, false);

FIXTURE_SETUP(phase)
{
	ASSERT_TRUE(sim_load());
	ASSERT_TRUE(sim_remove_all());
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
	if (variant->verb == DRVIO_CONFIGURE)
		UNCONFIGURE_OK();
	self->events = uevent_open();
	ASSERT_LE(0, self->events);
}

FIXTURE_TEARDOWN(phase)
{
	close(self->events);
	session_close(&self->s);
	EXPECT_TRUE(sim_remove_all());
}

TEST_F(phase, vanishes)
{
	const char *word = variant->verb == DRVIO_CONFIGURE ? "blocked" : "ok";
	bool succeeded;

	SET("vanish_at", variant->at);
	ASSERT_TRUE(ctl_send(&self->s, variant->verb, &self->dev));
	if (variant->ack)
		ASSERT_EQ(0, helper_ack(&self->dev, word, ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	succeeded = self->answer.result == DRVIO_OK;
	if (!succeeded || !variant->may_succeed) {
		EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
		EXPECT_REASON("sim@0x0000000000000051 vanished during the request");
	} else {
		EXPECT_NE(DRVIO_CONFIGURED, self->answer.status);
	}
	EXPECT_TRUE(sim_wait_gone(&self->dev));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
	if (!succeeded) {
		struct uevent event;
		const char *name = "";

		/* "lost" is the last that userspace hears of it. */
		do {
			ASSERT_TRUE(uevent_next(self->events, self->dev.node, &event,
						CTL_WAIT_MS));
			if (!strcmp(uevent_get(&event, "ACTION"), "remove"))
				break;
			EXPECT_STRNE("lost", name);
			name = uevent_get(&event, "DRVIO_EVENT");
			ASSERT_NE(NULL, name);
			if (!strcmp(name, "lost"))
				EXPECT_STREQ("/devices/drvio-sim/sim51.0",
					     uevent_get(&event, "DRVIO_TARGETS"));
			name = strcmp(name, "lost") ? "" : "lost";
		} while (1);
		EXPECT_STREQ("lost", name);
		EXPECT_FALSE(uevent_next(self->events, self->dev.node, &event, 50));
	}

	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	CONFIGURE_OK();
	UNCONFIGURE_OK();
}

TEST_F(sim, while_userspace_is_asked)
{
	/* Requests behind it find no device any more. */
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_STATUS, &self->dev));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	ASSERT_EQ(0, sim_remove(&self->dev));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
	EXPECT_REASON("vanished during the request");
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
	}
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "lost"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "remove"));
}

TEST_F(sim, between_requests)
{
	/* Configured: userspace is told. */
	ASSERT_EQ(0, sim_remove(&self->dev));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "lost"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "remove"));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);

	/* Unconfigured: that is what was promised. */
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "add"));
	UNCONFIGURE_OK();
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "done"));
	ASSERT_EQ(0, sim_remove(&self->dev));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "remove"));
}

TEST_F(sim, an_ack_and_the_loss_race)
{
	int ok = 0, lost = 0;

	for (int i = 0; i < 20; i++) {
		char cookie[32], line[64];

		ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
		ASSERT_TRUE(helper_wait(&self->dev, cookie, sizeof(cookie)));
		snprintf(line, sizeof(line), "%s ok\n", cookie);
		if (!fork())
			_exit(-helper_write(&self->dev, line));
		usleep(i * 500);
		ASSERT_EQ(0, sim_remove(&self->dev));
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		if (self->answer.result == DRVIO_OK) {
			ok++;
			EXPECT_NE(DRVIO_CONFIGURED, self->answer.status);
		} else {
			lost++;
			EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
		}
		ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
		CONFIGURE_OK();
	}
	TH_LOG("%d acks won, %d were lost", ok, lost);
	EXPECT_EQ(20, ok + lost);
}

TEST_HARNESS_MAIN
