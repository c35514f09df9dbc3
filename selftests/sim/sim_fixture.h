/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the tests on drvio-sim: one configured device, a link, and the
 * test in the place of drvio-helper.
 *
 *	control domain --- /dev/drvio ---> drvio --- uevent, ack ---> helper
 *	  (this test)                       |                       (this test)
 *	                                drvio-sim <--- debugfs --- faults
 *	                                                            (this test)
 *
 * Include once, after kselftest_harness.h.
 */
#ifndef SELFTESTS_SIM_FIXTURE_H
#define SELFTESTS_SIM_FIXTURE_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "helper.h"
#include "sim.h"
#include "uevent.h"

#define DEV_ID	0x51

#ifndef SIM_TARGETS
#define SIM_TARGETS	1
#endif

FIXTURE(sim)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	int events;
	uint64_t begun;
	char ack_timeout[32], appear_timeout[32], bind_timeout[32];
	char text[ATTR_MAX];
};

#define ASSERT_ATTR_IS(_text, _fmt, ...)				\
	do {								\
		ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, _fmt,	\
				       ##__VA_ARGS__));			\
		EXPECT_STREQ(_text, self->text);			\
	} while (0)

#define EXPECT_DEV_ATTR(_text, _attr)					\
	ASSERT_ATTR_IS(_text, CLASS_DIR "/%s/" _attr, self->dev.node)

#define EXPECT_ANSWER(_result, _status)					\
	do {								\
		EXPECT_EQ(_result, self->answer.result) {		\
			TH_LOG("reason: %s", self->answer.reason);	\
		}							\
		EXPECT_EQ(_status, self->answer.status) {		\
			TH_LOG("reason: %s", self->answer.reason);	\
		}							\
	} while (0)

#define EXPECT_REASON(_text)						\
	EXPECT_NE(NULL, strstr(self->answer.reason, _text)) {		\
		TH_LOG("reason: %s", self->answer.reason);		\
	}

/* A request that nobody is asked about. */
#define CALL(_verb)							\
	ASSERT_TRUE(ctl_call(&self->s, _verb, &self->dev, &self->answer))

/* A request that userspace acks. */
#define CALL_ACKED(_verb, _word, _ack_text)				\
	ASSERT_TRUE(ctl_call_acked(&self->s, _verb, &self->dev, _word,	\
				   _ack_text, &self->answer))

#define CONFIGURE_OK()							\
	do {								\
		CALL_ACKED(DRVIO_CONFIGURE, "ok", "");			\
		EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);		\
		EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));		\
	} while (0)

#define UNCONFIGURE_OK()						\
	do {								\
		CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");		\
		EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);		\
		EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));	\
	} while (0)

#define SET(_switch, _value)						\
	ASSERT_EQ(0, sim_set(&self->dev, _switch, _value))

#define SET_TIMEOUT(_which, _ms)					\
	ASSERT_EQ(0, attr_write(_ms, SERVICE_DIR "/" _which "_timeout_ms"))

#define ELAPSED_MS()	((int64_t)(deadline_now_ms() - self->begun))

FIXTURE_SETUP(sim)
{
	ASSERT_TRUE(sim_load());
	ASSERT_TRUE(sim_remove_all());
	ASSERT_EQ(0, attr_read(self->ack_timeout, 32, SERVICE_DIR "/ack_timeout_ms"));
	ASSERT_EQ(0, attr_read(self->appear_timeout, 32, SERVICE_DIR "/appear_timeout_ms"));
	ASSERT_EQ(0, attr_read(self->bind_timeout, 32, SERVICE_DIR "/bind_timeout_ms"));
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, SIM_TARGETS));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
	self->events = uevent_open();
	ASSERT_LE(0, self->events);
	self->begun = deadline_now_ms();
}

FIXTURE_TEARDOWN(sim)
{
	close(self->events);
	session_close(&self->s);
	EXPECT_TRUE(sim_remove_all());
	SET_TIMEOUT("ack", self->ack_timeout);
	SET_TIMEOUT("appear", self->appear_timeout);
	SET_TIMEOUT("bind", self->bind_timeout);
}

#endif /* SELFTESTS_SIM_FIXTURE_H */
