// SPDX-License-Identifier: GPL-2.0
/*
 * What can be seen of a request afterwards: tracepoints, a line in the kernel's
 * log, counters, the histogram.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"
#include "slab.h"

#define TRACING		"/sys/kernel/debug/tracing"
#define LATENCY		"/sys/kernel/debug/drvio/latency"

static unsigned long statistic(const char *name)
{
	char text[32];

	if (attr_read(text, sizeof(text), SERVICE_DIR "/statistics/%s", name))
		return 0;
	return strtoul(text, NULL, 10);
}

/* How many requests of a verb the histogram has. */
static unsigned long in_histogram(const char *verb)
{
	char text[ATTR_MAX], *line, *end;
	unsigned long sum = 0;

	if (attr_read(text, sizeof(text), LATENCY))
		return 0;
	line = strstr(text, verb);
	while (line && line > text && line[-1] != '\n')
		line = strstr(line + 1, verb);
	if (!line)
		return 0;
	line += strlen(verb);
	while (*line == ' ') {
		sum += strtoul(line, &end, 10);
		line = end;
	}
	return sum;
}

/* The words of the trace, in this order, with anything between them. */
static const char *in_order(const char *text, const char *const *words)
{
	for (; *words; words++) {
		text = strstr(text, *words);
		if (!text)
			return *words;
	}
	return NULL;
}

static char trace[1 << 16];

static bool trace_clear(void)
{
	int fd = open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd >= 0 && !close(fd);
}

#define START_TRACE()								\
	do {									\
		if (access(TRACING "/events/drvio/enable", W_OK))		\
			SKIP(return, "the kernel has no tracefs");		\
		ASSERT_TRUE(trace_clear());					\
		ASSERT_EQ(0, attr_write("1", TRACING "/events/drvio/enable"));	\
	} while (0)

#define STOP_TRACE()								\
	do {									\
		ASSERT_EQ(0, attr_write("0", TRACING "/events/drvio/enable"));	\
		ASSERT_EQ(0, attr_read(trace, sizeof(trace), TRACING "/trace"));	\
	} while (0)

#define EXPECT_IN_ORDER(_words)							\
	do {									\
		const char *missing = in_order(trace, _words);			\
										\
		EXPECT_EQ(NULL, missing) {					\
			TH_LOG("not in the trace, or not in its place: %s",	\
			       missing);					\
		}								\
	} while (0)

TEST_F(sim, each_transition_is_traced)
{
	static const char * const words[] = {
		"drvio_request: link=link", "verb=unconfigure name=sim dev_id=0x0000000000000051",
		"drvio_state: device=sim@0x0000000000000051 from=configured to=unconfiguring",
		"phase=userspace",
		"drvio_ack: device=sim@0x0000000000000051 ack=ok err=0",
		"phase=acked", "phase=unbind",
		"from=unconfiguring to=unconfigured",
		"event=done err=0", "phase=done",
		"drvio_answer:", "result=ok status=unconfigured duration_us=",
		"drvio_state: device=sim@0x0000000000000051 from=unconfigured to=absent",
		"drvio_state: device=sim@0x0000000000000051 from=absent to=unconfigured",
		NULL
	};

	START_TRACE();
	UNCONFIGURE_OK();
	ASSERT_EQ(0, sim_remove(&self->dev));
	ASSERT_EQ(0, sim_create(&self->dev, DEV_ID, SIM_TARGETS));
	STOP_TRACE();
	/* It is told once the event has gone out: who hears that may have acked by then. */
	EXPECT_NE(NULL, strstr(trace, "drvio_uevent: device=sim@0x0000000000000051 event=request err=0"));
	EXPECT_IN_ORDER(words);
}

/* Nothing more is done to what has gone while userspace was asked. */
TEST_F(sim, the_loss_of_a_device_is_traced)
{
	static const char * const words[] = {
		"drvio_request: link=link", "verb=force-unconfigure name=sim dev_id=0x0000000000000051",
		"phase=userspace",
		"drvio_state: device=sim@0x0000000000000051 from=unconfiguring to=absent",
		"phase=acked", "phase=done",
		"drvio_answer:", "result=failure status=not-present duration_us=",
		NULL
	};

	START_TRACE();
	ASSERT_TRUE(ctl_send(&self->s, DRVIO_FORCE_UNCONFIG, &self->dev));
	ASSERT_TRUE(helper_wait_phase(&self->dev, "userspace"));
	ASSERT_EQ(0, sim_remove(&self->dev));
	ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_NOT_PRESENT);
	STOP_TRACE();
	EXPECT_IN_ORDER(words);
	EXPECT_NE(NULL, strstr(trace, "drvio_uevent: device=sim@0x0000000000000051 event=lost err=0"));
	EXPECT_EQ(NULL, strstr(trace, "phase=unbind"));
}

/* The next line of the log that has a word; lines of others are skipped. */
static bool log_has(int kmsg, const char *word, char *line, size_t size)
{
	ssize_t len;

	while ((len = read(kmsg, line, size - 1)) > 0) {
		line[len] = '\0';
		if (strstr(line, word))
			return true;
	}
	return false;
}

TEST_F(sim, each_request_has_a_line_in_the_log)
{
	char word[64], line[2048];
	int kmsg;

	/* Lines of the tests before count against the limit. */
	sleep(5);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, kmsg);
	ASSERT_LE(0, lseek(kmsg, 0, SEEK_END));

	snprintf(word, sizeof(word), "request %" PRIu64 ": ", self->s.next_number);
	CALL_ACKED(DRVIO_UNCONFIGURE, "blocked", "no");
	ASSERT_TRUE(log_has(kmsg, word, line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, "drvio: link"));
	EXPECT_NE(NULL, strstr(line, ": unconfigure sim@0x0000000000000051: blocked, configured in "));

	/* Many do not fill it. */
	for (int i = 0; i < 100; i++)
		CALL(DRVIO_CONFIGURE);
	snprintf(word, sizeof(word), "request %" PRIu64 ": ", self->s.next_number - 1);
	EXPECT_FALSE(log_has(kmsg, word, line, sizeof(line)));
	close(kmsg);
}

TEST_F(sim, counters_and_histogram)
{
	unsigned long ok = statistic("unconfigure_ok"), blocked = statistic("unconfigure_blocked");
	unsigned long requests = statistic("requests"), answers = statistic("answers");
	unsigned long unconfigures = in_histogram("unconfigure");
	unsigned long statuses = in_histogram("status");

	CALL_ACKED(DRVIO_UNCONFIGURE, "blocked", "no");
	CALL(DRVIO_STATUS);
	EXPECT_EQ(unconfigures + 1, in_histogram("unconfigure"));
	UNCONFIGURE_OK();
	EXPECT_EQ(blocked + 1, statistic("unconfigure_blocked"));
	EXPECT_EQ(ok + 1, statistic("unconfigure_ok"));
	EXPECT_EQ(requests + 3, statistic("requests"));
	EXPECT_EQ(answers + 3, statistic("answers"));
	EXPECT_EQ(unconfigures + 2, in_histogram("unconfigure"));
	EXPECT_EQ(statuses + 1, in_histogram("status"));
}

/*
 * How it ended, not the request with its 2 kB of room for reasons.  What a slab that
 * is in use has free counts as allocated: up to 120 kB of it were seen.
 */
TEST_F_TIMEOUT(sim, little_is_kept_of_a_request, 120)
{
	struct dr_device more[250];
	const int n = sizeof(more) / sizeof(more[0]);
	struct slab before, after;
	struct deadline until;
	long more_bytes;

	if (!slab_count(&before))
		SKIP(return, "what is allocated cannot be told here");
	for (int i = 0; i < n; i++)
		ASSERT_EQ(0, sim_create(&more[i], DEV_ID + 1 + i, 1));
	ASSERT_TRUE(slab_count(&before));
	for (int i = 0; i < n; i++) {
		ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &more[i], "blocked",
					   "in use", &self->answer));
		EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	}
	/* The events that nobody has read are memory, too. */
	close(self->events);
	self->events = uevent_open();
	until = deadline_in_ms(CTL_WAIT_MS);
	/* What RCU frees in batches may take its time. */
	do {
		ASSERT_TRUE(slab_count(&after));
		more_bytes = slab_bytes(&after, "kmalloc") - slab_bytes(&before, "kmalloc");
	} while (more_bytes >= 1024 * n && deadline_left_ms(&until));
	EXPECT_GT(1024 * n, more_bytes);
	ASSERT_ATTR_IS("in use", CLASS_DIR "/%s/request/reason", more[n - 1].node);
}

TEST_HARNESS_MAIN
