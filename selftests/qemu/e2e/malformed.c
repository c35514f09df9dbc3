// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that no control domain should send: what can be answered is answered,
 * what cannot closes the link, and the next session works.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

#define NUMBER	0x1122334455667788ULL

FIXTURE(malformed)
{
	struct session s;
	struct session_answer a;
	struct target nic;
	uint8_t data[DRVIO_DS_MSG_MAX];
	size_t len;
};

FIXTURE_SETUP(malformed)
{
	struct drvio_req req = { .number = NUMBER, .verb = DRVIO_STATUS };

	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(link_up(&self->s));
	/* Take answers to whatever number comes. */
	self->s.first_number = 0;
	self->s.next_number = UINT64_MAX;
	req.dev_id = self->nic.dev_id;
	strcpy(req.name, self->nic.name);
	self->len = drvio_req_encode(self->data, sizeof(self->data), &req);
}

FIXTURE_TEARDOWN(malformed)
{
	session_close(&self->s);
	EXPECT_TRUE(guest_is_well(&self->nic));
}

#define EXPECT_REFUSED(_number)						\
	do {								\
		ASSERT_TRUE(hear(&self->s, &self->a));			\
		EXPECT_EQ(_number, self->a.number);			\
		EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_NOT_PRESENT); \
		EXPECT_STRNE("", self->a.reason);			\
	} while (0)

/* The control for all of them: the request as it is, and padded. */
TEST_F_TIMEOUT(malformed, a_whole_request_is_answered, CASE_S)
{
	ASSERT_TRUE(send_data(&self->s, self->data, self->len));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_EQ(NUMBER, self->a.number);
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);

	memset(self->data + self->len, 0xff, 200);
	ASSERT_TRUE(send_data(&self->s, self->data, self->len + 200));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

/* Cut at each byte; the number comes back where all of it came. */
TEST_F_TIMEOUT(malformed, cut_short, CASE_S)
{
	size_t len;

	for (len = 0; len < self->len; len++) {
		ASSERT_TRUE(send_data(&self->s, self->data, len));
		EXPECT_REFUSED(len >= 8 ? NUMBER : 0);
	}
}

TEST_F_TIMEOUT(malformed, name_without_nul, CASE_S)
{
	/* In a message that ends with the name, then in the longest there is. */
	memset(self->data + sizeof(struct drvio_msg_req), 'a', DRVIO_DS_MSG_MAX / 2);
	ASSERT_TRUE(send_data(&self->s, self->data, sizeof(struct drvio_msg_req) + 10));
	EXPECT_REFUSED(NUMBER);
	ASSERT_TRUE(send_data(&self->s, self->data, DRVIO_DS_MSG_MAX / 2));
	EXPECT_REFUSED(NUMBER);

	/* 256 bytes without a NUL are too many, 255 and a NUL are a name. */
	ASSERT_TRUE(send_data(&self->s, self->data,
			      sizeof(struct drvio_msg_req) + DRVIO_NAME_MAX));
	EXPECT_REFUSED(NUMBER);
	self->data[sizeof(struct drvio_msg_req) + DRVIO_NAME_MAX - 1] = 0;
	ASSERT_TRUE(send_data(&self->s, self->data,
			      sizeof(struct drvio_msg_req) + DRVIO_NAME_MAX));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_NOT_PRESENT);
}

/* Names that would be paths, formats or commands to somebody careless. */
TEST_F_TIMEOUT(malformed, odd_names, CASE_S)
{
	static const char * const names[] = {
		"", ".", "..", "../../../etc", "virtio-net/", "%s%n%x", "$(reboot)", "a b\tc",
		"\x01\x02\xff\xfe", "virtio-net\n",
	};
	char *name = (char *)self->data + sizeof(struct drvio_msg_req);
	uint32_t verb = htobe32(DRVIO_CONFIGURE);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		strcpy(name, names[i]);
		memcpy(self->data + 16, &verb, sizeof(verb));
		ASSERT_TRUE(send_data(&self->s, self->data,
				      sizeof(struct drvio_msg_req) + strlen(name) + 1));
		ASSERT_TRUE(hear(&self->s, &self->a));
		EXPECT_EQ(NUMBER, self->a.number);
		EXPECT_NE(DRVIO_OK, self->a.result);
		EXPECT_EQ(DRVIO_NOT_PRESENT, self->a.status);
	}
}

TEST_F_TIMEOUT(malformed, unknown_types, CASE_S)
{
	static const uint32_t types[] = { 0, 1, 0x494f42, 0x494f54, 0x534f49, 0xffffffff };
	uint32_t type;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		type = htobe32(types[i]);
		memcpy(self->data + 16, &type, sizeof(type));
		ASSERT_TRUE(send_data(&self->s, self->data, self->len));
		EXPECT_REFUSED(NUMBER);
	}
}

TEST_F_TIMEOUT(malformed, wrong_handles, CASE_S)
{
	uint64_t handles[] = { 0, 1, UINT64_MAX, self->s.handle + 1, self->s.handle << 32,
			       self->s.handle | DRVIO_DS_HANDLE_PING };
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	size_t i;

	for (i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
		ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_DATA, .handle = handles[i],
			.data = self->data, .data_len = self->len }, &d));
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
		EXPECT_EQ(DRVIO_DS_NACK, msg.type);
		EXPECT_EQ(handles[i], msg.handle);
		EXPECT_EQ(DRVIO_DS_INV_HDL, msg.result);
	}
	/* The session has not suffered. */
	ASSERT_TRUE(send_data(&self->s, self->data, self->len));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_EQ(DRVIO_OK, self->a.result);
}

TEST_F_TIMEOUT(malformed, unknown_messages_are_nacked, CASE_S)
{
	static const uint32_t types[] = { 0xb, 0x10, 0x7fffffff, 0xffffffff };
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	uint32_t m[4];
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		m[0] = htobe32(types[i]);
		m[1] = htobe32(8);
		m[2] = htobe32(0x1234);
		m[3] = htobe32(0x5678);
		ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, m, sizeof(m), &d));
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
		EXPECT_EQ(DRVIO_DS_NACK, msg.type);
		EXPECT_EQ(DRVIO_DS_TYPE_UNKNOWN, msg.result);
		EXPECT_EQ(0x123400005678ULL, msg.handle);
	}
	/* An empty one, too. */
	m[1] = 0;
	ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, m, 8, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	EXPECT_EQ(DRVIO_DS_TYPE_UNKNOWN, msg.result);
}

TEST_F_TIMEOUT(malformed, registrations_of_others_are_refused, CASE_S)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = 77, .major = 1, .svc_id = "md-update" }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	EXPECT_EQ(DRVIO_DS_REG_NACK, msg.type);
	EXPECT_EQ(77, msg.handle);
	EXPECT_EQ(DRVIO_DS_REG_VER_NACK, msg.result);
	EXPECT_EQ(0, msg.major);

	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = 78 }, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	EXPECT_EQ(DRVIO_DS_UNREG_NACK, msg.type);
	EXPECT_EQ(78, msg.handle);
}

/* --- Bytes that close the link -------------------------------------------- */

FIXTURE(garbage)
{
	struct session s;
	struct target nic;
};

FIXTURE_VARIANT(garbage)
{
	const char *bytes;
	size_t len;
};

#define GARBAGE(name, literal) \
	FIXTURE_VARIANT_ADD(garbage, name) { literal, sizeof(literal) - 1 }

GARBAGE(text, "GET / HTTP/1.1\r\nHost: guest\r\n\r\n");
GARBAGE(oversized, "\0\0\0\x9\0\0\x10\x01");
GARBAGE(largest, "\0\0\0\x9\xff\xff\xff\xff");
GARBAGE(sign_bit, "\0\0\0\x9\x80\0\0\0");
GARBAGE(zero_length_init, "\0\0\0\0\0\0\0\0");
GARBAGE(zero_length_register, "\0\0\0\3\0\0\0\0");
GARBAGE(zero_length_data, "\0\0\0\x9\0\0\0\0");
GARBAGE(short_data, "\0\0\0\x9\0\0\0\x7" "1234567");
GARBAGE(short_nack, "\0\0\0\xa\0\0\0\x8" "12345678");
GARBAGE(service_id_without_nul, "\0\0\0\3\0\0\0\x12" "12345678" "\0\1\0\1" "dr-vio");

FIXTURE_SETUP(garbage)
{
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(garbage)
{
	session_close(&self->s);
}

/* On the same connection a new session begins, by itself. */
TEST_F_TIMEOUT(garbage, the_next_session_works, CASE_S)
{
	struct deadline d = stage_soon();
	struct session_answer answer;
	struct drvio_ds_msg msg;
	uint64_t old = self->s.handle;

	if (over_ldc())
		SKIP(return, "nothing more until the channel is reset");
	ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, variant->bytes, variant->len, &d));
	ASSERT_EQ(SESSION_OK, session_receive(&self->s, &msg, &d));
	ASSERT_EQ(DRVIO_DS_INIT_REQ, msg.type);
	ASSERT_EQ(SESSION_OK, session_handle(&self->s, &msg, &d));
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
	EXPECT_NE(old, self->s.handle);
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &answer));
	EXPECT_ANSWER(answer, DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_F_TIMEOUT(garbage, the_next_connection_works, CASE_S)
{
	struct deadline d = stage_soon();

	ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, variant->bytes, variant->len, &d));
	link_down(&self->s);
	EXPECT_TRUE(guest_is_well(&self->nic));
}

/* A message that never ends is swallowed with its connection. */
TEST_F_TIMEOUT(malformed, half_a_message_and_gone, CASE_S)
{
	static const char half[] = "\0\0\0\x9\0\0\x0f\xf0" "12345678" "more to come";
	struct deadline d = stage_soon();
	struct deadline pause;
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, half, sizeof(half), &d));
		session_close(&self->s);
		/* The guest is to see that its peer has left. */
		pause = deadline_in_ms(100);
		deadline_poll(&pause, -1, 0);
		ASSERT_TRUE(link_up(&self->s));
		ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
		EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
	}
}

/* Random bytes, from a seed that is printed, for as long as the guest reads. */
TEST_F_TIMEOUT(malformed, random_bytes, CASE_S)
{
	unsigned int seed = 20080229, round, i;
	struct deadline d;

	TH_LOG("seed %u", seed);
	for (round = 0; round < 30; round++) {
		for (i = 0; i < sizeof(self->data); i++) {
			seed = seed * 1103515245 + 12345;
			self->data[i] = seed >> 16;
		}
		/* Half of the rounds get past the first look at the header. */
		if (round % 2) {
			memset(self->data, 0, 8);
			self->data[3] = round % 12;
			self->data[7] = round * 5;
		}
		d = stage_soon();
		ASSERT_EQ(SESSION_OK, session_send_bytes(&self->s, self->data,
							 sizeof(self->data), &d));
		link_down(&self->s);
		ASSERT_TRUE(link_up(&self->s)) {
			TH_LOG("round %u", round);
		}
	}
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->nic, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_HARNESS_MAIN
