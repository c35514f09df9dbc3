// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are pipelined on one link: answers keep their order, devices
 * overlap meanwhile, one device's requests do not.
 */
#include "../kselftest_harness.h"
#include "sim_fixture.h"

#define DEVICES		4
#define SLOW_MS		800

/* Further devices beside the fixture's, configured. */
#define CREATE(_devs, _n)							\
	do {									\
		for (int _i = 0; _i < (_n); _i++) {				\
			ASSERT_EQ(0, sim_create(&(_devs)[_i], 0x1000 + _i, 1));	\
			ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE,		\
					     &(_devs)[_i]));			\
			ASSERT_EQ(0, helper_ack(&(_devs)[_i], "ok", ""));	\
			ASSERT_TRUE(ctl_answer(&self->s, &self->answer));	\
			EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);		\
		}								\
	} while (0)

TEST_F(sim, independent_devices_overlap)
{
	struct dr_device devs[DEVICES];
	uint64_t first;

	CREATE(devs, DEVICES);
	for (int i = 0; i < DEVICES; i++) {
		char ms[16];

		/* The first takes longest, so that the others overtake it. */
		snprintf(ms, sizeof(ms), "%d", SLOW_MS - 100 * i);
		ASSERT_EQ(0, sim_set(&devs[i], "delay_unbind_ms", ms));
	}
	first = self->s.next_number;
	self->begun = deadline_now_ms();
	for (int i = 0; i < DEVICES; i++)
		ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &devs[i]));
	for (int i = 0; i < DEVICES; i++)
		ASSERT_EQ(0, helper_ack(&devs[i], "ok", ""));
	for (int i = 0; i < DEVICES; i++) {
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		EXPECT_EQ(first + i, self->answer.number);
		EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
		/* Nobody waits for more than the first. */
		if (!i)
			EXPECT_LE(CTL_WAITED(SLOW_MS), ELAPSED_MS());
	}
	/* One after the other it would be 800 + 700 + 600 + 500 ms. */
	EXPECT_GT(3 * SLOW_MS, ELAPSED_MS());
}

TEST_F(sim, an_answer_waits_for_those_before_it)
{
	struct deadline soon = deadline_in_ms(200);
	struct dr_device dev;

	CREATE(&dev, 1);
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &dev));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_STATUS, &dev));
	ASSERT_EQ(0, helper_ack(&dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&dev, "done"));
	EXPECT_EQ(SESSION_TIMEOUT, session_answer(&self->s, &self->answer, &soon));
	ASSERT_EQ(0, helper_ack(&self->dev, "blocked", "no"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, one_device_is_worked_on_in_order)
{
	static const enum drvio_verb verbs[] = {
		DRVIO_UNCONFIGURE, DRVIO_STATUS, DRVIO_CONFIGURE, DRVIO_STATUS,
		DRVIO_FORCE_UNCONFIG, DRVIO_STATUS,
	};
	uint64_t first = self->s.next_number;

	SET("delay_unbind_ms", "300");
	SET("delay_bind_ms", "300");
	self->begun = deadline_now_ms();
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		ASSERT_TRUE(ctl_send(&self->s, verbs[i], &self->dev));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		uint32_t status = verbs[i & ~1] == DRVIO_CONFIGURE ? DRVIO_CONFIGURED :
								     DRVIO_UNCONFIGURED;

		if (verbs[i] != DRVIO_STATUS)
			ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		EXPECT_EQ(first + i, self->answer.number);
		EXPECT_ANSWER(DRVIO_OK, status);
		EXPECT_STREQ("", self->answer.reason);
	}
	EXPECT_LE(CTL_WAITED(900), ELAPSED_MS());
}

TEST_F(sim, a_device_that_does_not_appear_holds_up_answers_only)
{
	struct dr_device absent = self->dev;

	absent.dev_id = 0x52;
	SET_TIMEOUT("appear", "3000");
	self->begun = deadline_now_ms();
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &absent));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));
	EXPECT_GT(700, ELAPSED_MS());
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_LE(CTL_WAITED(700), ELAPSED_MS());
	EXPECT_ANSWER(DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT);
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, a_second_link_is_told_that_the_device_is_busy)
{
	struct session other;

	ASSERT_TRUE(ctl_open(&other));
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "progress", "syncing"));
	for (int i = 0; i < 3; i++) {
		static const enum drvio_verb verbs[] = {
			DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_FORCE_UNCONFIG,
		};

		ASSERT_TRUE(ctl_call(&other, verbs[i], &self->dev, &self->answer));
		EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
		EXPECT_REASON("is busy with request");
	}
	ASSERT_TRUE(ctl_call(&other, DRVIO_STATUS, &self->dev, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_REASON("is under way");
	EXPECT_REASON("syncing");
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);

	ASSERT_TRUE(ctl_call_acked(&other, DRVIO_CONFIGURE, &self->dev, "ok", "",
				   &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	session_close(&other);
}

#define MANY	250
#define WINDOW	50

TEST_F_TIMEOUT(sim, hundreds_of_devices, 300)
{
	static const enum drvio_verb verbs[] = {
		DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_FORCE_UNCONFIG, DRVIO_CONFIGURE,
	};
	static struct dr_device devs[MANY];
	uint64_t number;

	for (int i = 0; i < MANY; i++)
		ASSERT_EQ(0, sim_create(&devs[i], 0x1000 + i, 1));
	for (size_t v = 0; v < ARRAY_SIZE(verbs); v++) {
		bool configure = verbs[v] == DRVIO_CONFIGURE;

		for (int i = 0; i < MANY; i += WINDOW) {
			number = self->s.next_number;
			for (int j = i; j < i + WINDOW; j++)
				ASSERT_TRUE(ctl_send(&self->s, verbs[v], &devs[j]));
			/* Already unconfigured: nobody is asked. */
			for (int j = i; j < i + WINDOW && verbs[v] != DRVIO_FORCE_UNCONFIG; j++)
				ASSERT_EQ(0, helper_ack(&devs[j], "ok", ""));
			for (int j = i; j < i + WINDOW; j++) {
				ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
				EXPECT_EQ(number++, self->answer.number);
				EXPECT_ANSWER(DRVIO_OK, configure ? DRVIO_CONFIGURED :
								    DRVIO_UNCONFIGURED);
			}
		}
	}
}

TEST_HARNESS_MAIN
