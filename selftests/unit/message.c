// SPDX-License-Identifier: GPL-2.0
/*
 * The codec of Domain Services messages: their bytes, what it tolerates, what
 * it refuses.  The bytes are written by hand from the specifications, not taken
 * from the structures that the codec uses.
 */
#include <stdio.h>

#include "kselftest_harness.h"

#include "exact.h"
#include "wire.h"

#define HANDLE		0x0102030405060708ULL
#define HANDLE_BYTES	"\1\2\3\4\5\6\7\10"

/* One of each type.  From @least bytes on it is taken, @data gets shorter. */
FIXTURE(message)
{
	struct drvio_ds_msg msg;
};

FIXTURE_VARIANT(message)
{
	struct drvio_ds_msg msg;
	const char *bytes;
	size_t len;
	size_t least;
};

FIXTURE_SETUP(message)
{
	memset(&self->msg, 0xa5, sizeof(self->msg));
}

FIXTURE_TEARDOWN(message)
{
}

FIXTURE_VARIANT_ADD(message, init_req)
{
	{ .type = 0, .major = 1, .minor = 0x203 },
	BYTES(HDR("\0", "\4") "\0\1" "\2\3"),
	.least = 12,
};

FIXTURE_VARIANT_ADD(message, init_ack)
{
	{ .type = 1, .minor = 0x102 },
	BYTES(HDR("\1", "\2") "\1\2"),
	.least = 10,
};

FIXTURE_VARIANT_ADD(message, init_nack)
{
	{ .type = 2, .major = 0x102 },
	BYTES(HDR("\2", "\2") "\1\2"),
	.least = 10,
};

FIXTURE_VARIANT_ADD(message, reg_req)
{
	{ .type = 3, .handle = HANDLE, .major = 1, .minor = 0x201, .svc_id = "dr-vio" },
	BYTES(HDR("\3", "\x13") HANDLE_BYTES "\0\1" "\2\1" "dr-vio\0"),
	.least = 27,
};

FIXTURE_VARIANT_ADD(message, reg_ack)
{
	{ .type = 4, .handle = HANDLE, .minor = 0x102 },
	BYTES(HDR("\4", "\x10") HANDLE_BYTES "\1\2" "\0\0\0\0\0\0"),
	.least = 18,
};

FIXTURE_VARIANT_ADD(message, reg_nack)
{
	{ .type = 5, .handle = HANDLE, .result = 0x1112131415161718, .major = 0x102 },
	BYTES(HDR("\5", "\x18") HANDLE_BYTES "\x11\x12\x13\x14\x15\x16\x17\x18"
	      "\1\2" "\0\0\0\0\0\0"),
	.least = 26,
};

FIXTURE_VARIANT_ADD(message, unreg_req)
{
	{ .type = 6, .handle = HANDLE },
	BYTES(HDR("\6", "\10") HANDLE_BYTES),
	.least = 16,
};

FIXTURE_VARIANT_ADD(message, unreg_ack)
{
	{ .type = 7, .handle = HANDLE },
	BYTES(HDR("\7", "\10") HANDLE_BYTES),
	.least = 16,
};

FIXTURE_VARIANT_ADD(message, unreg_nack)
{
	{ .type = 8, .handle = HANDLE },
	BYTES(HDR("\10", "\10") HANDLE_BYTES),
	.least = 16,
};

FIXTURE_VARIANT_ADD(message, service_data)
{
	{ .type = 9, .handle = HANDLE, .data = "abc", .data_len = 3 },
	BYTES(HDR("\11", "\13") HANDLE_BYTES "abc"),
	.least = 16,
};

FIXTURE_VARIANT_ADD(message, no_service_data)
{
	{ .type = 9, .handle = HANDLE, .data_len = 0 },
	BYTES(HDR("\11", "\10") HANDLE_BYTES),
	.least = 16,
};

FIXTURE_VARIANT_ADD(message, nack)
{
	{ .type = 10, .handle = HANDLE, .result = 0x1112131415161718 },
	BYTES(HDR("\12", "\x10") HANDLE_BYTES "\x11\x12\x13\x14\x15\x16\x17\x18"),
	.least = 24,
};

static void expect_msg(struct __test_metadata *_metadata,
		       const struct drvio_ds_msg *want,
		       const struct drvio_ds_msg *got, size_t data_len)
{
	EXPECT_EQ(want->type, got->type);
	EXPECT_EQ(want->handle, got->handle);
	EXPECT_EQ(want->result, got->result);
	EXPECT_EQ(want->major, got->major);
	EXPECT_EQ(want->minor, got->minor);
	ASSERT_EQ(!want->svc_id, !got->svc_id);
	if (want->svc_id)
		EXPECT_STREQ(want->svc_id, got->svc_id);
	ASSERT_EQ(data_len, got->data_len);
	EXPECT_EQ(0, memcmp(want->data ?: "", got->data ?: "",
			    data_len < want->data_len ? data_len : want->data_len));
}

TEST_F(message, encodes_to_these_bytes)
{
	char *buf = exact_space(variant->len);

	ASSERT_EQ(variant->len, drvio_ds_encode(buf, variant->len, &variant->msg));
	EXPECT_EQ(0, memcmp(variant->bytes, buf, variant->len));
}

TEST_F(message, is_not_encoded_where_it_does_not_fit)
{
	size_t size;

	for (size = 0; size < variant->len; size++)
		EXPECT_EQ(0, drvio_ds_encode(exact_space(size), size, &variant->msg));
}

TEST_F(message, decodes_from_these_bytes)
{
	const char *buf = exact(variant->bytes, variant->len);

	EXPECT_EQ(variant->len, drvio_ds_msg_len(buf));
	ASSERT_TRUE(drvio_ds_decode(&self->msg, buf, variant->len));
	expect_msg(_metadata, &variant->msg, &self->msg, variant->msg.data_len);
}

TEST_F(message, is_refused_at_each_length_that_is_too_short)
{
	size_t len;

	for (len = 0; len < variant->least; len++)
		EXPECT_FALSE(drvio_ds_decode(&self->msg, exact(variant->bytes, len), len));
	for (; len < variant->len; len++) {
		ASSERT_TRUE(drvio_ds_decode(&self->msg, exact(variant->bytes, len), len));
		expect_msg(_metadata, &variant->msg, &self->msg,
			   variant->msg.type == 9 ? len - 16 : 0);
	}
}

TEST_F(message, decodes_with_bytes_behind_it)
{
	size_t more;

	for (more = 1; more <= 64; more++) {
		char *buf = exact_space(variant->len + more);

		memcpy(buf, variant->bytes, variant->len);
		ASSERT_TRUE(drvio_ds_decode(&self->msg, buf, variant->len + more));
		expect_msg(_metadata, &variant->msg, &self->msg,
			   variant->msg.type == 9 ? variant->msg.data_len + more : 0);
	}
}

TEST(length_is_that_of_header_and_payload)
{
	EXPECT_EQ(8, drvio_ds_msg_len(exact(BYTES(HDR("\7", "\0")))));
	EXPECT_EQ(12, drvio_ds_msg_len(exact(BYTES(HDR("\7", "\4")))));
	EXPECT_EQ(4096, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\0\0\x0f\xf8"))));
}

TEST(length_beyond_the_mtu_is_none)
{
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\0\0\x0f\xf9"))));
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\0\0\x10\0"))));
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\x80\0\0\0"))));
	/* With the header's 8 bytes these would come around to 0 and 7. */
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\xff\xff\xff\xf8"))));
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\7\xff\xff\xff\xff"))));
}

TEST(length_of_a_little_endian_peer_is_none)
{
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\0\0\0\0\4\0\0\0"))));
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\1\0\0\0\2\0\0\0"))));
	EXPECT_EQ(0, drvio_ds_msg_len(exact(BYTES("\4\0\0\0\x10\0\0\0"))));
}

/* What follows the type tells whether there is a handle to echo. */
TEST(unknown_type_decodes_with_a_handle_where_there_is_one)
{
	static const char bytes[] = HDR("\13", "\10") HANDLE_BYTES;
	struct drvio_ds_msg msg;
	size_t len;

	for (len = 8; len < 16; len++) {
		ASSERT_TRUE(drvio_ds_decode(&msg, exact(bytes, len), len));
		EXPECT_EQ(11, msg.type);
		EXPECT_EQ(0, msg.handle);
	}
	ASSERT_TRUE(drvio_ds_decode(&msg, exact(bytes, len), len));
	EXPECT_EQ(HANDLE, msg.handle);

	ASSERT_TRUE(drvio_ds_decode(&msg, exact(BYTES("\xff\xff\xff\xff\0\0\0\0")), 8));
	EXPECT_EQ(0xffffffff, msg.type);
}

TEST(unknown_type_is_not_encoded)
{
	struct drvio_ds_msg msg = { .type = 11 };

	EXPECT_EQ(0, drvio_ds_encode(exact_space(64), 64, &msg));
	msg.type = 0xffffffff;
	EXPECT_EQ(0, drvio_ds_encode(exact_space(64), 64, &msg));
}

/* illumos and Linux send "dr-vio" in 22 bytes of payload, we in 19. */
TEST(service_id_may_have_padding)
{
	static const char bytes[] =
		HDR("\3", "\x16") HANDLE_BYTES "\0\1" "\0\1" "dr-vio\0" "\0xy";
	struct drvio_ds_msg msg;

	ASSERT_TRUE(drvio_ds_decode(&msg, exact(bytes, 30), 30));
	EXPECT_STREQ("dr-vio", msg.svc_id);
}

TEST(service_id_may_be_empty)
{
	static const char bytes[] = HDR("\3", "\15") HANDLE_BYTES "\0\1" "\0\1";
	struct drvio_ds_msg msg;

	ASSERT_TRUE(drvio_ds_decode(&msg, exact(bytes, 21), 21));
	EXPECT_STREQ("", msg.svc_id);
	/* But its NUL is there. */
	EXPECT_FALSE(drvio_ds_decode(&msg, exact(bytes, 20), 20));
}

/* Decodes a REG_REQ with a service id of @n bytes and @nul NULs behind it. */
static bool decode_service_id(struct drvio_ds_msg *msg, size_t n, size_t nul)
{
	size_t len = 20 + n + nul;
	char *buf = exact_space(len);

	memcpy(buf, BYTES(HDR("\3", "\0") HANDLE_BYTES "\0\1" "\0\1"));
	memset(buf + 20, 's', n);
	memset(buf + 20 + n, 0, nul);
	return drvio_ds_decode(msg, buf, len);
}

TEST(service_id_has_1024_bytes_at_most)
{
	struct drvio_ds_msg msg;

	ASSERT_TRUE(decode_service_id(&msg, 1023, 1));
	EXPECT_EQ(1023, strlen(msg.svc_id));
	EXPECT_FALSE(decode_service_id(&msg, 1024, 1));
	EXPECT_FALSE(decode_service_id(&msg, 1024, 8));
	EXPECT_FALSE(decode_service_id(&msg, 4075, 1));
}

TEST(service_id_without_nul_is_refused)
{
	struct drvio_ds_msg msg;

	EXPECT_FALSE(decode_service_id(&msg, 1, 0));
	EXPECT_FALSE(decode_service_id(&msg, 6, 0));
	EXPECT_FALSE(decode_service_id(&msg, 1023, 0));
	EXPECT_FALSE(decode_service_id(&msg, 1024, 0));
	EXPECT_FALSE(decode_service_id(&msg, 4076, 0));
}

/* Whatever room there is: no more than the MTU of an LDC channel. */
TEST(message_has_4096_bytes_at_most)
{
	struct drvio_ds_msg msg = { .type = 9, .data_len = 4080 };
	char *buf = exact_space(8192);

	msg.data = exact_space(4081);
	EXPECT_EQ(4096, drvio_ds_encode(buf, 8192, &msg));
	EXPECT_EQ(0, memcmp("\0\0\0\11\0\0\x0f\xf8", buf, 8));
	msg.data_len = 4081;
	EXPECT_EQ(0, drvio_ds_encode(buf, 8192, &msg));
	msg.data_len = SIZE_MAX;
	EXPECT_EQ(0, drvio_ds_encode(buf, 8192, &msg));
}

TEST(types_have_names)
{
	static const char * const names[] = {
		"INIT_REQ", "INIT_ACK", "INIT_NACK", "REG_REQ", "REG_ACK", "REG_NACK",
		"UNREG_REQ", "UNREG_ACK", "UNREG_NACK", "DATA", "NACK",
	};
	u32 type;

	for (type = 0; type < 11; type++)
		EXPECT_STREQ(names[type], drvio_ds_type_name(type));
	EXPECT_EQ(NULL, drvio_ds_type_name(11));
	EXPECT_EQ(NULL, drvio_ds_type_name(0xffffffff));
}

TEST_HARNESS_MAIN
