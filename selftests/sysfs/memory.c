// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes when memory runs out: what cannot be told or taken is an error, and
 * changes nothing.
 *
 * Needs failslab: the debug kernel has it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "failslab.h"

/* More than any of them makes. */
#define ALLOCATIONS	200

TEST(of_a_disk)
{
	char text[ATTR_MAX], before[ATTR_MAX];
	struct dirent *entry;
	struct dr_device dev;
	int n, err, failed = 0;
	char path[512];
	DIR *dir;

	if (!failslab_init())
		SKIP(return, "the kernel has no failslab");
	ASSERT_TRUE(dr_device_find(&dev, "virtio-blk", 0));
	snprintf(path, sizeof(path), CLASS_DIR "/%s", dev.node);
	dir = opendir(path);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		/* How long a hold lasts has no value without one. */
		if (entry->d_type != DT_REG ||
		    attr_read(before, sizeof(before), "%s/%s", path, entry->d_name))
			continue;
		for (n = 1; n < ALLOCATIONS; n++) {
			bool reached;

			fail_nth(n);
			err = attr_read(text, sizeof(text), "%s/%s", path, entry->d_name);
			reached = fail_nth_reached();
			if (err) {
				failed++;
				EXPECT_EQ(-ENOMEM, err) {
					TH_LOG("%s", entry->d_name);
				}
			} else {
				EXPECT_STREQ(before, text);
			}
			if (!reached)
				break;
		}
		EXPECT_GT(ALLOCATIONS, n);
	}
	closedir(dir);
	EXPECT_LT(0, failed);
}

TEST(of_a_hold)
{
	struct dr_device dev;
	char text[ATTR_MAX];
	bool reached = true;
	int n, err, failed = 0;

	if (!failslab_init())
		SKIP(return, "the kernel has no failslab");
	ASSERT_TRUE(dr_device_find(&dev, "virtio-blk", 0));
	for (n = 1; reached && n < ALLOCATIONS; n++) {
		ASSERT_EQ(0, attr_write("first\n", CLASS_DIR "/%s/hold", dev.node));
		fail_nth(n);
		err = attr_write("second\n", CLASS_DIR "/%s/hold", dev.node);
		reached = fail_nth_reached();
		ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/hold", dev.node));
		EXPECT_STREQ(err ? "first" : "second", text);
		if (err) {
			failed++;
			EXPECT_EQ(-ENOMEM, err);
		}
	}
	EXPECT_LT(0, failed);
	ASSERT_EQ(0, attr_write("\n", CLASS_DIR "/%s/hold", dev.node));
}

TEST_HARNESS_MAIN
