// SPDX-License-Identifier: GPL-2.0
/*
 * What each verb answers when the bus or its driver does not do what was asked,
 * and that the same request succeeds once the fault is put back.
 */
#include <fcntl.h>
#include <sys/ioctl.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

TEST_F(sim, configure_whose_driver_refuses)
{
	UNCONFIGURE_OK();
	SET("fail_bind", "5");
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_REASON("sim51.0: driver sim does not take it: -");
	EXPECT_DEV_ATTR("unconfigured", "state");
	EXPECT_DEV_ATTR("failure", "request/result");
	/* Parked again: nobody else gets it. */
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	/* Nor has userspace been asked. */
	EXPECT_DEV_ATTR("", "request/cookie");

	SET("fail_bind", "0");
	CONFIGURE_OK();
}

TEST_F(sim, configure_on_a_bus_that_is_not_ready_is_tried_again)
{
	UNCONFIGURE_OK();
	/* EPROBE_DEFER, of which the driver core makes EAGAIN. */
	SET("fail_bind", "517");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "bind"));
	usleep(100 * 1000);
	EXPECT_DEV_ATTR("configuring", "state");
	SET("fail_bind", "0");
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);

	/* Not for ever. */
	UNCONFIGURE_OK();
	SET_TIMEOUT("appear", "200");
	SET("fail_bind", "517");
	self->begun = deadline_now_ms();
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_LE(CTL_WAITED(200), ELAPSED_MS());
	SET("fail_bind", "0");
	CONFIGURE_OK();
}

TEST_F(sim, unconfigure_whose_driver_does_not_let_go)
{
	SET("fail_unbind", "16");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED) ;
	EXPECT_REASON("sim51.0: driver sim does not let go: -");
	EXPECT_DEV_ATTR("configured", "state");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));
	/* Userspace was told to put back what it had taken down. */
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "undo"));
	/* So there is nothing to configure. */
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);

	SET("fail_unbind", "0");
	UNCONFIGURE_OK();
}

TEST_F(sim, unconfigure_that_cannot_park_puts_the_driver_back)
{
	SET("fail_park", "12");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("sim51.0: the device cannot be parked: -");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));

	SET("fail_park", "0");
	UNCONFIGURE_OK();
}

TEST_F(sim, force_does_not_help_a_driver_that_does_not_let_go)
{
	SET("fail_unbind", "5");
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET("fail_unbind", "0");
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, unconfigure_of_a_busy_device_is_blocked)
{
	SET("busy", "a test has it open");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_STREQ("sim51.0: a test has it open", self->answer.reason);
	EXPECT_DEV_ATTR("blocked", "request/result");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));

	SET("busy", "");
	UNCONFIGURE_OK();
}

TEST_F(sim, force_overrides_busy)
{
	SET("busy", "a test has it open");
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	SET("busy", "");
	CONFIGURE_OK();
}

TEST_F(sim, force_overrides_blocked_and_busy_at_once)
{
	SET("busy", "a test has it open");
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "blocked", "in use");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, force_does_not_override_failed)
{
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "failed", "the root filesystem");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STREQ("the root filesystem", self->answer.reason);
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
}

TEST_F(sim, refused_configure_is_undone_as_soon_as_its_user_is_gone)
{
	UNCONFIGURE_OK();
	/* Who uses it leaves a moment after userspace has refused. */
	SET("busy", "still closing");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "blocked", "not now"));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "undo"));
	usleep(200 * 1000);
	EXPECT_DEV_ATTR("undo", "request/phase");
	SET("busy", "");
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("not now", self->answer.reason);
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
}

TEST_F(sim, refused_configure_whose_user_stays_is_still_configured)
{
	UNCONFIGURE_OK();
	SET("busy", "stays");
	CALL_ACKED(DRVIO_CONFIGURE, "failed", "does not come up");
	/* The truth: the guest may touch it. */
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STREQ("does not come up\nit is not parked again: sim51.0: stays",
		     self->answer.reason);
	EXPECT_DEV_ATTR("configured", "state");
	/* Bound, but nobody has finished it: it takes another ack. */
	SET("busy", "");
	CONFIGURE_OK();
}

TEST_F(sim, hold_blocks_unconfigure_before_anything_is_touched)
{
	ASSERT_EQ(0, attr_write("backup, ask Ann\n", CLASS_DIR "/%s/hold", self->dev.node));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_REASON("backup, ask Ann");
	/* Still the first one, of the fixture. */
	EXPECT_DEV_ATTR("configure", "request/verb");
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_REASON("backup, ask Ann");

	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "ok", "");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	/* A hold keeps the device, not from being configured. */
	CONFIGURE_OK();
	ASSERT_EQ(0, attr_write("\n", CLASS_DIR "/%s/hold", self->dev.node));
	UNCONFIGURE_OK();
}

TEST_F(sim, a_device_without_a_driver_is_parked_without_asking)
{
	ASSERT_EQ(0, attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/unbind"));
	EXPECT_DEV_ATTR("unconfigured", "state");
	EXPECT_DEV_ATTR("unconfigured", "status");
	EXPECT_TRUE(sim_driver_is(&self->dev, ""));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));

	/* Parked is parked. */
	EXPECT_EQ(-EBUSY, attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/bind"));
	CONFIGURE_OK();
}

TEST_F(sim, a_device_that_somebody_else_bound_has_to_be_finished)
{
	ASSERT_EQ(0, attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/unbind"));
	ASSERT_EQ(0, attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/bind"));
	EXPECT_DEV_ATTR("configured", "state");
	/* Were nobody asked, there would be no ack. */
	CONFIGURE_OK();
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_F(sim, what_carries_the_link_is_not_unconfigured)
{
	struct drvio_carrier carrier = { .name = "sim51.0" };
	int fd = open("/dev/drvio", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, DRVIO_IOC_SET_CARRIER, &carrier));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("sim51.0 carries link");
	CALL(DRVIO_FORCE_UNCONFIG);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	close(fd);
	UNCONFIGURE_OK();
}

TEST_F(sim, without_a_helper_nothing_begins)
{
	ASSERT_EQ(0, helper_register(""));
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("no drvio-helper is registered");
	ASSERT_EQ(0, helper_register("selftest"));
	UNCONFIGURE_OK();
	ASSERT_EQ(0, helper_register(""));
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_REASON("no drvio-helper is registered");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	ASSERT_EQ(0, helper_register("selftest"));
	CONFIGURE_OK();
}

TEST_F(sim, absent_devices)
{
	struct dr_device absent = self->dev;

	absent.dev_id = 0x52;
	SET_TIMEOUT("appear", "100");
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_CONFIGURE, &absent, &self->answer));
	EXPECT_ANSWER(DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT);
	EXPECT_LE(CTL_WAITED(100), ELAPSED_MS());
	EXPECT_REASON("sim@0x0000000000000052");
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_UNCONFIGURE, &absent, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_FORCE_UNCONFIG, &absent, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
	ASSERT_TRUE(ctl_call(&self->s, DRVIO_STATUS, &absent, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
}

TEST_F(sim, configure_waits_for_the_device_to_appear)
{
	struct dr_device late = self->dev;

	late.dev_id = 0x52;
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &late));
	usleep(200 * 1000);
	ASSERT_EQ(0, sim_create(&late, 0x52, 1));
	ASSERT_EQ(0, helper_ack(&late, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_HARNESS_MAIN
