// SPDX-License-Identifier: GPL-2.0
/*
 * Every row of the table of cases: what the guest answers to a request, seen
 * from the control domain.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

FIXTURE(cases)
{
	struct session s;
	struct session_answer a;
	struct target nic;
	struct target disk;
};

FIXTURE_SETUP(cases)
{
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->nic));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(cases)
{
	session_close(&self->s);
	guest("umount -q /mnt; true");
}

/* CONFIGURE, already there */
TEST_F_TIMEOUT(cases, configure_of_what_is_configured, CASE_S)
{
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_STREQ("", self->a.reason);
}

/* CONFIGURE, not in the machine description */
TEST_F_TIMEOUT(cases, configure_of_what_is_not_there, CASE_S)
{
	struct target absent = self->nic;

	absent.dev_id ^= 0xff00000000;
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &absent, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT);
	EXPECT_STRNE("", self->a.reason);

	/* Nor has a NIC's place a disk. */
	absent = self->nic;
	strcpy(absent.name, "virtio-blk");
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &absent, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT);
}

/* CONFIGURE, userspace denies; then it does not */
TEST_F_TIMEOUT(cases, configure_that_userspace_denies, CASE_S)
{
	struct deadline d = stage_soon();

	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	ASSERT_EQ(DRVIO_UNCONFIGURED, self->a.status);
	ASSERT_TRUE(helper_off());
	EXPECT_EQ(SESSION_OK, session_request(&self->s, DRVIO_CONFIGURE, self->disk.name,
					      self->disk.dev_id, &d, NULL));
	EXPECT_TRUE(played_ack(&self->disk, "blocked not on this machine"));
	EXPECT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_BLOCKED, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("not on this machine", self->a.reason);
	ASSERT_TRUE(helper_on());

	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

/* CONFIGURE, attach fails: the driver cannot be loaded; then it can */
TEST_F_TIMEOUT(cases, configure_whose_attach_fails, CASE_S)
{
	if (guest("[ -e /sys/module/virtio_blk/initstate ]"))
		SKIP(return, "the driver is built in");
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	ASSERT_EQ(DRVIO_UNCONFIGURED, self->a.status);
	ASSERT_EQ(0, guest("mkdir -p /etc/modprobe.d && "
			   "echo 'install virtio_blk /bin/false' > /etc/modprobe.d/e2e.conf && "
			   "modprobe -r virtio_blk")) {
		TH_LOG("%s", stage_output);
	}
	EXPECT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_NE(NULL, strstr(self->a.reason, "virtio_blk"));

	ASSERT_EQ(0, guest("rm /etc/modprobe.d/e2e.conf"));
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

/* UNCONFIGURE, no such device */
TEST_F_TIMEOUT(cases, unconfigure_of_what_is_not_there, CASE_S)
{
	struct target absent = self->disk;

	absent.dev_id = 0x0104ffffffffff00;
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &absent, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_NOT_PRESENT);
	ASSERT_TRUE(ask(&self->s, DRVIO_FORCE_UNCONFIG, &absent, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_NOT_PRESENT);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &absent, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_NOT_PRESENT);
}

/* UNCONFIGURE, done; and of what is unconfigured already */
TEST_F_TIMEOUT(cases, unconfigure_is_done, CASE_S)
{
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_STREQ("", self->a.reason);
	EXPECT_EQ(0, guest("[ ! -e /dev/disk/by-id/virtio-e2e ]"));

	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);

	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_EQ(0, guest("udevadm settle; [ -b /dev/disk/by-id/virtio-e2e ]"));
}

/* UNCONFIGURE, userspace denies: the reason is a table; FORCE may go on */
TEST_F_TIMEOUT(cases, unconfigure_that_is_in_use, CASE_S)
{
	ASSERT_EQ(0, guest("mount /dev/disk/by-id/virtio-e2e /mnt")) {
		TH_LOG("%s", stage_output);
	}
	ASSERT_EQ(0, guest("tail -f /dev/null > /mnt/log & echo $! > /run/e2e.pid; sleep 0.2"));
	EXPECT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->a.reason, "Resource"));
	EXPECT_NE(NULL, strstr(self->a.reason, "Information"));
	EXPECT_NE(NULL, strstr(self->a.reason, "/mnt"));
	EXPECT_NE(NULL, strstr(self->a.reason, "tail")) {
		TH_LOG("reason: %s", self->a.reason);
	}
	/* Nothing was touched. */
	EXPECT_EQ(0, guest("grep -q ' /mnt ' /proc/mounts && echo x >> /mnt/log"));

	EXPECT_EQ(0, guest("kill $(cat /run/e2e.pid)"));
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_EQ(1, guest("grep -q ' /mnt ' /proc/mounts"));
}

/* UNCONFIGURE, detach fails */
TEST_F_TIMEOUT(cases, unconfigure_that_fails, CASE_S)
{
	struct deadline d = stage_soon();

	ASSERT_TRUE(helper_off());
	EXPECT_EQ(SESSION_OK, session_request(&self->s, DRVIO_UNCONFIGURE, self->disk.name,
					      self->disk.dev_id, &d, NULL));
	EXPECT_TRUE(played_ack(&self->disk, "failed could not flush\\nat all"));
	EXPECT_TRUE(hear(&self->s, &self->a));
	ASSERT_TRUE(helper_on());
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STREQ("could not flush\nat all", self->a.reason);
	EXPECT_EQ(0, guest("[ -b /dev/disk/by-id/virtio-e2e ]"));
}

/* UNCONFIGURE of what carries the link: its answer could not be sent */
TEST_F_TIMEOUT(cases, unconfigure_of_the_link_itself, CASE_S)
{
	struct target carrier;

	if (over_ldc())
		SKIP(return, "the guest cannot know what carries the channel");
	ASSERT_TRUE(target_find(&carrier, "vserial"));
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &carrier, &self->a));
	EXPECT_NE(DRVIO_OK, self->a.result);
	EXPECT_EQ(DRVIO_CONFIGURED, self->a.status);
	EXPECT_STRNE("", self->a.reason);
	ASSERT_TRUE(ask(&self->s, DRVIO_FORCE_UNCONFIG, &carrier, &self->a));
	EXPECT_NE(DRVIO_OK, self->a.result);
	EXPECT_EQ(DRVIO_CONFIGURED, self->a.status);
}

/* no userspace; then there is one */
TEST_F_TIMEOUT(cases, no_helper, CASE_S)
{
	ASSERT_EQ(0, guest("echo > /sys/class/drvio/service/helper"));
	EXPECT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->a.reason, "drvio-helper"));
	/* STATUS needs none. */
	EXPECT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);

	ASSERT_EQ(0, guest("/usr/lib/drvio/drvio-helper register"));
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
}

/* A hold refuses, whoever asks; a forced one goes past it no more than design says */
TEST_F_TIMEOUT(cases, a_hold_refuses, CASE_S)
{
	ASSERT_EQ(0, guest("echo 'backup until six' > /sys/class/drvio/%s/hold", self->disk.node));
	EXPECT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->a.reason, "backup until six"));
	EXPECT_EQ(0, guest("echo > /sys/class/drvio/%s/hold", self->disk.node));
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
}

/* A NIC comes up before the answer, and is down after it. */
TEST_F_TIMEOUT(cases, an_interface_comes_and_goes, CASE_S)
{
	EXPECT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_EQ(1, guest("ip -o link | grep -q 52:54:00:0e:2e:01"));
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_EQ(0, guest("ip -o link | grep 52:54:00:0e:2e:01 | grep -q LOWER_UP")) {
		TH_LOG("%s", stage_output);
	}
}

TEST_HARNESS_MAIN
