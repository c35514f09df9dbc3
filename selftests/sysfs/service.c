// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/drvio/service: what it shows, what it takes, who may write.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "attr.h"

FIXTURE(service)
{
	char text[ATTR_MAX];
};

FIXTURE_SETUP(service)
{
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, SERVICE_DIR "/version"));
}

FIXTURE_TEARDOWN(service)
{
}

TEST_F(service, version_is_that_of_dr_vio)
{
	EXPECT_STREQ("1.1", self->text);
	EXPECT_EQ(0444, attr_mode(SERVICE_DIR "/version"));
}

TEST_F(service, uevent_names_its_type)
{
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, SERVICE_DIR "/uevent"));
	EXPECT_NE(NULL, strstr(self->text, "DEVTYPE=drvio_service"));
}

TEST_F(service, helper_is_registered_by_root_alone)
{
	char before[ATTR_MAX];

	EXPECT_EQ(0644, attr_mode(SERVICE_DIR "/helper"));
	ASSERT_EQ(0, attr_read(before, ATTR_MAX, SERVICE_DIR "/helper"));
	ASSERT_EQ(0, attr_write("99.9\n", SERVICE_DIR "/helper"));
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, SERVICE_DIR "/helper"));
	EXPECT_STREQ("99.9", self->text);
	/* An empty line says that there is none any more. */
	ASSERT_EQ(0, attr_write("\n", SERVICE_DIR "/helper"));
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, SERVICE_DIR "/helper"));
	EXPECT_STREQ("", self->text);
	strcat(before, "\n");
	ASSERT_EQ(0, attr_write(before, SERVICE_DIR "/helper"));
}

FIXTURE(timeout)
{
	char path[128];
	char before[32];
};

FIXTURE_VARIANT(timeout)
{
	const char *name;
	const char *preset;
};

FIXTURE_VARIANT_ADD(timeout, ack)
{
	.name = "ack_timeout_ms", .preset = "30000",
};

FIXTURE_VARIANT_ADD(timeout, appear)
{
	.name = "appear_timeout_ms", .preset = "2000",
};

FIXTURE_VARIANT_ADD(timeout, bind)
{
	.name = "bind_timeout_ms", .preset = "60000",
};

FIXTURE_SETUP(timeout)
{
	snprintf(self->path, sizeof(self->path), SERVICE_DIR "/%s", variant->name);
	ASSERT_EQ(0, attr_read(self->before, sizeof(self->before), "%s", self->path));
}

FIXTURE_TEARDOWN(timeout)
{
	EXPECT_EQ(0, attr_write(self->before, "%s", self->path));
}

TEST_F(timeout, has_its_documented_default)
{
	EXPECT_STREQ(variant->preset, self->before);
	EXPECT_EQ(0644, attr_mode("%s", self->path));
}

TEST_F(timeout, takes_a_number_and_shows_it)
{
	char now[32];

	ASSERT_EQ(0, attr_write("1234\n", "%s", self->path));
	ASSERT_EQ(0, attr_read(now, sizeof(now), "%s", self->path));
	EXPECT_STREQ("1234", now);
}

TEST_F(timeout, refuses_what_is_no_timeout)
{
	static const char * const wrong[] = {
		"0", "-1", "", "\n", "fast", "12 34", "0x", "1e3",
		"900001", "4294967297", "18446744073709551616",
	};
	char now[32];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		int err = attr_write(wrong[i], "%s", self->path);

		/* An empty write() does not reach the kernel's attribute. */
		if (!*wrong[i])
			continue;
		EXPECT_TRUE(err == -EINVAL || err == -ERANGE) {
			TH_LOG("\"%s\": %s", wrong[i], strerror(-err));
		}
	}
	ASSERT_EQ(0, attr_read(now, sizeof(now), "%s", self->path));
	EXPECT_STREQ(self->before, now);
}

TEST(other_users_read_and_do_not_write)
{
	char text[ATTR_MAX];

	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_EQ(0, attr_read(text, sizeof(text), SERVICE_DIR "/ack_timeout_ms"));
	EXPECT_EQ(-EACCES, attr_write("1000", SERVICE_DIR "/ack_timeout_ms"));
	EXPECT_EQ(-EACCES, attr_write("1", SERVICE_DIR "/helper"));
	EXPECT_EQ(-EACCES, attr_read(text, sizeof(text), "/dev/drvio"));
}

TEST_HARNESS_MAIN
