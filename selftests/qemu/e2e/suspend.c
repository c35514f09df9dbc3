// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that sleeps: the kernel's drivers save and restore their devices, the
 * parking driver has nothing to save, the link lasts, and a request that was
 * waiting goes on to wait.
 */
#include "kselftest_harness.h"

#include "stage.h"

FIXTURE(suspend)
{
	struct session s;
	struct session_answer a;
	struct target disk, nic;
};

FIXTURE_SETUP(suspend)
{
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(restore(&self->disk));
	if (guest("grep -qw mem /sys/power/state"))
		SKIP(return, "the guest's machine cannot sleep");
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(suspend)
{
	session_close(&self->s);
	EXPECT_TRUE(restore(&self->disk));
	EXPECT_TRUE(guest_is_well(&self->disk));
}

/* To RAM, until its clock wakes it. */
static bool sleeps_and_wakes(void)
{
	return !guest("echo +3 > /sys/class/rtc/rtc0/wakealarm && echo mem > /sys/power/state");
}

TEST_F_TIMEOUT(suspend, what_is_parked_stays_parked, CASE_S)
{
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);

	ASSERT_TRUE(sleeps_and_wakes()) {
		TH_LOG("%s", stage_output);
	}
	EXPECT_EQ(0, guest("[ ! -e /dev/disk/by-id/virtio-e2e ]"));
	EXPECT_EQ(0, guest("ip -o link | grep -qi 52:54:00:0e:2e:01"));

	/* Over the link that there was. */
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);

	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_EQ(0, guest("wait_for '[ -b /dev/disk/by-id/virtio-e2e ]' && "
			   "dd if=/dev/disk/by-id/virtio-e2e of=/dev/null bs=4096 count=1")) {
		TH_LOG("%s", stage_output);
	}
}

TEST_F_TIMEOUT(suspend, a_request_sleeps_too, CASE_S)
{
	struct deadline d = stage_soon();

	ASSERT_TRUE(helper_off());
	ASSERT_EQ(0, session_request(&self->s, DRVIO_UNCONFIGURE, self->disk.name,
				     self->disk.dev_id, &d, NULL));
	ASSERT_TRUE(phase_is(&self->disk, "userspace"));

	ASSERT_TRUE(sleeps_and_wakes()) {
		TH_LOG("%s", stage_output);
	}
	EXPECT_TRUE(phase_is(&self->disk, "userspace"));
	EXPECT_TRUE(played_ack(&self->disk, "ok"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_TRUE(helper_on());
}

TEST_HARNESS_MAIN
