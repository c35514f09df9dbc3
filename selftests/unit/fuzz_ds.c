// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the Domain Services engine, fed a stream by a peer that may
 * be broken or hostile.
 *
 * The first byte of the input chooses the pieces in which the rest arrives; 0
 * means all at once.  The session has salt 0, so the handle of the n-th REG_REQ
 * is n.  A request that arrives is answered, as a link would do it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ds.h"

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "fuzz_ds.c:%d: does not hold: %s\n",	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

/* What the engine did; the hash is of all calls with all their bytes. */
struct trace {
	struct drvio_ds *ds;
	unsigned long hash;
	unsigned int sent;
	unsigned int calls;
	u64 handle;
};

static void trace(struct trace *t, char what, const void *data, size_t len)
{
	const u8 *p = data;

	t->calls++;
	t->hash = (t->hash ^ what) * 0x100000001b3;
	t->hash = (t->hash ^ len) * 0x100000001b3;
	while (len--)
		t->hash = (t->hash ^ *p++) * 0x100000001b3;
}

/* What fixed-size messages must measure: some peers drop any other. */
static const size_t lengths[] = { 12, 10, 10, 27, 24, 32, 16, 16, 16, 0, 24 };

static void on_send(void *ctx, const void *buf, size_t len)
{
	struct trace *t = ctx;
	struct drvio_ds_msg msg;

	CHECK(t->ds->state != DRVIO_DS_CLOSED);
	CHECK(len >= DRVIO_DS_HDR_LEN && len <= DRVIO_RESP_WIRE_MAX);
	CHECK(drvio_ds_msg_len(buf) == len);
	CHECK(drvio_ds_decode(&msg, buf, len));
	CHECK(msg.type <= DRVIO_DS_NACK);
	CHECK(!lengths[msg.type] || lengths[msg.type] == len);

	if (msg.type == DRVIO_DS_REG_REQ) {
		CHECK(msg.handle == t->ds->handle);
		/* A new one, unless an INIT_REQ has it said again. */
		CHECK(msg.handle > t->handle ||
		      (msg.handle == t->handle && t->ds->state == DRVIO_DS_REG_SENT));
		CHECK(!(msg.handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD)));
		CHECK(!strcmp(msg.svc_id, DRVIO_SVC_ID));
		t->handle = msg.handle;
	}
	t->sent++;
	trace(t, 's', buf, len);
}

static void on_data(void *ctx, const void *data, size_t len)
{
	u8 buf[DRVIO_RESP_WIRE_MAX];
	struct trace *t = ctx;
	struct drvio_req req;
	const char *error;
	size_t n;

	CHECK(t->ds->state == DRVIO_DS_REGISTERED);
	CHECK(len <= DRVIO_DS_MSG_MAX - 16);
	trace(t, 'd', data, len);

	error = drvio_req_decode(&req, data, len);
	n = drvio_resp_encode(buf, sizeof(buf), &(struct drvio_resp) {
		.number = req.number,
		.result = error ? DRVIO_FAILURE : DRVIO_OK,
		.status = DRVIO_NOT_PRESENT,
		.reason = error ?: "",
	});
	CHECK(n >= DRVIO_RESP_MIN);
	CHECK(drvio_ds_send_data(t->ds, buf, n));
}

static void on_registered(void *ctx)
{
	struct trace *t = ctx;

	CHECK(t->ds->state == DRVIO_DS_REGISTERED);
	CHECK(t->ds->minor <= DRVIO_MINOR);
	trace(t, 'r', NULL, 0);
}

static void on_restart(void *ctx)
{
	trace(ctx, 'n', NULL, 0);
}

static const struct drvio_ds_ops ops = {
	.send = on_send,
	.data = on_data,
	.registered = on_registered,
	.restart = on_restart,
};

static void check_state(const struct drvio_ds *ds)
{
	bool has_handle = ds->state == DRVIO_DS_REG_SENT ||
			  ds->state == DRVIO_DS_REGISTERED;

	CHECK(ds->state <= DRVIO_DS_REGISTERED);
	CHECK(has_handle == !!ds->handle);
	CHECK((ds->state == DRVIO_DS_CLOSED) == !!ds->error);
	CHECK(ds->fill <= sizeof(ds->buf));
	CHECK(ds->state == DRVIO_DS_REGISTERED ||
	      !drvio_ds_send_data((struct drvio_ds *)ds, "", 0));
}

/* One call of drvio_ds_input().  Return: bytes taken. */
static size_t input(struct trace *t, const u8 *data, size_t len)
{
	enum drvio_ds_state before = t->ds->state;
	unsigned int sent = t->sent, calls = t->calls;
	unsigned long errors = t->ds->errors;
	size_t taken = drvio_ds_input(t->ds, data, len);

	check_state(t->ds);
	CHECK(taken <= len);
	CHECK((taken == 0) == (t->ds->state == DRVIO_DS_CLOSED));

	/* One message gets one answer at most; an INIT_REQ has us ask as well. */
	CHECK(t->sent - sent <= (before == DRVIO_DS_INIT_SENT ? 1 : 2));
	CHECK(t->ds->errors - errors <= 1);
	/* Closed, or with half a message: nothing is done, and all is taken. */
	if (before == DRVIO_DS_CLOSED)
		CHECK(t->calls == calls);
	else if (t->ds->state != DRVIO_DS_CLOSED && t->ds->fill)
		CHECK(t->calls == calls && t->ds->state == before && taken == len);
	return taken;
}

/* The same, with nothing allocated behind the bytes. */
static size_t input_exactly(struct trace *t, const u8 *data, size_t len)
{
	u8 *piece = malloc(len);
	size_t taken;

	CHECK(piece);
	memcpy(piece, data, len);
	taken = input(t, piece, len);
	free(piece);
	return taken;
}

static void feed_whole(struct trace *t, const u8 *data, size_t len)
{
	size_t done, taken;

	for (done = 0; done < len; done += taken) {
		taken = input(t, data + done, len - done);
		if (!taken)
			break;
	}
}

/* In pieces that follow from @rule: small ones for small rules, 1 always 1. */
static void feed_pieces(struct trace *t, u8 rule, const u8 *data, size_t len)
{
	unsigned int random = rule;
	size_t done, n, taken;

	for (done = 0; done < len; done += taken) {
		random = random * 1103515245 + 12345;
		n = rule ? 1 + (random >> 16) % rule : len;
		if (n > len - done)
			n = len - done;
		taken = input_exactly(t, data + done, n);
		if (!taken)
			break;
	}
}

static void start(struct trace *t, struct drvio_ds *ds)
{
	memset(t, 0, sizeof(*t));
	memset(ds, 0, sizeof(*ds));
	t->ds = ds;
	drvio_ds_start(ds, &ops, t, 0);
	CHECK(t->sent == 1);
	check_state(ds);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	/* Not on the stack, nor allocated: that is what takes the time. */
	static struct drvio_ds ds_pieces, ds_whole;
	static struct trace pieces, whole;

	if (!len)
		return 0;
	start(&pieces, &ds_pieces);
	start(&whole, &ds_whole);
	feed_pieces(&pieces, data[0], data + 1, len - 1);
	feed_whole(&whole, data + 1, len - 1);

	/* What is closed stays closed. */
	if (ds_whole.state == DRVIO_DS_CLOSED)
		CHECK(!input(&whole, data, len));

	/* How the stream was cut must not be seen in anything. */
	CHECK(pieces.hash == whole.hash);
	CHECK(pieces.sent == whole.sent);
	CHECK(ds_pieces.state == ds_whole.state);
	CHECK(ds_pieces.errors == ds_whole.errors);
	CHECK(ds_pieces.state == DRVIO_DS_CLOSED ||
	      ds_pieces.fill == ds_whole.fill);
	return 0;
}
