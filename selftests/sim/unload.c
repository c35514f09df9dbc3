// SPDX-License-Identifier: GPL-2.0
/*
 * Unloading modules that are at work: refused as busy at once, and possible as
 * soon as they are not.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

/* Return: 0 or -errno; -EAGAIN when it is in use. */
static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/* A worker lets go of the module a moment after it has answered. */
static int unload_soon(const char *module)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	int err;

	while ((err = unload(module)) == -EAGAIN && deadline_left_ms(&d))
		usleep(2000);
	return err;
}

#define RELOAD()								\
	do {									\
		EXPECT_EQ(0, unload_soon("drvio_sim"));				\
		EXPECT_NE(0, access(CLASS_DIR "/sim", F_OK));			\
		EXPECT_NE(0, access("/sys/kernel/debug/drvio-sim", F_OK));	\
		EXPECT_NE(0, access("/sys/bus/drvio-sim", F_OK));		\
		ASSERT_TRUE(sim_load());					\
		ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));		\
		CONFIGURE_OK();							\
		UNCONFIGURE_OK();						\
	} while (0)

TEST_F(sim, while_userspace_is_asked)
{
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	EXPECT_EQ(-EAGAIN, unload("drvio_sim"));
	EXPECT_EQ(-EAGAIN, unload("drvio"));
	EXPECT_DEV_ATTR("userspace", "request/phase");
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	RELOAD();
}

#define EXPECT_BUSY_IN(_phase)							\
	do {									\
		ASSERT_TRUE(helper_wait_phase(&self->dev, _phase));		\
		EXPECT_EQ(-EAGAIN, unload("drvio_sim"));			\
		EXPECT_EQ(-EAGAIN, unload("drvio"));				\
		EXPECT_DEV_ATTR(_phase, "request/phase");			\
	} while (0)

TEST_F(sim, while_a_driver_unbinds_binds_and_unbinds_again)
{
	SET("hang_unbind", "1");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_BUSY_IN("unbind");
	SET("hang_unbind", "0");
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);

	SET("hang_bind", "1");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_BUSY_IN("bind");
	SET("hang_bind", "0");
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	SET("hang_unbind", "1");
	ASSERT_EQ(0, helper_ack(&self->dev, "failed", ""));
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_BUSY_IN("undo");
	SET("hang_unbind", "0");
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	usleep(100 * 1000);
	RELOAD();
}

/* Whatever it waits for is not there, so it pins no bus: that may go and come. */
TEST_F(sim, while_a_request_waits_for_an_absent_device)
{
	ASSERT_EQ(0, sim_remove(&self->dev));
	ASSERT_TRUE(sim_wait_gone(&self->dev));
	SET_TIMEOUT("appear", "15000");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	usleep(200 * 1000);
	EXPECT_EQ(0, unload("drvio_sim"));
	EXPECT_EQ(-EAGAIN, unload("drvio"));
	ASSERT_TRUE(sim_load());
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);

	ASSERT_EQ(0, sim_remove(&self->dev));
	ASSERT_TRUE(sim_wait_gone(&self->dev));
	SET_TIMEOUT("appear", "1000");
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	usleep(200 * 1000);
	EXPECT_EQ(0, unload("drvio_sim"));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT);
	EXPECT_REASON("did not appear within 1000 ms");
	SET_TIMEOUT("appear", self->appear_timeout);
	ASSERT_TRUE(sim_load());
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	CONFIGURE_OK();
}

/* A request whose link has gone is the last thing that drvio waits for: not long. */
TEST_F(sim, drvio_itself_while_a_request_waits)
{
	static const char * const others[] = { "drvio_vdpa", "drvio_sim", "drvio_virtio" };
	int err = -EAGAIN;

	SET_TIMEOUT("appear", "60000");
	self->dev.dev_id++;
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
	usleep(200 * 1000);
	session_close(&self->s);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		err = unload(others[i]);
		EXPECT_TRUE(!err || err == -ENOENT) {
			TH_LOG("%s: %s", others[i], strerror(-err));
		}
	}
	self->begun = deadline_now_ms();
	EXPECT_EQ(0, unload("drvio"));
	EXPECT_GT(20000, ELAPSED_MS());

	ASSERT_EQ(0, system("modprobe -a drvio drvio-virtio"));
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_TRUE(sim_load());
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
}

TEST_F(sim, while_a_driver_hangs)
{
	SET_TIMEOUT("bind", "100");
	SET("hang_unbind", "1");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	/* Answered long ago, but the driver's code is still needed. */
	EXPECT_EQ(-EAGAIN, unload("drvio_sim"));
	SET("hang_unbind", "0");
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "done"));
	SET_TIMEOUT("bind", "60000");
	RELOAD();
}

TEST_F(sim, while_the_link_of_a_request_has_gone)
{
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	session_close(&self->s);
	EXPECT_EQ(-EAGAIN, unload("drvio_sim"));
	ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "done"));
	ASSERT_TRUE(ctl_open(&self->s));
	RELOAD();
}

TEST_F(sim, while_somebody_else_binds_a_driver_that_hangs)
{
	ASSERT_EQ(0, attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/unbind"));
	SET("hang_bind", "1");
	if (!fork())
		_exit(attr_write("sim51.0", "/sys/bus/drvio-sim/drivers/sim/bind") ? 1 : 0);
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_EQ(-EAGAIN, unload("drvio_sim"));
	SET("hang_bind", "0");
	ASSERT_TRUE(sim_wait_hanging(&self->dev, 0));
	RELOAD();
}

TEST_F(sim, with_devices_in_every_state)
{
	struct dr_device devs[60];

	for (int i = 0; i < (int)ARRAY_SIZE(devs); i++) {
		ASSERT_EQ(0, sim_create(&devs[i], 0x1000 + i, 1 + i % 4));
		/* What hangs then must not hang the unload. */
		ASSERT_EQ(0, sim_set(&devs[i], i % 2 ? "hang_unbind" : "vanish_at",
				     i % 2 ? "1" : "remove"));
	}
	UNCONFIGURE_OK();
	RELOAD();
}

TEST_F(sim, no_bus_no_device)
{
	ASSERT_EQ(0, unload_soon("drvio_sim"));
	SET_TIMEOUT("appear", "50");
	CALL(DRVIO_CONFIGURE);
	EXPECT_EQ(DRVIO_NOT_PRESENT, self->answer.status);
	EXPECT_NE(DRVIO_OK, self->answer.result);
	SET_TIMEOUT("appear", "2000");
	ASSERT_TRUE(sim_load());
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 1));
	CONFIGURE_OK();
}

TEST_HARNESS_MAIN
