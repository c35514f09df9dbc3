// SPDX-License-Identifier: GPL-2.0
/*
 * The codec of dr-vio responses: their bytes, written by hand from the
 * specification, the padding that illumos wants, the cut of a long reason.
 */
#include <stdio.h>

#include "kselftest_harness.h"

#include "exact.h"
#include "wire.h"

#define NUMBER		0x0102030405060708ULL
#define NUMBER_BYTES	"\1\2\3\4\5\6\7\10"
#define FIXED_LEN	16

FIXTURE(response)
{
	struct drvio_resp resp;
};

FIXTURE_VARIANT(response)
{
	struct drvio_resp resp;
	const char *result;
	const char *status;
	const char *bytes;
	size_t len;
};

FIXTURE_SETUP(response)
{
	memset(&self->resp, 0xa5, sizeof(self->resp));
}

FIXTURE_TEARDOWN(response)
{
}

FIXTURE_VARIANT_ADD(response, ok)
{
	{ NUMBER, 0, 2, "" }, "ok", "configured",
	BYTES(NUMBER_BYTES "\0\0\0\0" "\0\0\0\2" "\0\0\0\0\0\0\0\0"),
};

FIXTURE_VARIANT_ADD(response, failure)
{
	{ NUMBER, 1, 0, "no dev" }, "failure", "not-present",
	BYTES(NUMBER_BYTES "\0\0\0\1" "\0\0\0\0" "no dev\0\0"),
};

/* The longest reason that fits the 24 bytes, and the first that does not. */
FIXTURE_VARIANT_ADD(response, blocked)
{
	{ NUMBER, 2, 2, "mounted" }, "blocked", "configured",
	BYTES(NUMBER_BYTES "\0\0\0\2" "\0\0\0\2" "mounted\0"),
};

FIXTURE_VARIANT_ADD(response, not_in_md)
{
	{ NUMBER, 3, 1, "is not on" }, "not-in-md", "unconfigured",
	BYTES(NUMBER_BYTES "\0\0\0\3" "\0\0\0\1" "is not on\0"),
};

FIXTURE_VARIANT_ADD(response, all_bits)
{
	{ ~0ULL, ~0U, 0x01020304, "12345678" }, NULL, NULL,
	BYTES("\xff\xff\xff\xff\xff\xff\xff\xff" "\xff\xff\xff\xff"
	      "\1\2\3\4" "12345678\0"),
};

TEST_F(response, encodes_to_these_bytes)
{
	char *buf = exact_space(variant->len);
	size_t size;

	ASSERT_EQ(variant->len, drvio_resp_encode(buf, variant->len, &variant->resp));
	EXPECT_EQ(0, memcmp(variant->bytes, buf, variant->len));
	for (size = 0; size < variant->len; size++)
		EXPECT_EQ(0, drvio_resp_encode(exact_space(size), size, &variant->resp));
}

TEST_F(response, decodes_from_these_bytes)
{
	ASSERT_TRUE(drvio_resp_decode(&self->resp, exact(variant->bytes, variant->len),
				      variant->len));
	EXPECT_EQ(variant->resp.number, self->resp.number);
	EXPECT_EQ(variant->resp.result, self->resp.result);
	EXPECT_EQ(variant->resp.status, self->resp.status);
	EXPECT_STREQ(variant->resp.reason, self->resp.reason);
}

TEST_F(response, is_refused_at_each_length_that_is_too_short)
{
	size_t least = FIXED_LEN + strlen(variant->resp.reason) + 1;
	size_t len;

	for (len = 0; len < least; len++)
		EXPECT_FALSE(drvio_resp_decode(&self->resp,
					       exact(variant->bytes, len), len));
	for (; len <= variant->len; len++)
		EXPECT_TRUE(drvio_resp_decode(&self->resp,
					      exact(variant->bytes, len), len));
}

TEST_F(response, has_words_for_result_and_status)
{
	if (variant->result) {
		EXPECT_STREQ(variant->result, drvio_result_name(variant->resp.result));
		EXPECT_STREQ(variant->status, drvio_status_name(variant->resp.status));
	} else {
		EXPECT_EQ(NULL, drvio_result_name(variant->resp.result));
		EXPECT_EQ(NULL, drvio_status_name(variant->resp.status));
	}
}

TEST(words_end_where_the_values_end)
{
	EXPECT_EQ(NULL, drvio_result_name(4));
	EXPECT_EQ(NULL, drvio_status_name(3));
}

/* illumos answers the whole structure, whatever the reason. */
TEST(response_of_1048_bytes_decodes)
{
	char *buf = exact_space(1048);
	struct drvio_resp resp;

	memset(buf, 0, 1048);
	memcpy(buf, BYTES(NUMBER_BYTES "\0\0\0\2" "\0\0\0\2" "busy"));
	ASSERT_TRUE(drvio_resp_decode(&resp, buf, 1048));
	EXPECT_STREQ("busy", resp.reason);
}

/* Encodes a reason of @n bytes. */
static size_t encode_reason(char *buf, size_t size, size_t n)
{
	struct drvio_resp resp = { .number = NUMBER };
	char *reason = exact_space(n + 1);

	memset(reason, 'r', n);
	reason[n] = '\0';
	resp.reason = reason;
	return drvio_resp_encode(buf, size, &resp);
}

TEST(reason_is_cut_at_1023_bytes)
{
	char *buf = exact_space(1040);
	struct drvio_resp resp;

	EXPECT_EQ(1039, encode_reason(buf, 1040, 1022));
	EXPECT_EQ(1040, encode_reason(buf, 1040, 1023));
	EXPECT_EQ(1040, encode_reason(buf, 1040, 1024));
	ASSERT_EQ(1040, encode_reason(buf, 1040, 100 * 1024));
	ASSERT_TRUE(drvio_resp_decode(&resp, buf, 1040));
	EXPECT_EQ(1023, strlen(resp.reason));
	EXPECT_EQ(0, encode_reason(exact_space(1039), 1039, 1023));
}

TEST(reason_without_nul_or_too_long_is_refused)
{
	char *buf = exact_space(1041);
	struct drvio_resp resp;

	memset(buf, 'r', 1041);
	EXPECT_FALSE(drvio_resp_decode(&resp, exact(buf, 24), 24));
	EXPECT_FALSE(drvio_resp_decode(&resp, exact(buf, 1040), 1040));
	buf[1040] = '\0';
	EXPECT_FALSE(drvio_resp_decode(&resp, buf, 1041));
	buf[1039] = '\0';
	EXPECT_TRUE(drvio_resp_decode(&resp, buf, 1041));
}

TEST_HARNESS_MAIN
