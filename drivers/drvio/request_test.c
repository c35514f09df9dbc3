// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what ends a request: acks, the timer, the loss of the link, the
 * loss of the device.  Threads bring them about at the same time; there is one
 * winner, and one answer, which is the winner's.
 */
#include <linux/delay.h>

#include "peer_test.h"

#define ROUNDS		40
#define ACKERS		8

/* Device 0, configured or not, without a request. */
static void be_configured(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	char cookie[32];

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	peer_ask(f, &f->peer[0], DRVIO_CONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
	KUNIT_ASSERT_EQ(test, fake_ack(f, 0, cookie, "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_ASSERT_EQ(test, resp.result, (u32)DRVIO_OK);
}

static void no_second_answer(struct kunit *test, struct peer *p)
{
	struct drvio_resp resp;

	KUNIT_EXPECT_FALSE(test, peer_answer(p, &resp, 2));
}

/* What the racers do.  Each ack says who it is from. */

static int ack_blocked(struct racer *r)
{
	char words[32];

	snprintf(words, sizeof(words), "blocked by racer %d", r->i);
	return fake_ack(r->f, 0, r->cookie, words);
}

static int lose_device(struct racer *r)
{
	drvio_target_remove(r->f->bus, r->f->device[0].target);
	return 0;
}

static int lose_link(struct racer *r)
{
	peer_close(&r->f->peer[0]);
	return 0;
}

static void acks(struct kunit *test)
{
	struct racer racers[ACKERS];
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	char cookie[32], want[32];
	int round, i, winners;
	u64 number;

	be_configured(test);
	for (round = 0; round < ROUNDS; round++) {
		number = peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
		for (i = 0; i < ACKERS; i++)
			racers[i] = (struct racer){
				.fn = ack_blocked, .f = f, .i = i, .cookie = cookie,
			};
		race(test, racers, ACKERS);
		winners = 0;
		for (i = 0; i < ACKERS; i++) {
			if (!racers[i].err) {
				winners++;
				snprintf(want, sizeof(want), "by racer %d", i);
			} else {
				KUNIT_EXPECT_EQ(test, racers[i].err, -ENOENT);
			}
		}
		KUNIT_EXPECT_EQ(test, winners, 1);
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		KUNIT_EXPECT_EQ(test, resp.number, number);
		KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_BLOCKED);
		KUNIT_EXPECT_STREQ(test, resp.reason, want);
		no_second_answer(test, &f->peer[0]);
	}
}

/* An ack that was taken is the answer; one that was refused came after the timer. */
static void ack_or_timer(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	struct racer racer;
	int round, acked = 0;
	char cookie[32];

	be_configured(test);
	KUNIT_ASSERT_EQ(test, node_write(f->service, NULL, "ack_timeout_ms", "60"), 0);
	for (round = 0; round < ROUNDS; round++) {
		peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		/* On a machine that is busy it may be too late for the ack already. */
		if (fake_asked(f, 0, cookie, sizeof(cookie))) {
			racer = (struct racer){
				.fn = ack_blocked, .f = f, .cookie = cookie,
				.delay_us = 30000 + round * 1000,
			};
			race(test, &racer, 1);
		} else {
			racer.err = -ENOENT;
		}
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		if (!racer.err) {
			acked++;
			KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_BLOCKED);
			KUNIT_EXPECT_STREQ(test, resp.reason, "by racer 0");
		} else {
			KUNIT_EXPECT_EQ(test, racer.err, -ENOENT);
			KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
			KUNIT_EXPECT_NOT_NULL(test, strstr(resp.reason, "in time"));
		}
		no_second_answer(test, &f->peer[0]);
	}
	kunit_info(test, "%d acks of %d came in time", acked, ROUNDS);
}

/* The timer alone. */
static void timer(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	ktime_t begun;

	be_configured(test);
	KUNIT_ASSERT_EQ(test, node_write(f->service, NULL, "ack_timeout_ms", "50"), 0);
	begun = ktime_get();
	peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), begun), 45LL);
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_CONFIGURED);
	KUNIT_EXPECT_TRUE(test, f->device[0].bound);
}

static void ack_or_loss_of_device(struct kunit *test)
{
	struct racer racers[2];
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	char cookie[32];
	int round;

	for (round = 0; round < ROUNDS; round++) {
		be_configured(test);
		peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
		racers[0] = (struct racer){
			.fn = ack_blocked, .f = f, .cookie = cookie,
			.delay_us = round % 3 * 60,
		};
		racers[1] = (struct racer){
			.fn = lose_device, .f = f, .delay_us = round % 4 * 50,
		};
		race(test, racers, 2);
		KUNIT_EXPECT_TRUE(test, !racers[0].err || racers[0].err == -ENOENT);
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		if (racers[0].err)
			KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
		/* BLOCKED where it was answered before the loss. */
		else
			KUNIT_EXPECT_NE(test, resp.result, (u32)DRVIO_OK);
		if (resp.result == DRVIO_FAILURE)
			KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_NOT_PRESENT);
		no_second_answer(test, &f->peer[0]);
		fake_remove(f, 0);
	}
}

/* The answer has nowhere to go, but the outcome can be read. */
static void ack_or_loss_of_link(struct kunit *test)
{
	struct racer racers[2];
	struct fixture *f = test->priv;
	unsigned long requests, gone;
	char cookie[32], result[32];
	int round;

	be_configured(test);
	for (round = 0; round < ROUNDS; round++) {
		requests = statistic(f, "requests");
		gone = statistic(f, "answers") + statistic(f, "dropped");
		peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
		racers[0] = (struct racer){
			.fn = ack_blocked, .f = f, .cookie = cookie,
			.delay_us = round % 3 * 60,
		};
		racers[1] = (struct racer){
			.fn = lose_link, .f = f, .delay_us = round % 4 * 50,
		};
		race(test, racers, 2);
		/* The loss of the link does not end a request: the ack does. */
		KUNIT_EXPECT_EQ(test, racers[0].err, 0);
		KUNIT_ASSERT_TRUE(test, fake_done(f, 0));
		node_read(f->device[0].node, "request", "result", result, sizeof(result));
		KUNIT_EXPECT_STREQ(test, result, DRVIO_RESULT_BLOCKED);
		KUNIT_EXPECT_EQ(test, statistic(f, "requests"), requests + 1);
		KUNIT_EXPECT_EQ(test, statistic(f, "answers") + statistic(f, "dropped"),
				gone + 1);
		KUNIT_ASSERT_EQ(test, peer_open(&f->peer[0]), 0);
	}
}

/* All of them, at about the same time. */
static void everything(struct kunit *test)
{
	struct racer racers[4];
	struct fixture *f = test->priv;
	unsigned long requests, gone;
	int round, i, winners;
	char cookie[32], result[32];

	for (round = 0; round < ROUNDS; round++) {
		be_configured(test);
		requests = statistic(f, "requests");
		gone = statistic(f, "answers") + statistic(f, "dropped");
		KUNIT_ASSERT_EQ(test, node_write(f->service, NULL, "ack_timeout_ms", "40"), 0);
		peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		*cookie = '\0';
		fake_asked(f, 0, cookie, sizeof(cookie));
		for (i = 0; i < 2; i++)
			racers[i] = (struct racer){
				.fn = ack_blocked, .f = f, .i = i, .cookie = cookie,
				.delay_us = 20000 + round * 500,
			};
		racers[2] = (struct racer){
			.fn = lose_device, .f = f, .delay_us = 20000 + (ROUNDS - round) * 500,
		};
		racers[3] = (struct racer){
			.fn = lose_link, .f = f, .delay_us = 20000 + round * 400,
		};
		race(test, racers, 4);
		winners = !racers[0].err + !racers[1].err;
		KUNIT_EXPECT_LE(test, winners, 1);
		KUNIT_ASSERT_TRUE(test, fake_done(f, 0));
		node_read(f->device[0].node, "request", "result", result, sizeof(result));
		KUNIT_EXPECT_STRNEQ(test, result, DRVIO_RESULT_OK);
		if (!winners)
			KUNIT_EXPECT_STREQ(test, result, DRVIO_RESULT_FAILURE);
		KUNIT_EXPECT_EQ(test, statistic(f, "requests"), requests + 1);
		KUNIT_EXPECT_EQ(test, statistic(f, "answers") + statistic(f, "dropped"),
				gone + 1);
		fake_remove(f, 0);
		KUNIT_ASSERT_EQ(test, node_write(f->service, NULL, "ack_timeout_ms",
						 PEER_ACK_TIMEOUT_MS), 0);
		KUNIT_ASSERT_EQ(test, peer_open(&f->peer[0]), 0);
	}
}

static struct kunit_case request_test_cases[] = {
	KUNIT_CASE(acks),
	KUNIT_CASE(timer),
	KUNIT_CASE(ack_or_timer),
	KUNIT_CASE(ack_or_loss_of_device),
	KUNIT_CASE(ack_or_loss_of_link),
	KUNIT_CASE(everything),
	{}
};

static struct kunit_suite request_test_suite = {
	.name = "drvio-request",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = request_test_cases,
};

kunit_test_suite(request_test_suite);
