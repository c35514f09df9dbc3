// SPDX-License-Identifier: GPL-2.0
/*
 * The codec of dr-vio requests: their bytes, written by hand from the
 * specification, and what is refused with which words.
 */
#include <stdio.h>

#include "kselftest_harness.h"

#include "exact.h"
#include "wire.h"

/* req_num, dev_id, msg_type: what comes ahead of the name. */
#define NUMBER		0x0102030405060708ULL
#define NUMBER_BYTES	"\1\2\3\4\5\6\7\10"
#define DEV_ID		0x0102009000000000ULL
#define DEV_ID_BYTES	"\1\2\0\x90\0\0\0\0"
#define FIXED_LEN	20

FIXTURE(verb)
{
	struct drvio_req req;
};

FIXTURE_VARIANT(verb)
{
	u32 verb;
	const char *name;
	const char *bytes;
	size_t len;
};

FIXTURE_SETUP(verb)
{
	memset(&self->req, 0xa5, sizeof(self->req));
}

FIXTURE_TEARDOWN(verb)
{
}

FIXTURE_VARIANT_ADD(verb, configure)
{
	0x494f43, "configure",
	BYTES(NUMBER_BYTES DEV_ID_BYTES "\0IOC" "virtio-net\0"),
};

FIXTURE_VARIANT_ADD(verb, unconfigure)
{
	0x494f55, "unconfigure",
	BYTES(NUMBER_BYTES DEV_ID_BYTES "\0IOU" "virtio-net\0"),
};

FIXTURE_VARIANT_ADD(verb, force_unconfig)
{
	0x494f46, "force-unconfigure",
	BYTES(NUMBER_BYTES DEV_ID_BYTES "\0IOF" "virtio-net\0"),
};

FIXTURE_VARIANT_ADD(verb, status)
{
	0x494f53, "status",
	BYTES(NUMBER_BYTES DEV_ID_BYTES "\0IOS" "virtio-net\0"),
};

static void expect_req(struct __test_metadata *_metadata,
		       const struct drvio_req *req, u32 verb)
{
	EXPECT_EQ(NUMBER, req->number);
	EXPECT_EQ(DEV_ID, req->dev_id);
	EXPECT_EQ(verb, req->verb);
	EXPECT_STREQ("virtio-net", req->name);
}

TEST_F(verb, decodes_from_these_bytes)
{
	ASSERT_EQ(NULL, drvio_req_decode(&self->req, exact(variant->bytes, variant->len),
					 variant->len));
	expect_req(_metadata, &self->req, variant->verb);
	EXPECT_STREQ(variant->name, drvio_verb_name(variant->verb));
}

TEST_F(verb, encodes_to_these_bytes)
{
	struct drvio_req req = {
		.number = NUMBER, .dev_id = DEV_ID, .verb = variant->verb,
		.name = "virtio-net",
	};
	char *buf = exact_space(variant->len);
	size_t size;

	ASSERT_EQ(variant->len, drvio_req_encode(buf, variant->len, &req));
	EXPECT_EQ(0, memcmp(variant->bytes, buf, variant->len));
	for (size = 0; size < variant->len; size++)
		EXPECT_EQ(0, drvio_req_encode(exact_space(size), size, &req));
}

/* illumos pads its structures, and so may others. */
TEST_F(verb, decodes_with_bytes_behind_it)
{
	size_t more;

	for (more = 1; more <= 300; more++) {
		char *buf = exact_space(variant->len + more);

		memcpy(buf, variant->bytes, variant->len);
		ASSERT_EQ(NULL, drvio_req_decode(&self->req, buf, variant->len + more));
		expect_req(_metadata, &self->req, variant->verb);
	}
}

TEST_F(verb, is_refused_at_each_length_that_is_too_short)
{
	const char *error;
	size_t len;

	for (len = 0; len < variant->len; len++) {
		error = drvio_req_decode(&self->req, exact(variant->bytes, len), len);
		ASSERT_NE(NULL, error);
		EXPECT_STREQ(len < 21 ? "the request is cut short" :
			     "the device name of the request is not NUL-terminated",
			     error);
		/* The answer echoes the number where all of it came. */
		EXPECT_EQ(len < 8 ? 0 : NUMBER, self->req.number);
		EXPECT_STREQ("", self->req.name);
	}
}

/* Decodes a STATUS request for a name of @n bytes with @nul NULs behind it. */
static const char *decode_name(struct drvio_req *req, size_t n, size_t nul)
{
	size_t len = FIXED_LEN + n + nul;
	char *buf = exact_space(len);

	memcpy(buf, BYTES(NUMBER_BYTES DEV_ID_BYTES "\0IOS"));
	memset(buf + FIXED_LEN, 'n', n);
	memset(buf + FIXED_LEN + n, 0, nul);
	memset(req, 0xa5, sizeof(*req));
	return drvio_req_decode(req, buf, len);
}

TEST(name_may_be_empty)
{
	struct drvio_req req;

	ASSERT_EQ(NULL, decode_name(&req, 0, 1));
	EXPECT_STREQ("", req.name);
}

TEST(name_has_256_bytes_at_most)
{
	struct drvio_req req;
	size_t n;

	for (n = 1; n <= 255; n++) {
		ASSERT_EQ(NULL, decode_name(&req, n, 1));
		EXPECT_EQ(n, strlen(req.name));
	}
	EXPECT_STREQ("the device name of the request is too long",
		     decode_name(&req, 256, 1));
	EXPECT_EQ(NUMBER, req.number);
	EXPECT_STREQ("", req.name);
	EXPECT_NE(NULL, decode_name(&req, 257, 1));
	EXPECT_NE(NULL, decode_name(&req, 4000, 60));
}

TEST(name_without_nul_is_refused)
{
	struct drvio_req req;
	size_t n;

	for (n = 1; n < 256; n++) {
		ASSERT_STREQ("the device name of the request is not NUL-terminated",
			     decode_name(&req, n, 0));
		EXPECT_EQ(NUMBER, req.number);
		EXPECT_STREQ("", req.name);
	}
	EXPECT_NE(NULL, decode_name(&req, 256, 0));
	EXPECT_NE(NULL, decode_name(&req, 4060, 0));
}

TEST(name_of_full_length_survives_the_round_trip)
{
	struct drvio_req req = { .number = ~0ULL, .dev_id = ~0ULL, .verb = DRVIO_STATUS };
	char *buf = exact_space(FIXED_LEN + 256);
	struct drvio_req got;

	memset(req.name, 'n', 255);
	EXPECT_EQ(0, drvio_req_encode(buf, FIXED_LEN + 255, &req));
	ASSERT_EQ(FIXED_LEN + 256, drvio_req_encode(buf, FIXED_LEN + 256, &req));
	ASSERT_EQ(NULL, drvio_req_decode(&got, buf, FIXED_LEN + 256));
	EXPECT_EQ(0, memcmp(&req, &got, sizeof(req)));
}

TEST(unknown_verb_is_refused)
{
	static const char * const bytes[] = {
		NUMBER_BYTES DEV_ID_BYTES "\0IOX" "disk",
		NUMBER_BYTES DEV_ID_BYTES "\0ioc" "disk",
		NUMBER_BYTES DEV_ID_BYTES "\1IOC" "disk",
		NUMBER_BYTES DEV_ID_BYTES "COI\0" "disk",	/* little-endian */
		NUMBER_BYTES DEV_ID_BYTES "\0\0\0\0" "disk",
		NUMBER_BYTES DEV_ID_BYTES "\xff\xff\xff\xff" "disk",
	};
	struct drvio_req req;
	unsigned int i;

	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		EXPECT_STREQ("the request is of an unknown type",
			     drvio_req_decode(&req, exact(bytes[i], 25), 25));
		EXPECT_EQ(NUMBER, req.number);
		EXPECT_EQ(NULL, drvio_verb_name(req.verb));
	}
}

TEST_HARNESS_MAIN
