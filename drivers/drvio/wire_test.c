// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the codec: exact bytes, and each length that is too short.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "wire.h"

/* CONFIGURE of virtio-net@0x0102001000000000, as number 7, on handle 0x11. */
static const u8 request_bytes[] = {
	0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x27,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x11,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07,
	0x01, 0x02, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x49, 0x4f, 0x43,
	'v', 'i', 'r', 't', 'i', 'o', '-', 'n', 'e', 't', 0,
};

static void request_is_exact(struct kunit *test)
{
	struct drvio_req req = {
		.number = 7,
		.dev_id = 0x0102001000000000ULL,
		.verb = DRVIO_CONFIGURE,
		.name = "virtio-net",
	};
	u8 data[64], buf[64];
	struct drvio_ds_msg msg = {
		.type = DRVIO_DS_DATA,
		.handle = 0x11,
		.data = data,
	};
	struct drvio_req back;

	msg.data_len = drvio_req_encode(data, sizeof(data), &req);
	KUNIT_ASSERT_EQ(test, drvio_ds_encode(buf, sizeof(buf), &msg),
			sizeof(request_bytes));
	KUNIT_EXPECT_EQ(test, memcmp(buf, request_bytes, sizeof(request_bytes)), 0);

	KUNIT_ASSERT_TRUE(test, drvio_ds_decode(&msg, buf, sizeof(request_bytes)));
	KUNIT_EXPECT_EQ(test, msg.handle, 0x11ULL);
	KUNIT_ASSERT_NULL(test, drvio_req_decode(&back, msg.data, msg.data_len));
	KUNIT_EXPECT_EQ(test, memcmp(&back, &req, sizeof(req)), 0);
}

/* A request that is cut anywhere is none, but its number is known from 8 on. */
static void request_cut_short(struct kunit *test)
{
	const u8 *data = request_bytes + 16;
	size_t whole = sizeof(request_bytes) - 16, len;
	struct drvio_req req;

	for (len = 0; len < whole; len++) {
		KUNIT_EXPECT_NOT_NULL(test, drvio_req_decode(&req, data, len));
		KUNIT_EXPECT_EQ(test, req.number, len < 8 ? 0ULL : 7ULL);
	}
	KUNIT_EXPECT_NULL(test, drvio_req_decode(&req, data, whole));
}

static void request_name_is_bounded(struct kunit *test)
{
	size_t head = sizeof(struct drvio_msg_req);
	struct drvio_req req;
	u8 *data;

	data = kunit_kzalloc(test, head + DRVIO_NAME_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	memcpy(data, request_bytes + 16, head);
	memset(data + head, 'n', DRVIO_NAME_MAX - 1);
	KUNIT_EXPECT_NULL(test, drvio_req_decode(&req, data, head + DRVIO_NAME_MAX));
	KUNIT_EXPECT_EQ(test, strlen(req.name), (size_t)DRVIO_NAME_MAX - 1);
	/* What follows the NUL is padding. */
	KUNIT_EXPECT_NULL(test, drvio_req_decode(&req, data, head + DRVIO_NAME_MAX + 1));
	KUNIT_EXPECT_EQ(test, strlen(req.name), (size_t)DRVIO_NAME_MAX - 1);
	/* The NUL comes one byte too late. */
	data[head + DRVIO_NAME_MAX - 1] = 'n';
	KUNIT_EXPECT_NOT_NULL(test, drvio_req_decode(&req, data, head + DRVIO_NAME_MAX + 1));
	KUNIT_EXPECT_EQ(test, req.name[0], '\0');
}

static void request_verbs(struct kunit *test)
{
	static const u32 verbs[] = {
		DRVIO_CONFIGURE, DRVIO_UNCONFIGURE, DRVIO_FORCE_UNCONFIG, DRVIO_STATUS,
	};
	u8 data[sizeof(request_bytes) - 16];
	struct drvio_req req;
	__be32 verb;
	int i;

	memcpy(data, request_bytes + 16, sizeof(data));
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		verb = cpu_to_be32(verbs[i]);
		memcpy(data + 16, &verb, sizeof(verb));
		KUNIT_EXPECT_NULL(test, drvio_req_decode(&req, data, sizeof(data)));
		KUNIT_EXPECT_EQ(test, req.verb, verbs[i]);
		verb = cpu_to_be32(verbs[i] ^ 1 << 24);
		memcpy(data + 16, &verb, sizeof(verb));
		KUNIT_EXPECT_NOT_NULL(test, drvio_req_decode(&req, data, sizeof(data)));
	}
}

static void response_is_padded(struct kunit *test)
{
	static const u8 bytes[DRVIO_RESP_MIN] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
		0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 'n', 'o',
	};
	struct drvio_resp resp = {
		.number = 0x0102030405060708ULL,
		.result = DRVIO_BLOCKED,
		.status = DRVIO_UNCONFIGURED,
		.reason = "no",
	};
	u8 buf[64];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_ASSERT_EQ(test, drvio_resp_encode(buf, sizeof(buf), &resp), sizeof(bytes));
	KUNIT_EXPECT_EQ(test, memcmp(buf, bytes, sizeof(bytes)), 0);
	KUNIT_EXPECT_EQ(test, drvio_resp_encode(buf, sizeof(bytes) - 1, &resp), 0UL);

	KUNIT_ASSERT_TRUE(test, drvio_resp_decode(&resp, bytes, sizeof(bytes)));
	KUNIT_EXPECT_EQ(test, resp.number, 0x0102030405060708ULL);
	KUNIT_EXPECT_EQ(test, resp.result, (u32)DRVIO_BLOCKED);
	KUNIT_EXPECT_EQ(test, resp.status, (u32)DRVIO_UNCONFIGURED);
	KUNIT_EXPECT_STREQ(test, resp.reason, "no");
	/* Without the NUL it is no reason. */
	KUNIT_EXPECT_FALSE(test, drvio_resp_decode(&resp, bytes, 18));
	KUNIT_EXPECT_TRUE(test, drvio_resp_decode(&resp, bytes, 19));
}

static void response_reason_is_cut(struct kunit *test)
{
	struct drvio_resp resp = { .number = 1 };
	size_t size = 4096, len;
	char *reason;
	u8 *buf;

	reason = kunit_kzalloc(test, 2 * DRVIO_REASON_MAX, GFP_KERNEL);
	buf = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, reason);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(reason, 'r', 2 * DRVIO_REASON_MAX - 1);
	resp.reason = reason;
	len = drvio_resp_encode(buf, size, &resp);
	KUNIT_EXPECT_EQ(test, len, sizeof(struct drvio_msg_resp) + DRVIO_REASON_MAX);
	KUNIT_ASSERT_TRUE(test, drvio_resp_decode(&resp, buf, len));
	KUNIT_EXPECT_EQ(test, strlen(resp.reason), (size_t)DRVIO_REASON_MAX - 1);
}

/* A message of each type: its size on the wire, and the least that is taken. */
static const struct ds_case {
	const char *name;
	struct drvio_ds_msg msg;
	size_t len;
	size_t least;
} ds_cases[] = {
	{ "INIT_REQ", { .type = DRVIO_DS_INIT_REQ, .major = 1, .minor = 2 }, 12, 12 },
	{ "INIT_ACK", { .type = DRVIO_DS_INIT_ACK, .minor = 3 }, 10, 10 },
	{ "INIT_NACK", { .type = DRVIO_DS_INIT_NACK, .major = 4 }, 10, 10 },
	{ "REG_REQ", { .type = DRVIO_DS_REG_REQ, .handle = 5, .major = 1, .minor = 1,
		       .svc_id = "dr-vio" }, 27, 27 },
	{ "REG_ACK", { .type = DRVIO_DS_REG_ACK, .handle = 6, .minor = 1 }, 24, 18 },
	{ "REG_NACK", { .type = DRVIO_DS_REG_NACK, .handle = 7, .major = 2,
			.result = DRVIO_DS_REG_DUP }, 32, 26 },
	{ "UNREG_REQ", { .type = DRVIO_DS_UNREG_REQ, .handle = 8 }, 16, 16 },
	{ "UNREG_ACK", { .type = DRVIO_DS_UNREG_ACK, .handle = 9 }, 16, 16 },
	{ "UNREG_NACK", { .type = DRVIO_DS_UNREG_NACK, .handle = 10 }, 16, 16 },
	{ "DATA", { .type = DRVIO_DS_DATA, .handle = 11, .data = "abc", .data_len = 3 },
	  19, 16 },
	{ "NACK", { .type = DRVIO_DS_NACK, .handle = 12, .result = DRVIO_DS_INV_HDL },
	  24, 24 },
};

static void ds_case_name(const struct ds_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ds_message, ds_cases, ds_case_name);

static void ds_message(struct kunit *test)
{
	const struct ds_case *c = test->param_value;
	struct drvio_ds_msg back;
	size_t len;
	u8 buf[64];

	KUNIT_ASSERT_EQ(test, drvio_ds_encode(buf, sizeof(buf), &c->msg), c->len);
	KUNIT_EXPECT_EQ(test, drvio_ds_encode(buf, c->len - 1, &c->msg), 0UL);
	KUNIT_ASSERT_EQ(test, drvio_ds_encode(buf, c->len, &c->msg), c->len);
	KUNIT_EXPECT_EQ(test, drvio_ds_msg_len(buf), c->len);
	for (len = 0; len < c->least; len++)
		KUNIT_EXPECT_FALSE(test, drvio_ds_decode(&back, buf, len));
	for (len = c->least; len <= c->len; len++) {
		KUNIT_ASSERT_TRUE(test, drvio_ds_decode(&back, buf, len));
		KUNIT_EXPECT_EQ(test, back.type, c->msg.type);
		KUNIT_EXPECT_EQ(test, back.handle, c->msg.handle);
		KUNIT_EXPECT_EQ(test, back.result, c->msg.result);
		KUNIT_EXPECT_EQ(test, back.major, c->msg.major);
		KUNIT_EXPECT_EQ(test, back.minor, c->msg.minor);
	}
	if (c->msg.svc_id)
		KUNIT_EXPECT_STREQ(test, back.svc_id, c->msg.svc_id);
	if (c->msg.data) {
		KUNIT_ASSERT_EQ(test, back.data_len, c->msg.data_len);
		KUNIT_EXPECT_EQ(test, memcmp(back.data, c->msg.data, back.data_len), 0);
	}
}

static void ds_length_is_bounded(struct kunit *test)
{
	static const u8 longest[] = { 0, 0, 0, 9, 0, 0, 0x0f, 0xf8 };
	static const u8 too_long[] = { 0, 0, 0, 9, 0, 0, 0x0f, 0xf9 };
	static const u8 huge[] = { 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff };

	KUNIT_EXPECT_EQ(test, drvio_ds_msg_len(longest), (size_t)DRVIO_DS_MSG_MAX);
	KUNIT_EXPECT_EQ(test, drvio_ds_msg_len(too_long), 0UL);
	KUNIT_EXPECT_EQ(test, drvio_ds_msg_len(huge), 0UL);
}

static struct kunit_case wire_test_cases[] = {
	KUNIT_CASE(request_is_exact),
	KUNIT_CASE(request_cut_short),
	KUNIT_CASE(request_name_is_bounded),
	KUNIT_CASE(request_verbs),
	KUNIT_CASE(response_is_padded),
	KUNIT_CASE(response_reason_is_cut),
	KUNIT_CASE_PARAM(ds_message, ds_message_gen_params),
	KUNIT_CASE(ds_length_is_bounded),
	{}
};

static struct kunit_suite wire_test_suite = {
	.name = "drvio-wire",
	.test_cases = wire_test_cases,
};

kunit_test_suite(wire_test_suite);

MODULE_DESCRIPTION("KUnit tests of drvio");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
