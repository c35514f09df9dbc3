// SPDX-License-Identifier: GPL-2.0
/*
 * available_instances against what the control domain plugs in: how many more
 * devices can be added is what a host has to be able to rely on.
 */
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "stage.h"

#define TYPES	"/sys/class/drvio/virtio/supported_types/"

/* So many devices can be added of each type that can be at all. */
static bool available(int n)
{
	return !guest("wait_for '[ \"$(cat " TYPES "*/available_instances | sort -u)\" = %d ]'", n);
}

FIXTURE(slots)
{
	int free;
};

FIXTURE_SETUP(slots)
{
	struct target disk;

	ASSERT_TRUE(target_find(&disk, "disk"));
	ASSERT_TRUE(restore(&disk));
	ASSERT_EQ(0, guest("cat " TYPES "virtio-net/available_instances"));
	self->free = atoi(stage_output);
	/* slot4, though the tests need it not, and slot5 to slot8 */
	ASSERT_EQ(5, self->free);
}

FIXTURE_TEARDOWN(slots)
{
	EXPECT_TRUE(available(self->free)) {
		TH_LOG("%s", stage_output);
	}
}

TEST_F_TIMEOUT(slots, taken_as_long_as_the_device_is_there, CASE_S)
{
	EXPECT_EQ(0, manager("attach", "net", "slots-nic", "--netdev=hubport,hubid=0", NULL));
	EXPECT_TRUE(available(self->free - 1));
	/* What is unconfigured may be configured again. */
	EXPECT_EQ(0, manager("unconfigure", "slots-nic", NULL));
	EXPECT_TRUE(available(self->free - 1));
	EXPECT_EQ(0, manager("detach", "slots-nic", NULL));
}

/* By hand, and pulled out without a word. */
TEST_F_TIMEOUT(slots, without_drvio, CASE_S)
{
	ASSERT_TRUE(qmp("human-monitor-command", "command-line",
			"device_add virtio-rng-pci,id=slots-rng,bus=slot7"));
	EXPECT_TRUE(available(self->free - 1));
	ASSERT_TRUE(qmp("device_del", "id", "slots-rng"));
}

/* However many functions a slot has; the guest sees them with the first. */
TEST_F_TIMEOUT(slots, with_two_functions, CASE_S)
{
	ASSERT_TRUE(qmp("human-monitor-command", "command-line",
			"device_add virtio-rng-pci,id=slots-f1,bus=slot8,addr=0.1"));
	ASSERT_TRUE(qmp("human-monitor-command", "command-line",
			"device_add virtio-rng-pci,id=slots-f0,bus=slot8,addr=0.0,multifunction=on"));
	EXPECT_TRUE(available(self->free - 1));
	EXPECT_EQ(0, guest("wait_for '[ $(ls " TYPES "virtio-rng/devices | wc -l) -eq 3 ]'"));
	ASSERT_TRUE(qmp("device_del", "id", "slots-f0"));
}

TEST_HARNESS_MAIN
