// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that runs out: the first allocation of each path fails, then the
 * second, and so on until a run needs no more of them.  After each the caller
 * has its one answer, and the same again succeeds.
 *
 * Needs failslab: the debug kernel has it.
 */
#include <fcntl.h>

#include "../kselftest_harness.h"
#include "failslab.h"
#include "sim_fixture.h"

#define NEED_FAILSLAB()								\
	do {									\
		if (!failslab_init())						\
			SKIP(return, "the kernel has no failslab");		\
	} while (0)

TEST_F_TIMEOUT(sim, to_open_a_link, 120)
{
	bool reached;
	int n;

	NEED_FAILSLAB();
	for (n = 1; n < FAIL_NTH_MAX; n++) {
		int fd, err;

		fail_nth(n);
		fd = open("/dev/drvio", O_RDWR | O_CLOEXEC);
		err = errno;
		reached = fail_nth_reached();
		if (fd < 0) {
			EXPECT_EQ(ENOMEM, err);
		} else {
			close(fd);
		}
		fd = open("/dev/drvio", O_RDWR | O_CLOEXEC);
		EXPECT_LE(0, fd);
		close(fd);
		if (!reached)
			break;
	}
	TH_LOG("%d allocations", n - 1);
	EXPECT_GT(FAIL_NTH_MAX, n);
	EXPECT_LT(5, n);
}

TEST_F_TIMEOUT(sim, to_write_and_ack_a_request, 120)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	enum session_error error;
	bool reached = true;
	int n, err;

	NEED_FAILSLAB();
	for (n = 1; reached && n < FAIL_NTH_MAX; n++) {
		fail_nth(n);
		error = session_request(&self->s, DRVIO_UNCONFIGURE, self->dev.name,
					self->dev.dev_id, &d, NULL);
		reached = fail_nth_reached();
		/* A write that failed took nothing: the stream is intact. */
		if (error != SESSION_OK)
			ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
		ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
		ASSERT_EQ(0, attr_read(self->text, ATTR_MAX, CLASS_DIR "/%s/request/cookie",
				       self->dev.node));
		strcat(self->text, " blocked no\n");
		fail_nth(n);
		err = helper_write(&self->dev, self->text);
		reached |= fail_nth_reached();
		if (err) {
			EXPECT_EQ(-ENOMEM, err);
			ASSERT_EQ(0, helper_write(&self->dev, self->text));
		}
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	}
	TH_LOG("%d allocations", n - 1);
	EXPECT_GT(FAIL_NTH_MAX, n);
}

TEST_F_TIMEOUT(sim, to_add_a_device, 300)
{
	struct dr_device dev;
	bool reached = true;
	int n, err;

	NEED_FAILSLAB();
	for (n = 1; reached && n < FAIL_NTH_MAX; n++) {
		fail_nth(n);
		err = sim_create(&dev, 0x99, 2);
		reached = fail_nth_reached();
		if (err)
			EXPECT_EQ(-ENOMEM, err);
		/* Whatever there is of it can go. */
		err = sim_remove(&dev);
		EXPECT_TRUE(!err || err == -ENODEV);
		EXPECT_TRUE(sim_wait_gone(&dev));
		ASSERT_EQ(0, sim_create(&dev, 0x99, 2));
		EXPECT_TRUE(sim_driver_is(&dev, "sim"));
		ASSERT_EQ(0, sim_remove(&dev));
	}
	TH_LOG("%d allocations", n - 1);
	EXPECT_GT(FAIL_NTH_MAX, n);
	EXPECT_LT(20, n);
}

/*
 * The same in the works that run a request and its bind and unbind: nobody but
 * the control domain can be told, and it is, once.
 */
FIXTURE(verb)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	char text[ATTR_MAX];
};

/**
 * struct verb_variant - what is asked for, and where memory runs out
 * @verb: what is asked for
 * @back: what puts it back
 * @before: status of the device before @verb
 * @after: and after it
 * @work: the function of the work whose allocations fail
 */
FIXTURE_VARIANT(verb)
{
	enum drvio_verb verb, back;
	enum drvio_status before, after;
	const char *work;
};

#define VARIANT(_name, _verb, _back, _before, _after)			\
FIXTURE_VARIANT_ADD(verb, _name##_request)				\
{									\
	.verb = _verb, .back = _back, .before = _before, .after = _after,	\
	.work = "drvio_request_work",					\
};									\
FIXTURE_VARIANT_ADD(verb, _name##_op)					\
{									\
	.verb = _verb, .back = _back, .before = _before, .after = _after,	\
	.work = "op_work",						\
}

VARIANT(configure, DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_UNCONFIGURED, DRVIO_CONFIGURED);
VARIANT(unconfigure, DRVIO_UNCONFIGURE, DRVIO_CONFIGURE, DRVIO_CONFIGURED, DRVIO_UNCONFIGURED);
VARIANT(force, DRVIO_FORCE_UNCONFIG, DRVIO_CONFIGURE, DRVIO_CONFIGURED, DRVIO_UNCONFIGURED);

FIXTURE_SETUP(verb)
{
	ASSERT_TRUE(sim_load());
	ASSERT_TRUE(sim_remove_all());
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 2));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
	if (variant->before == DRVIO_UNCONFIGURED)
		UNCONFIGURE_OK();
}

FIXTURE_TEARDOWN(verb)
{
	fail_nth_of_reached();
	session_close(&self->s);
	EXPECT_TRUE(sim_remove_all());
}

static const char *driver_of(enum drvio_status status)
{
	return status == DRVIO_CONFIGURED ? "sim" : "sim-park";
}

/* Acks whatever asks, if anything does, until the answer is there. */
static bool answer_acked(struct session *s, const struct dr_device *dev, const char *word,
			 struct session_answer *answer)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char phase[32], line[64];

	while (deadline_left_ms(&d)) {
		struct deadline soon = deadline_in_ms(5);

		if (session_answer(s, answer, &soon) == SESSION_OK)
			return true;
		if (!attr_read(phase, sizeof(phase), CLASS_DIR "/%s/request/phase", dev->node) &&
		    !strcmp(phase, "userspace") &&
		    !attr_read(line, 32, CLASS_DIR "/%s/request/cookie", dev->node)) {
			strcat(line, word);
			helper_write(dev, line);
		}
	}
	return false;
}

TEST_F_TIMEOUT(verb, in_work, 300)
{
	int n, reached = 1, failed = 0;

	NEED_FAILSLAB();
	for (n = 1; reached && n < FAIL_NTH_MAX; n++) {
		struct deadline none = deadline_in_ms(20);
		struct session_answer second;

		ASSERT_TRUE(fail_nth_of(variant->work, 0, n));
		ASSERT_TRUE(ctl_send(&self->s, variant->verb, &self->dev));
		ASSERT_TRUE(answer_acked(&self->s, &self->dev, " ok\n", &self->answer));
		reached = fail_nth_of_reached();
		ASSERT_LE(0, reached);
		/* One answer, not two. */
		EXPECT_EQ(SESSION_TIMEOUT, session_answer(&self->s, &second, &none));
		if (self->answer.result != DRVIO_OK) {
			failed++;
			EXPECT_ANSWER(DRVIO_FAILURE, variant->before);
			EXPECT_STRNE("", self->answer.reason);
			EXPECT_TRUE(sim_driver_is(&self->dev, driver_of(variant->before)));
			/* The same again succeeds. */
			CALL_ACKED(variant->verb, "ok", "");
		}
		EXPECT_ANSWER(DRVIO_OK, variant->after);
		EXPECT_TRUE(sim_driver_is(&self->dev, driver_of(variant->after)));
		/* And back, for the next. */
		CALL_ACKED(variant->back, "ok", "");
		EXPECT_ANSWER(DRVIO_OK, variant->before);
	}
	TH_LOG("%d allocations, %d requests failed", n - 1, failed);
	EXPECT_GT(FAIL_NTH_MAX, n);
	EXPECT_LT(2, n);
	EXPECT_LT(0, failed);
}

/* And in the undo of a CONFIGURE that userspace has refused. */
TEST_F_TIMEOUT(sim, to_undo_a_configure, 300)
{
	int n, reached = 1, failed = 0;
	bool parked;

	NEED_FAILSLAB();
	UNCONFIGURE_OK();
	for (n = 1; reached && n < FAIL_NTH_MAX; n++) {
		ASSERT_TRUE(fail_nth_of("op_work", 1, n));
		ASSERT_TRUE(ctl_send(&self->s, DRVIO_CONFIGURE, &self->dev));
		ASSERT_TRUE(answer_acked(&self->s, &self->dev, " failed no\n", &self->answer));
		reached = fail_nth_of_reached();
		ASSERT_LE(0, reached);
		EXPECT_EQ(DRVIO_FAILURE, self->answer.result);
		parked = sim_driver_is(&self->dev, "sim-park");
		if (!parked) {
			failed++;
			EXPECT_REASON("no\nit is not parked again: ");
		}
		CONFIGURE_OK();
		UNCONFIGURE_OK();
	}
	TH_LOG("%d allocations, %d undos failed", n - 1, failed);
	EXPECT_GT(FAIL_NTH_MAX, n);
	EXPECT_LT(0, failed);
}

TEST_HARNESS_MAIN
