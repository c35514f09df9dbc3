// SPDX-License-Identifier: GPL-2.0
/*
 * The life of the link: opened, closed in the middle of something, opened
 * again; sessions begun anew on it; the relay killed.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

FIXTURE(link)
{
	struct session s;
	struct session_answer a;
	struct target nic;
	struct target disk;
};

FIXTURE_SETUP(link)
{
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(link)
{
	session_close(&self->s);
	EXPECT_TRUE(guest_is_well(&self->nic));
}

static void pause_ms(unsigned int ms)
{
	struct deadline d = deadline_in_ms(ms);

	deadline_poll(&d, -1, 0);
}

/* The guest speaks first, on each connection anew. */
TEST_F_TIMEOUT(link, opened_time_and_again, CASE_S)
{
	struct deadline d;
	struct drvio_ds_msg msg;
	uint64_t last = 0;
	int i, fresh = 0;

	session_close(&self->s);
	for (i = 0; i < 50; i++) {
		d = deadline_in_ms(2000);
		ASSERT_EQ(SESSION_OK, session_open(&self->s, stage_path("link.sock"), &d));
		if (!session_receive(&self->s, &msg, &d)) {
			EXPECT_EQ(DRVIO_DS_INIT_REQ, msg.type);
			EXPECT_EQ(1, msg.major);
			EXPECT_EQ(0, msg.minor);
			ASSERT_EQ(SESSION_OK, session_handle(&self->s, &msg, &d));
			ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
			EXPECT_NE(last, self->s.handle);
			last = self->s.handle;
			fresh++;
		}
		session_close(&self->s);
		pause_ms(100);
	}
	/* A guest that gets no time for so long may miss one, see below. */
	EXPECT_LT(40, fresh);
}

/*
 * Without a pause the guest's kernel may show the relay an end that was never
 * closed.  A client that speaks up gets its session all the same.
 */
TEST_F_TIMEOUT(link, opened_again_at_once, CASE_S)
{
	int i;

	for (i = 0; i < 100; i++) {
		session_close(&self->s);
		ASSERT_TRUE(link_up(&self->s));
		ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
		ASSERT_EQ(DRVIO_CONFIGURED, self->a.status);
	}
}

/* What was asked goes on; its outcome is there for whoever asks later. */
TEST_F_TIMEOUT(link, closed_in_the_middle_of_a_request, CASE_S)
{
	struct deadline d = stage_soon();

	ASSERT_TRUE(helper_off());
	ASSERT_EQ(SESSION_OK, session_request(&self->s, DRVIO_UNCONFIGURE, self->disk.name,
					      self->disk.dev_id, &d, NULL));
	ASSERT_TRUE(phase_is(&self->disk, "userspace"));
	session_close(&self->s);

	ASSERT_TRUE(link_up(&self->s));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	EXPECT_NE(NULL, strstr(self->a.reason, "unconfigure")) {
		TH_LOG("reason: %s", self->a.reason);
	}
	/* Busy with the other link's request. */
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STRNE("", self->a.reason);

	EXPECT_TRUE(played_ack(&self->disk, "ok"));
	EXPECT_TRUE(phase_is(&self->disk, "done"));
	EXPECT_EQ(0, guest("[ \"$(cat /sys/class/drvio/%s/request/result)\" = ok ]",
			   self->disk.node));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	EXPECT_EQ(0, self->s.stale);
	ASSERT_TRUE(helper_on());
}

TEST_F_TIMEOUT(link, pinged_the_guest_registers_anew, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	uint64_t old = self->s.handle;

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 5,
		.major = 1, .minor = 1, .svc_id = "dr-vio" }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	ASSERT_EQ(DRVIO_DS_REG_REQ, msg.type);
	EXPECT_STREQ("dr-vio", msg.svc_id);
	EXPECT_EQ(1, msg.major);
	EXPECT_EQ(1, msg.minor);
	EXPECT_NE(0, msg.handle);
	EXPECT_EQ(0, msg.handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD));
	EXPECT_NE(old, msg.handle);
	ASSERT_EQ(SESSION_OK, session_handle(&self->s, &msg, &d));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_F_TIMEOUT(link, unregistered_the_guest_waits_for_a_ping, CASE_S)
{
	struct deadline d = stage_soon(), moment = deadline_in_ms(300);
	struct drvio_ds_msg msg;
	uint64_t old = self->s.handle;

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = old }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	EXPECT_EQ(DRVIO_DS_UNREG_ACK, msg.type);
	EXPECT_EQ(old, msg.handle);
	EXPECT_EQ(SESSION_TIMEOUT, session_receive(&self->s, &msg, &moment));
	self->s.registered = false;
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
	EXPECT_NE(old, self->s.handle);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);
}

/* A handle that the peer forgot is given up for a new one. */
TEST_F_TIMEOUT(link, told_that_its_handle_is_unknown, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK, .handle = self->s.handle,
		.result = DRVIO_DS_INV_HDL }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	ASSERT_EQ(DRVIO_DS_REG_REQ, msg.type);
	EXPECT_NE(self->s.handle, msg.handle);
	ASSERT_EQ(SESSION_OK, session_handle(&self->s, &msg, &d));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);
}

TEST_F_TIMEOUT(link, init_of_another_version_is_refused, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_REQ, .major = 2 }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	EXPECT_EQ(DRVIO_DS_INIT_NACK, msg.type);
	EXPECT_EQ(1, msg.major);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);
}

/* Both ends begin, as illumos has it; and a peer that lost its state. */
TEST_F_TIMEOUT(link, init_is_answered_at_any_time, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_INIT_REQ, .major = 1 }, &d));
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
		EXPECT_EQ(DRVIO_DS_INIT_ACK, msg.type);
		if (i)
			continue;
		/* The guest was registered: it begins anew, and is left waiting. */
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
		EXPECT_EQ(DRVIO_DS_INIT_REQ, msg.type);
	}
	self->s.registered = false;
	self->s.initialized = false;
	self->s.invited = false;
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);
}

/* A relay that is killed is missed; one that is started again is not. */
TEST_F_TIMEOUT(link, relay_killed_and_started, CASE_S)
{
	ASSERT_EQ(0, guest("kill -9 $(pidof drvio-relay)"));
	session_close(&self->s);
	EXPECT_EQ(6, manager("--timeout", "1", "status", "nic", NULL)) {
		TH_LOG("%s", stage_output);
	}
	EXPECT_EQ(0, guest("/usr/lib/drvio/drvio-relay --detach"));
	EXPECT_EQ(0, manager("status", "nic", NULL)) {
		TH_LOG("%s", stage_output);
	}
	/* A second one does no harm. */
	EXPECT_EQ(1, guest("/usr/lib/drvio/drvio-relay"));
	EXPECT_NE(NULL, strstr(stage_output, "another process"));
	/* SIGTERM is its clean end; nobody is at the link then. */
	EXPECT_EQ(0, guest("kill $(pidof drvio-relay) && "
			   "wait_for '[ -z \"$(pidof drvio-relay)\" ]' && "
			   "/usr/lib/drvio/drvio-relay --detach"));
	ASSERT_TRUE(link_up(&self->s));
}

/* A relay ahead of the module: it says so once, sleeps, and goes on. */
TEST_F_TIMEOUT(link, relay_waits_for_the_module, CASE_S)
{
	struct deadline d;

	if (over_ldc())
		SKIP(return, "the module of the channel cannot leave");
	session_close(&self->s);
	ASSERT_EQ(0, guest("kill $(pidof drvio-relay) && "
			   "wait_for '[ -z \"$(pidof drvio-relay)\" ]' && "
			   "modprobe -r drvio-virtio drvio && [ ! -e /dev/drvio ] && "
			   "{ setsid /usr/lib/drvio/drvio-relay < /dev/null > /run/e2e.relay 2>&1 & }")) {
		TH_LOG("%s", stage_output);
	}
	d = stage_soon();
	ASSERT_EQ(SESSION_OK, session_open(&self->s, stage_path("link.sock"), &d));
	pause_ms(3000);
	EXPECT_EQ(0, guest("cat /run/e2e.relay; [ $(grep -c 'waiting for the module' /run/e2e.relay) = 1 ]")) {
		TH_LOG("%s", stage_output);
	}
	/* User and system time since it was started, in hundredths: without sleep it is 300. */
	EXPECT_EQ(0, guest("set -- $(cut -d' ' -f14,15 /proc/$(pidof drvio-relay)/stat); [ $(($1 + $2)) -lt 100 ]"));
	EXPECT_EQ(0, guest("modprobe drvio-virtio && udevadm settle"));
	d = stage_soon();
	EXPECT_EQ(SESSION_OK, session_establish(&self->s, &d));
}

/* The port is unplugged: the relay ends, and comes back with the port. */
TEST_F_TIMEOUT(link, port_unplugged_and_plugged, CASE_S)
{
	session_close(&self->s);
	ASSERT_EQ(0, guest("cd $(dirname $(grep -lx org.drvio.0 /sys/class/virtio-ports/*/name))/device && v=$(basename $(readlink -f .)) && "
			   "echo $v > driver/unbind && "
			   "wait_for '[ -z \"$(pidof drvio-relay)\" ]' && "
			   "echo $v > /sys/bus/virtio/drivers/virtio_console/bind && "
			   "wait_for '[ -n \"$(pidof drvio-relay)\" ]'")) {
		TH_LOG("%s", stage_output);
	}
	ASSERT_TRUE(link_up(&self->s));
}

TEST_HARNESS_MAIN
