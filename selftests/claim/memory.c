// SPDX-License-Identifier: GPL-2.0
/*
 * The last look at a real disk when memory runs out: a definite answer with a
 * reason, and the same request succeeds afterwards.
 *
 * Needs failslab: the debug kernel has it.
 */
#include <string.h>

#include "../kselftest_harness.h"
#include "ctl.h"
#include "failslab.h"
#include "helper.h"

/* More than the look makes; what comes after it is that of the disk's driver. */
#define ALLOCATIONS	6

TEST(a_last_look_without_memory)
{
	struct session_answer answer;
	struct dr_device dev;
	int n, failed = 0;
	struct session s;

	if (!failslab_init())
		SKIP(return, "the kernel has no failslab");
	ASSERT_TRUE(dr_device_find(&dev, "virtio-blk", 0));
	ASSERT_TRUE(ctl_restore(&dev));
	ASSERT_TRUE(ctl_open(&s));
	for (n = 1; n <= ALLOCATIONS; n++) {
		ASSERT_TRUE(fail_nth_of("op_work", 0, n));
		ASSERT_TRUE(ctl_call_acked(&s, DRVIO_UNCONFIGURE, &dev, "ok", "", &answer));
		ASSERT_LE(0, fail_nth_of_reached());
		if (answer.result != DRVIO_OK) {
			failed++;
			EXPECT_EQ(DRVIO_FAILURE, answer.result);
			EXPECT_EQ(DRVIO_CONFIGURED, answer.status);
			EXPECT_NE(NULL, strstr(answer.reason, "ENOMEM")) {
				TH_LOG("allocation %d: reason: %s", n, answer.reason);
			}
			ASSERT_TRUE(ctl_call_acked(&s, DRVIO_UNCONFIGURE, &dev, "ok", "",
						   &answer));
		}
		EXPECT_EQ(DRVIO_OK, answer.result);
		EXPECT_EQ(DRVIO_UNCONFIGURED, answer.status);
		ASSERT_TRUE(ctl_call_acked(&s, DRVIO_CONFIGURE, &dev, "ok", "", &answer));
		EXPECT_EQ(DRVIO_OK, answer.result);
	}
	/* The claim, and the disk in it. */
	EXPECT_LE(2, failed);
	session_close(&s);
}

TEST_HARNESS_MAIN
