// SPDX-License-Identifier: GPL-2.0
/*
 * The switches of a simulated device say what they are set to, and take nothing
 * that means nothing.
 */
#include <stdlib.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

#define SWITCH		"/sys/kernel/debug/drvio-sim/%s/%s"

#define EXPECT_SWITCH(_text, _name)						\
	ASSERT_ATTR_IS(_text, SWITCH, self->dev.node, _name)

#define EXPECT_REFUSED(_err, _name, _value)					\
	EXPECT_EQ(_err, attr_write(_value, SWITCH, self->dev.node, _name))

TEST_F(sim, numbers)
{
	static const char * const names[] = {
		"fail_bind", "fail_unbind", "fail_park", "delay_bind_ms", "delay_unbind_ms",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_SWITCH("0", names[i]);
		SET(names[i], "5");
		EXPECT_SWITCH("5", names[i]);
		EXPECT_REFUSED(-ERANGE, names[i], "0x80000000");
		EXPECT_REFUSED(-EINVAL, names[i], "five");
		EXPECT_SWITCH("5", names[i]);
		SET(names[i], "0");
	}
	EXPECT_REFUSED(-ERANGE, "fail_bind", "4096");
	EXPECT_REFUSED(-ERANGE, "hang_bind", "2");
	EXPECT_REFUSED(-ERANGE, "hang_unbind", "2");
	EXPECT_SWITCH("0", "hanging");
}

TEST_F(sim, words)
{
	static const char * const words[] = {
		"bind", "probe", "bound", "claim", "unbind", "remove", "never",
	};
	char line[300];

	EXPECT_SWITCH("never", "vanish_at");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		SET("vanish_at", words[i]);
		EXPECT_SWITCH(words[i], "vanish_at");
	}
	EXPECT_REFUSED(-EINVAL, "vanish_at", "sometimes");
	EXPECT_REFUSED(-EINVAL, "vanish_at", "as late as possible");
	EXPECT_SWITCH("never", "vanish_at");

	EXPECT_SWITCH("", "busy");
	SET("busy", "a test uses it");
	EXPECT_SWITCH("a test uses it", "busy");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	EXPECT_REFUSED(-EINVAL, "busy", line);
	EXPECT_SWITCH("a test uses it", "busy");
	SET("busy", "");
}

TEST_F(sim, how_many_there_are_and_may_be)
{
	struct dr_device dev;
	int before;

	EXPECT_DEV_ATTR("1", "targets");
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX,
			       CLASS_DIR "/sim/supported_types/sim/available_instances"));
	before = atoi(self->text);
	EXPECT_LT(250, before);
	ASSERT_EQ(0, sim_create(&dev, DEV_ID + 1, 3));
	ASSERT_ATTR_IS("3", CLASS_DIR "/%s/targets", dev.node);
	ASSERT_EQ(0, attr_read(self->text, ATTR_MAX,
			       CLASS_DIR "/sim/supported_types/sim/available_instances"));
	EXPECT_EQ(before - 1, atoi(self->text));
}

TEST_HARNESS_MAIN
