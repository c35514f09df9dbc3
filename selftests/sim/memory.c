// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that runs out: the first allocation of each path fails, then the
 * second, and so on until a run needs no more of them.  After each the caller
 * has its one answer, and the same again succeeds.
 *
 * Needs failslab: the debug kernel has it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

#define FAIL_NTH_MAX	400
#define FAILSLAB	"/sys/kernel/debug/failslab"

/* What was asked for is no news. */
static bool failslab_init(void)
{
	return !access("/proc/self/fail-nth", W_OK) && !attr_write("0", FAILSLAB "/verbose") &&
	       !attr_write("0", FAILSLAB "/ignore-gfp-wait");
}

#define NEED_FAILSLAB()								\
	do {									\
		if (!failslab_init())						\
			SKIP(return, "the kernel has no failslab");		\
	} while (0)

static void fail_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	attr_write(text, "/proc/thread-self/fail-nth");
}

/* Ends it.  Return: whether that many allocations were made. */
static bool fail_nth_reached(void)
{
	char text[16];

	if (attr_read(text, sizeof(text), "/proc/thread-self/fail-nth"))
		return false;
	fail_nth(0);
	return !atoi(text);
}

/*
 * Requests run in workers of unbound workqueues, and nothing says in which: so
 * in all of them.  Return: in how many it was reached.
 */
static int workers_each(int n)
{
	char comm[64], text[16];
	struct dirent *entry;
	int reached = 0;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (attr_read(comm, sizeof(comm), "/proc/%.16s/comm", entry->d_name) ||
		    strncmp(comm, "kworker/u", 9))
			continue;
		if (n) {
			snprintf(text, sizeof(text), "%d", n);
			attr_write(text, "/proc/%.16s/fail-nth", entry->d_name);
		} else {
			if (!attr_read(text, sizeof(text), "/proc/%.16s/fail-nth", entry->d_name))
				reached += !atoi(text);
			attr_write("0", "/proc/%.16s/fail-nth", entry->d_name);
		}
	}
	closedir(dir);
	return reached;
}

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

FIXTURE(verb)
{
	struct dr_device dev;
	struct session s;
	struct session_answer answer;
	char text[ATTR_MAX];
};

FIXTURE_VARIANT(verb)
{
	enum drvio_verb verb;
};

FIXTURE_VARIANT_ADD(verb, configure)
{
	.verb = DRVIO_CONFIGURE,
};

FIXTURE_VARIANT_ADD(verb, unconfigure)
{
	.verb = DRVIO_UNCONFIGURE,
};

FIXTURE_VARIANT_ADD(verb, force)
{
	.verb = DRVIO_FORCE_UNCONFIG,
};

FIXTURE_SETUP(verb)
{
	ASSERT_TRUE(sim_load());
	ASSERT_TRUE(sim_remove_all());
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, 2));
	ASSERT_TRUE(ctl_open(&self->s));
	CONFIGURE_OK();
}

FIXTURE_TEARDOWN(verb)
{
	workers_each(0);
	session_close(&self->s);
	EXPECT_TRUE(sim_remove_all());
}

/* Acks whatever asks until the answer is there. */
static bool answer_acked(struct session *s, const struct dr_device *dev,
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
			strcat(line, " ok\n");
			helper_write(dev, line);
		}
	}
	return false;
}

TEST_F_TIMEOUT(verb, in_work, 600)
{
	bool configure = variant->verb == DRVIO_CONFIGURE;
	int n, reached, failed = 0;

	NEED_FAILSLAB();
	if (configure)
		UNCONFIGURE_OK();
	for (n = 1; n < FAIL_NTH_MAX; n++) {
		struct deadline none = deadline_in_ms(20);
		struct session_answer second;

		workers_each(n);
		ASSERT_TRUE(ctl_send(&self->s, variant->verb, &self->dev));
		ASSERT_TRUE(answer_acked(&self->s, &self->dev, &self->answer));
		/* Its traces in other workers end some time, too. */
		reached = workers_each(0);
		/* One answer, not two. */
		EXPECT_EQ(SESSION_TIMEOUT, session_answer(&self->s, &second, &none));
		if (self->answer.result != DRVIO_OK) {
			failed++;
			EXPECT_EQ(DRVIO_FAILURE, self->answer.result);
			EXPECT_STRNE("", self->answer.reason);
			/* The same again succeeds. */
			ASSERT_TRUE(ctl_send(&self->s, variant->verb, &self->dev));
			ASSERT_TRUE(answer_acked(&self->s, &self->dev, &self->answer));
		}
		EXPECT_ANSWER(DRVIO_OK, configure ? DRVIO_CONFIGURED : DRVIO_UNCONFIGURED);
		EXPECT_TRUE(sim_driver_is(&self->dev, configure ? "sim" : "sim-park"));
		/* And back, for the next. */
		ASSERT_TRUE(ctl_send(&self->s, configure ? DRVIO_UNCONFIGURE : DRVIO_CONFIGURE,
				     &self->dev));
		ASSERT_TRUE(answer_acked(&self->s, &self->dev, &self->answer));
		EXPECT_ANSWER(DRVIO_OK, configure ? DRVIO_UNCONFIGURED : DRVIO_CONFIGURED);
		if (!reached)
			break;
	}
	TH_LOG("%d allocations, %d requests failed", n - 1, failed);
	EXPECT_GT(FAIL_NTH_MAX, n);
	EXPECT_LT(5, n);
	EXPECT_LT(0, failed);
}

TEST_HARNESS_MAIN
