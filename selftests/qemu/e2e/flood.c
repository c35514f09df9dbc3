// SPDX-License-Identifier: GPL-2.0
/*
 * More requests than anybody needs: all are answered, in their order, and a
 * peer that does not read holds up nobody but itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

#define FLOOD	10000

FIXTURE(flood)
{
	struct session s;
	struct session_answer a;
	struct target nic;
	struct target disk;
};

FIXTURE_SETUP(flood)
{
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->nic));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(flood)
{
	session_close(&self->s);
	EXPECT_TRUE(guest_is_well(&self->nic));
}

static bool send_status(struct session *s, const struct target *t, uint64_t *number)
{
	struct deadline d = stage_soon();

	return !session_request(s, DRVIO_STATUS, t->name, t->dev_id, &d, number);
}

/* 32 under way at any time. */
TEST_F_TIMEOUT(flood, ten_thousand_status_in_order, 3 * CASE_S)
{
	uint64_t first = self->s.next_number;
	unsigned int sent = 0, heard = 0;

	while (heard < FLOOD) {
		while (sent < FLOOD && sent - heard < 32) {
			ASSERT_TRUE(send_status(&self->s, &self->nic, NULL));
			sent++;
		}
		ASSERT_TRUE(hear(&self->s, &self->a));
		ASSERT_EQ(first + heard, self->a.number);
		ASSERT_EQ(DRVIO_OK, self->a.result);
		ASSERT_EQ(DRVIO_CONFIGURED, self->a.status);
		heard++;
	}
}

/* All at once from one process, read by another: nothing is lost. */
TEST_F_TIMEOUT(flood, ten_thousand_status_unread_at_first, 3 * CASE_S)
{
	uint64_t first = self->s.next_number;
	unsigned int heard;
	pid_t writer;

	writer = fork();
	if (!writer) {
		for (heard = 0; heard < FLOOD; heard++) {
			if (!send_status(&self->s, &self->nic, NULL))
				_exit(1);
		}
		_exit(0);
	}
	self->s.next_number += FLOOD;
	sleep(3);
	for (heard = 0; heard < FLOOD; heard++) {
		ASSERT_TRUE(hear(&self->s, &self->a));
		ASSERT_EQ(first + heard, self->a.number);
		ASSERT_EQ(DRVIO_OK, self->a.result);
	}
}

/* As above, but the peer leaves without having read: the next one is served. */
TEST_F_TIMEOUT(flood, a_peer_that_never_reads, 3 * CASE_S)
{
	struct deadline d = deadline_in_ms(3000);
	unsigned long sent = 0;

	while (!session_request(&self->s, DRVIO_STATUS, self->nic.name, self->nic.dev_id,
				&d, NULL))
		sent++;
	/* It was held back at some point, not before the queue was full. */
	EXPECT_LT(64, sent);
	EXPECT_GT(1000000, sent);
	TH_LOG("%lu requests were taken from a peer that does not read", sent);
	session_close(&self->s);
	EXPECT_TRUE(guest_is_well(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
}

/*
 * Garbage behind requests whose answers nobody has read yet: what the guest says
 * ends with a whole message, and the next session follows it.
 */
TEST_F_TIMEOUT(flood, garbage_behind_unread_answers, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	unsigned int answers = 0;
	pid_t writer;
	int i;

	writer = fork();
	if (!writer) {
		for (i = 0; i < 3000; i++)
			send_status(&self->s, &self->nic, NULL);
		session_send_bytes(&self->s, "garbage!garbage!", 16, &d);
		_exit(0);
	}
	sleep(2);
	for (;;) {
		d = stage_soon();
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d)) {
			TH_LOG("%s, after %u answers", self->s.why, answers);
		}
		if (msg.type != DRVIO_DS_DATA)
			break;
		answers++;
	}
	EXPECT_EQ(DRVIO_DS_INIT_REQ, msg.type);
	EXPECT_LT(0, answers);
	ASSERT_EQ(SESSION_OK, session_handle(&self->s, &msg, &d));
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

/* A slow request first, quick ones behind it: the answers keep the order. */
TEST_F_TIMEOUT(flood, answers_keep_the_order, CASE_S)
{
	struct deadline d = stage_soon();
	uint64_t number[6];
	int i;

	ASSERT_EQ(SESSION_OK, session_request(&self->s, DRVIO_UNCONFIGURE, self->disk.name,
					      self->disk.dev_id, &d, &number[0]));
	ASSERT_TRUE(send_status(&self->s, &self->nic, &number[1]));
	ASSERT_EQ(SESSION_OK, session_request(&self->s, DRVIO_UNCONFIGURE, self->nic.name,
					      self->nic.dev_id, &d, &number[2]));
	ASSERT_TRUE(send_status(&self->s, &self->disk, &number[3]));
	ASSERT_EQ(SESSION_OK, session_request(&self->s, DRVIO_CONFIGURE, self->nic.name,
					      self->nic.dev_id, &d, &number[4]));
	ASSERT_EQ(SESSION_OK, session_request(&self->s, DRVIO_CONFIGURE, self->disk.name,
					      self->disk.dev_id, &d, &number[5]));
	for (i = 0; i < 6; i++) {
		ASSERT_TRUE(hear(&self->s, &self->a));
		EXPECT_EQ(number[i], self->a.number);
		EXPECT_EQ(DRVIO_OK, self->a.result) {
			TH_LOG("answer %d: %s", i, self->a.reason);
		}
	}
	/* Each did what it says, in turn: both are back. */
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &self->a));
	EXPECT_EQ(DRVIO_CONFIGURED, self->a.status);
}

/*
 * 64 requests may be in work.  While one waits for its ack, the ones behind it
 * fill the queue; what is beyond gets BLOCKED, and its turn.
 */
TEST_F_TIMEOUT(flood, a_full_queue_blocks, CASE_S)
{
	struct deadline d = stage_soon();
	uint64_t first = self->s.next_number;
	unsigned int i, blocked = 0;
	unsigned long before;

	ASSERT_TRUE(helper_off());
	ASSERT_EQ(0, guest("cat /sys/class/drvio/link*/statistics/requests"));
	before = strtoul(stage_output, NULL, 10);
	for (i = 0; i < 80; i++)
		ASSERT_EQ(SESSION_OK, session_request(&self->s, i ? DRVIO_CONFIGURE :
						      DRVIO_UNCONFIGURE, self->disk.name,
						      self->disk.dev_id, &d, NULL));
	/* The first is answered when all the others are there. */
	EXPECT_EQ(0, guest("wait_for '[ $(cat /sys/class/drvio/link*/statistics/requests) -ge %lu ]'",
			   before + 80));
	EXPECT_TRUE(played_ack(&self->disk, "failed not now"));
	for (i = 0; i < 80; i++) {
		ASSERT_TRUE(hear(&self->s, &self->a));
		EXPECT_EQ(first + i, self->a.number);
		if (self->a.result == DRVIO_BLOCKED) {
			EXPECT_STRNE("", self->a.reason);
			blocked++;
		}
	}
	EXPECT_EQ(16, blocked);
	ASSERT_TRUE(helper_on());
}

TEST_HARNESS_MAIN
