// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that do not come back in time: the request fails, the state says what
 * is going on, nothing else is held up, and a late end is reported.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "sim_fixture.h"

static bool wait_state(const struct dr_device *dev, const char *state)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char now[32];

	while (deadline_left_ms(&d)) {
		if (!attr_read(now, sizeof(now), CLASS_DIR "/%s/state", dev->node) &&
		    !strcmp(now, state))
			return true;
		usleep(2000);
	}
	return false;
}

/* Another device goes through its whole life meanwhile. */
#define OTHERS_ARE_NOT_AFFECTED()						\
	do {									\
		struct session_answer answer;					\
		struct dr_device other;						\
										\
		ASSERT_EQ(0, sim_create(&other, 0x99, 1));			\
		ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_CONFIGURE, &other,	\
					   "ok", "", &answer));			\
		EXPECT_EQ(DRVIO_OK, answer.result);				\
		ASSERT_TRUE(ctl_call_acked(&self->s, DRVIO_UNCONFIGURE, &other,	\
					   "ok", "", &answer));			\
		EXPECT_EQ(DRVIO_OK, answer.result);				\
		EXPECT_EQ(DRVIO_UNCONFIGURED, answer.status);			\
		ASSERT_EQ(0, sim_remove(&other));				\
	} while (0)

TEST_F(sim, unbind_that_hangs)
{
	SET_TIMEOUT("bind", "300");
	SET("hang_unbind", "1");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	EXPECT_LE(CTL_WAITED(300), ELAPSED_MS());
	EXPECT_REASON("did not come back from remove within 300 ms");
	EXPECT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_DEV_ATTR("unconfiguring", "state");
	EXPECT_DEV_ATTR("configured", "status");
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_REASON("unconfiguring");

	/* Nothing can be asked of it now, not even by force. */
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("has not come back");
	CALL(DRVIO_FORCE_UNCONFIG);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	OTHERS_ARE_NOT_AFFECTED();
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));

	SET("hang_unbind", "0");
	/* No undo in between: there was nothing to go back to. */
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "done"));
	EXPECT_DEV_ATTR("unconfigured", "state");
	EXPECT_DEV_ATTR("unconfigured", "status");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	/* How the request ended stays as it was answered. */
	EXPECT_DEV_ATTR("failure", "request/result");
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_REASON("ms to come back");
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);

	CONFIGURE_OK();
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_STREQ("", self->answer.reason);
	UNCONFIGURE_OK();
}

TEST_F(sim, unbind_that_fails_late)
{
	SET_TIMEOUT("bind", "300");
	SET("hang_unbind", "1");
	SET("fail_park", "5");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	SET("hang_unbind", "0");
	/* The driver has it back, so userspace puts it back into use. */
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "undo"));
	EXPECT_DEV_ATTR("configured", "state");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim"));
	SET("fail_park", "0");
	UNCONFIGURE_OK();
}

TEST_F(sim, forced_unbind_that_hangs)
{
	SET_TIMEOUT("bind", "300");
	SET("hang_unbind", "1");
	SET("busy", "in use");
	CALL_ACKED(DRVIO_FORCE_UNCONFIG, "blocked", "in use");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	EXPECT_DEV_ATTR("unconfiguring", "state");
	SET("hang_unbind", "0");
	EXPECT_TRUE(wait_state(&self->dev, "unconfigured"));
	SET("busy", "");
	CONFIGURE_OK();
}

TEST_F(sim, bind_that_hangs_is_parked_later)
{
	UNCONFIGURE_OK();
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "request"));
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "done"));
	SET_TIMEOUT("bind", "300");
	SET("hang_bind", "1");
	self->begun = deadline_now_ms();
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	EXPECT_LE(CTL_WAITED(300), ELAPSED_MS());
	EXPECT_REASON("did not come back from probe within 300 ms");
	EXPECT_DEV_ATTR("configuring", "state");
	CALL(DRVIO_UNCONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_REASON("has not come back");
	OTHERS_ARE_NOT_AFFECTED();

	/* The control domain was told that it failed: it does. */
	SET("hang_bind", "0");
	EXPECT_TRUE(uevent_is_next(self->events, self->dev.node, "undo"));
	EXPECT_DEV_ATTR("unconfigured", "state");
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_REASON("ms to come back");
	CONFIGURE_OK();
}

TEST_F(sim, bind_that_fails_late_is_parked_too)
{
	UNCONFIGURE_OK();
	SET_TIMEOUT("bind", "300");
	SET("hang_bind", "1");
	SET("fail_bind", "5");
	CALL(DRVIO_CONFIGURE);
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	SET("hang_bind", "0");
	EXPECT_TRUE(wait_state(&self->dev, "unconfigured"));
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	SET("fail_bind", "0");
	CONFIGURE_OK();
}

TEST_F(sim, undo_that_hangs)
{
	UNCONFIGURE_OK();
	SET_TIMEOUT("bind", "300");
	SET("hang_unbind", "1");
	CALL_ACKED(DRVIO_CONFIGURE, "blocked", "not here");
	/* The answer is about the refusal; the status tells the truth. */
	EXPECT_ANSWER(DRVIO_BLOCKED, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	EXPECT_REASON("not here\nit is not parked again: ");
	EXPECT_REASON("its driver did not come back from remove");
	EXPECT_TRUE(sim_wait_hanging(&self->dev, 1));
	EXPECT_DEV_ATTR("configuring", "state");
	SET("hang_unbind", "0");
	EXPECT_TRUE(wait_state(&self->dev, "unconfigured"));
	EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
	CONFIGURE_OK();
}

TEST_F(sim, slow_is_not_stuck)
{
	SET("delay_unbind_ms", "700");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_LE(CTL_WAITED(700), ELAPSED_MS());
	SET("delay_bind_ms", "700");
	self->begun = deadline_now_ms();
	CONFIGURE_OK();
	EXPECT_LE(CTL_WAITED(700), ELAPSED_MS());
}

/* The end and the time limit come together: whoever wins, all is accounted for. */
TEST_F(sim, an_end_that_races_with_the_time_limit)
{
	int ok = 0, late = 0;

	SET_TIMEOUT("bind", "20");
	for (int i = 0; i < 30; i++) {
		char ms[16];

		snprintf(ms, sizeof(ms), "%d", 12 + i % 16);
		SET("delay_unbind_ms", ms);
		CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
		if (self->answer.result == DRVIO_OK) {
			EXPECT_EQ(DRVIO_UNCONFIGURED, self->answer.status);
			ok++;
		} else {
			EXPECT_ANSWER(DRVIO_FAILURE, self->answer.status);
			late++;
		}
		EXPECT_TRUE(wait_state(&self->dev, "unconfigured"));
		SET_TIMEOUT("bind", "60000");
		CONFIGURE_OK();
		SET_TIMEOUT("bind", "20");
	}
	TH_LOG("%d in time, %d late", ok, late);
	EXPECT_LT(0, ok + late);
}

#define RIVAL_CPU	1

/*
 * Who is forked onto a CPU that others are kept from.  Return: its pid in the parent,
 * 0 in the child.
 */
static pid_t fork_on_cpu(void)
{
	pid_t pid = fork();
	cpu_set_t cpus;

	if (pid)
		return pid;
	CPU_ZERO(&cpus);
	CPU_SET(RIVAL_CPU, &cpus);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || sched_setaffinity(0, sizeof(cpus), &cpus))
		_exit(1);
	return 0;
}

/* Writes the unbind file of a driver that hangs in its remove, and waits for that. */
static pid_t start_rival(const struct dr_device *dev)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char stat[ATTR_MAX] = "";
	pid_t pid = fork_on_cpu();

	if (!pid)
		_exit(attr_write(dev->target, "/sys/bus/drvio-sim/drivers/sim/unbind") ? 1 : 0);
	do {
		usleep(2000);
		attr_read(stat, sizeof(stat), "/proc/%d/stat", pid);
	} while (!strstr(stat, ") D ") && deadline_left_ms(&d));
	return pid;
}

/* Nobody else runs there until it is killed. */
static pid_t start_hog(void)
{
	struct sched_param param = { .sched_priority = 1 };
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	pid_t pid = fork_on_cpu();

	if (!pid) {
		if (sched_setscheduler(0, SCHED_FIFO, &param))
			_exit(1);
		for (;;)
			__asm__ volatile ("" : : : "memory");
	}
	while (sched_getscheduler(pid) != SCHED_FIFO && deadline_left_ms(&d))
		usleep(2000);
	return pid;
}

/*
 * An unbind file looks who is bound, then waits for the device, and takes it from whoever
 * is bound by then: the parking driver, too.  Here it comes to that once the request has
 * been answered, since it gets no CPU before.
 */
TEST_F(sim, an_unbind_by_somebody_else_meanwhile)
{
	pid_t rival, hog;
	int status;

	if (sysconf(_SC_NPROCESSORS_ONLN) <= RIVAL_CPU)
		SKIP(return, "there is one CPU");
	for (int i = 0; i < 5; i++) {
		SET("hang_unbind", "1");
		ASSERT_TRUE(ctl_send(&self->s, DRVIO_UNCONFIGURE, &self->dev));
		ASSERT_EQ(0, helper_ack(&self->dev, "ok", ""));
		ASSERT_TRUE(sim_wait_hanging(&self->dev, 1));
		rival = start_rival(&self->dev);
		hog = start_hog();
		SET("hang_unbind", "0");
		ASSERT_TRUE(ctl_answer(&self->s, &self->answer));
		EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
		EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
		kill(hog, SIGKILL);
		ASSERT_EQ(hog, waitpid(hog, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		ASSERT_EQ(rival, waitpid(rival, &status, 0));
		EXPECT_EQ(0, status);

		/* It was taken away after the answer.  That is known: it is parked again. */
		EXPECT_TRUE(sim_driver_is(&self->dev, ""));
		EXPECT_DEV_ATTR("unconfigured", "state");
		CALL(DRVIO_UNCONFIGURE);
		EXPECT_ANSWER(DRVIO_OK, DRVIO_UNCONFIGURED);
		EXPECT_TRUE(sim_driver_is(&self->dev, "sim-park"));
		CONFIGURE_OK();
	}
}

TEST_F(sim, a_device_that_hangs_can_be_taken_away_afterwards)
{
	SET_TIMEOUT("bind", "300");
	SET("hang_unbind", "1");
	CALL_ACKED(DRVIO_UNCONFIGURE, "ok", "");
	EXPECT_ANSWER(DRVIO_FAILURE, DRVIO_CONFIGURED);
	SET_TIMEOUT("bind", "60000");
	/* The removal waits for the driver, as the driver core does. */
	if (!fork())
		_exit(sim_remove(&self->dev) ? 1 : 0);
	usleep(100 * 1000);
	EXPECT_DEV_ATTR("unconfiguring", "state");
	SET("hang_unbind", "0");
	EXPECT_TRUE(sim_wait_gone(&self->dev));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_NOT_PRESENT);
	OTHERS_ARE_NOT_AFFECTED();
}

TEST_HARNESS_MAIN
