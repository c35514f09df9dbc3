// SPDX-License-Identifier: GPL-2.0
/*
 * The story that people live through: drvio-manager adds a NIC and a disk, the
 * guest takes them into use, refuses to let go of what is in use, and lets go
 * of it when it is not.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

#define MAC	"52:54:00:0e:2e:02"

FIXTURE(manager)
{
	struct target disk;
	char file[4096];
};

FIXTURE_SETUP(manager)
{
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->disk));
	snprintf(self->file, sizeof(self->file), "--file=%s", stage_path("spare"));
	/* What a run that broke off has left. */
	manager("detach", "--force", "story-nic", NULL);
	manager("detach", "--force", "story-disk", NULL);
}

FIXTURE_TEARDOWN(manager)
{
	EXPECT_EQ(4, manager("detach", "story-nic", NULL)) {
		TH_LOG("left behind: %s", stage_output);
	}
	EXPECT_EQ(4, manager("detach", "story-disk", NULL)) {
		TH_LOG("left behind: %s", stage_output);
	}
}

#define EXPECT_MANAGER(_code, ...)					\
	EXPECT_EQ(_code, manager(__VA_ARGS__, NULL)) {			\
		TH_LOG("%s", stage_output);				\
	}

#define EXPECT_SAYS(_text)						\
	EXPECT_NE(NULL, strstr(stage_output, _text)) {			\
		TH_LOG("'%s' is not in: %s", _text, stage_output);	\
	}

TEST_F_TIMEOUT(manager, a_nic_comes_and_goes, CASE_S)
{
	EXPECT_MANAGER(0, "attach", "net", "story-nic", "--netdev=hubport,hubid=0",
		       "--mac=" MAC);
	EXPECT_SAYS("ok, configured");
	/* Up before the answer, not some time after it. */
	EXPECT_EQ(0, guest("ip -o link | grep " MAC " | grep LOWER_UP"));
	EXPECT_MANAGER(0, "status", "story-nic");
	EXPECT_SAYS("configured");

	EXPECT_MANAGER(0, "unconfigure", "story-nic");
	EXPECT_EQ(1, guest("ip -o link | grep " MAC));
	EXPECT_MANAGER(0, "status", "story-nic");
	EXPECT_SAYS("unconfigured");
	EXPECT_MANAGER(0, "configure", "story-nic");
	EXPECT_EQ(0, guest("ip -o link | grep " MAC));

	EXPECT_MANAGER(0, "detach", "story-nic");
	EXPECT_SAYS("taken away");
	EXPECT_EQ(1, guest("ip -o link | grep " MAC));
	EXPECT_MANAGER(4, "status", "story-nic");
}

TEST_F_TIMEOUT(manager, a_disk_in_use_stays, CASE_S)
{
	EXPECT_MANAGER(0, "attach", "blk", "story-disk", self->file, "--serial=story",
		       "--slot=slot6");
	EXPECT_SAYS("attached to slot6");
	ASSERT_EQ(0, guest("udevadm settle && mkfs.ext4 -q /dev/disk/by-id/virtio-story && "
			   "mount /dev/disk/by-id/virtio-story /mnt && "
			   "{ tail -f /dev/null > /mnt/log & echo $! > /run/e2e.pid; } && "
			   "wait_for '[ -e /mnt/log ]'")) {
		TH_LOG("%s", stage_output);
	}

	EXPECT_MANAGER(3, "detach", "story-disk");
	EXPECT_SAYS("blocked, configured");
	EXPECT_SAYS("/mnt");
	EXPECT_SAYS("tail");
	EXPECT_EQ(0, guest("echo still >> /mnt/log"));
	EXPECT_MANAGER(3, "--json", "unconfigure", "story-disk");
	EXPECT_SAYS("\"format\": 1");
	EXPECT_SAYS("\"result\": \"blocked\"");

	EXPECT_EQ(0, guest("kill $(cat /run/e2e.pid)"));
	EXPECT_MANAGER(0, "detach", "story-disk");
	EXPECT_EQ(1, guest("grep ' /mnt ' /proc/mounts"));
	EXPECT_EQ(0, guest("[ ! -e /dev/disk/by-id/virtio-story ]"));
}

/* The guest refuses what was added: the machine is as it was. */
TEST_F_TIMEOUT(manager, what_is_refused_is_taken_away_again, CASE_S)
{
	ASSERT_EQ(0, guest("echo 2000 > /sys/class/drvio/service/ack_timeout_ms"));
	ASSERT_TRUE(helper_off());
	EXPECT_MANAGER(1, "attach", "blk", "story-disk", self->file, "--slot=slot7");
	EXPECT_SAYS("failure, unconfigured");
	EXPECT_SAYS("taken away again from slot7");
	ASSERT_TRUE(restore(&self->disk));

	/* The port and the image are free for the next one. */
	EXPECT_MANAGER(0, "attach", "blk", "story-disk", self->file, "--slot=slot7");
	EXPECT_MANAGER(0, "detach", "story-disk");
}

/* Half of a detach was done by somebody else: the other half is. */
TEST_F_TIMEOUT(manager, a_detach_is_completed, CASE_S)
{
	EXPECT_MANAGER(0, "attach", "blk", "story-disk", self->file);
	EXPECT_MANAGER(0, "unconfigure", "story-disk");
	ASSERT_TRUE(qmp("device_del", "id", "story-disk"));
	EXPECT_MANAGER(0, "detach", "story-disk");

	EXPECT_MANAGER(0, "attach", "blk", "story-disk", self->file);
	EXPECT_MANAGER(0, "detach", "story-disk");
}

TEST_F_TIMEOUT(manager, what_is_wrong_is_named, CASE_S)
{
	EXPECT_MANAGER(10, "attach", "net", "story-nic", "--netdev=hubport,hubid=0", "--slot=slot3");
	EXPECT_SAYS("slot3 is taken");
	EXPECT_MANAGER(10, "attach", "net", "disk");
	EXPECT_SAYS("has a device disk already");
	EXPECT_MANAGER(10, "attach", "net", "story-nic", "--netdev=nosuchtype");
	EXPECT_SAYS("nosuchtype");
	EXPECT_MANAGER(2, "attach", "blk", "story-disk", "--file=/no/such/image");
	EXPECT_SAYS("/no/such/image");
	EXPECT_MANAGER(2, "detach", "slot5");
	EXPECT_SAYS("no virtio device");
}

/* A forced unconfigure goes past what blocks. */
TEST_F_TIMEOUT(manager, force, CASE_S)
{
	ASSERT_EQ(0, guest("echo 'not today' > /sys/class/drvio/%s/hold", self->disk.node));
	EXPECT_MANAGER(3, "unconfigure", "disk");
	EXPECT_SAYS("not today");
	EXPECT_MANAGER(0, "unconfigure", "--force", "disk");
	ASSERT_EQ(0, guest("echo > /sys/class/drvio/%s/hold", self->disk.node));
	EXPECT_MANAGER(0, "configure", "disk");
}

TEST_HARNESS_MAIN
