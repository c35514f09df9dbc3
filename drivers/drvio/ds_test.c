// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the Domain Services engine: what it says to what it hears.
 */
#include <kunit/test.h>

#include "ds.h"

/* A session, and the last messages that it sent. */
struct ds_fixture {
	struct drvio_ds ds;
	struct drvio_ds_msg sent[8];
	unsigned int nsent;
	unsigned int ndata, nregistered, nrestarts;
};

static void fixture_send(void *ctx, const void *msg, size_t len)
{
	struct ds_fixture *f = ctx;

	/* What it points to is not looked at. */
	if (f->nsent < ARRAY_SIZE(f->sent) &&
	    drvio_ds_decode(&f->sent[f->nsent], msg, len))
		f->nsent++;
}

static void fixture_data(void *ctx, const void *data, size_t len)
{
	((struct ds_fixture *)ctx)->ndata++;
}

static void fixture_registered(void *ctx)
{
	((struct ds_fixture *)ctx)->nregistered++;
}

static void fixture_restart(void *ctx)
{
	((struct ds_fixture *)ctx)->nrestarts++;
}

static const struct drvio_ds_ops fixture_ops = {
	.send = fixture_send,
	.data = fixture_data,
	.registered = fixture_registered,
	.restart = fixture_restart,
};

/* The engine hears a message, in one piece or byte by byte. */
static void hear(struct kunit *test, const struct drvio_ds_msg *msg, size_t piece)
{
	struct ds_fixture *f = test->priv;
	u8 buf[128];
	size_t len, at, n;

	f->nsent = 0;
	len = drvio_ds_encode(buf, sizeof(buf), msg);
	KUNIT_ASSERT_NE(test, len, 0UL);
	for (at = 0; at < len; at += n) {
		n = drvio_ds_input(&f->ds, buf + at, min(piece, len - at));
		KUNIT_ASSERT_NE(test, n, 0UL);
	}
}

#define HEAR_IN(piece, ...) hear(test, &(struct drvio_ds_msg){ __VA_ARGS__ }, piece)
#define HEAR(...) HEAR_IN(4096, __VA_ARGS__)

/* The message that it answered with. */
static void expect_sent(struct kunit *test, unsigned int n, u32 type)
{
	struct ds_fixture *f = test->priv;

	KUNIT_ASSERT_LT(test, n, f->nsent);
	KUNIT_EXPECT_EQ(test, f->sent[n].type, type);
}

/* Up to the registration, whose handle is returned. */
static u64 register_it(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle;

	HEAR(.type = DRVIO_DS_INIT_ACK);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	handle = f->sent[0].handle;
	HEAR(.type = DRVIO_DS_REG_ACK, .handle = handle, .minor = 1);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_REGISTERED);
	return handle;
}

static void handshake(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle;

	expect_sent(test, 0, DRVIO_DS_INIT_REQ);
	KUNIT_EXPECT_EQ(test, f->sent[0].major, (u16)DRVIO_DS_MAJOR);
	handle = register_it(test);
	KUNIT_EXPECT_NE(test, handle, 0ULL);
	KUNIT_EXPECT_EQ(test, handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD), 0ULL);
	KUNIT_EXPECT_EQ(test, f->nregistered, 1U);
	KUNIT_EXPECT_EQ(test, f->ds.minor, (u16)1);

	HEAR(.type = DRVIO_DS_DATA, .handle = handle, .data = "x", .data_len = 1);
	KUNIT_EXPECT_EQ(test, f->ndata, 1U);
	KUNIT_EXPECT_EQ(test, f->ds.errors, 0UL);
	KUNIT_EXPECT_TRUE(test, drvio_ds_send_data(&f->ds, "y", 1));
	expect_sent(test, 0, DRVIO_DS_DATA);
	KUNIT_EXPECT_EQ(test, f->sent[0].handle, handle);
}

static void handshake_byte_by_byte(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle;

	HEAR_IN(1, .type = DRVIO_DS_INIT_ACK);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	handle = f->sent[0].handle;
	HEAR_IN(1, .type = DRVIO_DS_REG_ACK, .handle = handle);
	HEAR_IN(1, .type = DRVIO_DS_DATA, .handle = handle, .data = "abc", .data_len = 3);
	KUNIT_EXPECT_EQ(test, f->ndata, 1U);
}

/* Of two minor versions the lower one is agreed, whoever offers it. */
static void lower_minor(struct kunit *test)
{
	static const u16 offered[] = { 0, DRVIO_MINOR, DRVIO_MINOR + 1 };
	struct ds_fixture *f = test->priv;
	u64 handle;
	int i;

	for (i = 0; i < ARRAY_SIZE(offered); i++) {
		HEAR(.type = DRVIO_DS_INIT_REQ, .major = 1, .minor = offered[i]);
		expect_sent(test, 0, DRVIO_DS_INIT_ACK);
		KUNIT_EXPECT_EQ(test, f->sent[0].minor, (u16)DRVIO_DS_MINOR);
		HEAR(.type = DRVIO_DS_INIT_ACK);
		expect_sent(test, 0, DRVIO_DS_REG_REQ);
		handle = f->sent[0].handle;
		HEAR(.type = DRVIO_DS_REG_ACK, .handle = handle, .minor = offered[i]);
		KUNIT_EXPECT_EQ(test, f->ds.minor, min_t(u16, offered[i], DRVIO_MINOR));
	}
}

/* Neither before the registration nor with another handle is data taken. */
static void unknown_handle(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle;

	HEAR(.type = DRVIO_DS_DATA, .handle = 0, .data = "x", .data_len = 1);
	expect_sent(test, 0, DRVIO_DS_NACK);
	KUNIT_EXPECT_EQ(test, f->sent[0].result, (u64)DRVIO_DS_INV_HDL);
	handle = register_it(test);
	HEAR(.type = DRVIO_DS_DATA, .handle = handle + 1, .data = "x", .data_len = 1);
	expect_sent(test, 0, DRVIO_DS_NACK);
	KUNIT_EXPECT_EQ(test, f->sent[0].handle, handle + 1);
	KUNIT_EXPECT_EQ(test, f->ndata, 0U);
	KUNIT_EXPECT_FALSE(test, f->ds.state == DRVIO_DS_CLOSED);
}

/* Each registration has a handle of its own. */
static void registered_anew(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 first = register_it(test), second, third;

	HEAR(.type = DRVIO_DS_NACK, .handle = first, .result = DRVIO_DS_INV_HDL);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	second = f->sent[0].handle;
	KUNIT_EXPECT_NE(test, second, first);
	HEAR(.type = DRVIO_DS_REG_ACK, .handle = first);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_REG_SENT);
	HEAR(.type = DRVIO_DS_REG_ACK, .handle = second);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_REGISTERED);

	HEAR(.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 1,
	     .major = 1, .svc_id = DRVIO_SVC_ID);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	third = f->sent[0].handle;
	KUNIT_EXPECT_NE(test, third, first);
	KUNIT_EXPECT_NE(test, third, second);
}

/* 2^30 registrations on: no handle has a bit that is not ours, and none comes back. */
static void handles_come_around(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 last = register_it(test), handle;
	int i;

	f->ds.seq = DRVIO_DS_HANDLE_RSVD - 3;
	for (i = 0; i < 4; i++) {
		HEAR(.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 1,
		     .major = 1, .svc_id = DRVIO_SVC_ID);
		expect_sent(test, 0, DRVIO_DS_REG_REQ);
		handle = f->sent[0].handle;
		KUNIT_EXPECT_GT(test, handle, last);
		KUNIT_EXPECT_NE(test, (u32)handle, 0U);
		KUNIT_EXPECT_EQ(test,
				handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD), 0ULL);
		last = handle;
	}
	KUNIT_EXPECT_EQ(test, last, 0x1234567900000002ULL);
}

/* The peer begins anew: nothing of the old session is left. */
static void restarted(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle = register_it(test);

	HEAR(.type = DRVIO_DS_INIT_REQ, .major = 1);
	KUNIT_EXPECT_EQ(test, f->nrestarts, 1U);
	expect_sent(test, 0, DRVIO_DS_INIT_ACK);
	expect_sent(test, 1, DRVIO_DS_INIT_REQ);
	HEAR(.type = DRVIO_DS_DATA, .handle = handle, .data = "x", .data_len = 1);
	expect_sent(test, 0, DRVIO_DS_NACK);
	KUNIT_EXPECT_EQ(test, f->ndata, 0U);
	KUNIT_EXPECT_NE(test, register_it(test), handle);
}

/* It has not seen our REG_REQ: it hears that again. */
static void restarted_before_it_registered(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle;

	HEAR(.type = DRVIO_DS_INIT_ACK);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	handle = f->sent[0].handle;
	HEAR(.type = DRVIO_DS_INIT_REQ, .major = 1);
	KUNIT_EXPECT_EQ(test, f->nrestarts, 0U);
	expect_sent(test, 0, DRVIO_DS_INIT_ACK);
	expect_sent(test, 1, DRVIO_DS_REG_REQ);
	KUNIT_EXPECT_EQ(test, f->sent[1].handle, handle);
	HEAR(.type = DRVIO_DS_REG_ACK, .handle = handle);
	KUNIT_EXPECT_EQ(test, f->nregistered, 1U);
}

static void unregistered(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle = register_it(test);

	HEAR(.type = DRVIO_DS_UNREG_REQ, .handle = handle + 1);
	expect_sent(test, 0, DRVIO_DS_UNREG_NACK);
	HEAR(.type = DRVIO_DS_UNREG_REQ, .handle = handle);
	expect_sent(test, 0, DRVIO_DS_UNREG_ACK);
	KUNIT_EXPECT_FALSE(test, drvio_ds_send_data(&f->ds, "y", 1));
}

static void other_versions(struct kunit *test)
{
	struct ds_fixture *f = test->priv;

	HEAR(.type = DRVIO_DS_INIT_REQ, .major = 2);
	expect_sent(test, 0, DRVIO_DS_INIT_NACK);
	KUNIT_EXPECT_EQ(test, f->sent[0].major, (u16)DRVIO_DS_MAJOR);
	HEAR(.type = DRVIO_DS_REG_REQ, .handle = 3, .major = 1, .svc_id = "md-update");
	expect_sent(test, 0, DRVIO_DS_REG_NACK);
	KUNIT_EXPECT_EQ(test, f->sent[0].result, (u64)DRVIO_DS_REG_VER_NACK);
}

/* What answers nothing that we have said counts as an error, and changes nothing. */
static void out_of_turn(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 handle = register_it(test);
	unsigned long errors = f->ds.errors;
	static const u32 types[] = {
		DRVIO_DS_INIT_ACK, DRVIO_DS_INIT_NACK, DRVIO_DS_REG_ACK, DRVIO_DS_REG_NACK,
		DRVIO_DS_UNREG_ACK, DRVIO_DS_UNREG_NACK,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		HEAR(.type = types[i], .handle = handle);
		KUNIT_EXPECT_EQ(test, f->nsent, 0U);
		KUNIT_EXPECT_EQ(test, f->ds.errors, ++errors);
		KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_REGISTERED);
		KUNIT_EXPECT_EQ(test, f->ds.handle, handle);
	}
	HEAR(.type = DRVIO_DS_NACK, .handle = handle + 1, .result = DRVIO_DS_INV_HDL);
	KUNIT_EXPECT_EQ(test, f->nsent, 0U);
	KUNIT_EXPECT_EQ(test, f->ds.errors, ++errors);
	KUNIT_EXPECT_EQ(test, f->nregistered, 1U);
}

/* Not asked for again until the peer asks for it. */
static void registration_refused(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u64 first, second;

	HEAR(.type = DRVIO_DS_INIT_ACK);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	first = f->sent[0].handle;
	HEAR(.type = DRVIO_DS_REG_NACK, .handle = first, .result = DRVIO_DS_REG_VER_NACK);
	KUNIT_EXPECT_EQ(test, f->nsent, 0U);
	HEAR(.type = DRVIO_DS_DATA, .handle = first, .data = "x", .data_len = 1);
	expect_sent(test, 0, DRVIO_DS_NACK);
	HEAR(.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 1, .major = 1,
	     .svc_id = DRVIO_SVC_ID);
	expect_sent(test, 0, DRVIO_DS_REG_REQ);
	second = f->sent[0].handle;
	KUNIT_EXPECT_NE(test, second, first);
	HEAR(.type = DRVIO_DS_REG_ACK, .handle = second);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_REGISTERED);
}

static void another_protocol_closes(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	struct drvio_ds_msg nack = { .type = DRVIO_DS_INIT_NACK, .major = 2 };
	u8 buf[16];
	size_t len = drvio_ds_encode(buf, sizeof(buf), &nack);

	KUNIT_EXPECT_EQ(test, drvio_ds_input(&f->ds, buf, len), 0UL);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_CLOSED);
	KUNIT_EXPECT_NOT_NULL(test, f->ds.error);
}

static void unknown_type(struct kunit *test)
{
	static const u8 unknown[] = { 0, 0, 0, 0x0b, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x2a };
	struct ds_fixture *f = test->priv;

	f->nsent = 0;
	KUNIT_EXPECT_EQ(test, drvio_ds_input(&f->ds, unknown, sizeof(unknown)),
			sizeof(unknown));
	expect_sent(test, 0, DRVIO_DS_NACK);
	KUNIT_EXPECT_EQ(test, f->sent[0].handle, 0x2aULL);
	KUNIT_EXPECT_EQ(test, f->sent[0].result, (u64)DRVIO_DS_TYPE_UNKNOWN);
}

static void too_long_to_send(struct kunit *test)
{
	struct ds_fixture *f = test->priv;
	u8 *data;

	register_it(test);
	f->nsent = 0;
	data = kunit_kzalloc(test, DRVIO_DS_MSG_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_EXPECT_FALSE(test, drvio_ds_send_data(&f->ds, data, DRVIO_DS_MSG_MAX));
	KUNIT_EXPECT_EQ(test, f->nsent, 0U);
}

static void garbage_closes(struct kunit *test)
{
	static const u8 garbage[] = { 0, 0, 0, 9, 0x7f, 0xff, 0xff, 0xff };
	struct ds_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, drvio_ds_input(&f->ds, garbage, sizeof(garbage)), 0UL);
	KUNIT_EXPECT_EQ(test, (int)f->ds.state, (int)DRVIO_DS_CLOSED);
	KUNIT_EXPECT_NOT_NULL(test, f->ds.error);
	KUNIT_EXPECT_EQ(test, drvio_ds_input(&f->ds, garbage, 1), 0UL);
}

static int ds_test_init(struct kunit *test)
{
	struct ds_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	test->priv = f;
	drvio_ds_start(&f->ds, &fixture_ops, f, 0x12345678);
	return 0;
}

static struct kunit_case ds_test_cases[] = {
	KUNIT_CASE(handshake),
	KUNIT_CASE(handshake_byte_by_byte),
	KUNIT_CASE(lower_minor),
	KUNIT_CASE(unknown_handle),
	KUNIT_CASE(registered_anew),
	KUNIT_CASE(handles_come_around),
	KUNIT_CASE(restarted),
	KUNIT_CASE(restarted_before_it_registered),
	KUNIT_CASE(unregistered),
	KUNIT_CASE(other_versions),
	KUNIT_CASE(out_of_turn),
	KUNIT_CASE(registration_refused),
	KUNIT_CASE(another_protocol_closes),
	KUNIT_CASE(unknown_type),
	KUNIT_CASE(too_long_to_send),
	KUNIT_CASE(garbage_closes),
	{}
};

static struct kunit_suite ds_test_suite = {
	.name = "drvio-ds",
	.init = ds_test_init,
	.test_cases = ds_test_cases,
};

kunit_test_suite(ds_test_suite);
