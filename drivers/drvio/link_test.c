// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of links: answers keep the order of their requests, whatever the
 * order in which they are found.
 */
#include "peer_test.h"

#define ROUNDS		20

static int ack_ok(struct racer *r)
{
	char cookie[32];

	if (!fake_asked(r->f, r->i, cookie, sizeof(cookie)))
		return -ETIME;
	return fake_ack(r->f, r->i, cookie, "ok");
}

static void answers_keep_the_order(struct kunit *test)
{
	struct racer racers[PEER_DEVICES];
	struct fixture *f = test->priv;
	u64 number[PEER_DEVICES];
	struct drvio_resp resp;
	int round, i;

	for (i = 0; i < PEER_DEVICES; i++)
		KUNIT_ASSERT_EQ(test, fake_add(f, i), 0);
	for (round = 0; round < ROUNDS; round++) {
		u32 verb = round % 2 ? DRVIO_UNCONFIGURE : DRVIO_CONFIGURE;

		for (i = 0; i < PEER_DEVICES; i++) {
			number[i] = peer_ask(f, &f->peer[0], verb, i);
			/* The first that was asked for is acked last, as often as not. */
			racers[i] = (struct racer){
				.fn = ack_ok, .f = f, .i = i,
				.delay_us = (PEER_DEVICES - i) * (round % 4) * 500,
			};
		}
		race(test, racers, PEER_DEVICES);
		for (i = 0; i < PEER_DEVICES; i++) {
			KUNIT_EXPECT_EQ(test, racers[i].err, 0);
			KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
			KUNIT_EXPECT_EQ(test, resp.number, number[i]);
			KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_OK);
		}
		KUNIT_EXPECT_FALSE(test, peer_answer(&f->peer[0], &resp, 0));
	}
}

/* What is answered at once waits for what was asked before. */
static void status_waits_for_its_turn(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	u64 first, second;
	char cookie[32];

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	KUNIT_ASSERT_EQ(test, fake_add(f, 1), 0);
	first = peer_ask(f, &f->peer[0], DRVIO_CONFIGURE, 0);
	second = peer_ask(f, &f->peer[0], DRVIO_STATUS, 1);
	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
	KUNIT_EXPECT_FALSE(test, peer_answer(&f->peer[0], &resp, 20));
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie, "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, first);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, second);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_UNCONFIGURED);
}

/* Of one device the next request begins when the one before has its answer. */
static void one_device_one_request(struct kunit *test)
{
	struct fixture *f = test->priv;
	char cookie[2][32], verb[32];
	struct drvio_resp resp;
	u64 number[2];

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	number[0] = peer_ask(f, &f->peer[0], DRVIO_CONFIGURE, 0);
	number[1] = peer_ask(f, &f->peer[0], DRVIO_UNCONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie[0], sizeof(cookie[0])));
	node_read(f->device[0].node, "request", "verb", verb, sizeof(verb));
	KUNIT_EXPECT_STREQ(test, verb, DRVIO_VERB_CONFIGURE);
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie[0], "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, number[0]);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_CONFIGURED);

	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie[1], sizeof(cookie[1])));
	/* The old cookie counts no more. */
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie[0], "failed"), -ESTALE);
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie[1], "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, number[1]);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_UNCONFIGURED);
}

/* Another link does not wait for its turn: it is told. */
static void another_link_is_told(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drvio_resp resp;
	char cookie[32];

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	KUNIT_ASSERT_EQ(test, peer_open(&f->peer[1]), 0);
	peer_ask(f, &f->peer[0], DRVIO_CONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
	peer_ask(f, &f->peer[1], DRVIO_UNCONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[1], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_FAILURE);
	KUNIT_EXPECT_NOT_NULL(test, strstr(resp.reason, "busy"));
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie, "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(&f->peer[0], &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_OK);
}

/* A transport with Domain Services of its own passes service data alone. */
static void a_registered_link_answers(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct peer *p = &f->peer[1];
	struct drvio_resp resp;
	u64 first, second;
	char cookie[32];

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	KUNIT_ASSERT_EQ(test, peer_open_registered(p), 0);
	first = peer_ask(f, p, DRVIO_CONFIGURE, 0);
	KUNIT_ASSERT_TRUE(test, fake_asked(f, 0, cookie, sizeof(cookie)));
	second = peer_ask(f, p, DRVIO_STATUS, 1);
	KUNIT_EXPECT_FALSE(test, peer_answer(p, &resp, 20));
	KUNIT_EXPECT_EQ(test, fake_ack(f, 0, cookie, "ok"), 0);
	KUNIT_ASSERT_TRUE(test, peer_answer(p, &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, first);
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_OK);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_CONFIGURED);
	KUNIT_ASSERT_TRUE(test, peer_answer(p, &resp, PEER_WAIT_MS));
	KUNIT_EXPECT_EQ(test, resp.number, second);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_NOT_PRESENT);
	KUNIT_EXPECT_FALSE(test, peer_answer(p, &resp, 0));
}

/* Who does not read is not listened to, and loses nothing. */
static void a_registered_link_is_held_back(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct peer *p = &f->peer[1];
	u64 first = 0, last = 0, number, i;
	struct drvio_resp resp;

	KUNIT_ASSERT_EQ(test, peer_open_registered(p), 0);
	for (i = 0; i < 10000; i++) {
		number = peer_ask(f, p, DRVIO_STATUS, 0);
		if (!number)
			break;
		first = first ?: number;
		last = number;
	}
	KUNIT_EXPECT_FALSE(test, number);
	KUNIT_ASSERT_LT(test, first, last);
	for (number = first; number <= last; number++) {
		KUNIT_ASSERT_TRUE(test, peer_answer(p, &resp, 0));
		KUNIT_EXPECT_EQ(test, resp.number, number);
	}
	KUNIT_EXPECT_FALSE(test, peer_answer(p, &resp, 0));
	number = peer_ask(f, p, DRVIO_STATUS, 0);
	KUNIT_ASSERT_TRUE(test, number);
	KUNIT_ASSERT_TRUE(test, peer_answer(p, &resp, 0));
	KUNIT_EXPECT_EQ(test, resp.number, number);
}

static struct kunit_case link_test_cases[] = {
	KUNIT_CASE(answers_keep_the_order),
	KUNIT_CASE(status_waits_for_its_turn),
	KUNIT_CASE(one_device_one_request),
	KUNIT_CASE(another_link_is_told),
	KUNIT_CASE(a_registered_link_answers),
	KUNIT_CASE(a_registered_link_is_held_back),
	{}
};

static struct kunit_suite link_test_suite = {
	.name = "drvio-link",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = link_test_cases,
};

kunit_test_suite(link_test_suite);
