// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the codec.  The input is taken as a DS message, as a request
 * and as a response in turn.  What decodes is compared with the bytes at the
 * offsets that the specifications name, and must survive encode and decode.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "fuzz_wire.c:%d: does not hold: %s\n",	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

static u64 be(const u8 *p, size_t n)
{
	u64 value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

static bool same(const void *a, const void *b, size_t len)
{
	return !len || !memcmp(a, b, len);
}

/* The lengths at which each type is taken at the least. */
static const size_t least[] = { 12, 10, 10, 21, 18, 26, 16, 16, 16, 16, 24 };

static void message(const u8 *data, size_t len)
{
	struct drvio_ds_msg msg, again;
	size_t n, size;
	u8 *buf;

	if (len >= 8) {
		n = drvio_ds_msg_len(data);
		CHECK(n == (be(data + 4, 4) <= 4088 ? 8 + be(data + 4, 4) : 0));
	}
	if (!drvio_ds_decode(&msg, data, len)) {
		CHECK(len < 8 || be(data, 4) <= 10);
		/* A REG_REQ is also refused for its service id. */
		CHECK(len < 8 || len < least[be(data, 4)] ||
		      (be(data, 4) == 3 &&
		       !memchr(data + 20, 0, len - 20 < 1024 ? len - 20 : 1024)));
		return;
	}
	CHECK(len >= 8 && msg.type == be(data, 4));
	if (msg.type > 10) {
		CHECK(msg.handle == (len >= 16 ? be(data + 8, 8) : 0));
		CHECK(!drvio_ds_encode(&again, sizeof(again), &msg));
		return;
	}
	CHECK(len >= least[msg.type]);
	if (msg.type >= 3)
		CHECK(msg.handle == be(data + 8, 8));
	if (msg.type == 5 || msg.type == 10)
		CHECK(msg.result == be(data + 16, 8));
	if (msg.type == 9)
		CHECK(msg.data == data + 16 && msg.data_len == len - 16);
	if (msg.type == 3) {
		CHECK(msg.svc_id == (const char *)data + 20);
		CHECK(memchr(msg.svc_id, 0, len - 20));
		CHECK(strlen(msg.svc_id) < 1024);
	}

	/* Encodes in the room it needs and in no less, unless it is beyond the MTU. */
	n = least[msg.type];
	if (msg.type == 4 || msg.type == 5)
		n += 6;
	if (msg.type == 3)
		n += strlen(msg.svc_id) + 1 - 1;
	if (msg.type == 9)
		n += msg.data_len;
	buf = malloc(n);
	CHECK(buf);
	size = drvio_ds_encode(buf, n, &msg);
	if (n > DRVIO_DS_MSG_MAX) {
		CHECK(!size);
		free(buf);
		return;
	}
	CHECK(size == n && drvio_ds_msg_len(buf) == n);
	CHECK(drvio_ds_decode(&again, buf, n));
	CHECK(again.type == msg.type && again.handle == msg.handle &&
	      again.result == msg.result && again.major == msg.major &&
	      again.minor == msg.minor && again.data_len == msg.data_len);
	CHECK(!msg.svc_id || !strcmp(again.svc_id, msg.svc_id));
	CHECK(same(again.data, msg.data, msg.data_len));
	/* But for lengths and padding the bytes are those that came. */
	CHECK(same(buf + 8, data + 8, (n < len ? n : len) - 8 -
		   (msg.type == 4 || msg.type == 5 ?
		    (n < len ? n : len) - least[msg.type] : 0)));
	free(buf);

	buf = malloc(n - 1);
	CHECK(buf && !drvio_ds_encode(buf, n - 1, &msg));
	free(buf);
}

static void request(const u8 *data, size_t len)
{
	struct drvio_req req, again;
	const char *error;
	size_t n;
	u8 *buf;

	error = drvio_req_decode(&req, data, len);
	CHECK(req.number == (len >= 8 ? be(data, 8) : 0));
	CHECK(memchr(req.name, 0, sizeof(req.name)));
	if (error) {
		CHECK(len < 21 || !memchr(data + 20, 0, len - 20 < 256 ? len - 20 : 256) ||
		      !drvio_verb_name(be(data + 16, 4)));
		return;
	}
	CHECK(len >= 21);
	CHECK(req.dev_id == be(data + 8, 8) && req.verb == be(data + 16, 4));
	CHECK(drvio_verb_name(req.verb));
	CHECK(!strcmp(req.name, (const char *)data + 20));

	n = 21 + strlen(req.name);
	buf = malloc(n);
	CHECK(buf && drvio_req_encode(buf, n, &req) == n);
	CHECK(!memcmp(buf, data, n));
	CHECK(!drvio_req_decode(&again, buf, n));
	CHECK(!memcmp(&again, &req, sizeof(req)));
	free(buf);

	buf = malloc(n - 1);
	CHECK(buf && !drvio_req_encode(buf, n - 1, &req));
	free(buf);
}

static void response(const u8 *data, size_t len)
{
	struct drvio_resp resp, again;
	size_t n;
	u8 *buf;

	if (!drvio_resp_decode(&resp, data, len)) {
		CHECK(len < 17 ||
		      !memchr(data + 16, 0, len - 16 < 1024 ? len - 16 : 1024));
		return;
	}
	CHECK(len >= 17);
	CHECK(resp.number == be(data, 8) && resp.result == be(data + 8, 4) &&
	      resp.status == be(data + 12, 4));
	CHECK(resp.reason == (const char *)data + 16);
	CHECK(strlen(resp.reason) < 1024);

	n = 17 + strlen(resp.reason);
	if (n < 24)
		n = 24;
	buf = malloc(n);
	CHECK(buf && drvio_resp_encode(buf, n, &resp) == n);
	CHECK(drvio_resp_decode(&again, buf, n));
	CHECK(again.number == resp.number && again.result == resp.result &&
	      again.status == resp.status && !strcmp(again.reason, resp.reason));
	free(buf);

	buf = malloc(n - 1);
	CHECK(buf && !drvio_resp_encode(buf, n - 1, &resp));
	free(buf);
}

/* The words are looked up with whatever a peer sent. */
static void words(const u8 *data, size_t len)
{
	u32 value = be(data, len < 4 ? len : 4);

	CHECK(!!drvio_ds_type_name(value) == (value <= 10));
	CHECK(!!drvio_result_name(value) == (value <= 3));
	CHECK(!!drvio_status_name(value) == (value <= 2));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	message(data, len);
	request(data, len);
	response(data, len);
	words(data, len);
	return 0;
}
