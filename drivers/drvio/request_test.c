// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what ends a request: acks, the timer, the loss of the link, the
 * loss of the device.  Threads bring them about at the same time; there is one
 * winner, and one answer, which is the winner's.
 */
#include <linux/delay.h>
#include <linux/module.h>

#include "bus.h"
#include "peer_test.h"

#define ROUNDS		40
#define ACKERS		8
/* So many readers, of whom each asks so often, hold up all for some 150 ms. */
#define READERS		3
#define HOLD_UPS	16

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

/* Asks for what takes its time, so that whoever wants to do anything has to wait. */
static int hold_up(struct racer *r)
{
	char status[32];
	int i, err = 0;

	for (i = 0; i < HOLD_UPS && !err; i++)
		err = node_read(r->f->device[0].node, NULL, "status", status, sizeof(status));
	return err;
}

static int unconfigure(struct racer *r)
{
	return peer_ask(r->f, &r->f->peer[0], DRVIO_UNCONFIGURE, 0) ? 0 : -EAGAIN;
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

/*
 * An ack that was taken is the answer; one that was refused came after the timer.  All
 * is held up, so that an ack is taken in time and the request learns of it too late.
 */
static void ack_or_timer(struct kunit *test)
{
	struct racer racers[1 + READERS], *acker = &racers[0];
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	int round, i, acked = 0;
	char cookie[32];

	be_configured(test);
	KUNIT_ASSERT_EQ(test, node_write(f->service, NULL, "ack_timeout_ms", "150"), 0);
	for (round = 0; round < ROUNDS; round++) {
		peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
		/* On a machine that is busy it may be too late for the ack already. */
		if (fake_asked(f, 0, cookie, sizeof(cookie))) {
			*acker = (struct racer){
				.fn = ack_blocked, .f = f, .cookie = cookie,
				.delay_us = 30000 + round * 3000,
			};
			for (i = 1; i <= READERS; i++)
				racers[i] = (struct racer){ .fn = hold_up, .f = f };
			WRITE_ONCE(f->device[0].slow, true);
			race(test, racers, ARRAY_SIZE(racers));
			WRITE_ONCE(f->device[0].slow, false);
		} else {
			acker->err = -ENOENT;
		}
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		if (!acker->err) {
			acked++;
			KUNIT_ASSERT_EQ(test, resp.result, (u32)DRVIO_BLOCKED);
			KUNIT_EXPECT_STREQ(test, resp.reason, "by racer 0");
		} else {
			KUNIT_EXPECT_EQ(test, acker->err, -ENOENT);
			KUNIT_ASSERT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
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

/* The loss of the device alone: nobody acks, and the timer is far. */
static void loss_of_device(struct kunit *test)
{
	static const u32 verbs[] = { DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_FORCE_UNCONFIG };
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	char cookie[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (verbs[i] == DRVIO_CONFIGURE)
			KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
		else
			be_configured(test);
		peer_ask(f, &f->peer[0], verbs[i], 0);
		KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
		drvio_target_remove(f->bus, f->device[0].target);
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
		KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_NOT_PRESENT);
		KUNIT_EXPECT_NOT_NULL(test, strstr(resp.reason, "vanished during the request"));
		KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie, "ok"), -ENOENT);
		no_second_answer(test, &f->peer[0]);
		fake_remove(f, 0);
	}
}

/*
 * A device that goes as a request for it comes: it is not there, or it has vanished.
 * All is held up, so that the loss comes at every step to the start of the request.
 */
static void request_or_loss_of_device(struct kunit *test)
{
	struct racer racers[2 + READERS];
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		be_configured(test);
		racers[0] = (struct racer){
			.fn = unconfigure, .f = f, .delay_us = 5000 + round % 5 * 1000,
		};
		racers[1] = (struct racer){
			.fn = lose_device, .f = f, .delay_us = 5000 + round % 7 * 1000,
		};
		for (i = 2; i < ARRAY_SIZE(racers); i++)
			racers[i] = (struct racer){ .fn = hold_up, .f = f };
		WRITE_ONCE(f->device[0].slow, true);
		race(test, racers, ARRAY_SIZE(racers));
		WRITE_ONCE(f->device[0].slow, false);
		KUNIT_EXPECT_EQ(test, racers[0].err, 0);
		KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
		KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_NOT_PRESENT);
		if (resp.result != DRVIO_OK)
			KUNIT_EXPECT_NOT_NULL(test, strstr(resp.reason, "vanished"));
		no_second_answer(test, &f->peer[0]);
		fake_remove(f, 0);
	}
}

/* Whatever a name has in it: the control domain prints it. */
static void reasons_are_printable(struct kunit *test)
{
	struct drvio_reason *why = kunit_kzalloc(test, sizeof(*why), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, why);
	drvio_reason_set(why, "a\tname\n%s\x1b[1m", "\xc3\xa4");
	KUNIT_EXPECT_STREQ(test, why->text, "a?name\n???[1m");
}

/* While the module of its bus leaves nothing begins on a device that is there still. */
static void module_leaves(struct kunit *test)
{
	static struct module leaving = { .state = MODULE_STATE_GOING };
	struct fixture *f = test->priv;
	struct module *owner = f->bus->owner;
	struct drvio_resp resp;

	be_configured(test);
	f->bus->owner = &leaving;
	peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
	KUNIT_EXPECT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	f->bus->owner = owner;
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_CONFIGURED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(resp.reason, "is being unloaded"));
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
		KUNIT_EXPECT_EQ(test, resp.result == DRVIO_FAILURE,
				resp.status == DRVIO_NOT_PRESENT);
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
		KUNIT_ASSERT_STRNEQ(test, result, DRVIO_RESULT_OK);
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
	KUNIT_CASE(loss_of_device),
	KUNIT_CASE(request_or_loss_of_device),
	KUNIT_CASE(module_leaves),
	KUNIT_CASE(reasons_are_printable),
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
