// SPDX-License-Identifier: GPL-2.0
/*
 * Devices with several targets: all or nothing, whichever of them fails.
 */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>

#define SIM_TARGETS 3
#include "../kselftest_harness.h"
#include "sim_fixture.h"

/* What a target is bound to; "" for nothing. */
static const char *driver_of(const struct dr_device *dev, int index)
{
	static char to[PATH_MAX];
	char path[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), CLASS_DIR "/%s/target%d/driver", dev->node, index);
	len = readlink(path, to, sizeof(to) - 1);
	to[len < 0 ? 0 : len] = '\0';
	return len < 0 ? "" : basename(to);
}

#define ONLY(_i)								\
	do {									\
		char _mask[16];							\
										\
		snprintf(_mask, sizeof(_mask), "0x%x", 1 << (_i));		\
		SET("fail_targets", _mask);					\
	} while (0)

TEST_F(sim, bind_is_all_or_nothing)
{
	for (int i = 0; i < SIM_TARGETS; i++) {
		UNCONFIGURE_OK();
		ONLY(i);
		SET("fail_bind", "5");
		CALL(DRVIO_CONFIGURE);
		EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
		snprintf(self->text, ATTR_MAX, "sim51.%d: driver sim does not take it", i);
		EXPECT_REASON(self->text);
		EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
		SET("fail_bind", "0");
		CONFIGURE_OK();
	}
}

TEST_F(sim, unbind_is_all_or_nothing)
{
	static const char * const faults[] = { "fail_unbind", "fail_park" };

	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int i = 0; i < SIM_TARGETS; i++) {
			ONLY(i);
			SET(faults[f], "5");
			CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
			EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
			snprintf(self->text, ATTR_MAX, "sim51.%d: ", i);
			EXPECT_REASON(self->text);
			EXPECT_DEV_ATTR("configured", "state");
			EXPECT_TRUE(sim_driver_is(&self->dev, "sim")) {
				TH_LOG("%s of target %d", faults[f], i);
			}
			CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
			EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
			EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));
			SET(faults[f], "0");
			/* Userspace was told to undo: nothing is left to do. */
			CALL(DRVIO_CONFIGURE);
			EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
			UNCONFIGURE_OK();
			CONFIGURE_OK();
		}
	}
}

TEST_F(sim, one_that_is_busy_keeps_all_untouched)
{
	struct uevent event;

	for (int i = 0; i < SIM_TARGETS; i++) {
		int watch = uevent_open();

		ONLY(i);
		SET("busy", "in use");
		CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
		EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
		snprintf(self->text, ATTR_MAX, "sim51.%d: in use", i);
		EXPECT_STREQ(self->text, self->answer.reason);
		/* None was unbound and bound again: the first look was at all. */
		EXPECT_FALSE(uevent_next(watch, "sim51.0", &event, 20));
		close(watch);
		SET("busy", "");
		UNCONFIGURE_OK();
		CONFIGURE_OK();
	}
}

TEST_F(sim, one_that_hangs_keeps_the_device_from_being_unconfigured)
{
	SET_TIMEOUT("bind", "300");
	ONLY(1);
	SET("hang_unbind", "1");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	/* The first is parked already; the guest may touch the others. */
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_DEV_ATTR("unconfiguring", "state");
	EXPECT_DEV_ATTR("configured", "status");
	EXPECT_STREQ("sim-park", driver_of(&self->dev, 0));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	SET("hang_unbind", "0");
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "done"));
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	SET_TIMEOUT("bind", "60000");
	CONFIGURE_OK();
}

TEST_F(sim, an_undo_parks_what_it_can)
{
	for (int i = 0; i < SIM_TARGETS; i++) {
		UNCONFIGURE_OK();
		ONLY(i);
		SET("fail_unbind", "5");
		CALL_ACKED(DRVIO_CONFIGURE, "blocked", "not wanted");
		EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
		for (int j = 0; j < SIM_TARGETS; j++)
			EXPECT_STREQ(j == i ? "sim" : "sim-park", driver_of(&self->dev, j));
		SET("fail_unbind", "0");
		CONFIGURE_OK();
	}
}

TEST_F(sim, configure_completes_a_device_of_which_one_was_unbound)
{
	ASSERT_EQ(0, attr_write("sim51.1", "/sys/bus/drvio-sim/drivers/sim/unbind"));
	/* The guest may still touch the others. */
	EXPECT_DEV_ATTR("configured", "status");
	CONFIGURE_OK();
	ASSERT_EQ(0, attr_write("sim51.1", "/sys/bus/drvio-sim/drivers/sim/unbind"));
	UNCONFIGURE_OK();
}

TEST_F(sim, it_vanishes_at_any_target)
{
	static const struct {
		enum drvio_verb verb;
		const char *at;
	} cases[] = {
		{ DRVIO_CONFIGURE, "bind" }, { DRVIO_UNCONFIGURE, "claim" },
		{ DRVIO_UNCONFIGURE, "unbind" },
	};

	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		for (int i = 0; i < SIM_TARGETS; i++) {
			if (cases[c].verb == DRVIO_CONFIGURE)
				UNCONFIGURE_OK();
			ONLY(i);
			SET("vanish_at", cases[c].at);
			ASSERT_TRUE(ctl_send(&self->s, cases[c].verb, &self->dev));
			if (cases[c].verb != DRVIO_CONFIGURE)
				ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
			ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
			EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
			EXPECT_TRUE(sim_wait_gone(&self->dev));
			ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, SIM_TARGETS));
			CONFIGURE_OK();
		}
	}
}

TEST_F(sim, as_many_as_there_may_be)
{
	struct uevent event;
	struct dr_device big;
	const char *targets, *end;

	ASSERT_EQ(0, sim_create(&big, 0x99, 64));
	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_CONFIGURE, &big, "ok", "", &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_TRUE(sim_driver_is(&big, "sim"));
	do {
		ASSERT_TRUE(uevent_next(self->events, big.node, &event, CTL_WAIT_MS));
	} while (!uevent_get(&event, "DRVIO_EVENT"));
	/* Whole paths, as many as there is room for. */
	targets = uevent_get(&event, "DRVIO_TARGETS");
	ASSERT_NE(NULL, targets);
	EXPECT_LT(900, strlen(targets));
	EXPECT_GT(1024, strlen(targets));
	end = strrchr(targets, '/');
	EXPECT_EQ(0, strncmp(end, "/sim99.", 7));
	snprintf(self->text, ATTR_MAX, "/sys%s", strrchr(targets, ' ') + 1);
	EXPECT_EQ(0, access(self->text, F_OK));

	ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &big, "ok", "", &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_TRUE(sim_driver_is(&big, "sim-park"));
	ASSERT_EQ(0, sim_remove(&big));
}

TEST_F(sim, what_create_does_not_take)
{
	static const char * const lines[] = {
		"", "\n", "x", "0x99 0", "0x99 65", "0x99 -1", "0x99 2 3", "0x99 two", "0x99,2",
	};
	struct dr_device dev;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!*lines[i])
			continue;
		EXPECT_EQ(-EINVAL, attr_write(lines[i], CLASS_DIR
					      "/sim/supported_types/sim/create")) {
			TH_LOG("\"%s\"", lines[i]);
		}
	}
	EXPECT_EQ(-EEXIST, sim_create(&dev, DEV_ID, 1));
	EXPECT_EQ(-ENODEV, attr_write("0x99", "/sys/bus/drvio-sim/del_device"));
	EXPECT_EQ(-EINVAL, attr_write("all", "/sys/bus/drvio-sim/del_device"));
	UNCONFIGURE_OK();
}

TEST_HARNESS_MAIN
