// SPDX-License-Identifier: GPL-2.0
/*
 * The Domain Services engine, driven as a peer would: bytes go in, and what it
 * sends and calls back is compared with what the specifications say.
 */
#include <stdio.h>

#include "kselftest_harness.h"

#include "ds.h"
#include "exact.h"

/*
 * With this salt the handles of a session begin with these four bytes; the
 * fourth REG_REQ has the handle HANDLE("\4").
 */
#define SALT		0xf1f2f3f4
#define HANDLE(n)	"\xf1\xf2\xf3\xf4\0\0\0" n

#define INIT_REQ	HDR("\0", "\4") "\0\1\0\0"
#define INIT_ACK	HDR("\1", "\2") "\0\0"
#define INIT_NACK(v)	HDR("\2", "\2") "\0" v
#define REG_REQ(h)	HDR("\3", "\x13") h "\0\1\0\1" "dr-vio\0"
#define REG_ACK(h)	HDR("\4", "\x10") h "\0\1" "\0\0\0\0\0\0"
#define REG_NACK(h)	HDR("\5", "\x18") h "\0\0\0\0\0\0\0\1" "\0\0" "\0\0\0\0\0\0"
#define UNREG_REQ(h)	HDR("\6", "\10") h
#define UNREG_ACK(h)	HDR("\7", "\10") h
#define UNREG_NACK(h)	HDR("\10", "\10") h
#define DATA(h)		HDR("\11", "\13") h "abc"
#define NACK(h, result)	HDR("\12", "\x10") h "\0\0\0\0\0\0\0" result

#define INV_HDL		"\3"
#define TYPE_UNKNOWN	"\4"

/* A client's handle: bit 31 is set. */
#define CLIENT		"\0\0\0\0\x80\0\0\5"
#define PING		HDR("\3", "\x13") CLIENT "\0\1\0\1" "dr-vio\0"
#define OTHER		"\0\0\0\0\0\0\0\7"

/* What the engine did, one behind the other. */
struct transcript {
	size_t len;
	size_t seen;
	size_t data;
	size_t registered;
	size_t restarts;
	char bytes[16384];
};

/* A letter tells sending, data and the other two callbacks apart. */
static void record(struct transcript *t, char what, const void *bytes, size_t len)
{
	if (len >= sizeof(t->bytes) - t->len)
		abort();
	t->bytes[t->len++] = what;
	if (len)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void on_send(void *ctx, const void *msg, size_t len)
{
	record(ctx, 's', msg, len);
}

static void on_data(void *ctx, const void *data, size_t len)
{
	struct transcript *t = ctx;

	t->data++;
	record(t, 'd', data, len);
}

static void on_registered(void *ctx)
{
	struct transcript *t = ctx;

	t->registered++;
	record(t, 'r', NULL, 0);
}

static void on_restart(void *ctx)
{
	struct transcript *t = ctx;

	t->restarts++;
	record(t, 'n', NULL, 0);
}

static const struct drvio_ds_ops ops = {
	.send = on_send,
	.data = on_data,
	.registered = on_registered,
	.restart = on_restart,
};

/* A session on the heap, so that ASan stands behind its buffer. */
FIXTURE(session)
{
	struct drvio_ds *ds;
	struct transcript *t;
};

FIXTURE_SETUP(session)
{
	self->ds = calloc(1, sizeof(*self->ds));
	self->t = calloc(1, sizeof(*self->t));
	ASSERT_TRUE(self->ds && self->t);
	drvio_ds_start(self->ds, &ops, self->t, SALT);
}

FIXTURE_TEARDOWN(session)
{
	free(self->ds);
	free(self->t);
}

/* Feeds @len bytes in pieces of @piece.  Return: how many were taken. */
static size_t feed(struct drvio_ds *ds, const char *bytes, size_t len, size_t piece)
{
	size_t done = 0, n, taken;

	while (done < len) {
		n = len - done < piece ? len - done : piece;
		taken = drvio_ds_input(ds, exact(bytes + done, n), n);
		if (!taken)
			break;
		done += taken;
	}
	return done;
}

/* One message, or several, of which all bytes are taken. */
#define FEED(bytes) \
	ASSERT_EQ(sizeof(bytes) - 1, feed(self->ds, BYTES(bytes), sizeof(bytes)))

/* What came since the last look is this: 's' and a message, 'd' and data. */
#define EXPECT_DID(what) expect_did(_metadata, self->t, BYTES(what))
#define EXPECT_SENT(msg) EXPECT_DID("s" msg)
#define EXPECT_NOTHING() EXPECT_DID("")

static void expect_did(struct __test_metadata *_metadata, struct transcript *t,
		       const char *what, size_t len)
{
	const char *got = t->bytes + t->seen;
	size_t i;

	EXPECT_EQ(len, t->len - t->seen);
	for (i = 0; i < len && i < t->len - t->seen; i++) {
		EXPECT_EQ((u8)what[i], (u8)got[i]) {
			TH_LOG("byte %zu differs", i);
			break;
		}
	}
	t->seen = t->len;
}

/* Brings a new session to DRVIO_DS_REGISTERED, with handle 1. */
#define REGISTER() do {						\
	FEED(INIT_ACK REG_ACK(HANDLE("\1")));			\
	ASSERT_EQ(DRVIO_DS_REGISTERED, self->ds->state);	\
	self->t->seen = self->t->len;				\
} while (0)

#define EXPECT_CLOSED(why) do {					\
	EXPECT_EQ(DRVIO_DS_CLOSED, self->ds->state);		\
	EXPECT_EQ(0, self->ds->handle);				\
	EXPECT_STREQ(why, self->ds->error);			\
	/* For good, and silently. */				\
	EXPECT_EQ(0, drvio_ds_input(self->ds, BYTES(INIT_REQ)));	\
	EXPECT_FALSE(drvio_ds_send_data(self->ds, "x", 1));	\
	EXPECT_NOTHING();					\
} while (0)

/* --- Negotiation and registration --------------------------------------- */

TEST_F(session, negotiates_and_registers)
{
	EXPECT_SENT(INIT_REQ);
	EXPECT_EQ(DRVIO_DS_INIT_SENT, self->ds->state);

	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\1")));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);

	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_DID("r");
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(1, self->ds->minor);
	EXPECT_EQ(0xf1f2f3f400000001ULL, self->ds->handle);

	FEED(DATA(HANDLE("\1")));
	EXPECT_DID("dabc");
	EXPECT_EQ(0, self->ds->errors);
	EXPECT_EQ(NULL, self->ds->error);
}

TEST_F(session, takes_a_reg_ack_without_padding)
{
	FEED(INIT_ACK HDR("\4", "\12") HANDLE("\1") "\0\1");
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(1, self->ds->minor);
}

TEST_F(session, agrees_to_the_lower_minor)
{
	FEED(INIT_ACK HDR("\4", "\12") HANDLE("\1") "\0\0");
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(0, self->ds->minor);
}

TEST_F(session, does_not_agree_to_more_than_it_offered)
{
	FEED(INIT_ACK HDR("\4", "\12") HANDLE("\1") "\xff\xff");
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(1, self->ds->minor);
}

TEST_F(session, answers_the_init_req_of_the_other_end)
{
	self->t->seen = self->t->len;
	FEED(INIT_REQ);
	EXPECT_SENT(INIT_ACK);
	EXPECT_EQ(DRVIO_DS_INIT_SENT, self->ds->state);

	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\1")));
	/* The other end may have sent its own late: nothing begins anew. */
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "s" REG_REQ(HANDLE("\1")));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);

	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_DID("r");
	EXPECT_EQ(0, self->t->restarts);
	/* What it says of the second REG_REQ, be it yes or no, changes nothing. */
	FEED(REG_ACK(HANDLE("\1")) REG_NACK(HANDLE("\1")));
	EXPECT_NOTHING();
	EXPECT_EQ(2, self->ds->errors);
	FEED(DATA(HANDLE("\1")));
	EXPECT_DID("dabc");
}

/* Another peer on the same stream, before the first has taken dr-vio or refused it. */
TEST_F(session, says_again_to_a_new_peer_what_it_wants_to_register)
{
	FEED(INIT_ACK);
	self->t->seen = self->t->len;
	for (int i = 0; i < 3; i++) {
		FEED(INIT_REQ);
		EXPECT_DID("s" INIT_ACK "s" REG_REQ(HANDLE("\1")));
	}
	/* Of another major it wants nothing yet. */
	FEED(HDR("\0", "\4") "\0\2\0\0");
	EXPECT_SENT(INIT_NACK("\1"));
	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_DID("r");
	EXPECT_EQ(0, self->t->restarts);
}

/* No crossing of the first INIT_REQs: dr-vio had been registered once already. */
TEST_F(session, begins_anew_on_an_init_req_when_it_registers_again)
{
	REGISTER();
	FEED(NACK(HANDLE("\1"), INV_HDL));
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "n" "s" INIT_REQ);
	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\3")));
	/* And from the beginning: the next one may cross with ours. */
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "s" REG_REQ(HANDLE("\3")));
	FEED(REG_ACK(HANDLE("\3")));
	EXPECT_DID("r");
}

TEST_F(session, answers_an_init_req_with_the_lower_minor)
{
	self->t->seen = self->t->len;
	FEED(HDR("\0", "\4") "\0\1\0\5");
	EXPECT_SENT(HDR("\1", "\2") "\0\0");
}

TEST_F(session, refuses_the_init_req_of_another_major)
{
	self->t->seen = self->t->len;
	FEED(HDR("\0", "\4") "\0\2\0\0");
	EXPECT_SENT(INIT_NACK("\1"));
	FEED(HDR("\0", "\4") "\0\0\0\5");
	EXPECT_SENT(INIT_NACK("\1"));
	FEED(HDR("\0", "\4") "\1\0\0\0");
	EXPECT_SENT(INIT_NACK("\1"));
	EXPECT_EQ(3, self->ds->errors);

	/* Which leaves the other end free to ask for the major that we have. */
	FEED(INIT_REQ INIT_ACK);
	EXPECT_DID("s" INIT_ACK "s" REG_REQ(HANDLE("\1")));
}

TEST_F(session, keeps_its_registration_when_it_refuses_an_init_req)
{
	REGISTER();
	FEED(HDR("\0", "\4") "\0\2\0\0");
	EXPECT_SENT(INIT_NACK("\1"));
	FEED(DATA(HANDLE("\1")));
	EXPECT_DID("dabc");
}

TEST_F(session, ends_when_the_peer_has_no_version)
{
	self->t->seen = self->t->len;
	EXPECT_EQ(0, feed(self->ds, BYTES(INIT_NACK("\0")), 64));
	EXPECT_CLOSED("the peer does not speak Domain Services 1.0");
}

TEST_F(session, ends_when_the_peer_has_another_major)
{
	self->t->seen = self->t->len;
	EXPECT_EQ(0, feed(self->ds, BYTES(INIT_NACK("\2")), 64));
	EXPECT_CLOSED("the peer does not speak Domain Services 1.0");
}

TEST_F(session, stops_asking_once_refused)
{
	FEED(INIT_ACK);
	self->t->seen = self->t->len;
	FEED(REG_NACK(HANDLE("\1")));
	EXPECT_NOTHING();
	EXPECT_EQ(DRVIO_DS_READY, self->ds->state);
	EXPECT_EQ(0, self->ds->handle);
	/* An ACK that comes in spite of that is for nothing. */
	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_NOTHING();
	EXPECT_EQ(DRVIO_DS_READY, self->ds->state);
}

TEST_F(session, takes_a_reg_nack_without_padding)
{
	FEED(INIT_ACK HDR("\5", "\x12") HANDLE("\1") "\0\0\0\0\0\0\0\1" "\0\0");
	EXPECT_EQ(DRVIO_DS_READY, self->ds->state);
}

TEST_F(session, ignores_the_acks_and_nacks_of_other_registrations)
{
	FEED(INIT_ACK);
	self->t->seen = self->t->len;
	FEED(REG_ACK(OTHER));
	FEED(REG_ACK(HANDLE("\2")));
	FEED(REG_ACK("\0\0\0\0\0\0\0\1"));
	FEED(REG_NACK(OTHER));
	EXPECT_NOTHING();
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);
	EXPECT_EQ(4, self->ds->errors);

	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_DID("r");
}

/* A peer that forgot us, or another one on the same stream. */
TEST_F(session, begins_anew_on_an_init_req_when_registered)
{
	REGISTER();
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "n" "s" INIT_REQ);
	EXPECT_EQ(DRVIO_DS_INIT_SENT, self->ds->state);

	/* The old registration has fallen with the old session. */
	FEED(DATA(HANDLE("\1")));
	EXPECT_SENT(NACK(HANDLE("\1"), INV_HDL));
	EXPECT_FALSE(drvio_ds_send_data(self->ds, "x", 1));

	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
	FEED(REG_ACK(HANDLE("\1")));
	EXPECT_NOTHING();
	FEED(REG_ACK(HANDLE("\2")));
	EXPECT_DID("r");
	FEED(DATA(HANDLE("\2")));
	EXPECT_DID("dabc");
}

TEST_F(session, begins_anew_on_an_init_req_when_it_was_refused)
{
	FEED(INIT_ACK REG_NACK(HANDLE("\1")));
	self->t->seen = self->t->len;
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "n" "s" INIT_REQ);
	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
}

TEST_F(session, begins_anew_on_an_init_req_when_it_was_unregistered)
{
	REGISTER();
	FEED(UNREG_REQ(HANDLE("\1")));
	EXPECT_SENT(UNREG_ACK(HANDLE("\1")));
	FEED(INIT_REQ);
	EXPECT_DID("s" INIT_ACK "n" "s" INIT_REQ);
}

/* --- Pings ---------------------------------------------------------------- */

/* Once the protocol is agreed the registration comes anyhow. */
TEST_F(session, waits_with_a_ping_until_the_protocol_is_agreed)
{
	self->t->seen = self->t->len;
	FEED(PING);
	EXPECT_NOTHING();
	EXPECT_EQ(DRVIO_DS_INIT_SENT, self->ds->state);
	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\1")));
}

TEST_F(session, registers_on_a_ping_after_a_refusal)
{
	FEED(INIT_ACK REG_NACK(HANDLE("\1")));
	self->t->seen = self->t->len;
	FEED(PING);
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
	FEED(REG_ACK(HANDLE("\2")));
	EXPECT_DID("r");
}

TEST_F(session, registers_on_a_ping_after_an_unreg)
{
	REGISTER();
	FEED(UNREG_REQ(HANDLE("\1")) PING);
	EXPECT_DID("s" UNREG_ACK(HANDLE("\1")) "s" REG_REQ(HANDLE("\2")));
}

TEST_F(session, registers_anew_on_a_ping_when_registered)
{
	REGISTER();
	FEED(PING);
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);
	FEED(DATA(HANDLE("\1")));
	EXPECT_SENT(NACK(HANDLE("\1"), INV_HDL));
	FEED(REG_ACK(HANDLE("\2")));
	EXPECT_DID("r");
	EXPECT_EQ(0, self->t->restarts);
}

/* illumos has three bytes of padding behind the name. */
TEST_F(session, takes_a_ping_with_padding)
{
	FEED(INIT_ACK);
	self->t->seen = self->t->len;
	FEED(HDR("\3", "\x16") CLIENT "\0\1\0\1" "dr-vio\0" "\0\0\0");
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
}

TEST_F(session, refuses_the_services_of_others)
{
	REGISTER();
	/* A provider of a service that we are no client of. */
	FEED(HDR("\3", "\x17") OTHER "\0\1\0\0" "md-update\0\0");
	EXPECT_SENT(REG_NACK(OTHER));
	/* Another provider of ours. */
	FEED(HDR("\3", "\x13") OTHER "\0\1\0\1" "dr-vio\0");
	EXPECT_SENT(REG_NACK(OTHER));
	/* A ping for a service that we do not provide, names alike included. */
	FEED(HDR("\3", "\x13") CLIENT "\0\1\0\1" "dr-cpu\0");
	EXPECT_SENT(REG_NACK(CLIENT));
	FEED(HDR("\3", "\x14") CLIENT "\0\1\0\1" "dr-vio2\0");
	EXPECT_SENT(REG_NACK(CLIENT));
	FEED(HDR("\3", "\15") CLIENT "\0\1\0\1" "\0");
	EXPECT_SENT(REG_NACK(CLIENT));
	EXPECT_EQ(5, self->ds->errors);
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(0xf1f2f3f400000001ULL, self->ds->handle);
}

/* --- UNREG, NACK, unknown types ------------------------------------------ */

TEST_F(session, unregisters_when_asked)
{
	REGISTER();
	FEED(UNREG_REQ(HANDLE("\1")));
	EXPECT_SENT(UNREG_ACK(HANDLE("\1")));
	EXPECT_EQ(DRVIO_DS_READY, self->ds->state);
	EXPECT_EQ(0, self->ds->errors);
	EXPECT_FALSE(drvio_ds_send_data(self->ds, "x", 1));
	FEED(DATA(HANDLE("\1")));
	EXPECT_SENT(NACK(HANDLE("\1"), INV_HDL));
	FEED(UNREG_REQ(HANDLE("\1")));
	EXPECT_SENT(UNREG_NACK(HANDLE("\1")));
}

TEST_F(session, does_not_unregister_what_it_does_not_know)
{
	static const char none[] = UNREG_REQ("\0\0\0\0\0\0\0\0");

	/* Not even handle 0 while there is no handle. */
	self->t->seen = self->t->len;
	FEED(none);
	EXPECT_SENT(UNREG_NACK("\0\0\0\0\0\0\0\0"));
	REGISTER();
	FEED(UNREG_REQ(OTHER));
	EXPECT_SENT(UNREG_NACK(OTHER));
	FEED(none);
	EXPECT_SENT(UNREG_NACK("\0\0\0\0\0\0\0\0"));
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(3, self->ds->errors);
}

TEST_F(session, registers_anew_when_its_handle_is_called_invalid)
{
	REGISTER();
	FEED(NACK(HANDLE("\1"), INV_HDL));
	EXPECT_SENT(REG_REQ(HANDLE("\2")));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);
	/* Also before the ACK came. */
	FEED(NACK(HANDLE("\2"), INV_HDL));
	EXPECT_SENT(REG_REQ(HANDLE("\3")));
	FEED(REG_ACK(HANDLE("\2")));
	EXPECT_NOTHING();
	FEED(REG_ACK(HANDLE("\3")));
	EXPECT_DID("r");
}

TEST_F(session, only_counts_other_nacks)
{
	REGISTER();
	FEED(NACK(OTHER, INV_HDL));
	FEED(NACK("\0\0\0\0\0\0\0\0", INV_HDL));
	FEED(NACK(HANDLE("\1"), TYPE_UNKNOWN));
	FEED(NACK(HANDLE("\1"), "\0"));
	/* The upper half of the result counts too. */
	FEED(HDR("\12", "\x10") HANDLE("\1") "\0\0\0\1\0\0\0\3");
	EXPECT_NOTHING();
	EXPECT_EQ(5, self->ds->errors);
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
}

TEST_F(session, does_not_register_for_a_nack_of_handle_0)
{
	self->t->seen = self->t->len;
	FEED(NACK("\0\0\0\0\0\0\0\0", INV_HDL));
	EXPECT_NOTHING();
	EXPECT_EQ(DRVIO_DS_INIT_SENT, self->ds->state);
}

TEST_F(session, nacks_unknown_types)
{
	REGISTER();
	FEED(HDR("\13", "\13") OTHER "abc");
	EXPECT_SENT(NACK(OTHER, TYPE_UNKNOWN));
	FEED("\xff\xff\xff\xff\0\0\0\10" OTHER);
	EXPECT_SENT(NACK(OTHER, TYPE_UNKNOWN));
	/* Without a handle to echo. */
	FEED(HDR("\13", "\0"));
	EXPECT_SENT(NACK("\0\0\0\0\0\0\0\0", TYPE_UNKNOWN));
	FEED(HDR("\13", "\7") "\1\2\3\4\5\6\7");
	EXPECT_SENT(NACK("\0\0\0\0\0\0\0\0", TYPE_UNKNOWN));
	EXPECT_EQ(4, self->ds->errors);
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
}

/* Two engines, or an engine and a confused peer, must come to rest. */
TEST_F(session, sends_no_answer_to_an_answer)
{
	REGISTER();
	FEED(INIT_ACK INIT_NACK("\1") REG_ACK(HANDLE("\1")) REG_ACK(OTHER)
	     REG_NACK(HANDLE("\1")) REG_NACK(OTHER) UNREG_ACK(HANDLE("\1"))
	     UNREG_ACK(OTHER) UNREG_NACK(HANDLE("\1")) UNREG_NACK(OTHER)
	     NACK(OTHER, INV_HDL));
	EXPECT_NOTHING();
	EXPECT_EQ(11, self->ds->errors);
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	FEED(DATA(HANDLE("\1")));
	EXPECT_DID("dabc");
}

/* --- Data ---------------------------------------------------------------- */

TEST_F(session, takes_no_data_before_it_is_registered)
{
	self->t->seen = self->t->len;
	FEED(DATA(HANDLE("\1")));
	EXPECT_SENT(NACK(HANDLE("\1"), INV_HDL));
	FEED(DATA("\0\0\0\0\0\0\0\0"));
	EXPECT_SENT(NACK("\0\0\0\0\0\0\0\0", INV_HDL));
	FEED(INIT_ACK);
	EXPECT_SENT(REG_REQ(HANDLE("\1")));
	/* Not even with the right handle while the ACK is missing. */
	FEED(DATA(HANDLE("\1")));
	EXPECT_SENT(NACK(HANDLE("\1"), INV_HDL));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);
	EXPECT_EQ(0, self->t->data);
	EXPECT_EQ(3, self->ds->errors);
}

TEST_F(session, nacks_data_with_wrong_handles)
{
	REGISTER();
	FEED(DATA(OTHER));
	EXPECT_SENT(NACK(OTHER, INV_HDL));
	FEED(DATA(HANDLE("\2")));
	EXPECT_SENT(NACK(HANDLE("\2"), INV_HDL));
	/* Right in its low half, and in its high half. */
	FEED(DATA("\0\0\0\0\0\0\0\1"));
	EXPECT_SENT(NACK("\0\0\0\0\0\0\0\1", INV_HDL));
	FEED(DATA("\xf1\xf2\xf3\xf4\0\0\0\0"));
	EXPECT_SENT(NACK("\xf1\xf2\xf3\xf4\0\0\0\0", INV_HDL));
	EXPECT_EQ(4, self->ds->errors);
	EXPECT_EQ(0, self->t->data);
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
}

TEST_F(session, hands_on_data_of_any_length)
{
	char *msg = exact_space(4096);

	REGISTER();
	FEED(HDR("\11", "\10") HANDLE("\1"));
	EXPECT_DID("d");

	memset(msg, 'x', 4096);
	memcpy(msg, BYTES("\0\0\0\11\0\0\x0f\xf8" HANDLE("\1")));
	ASSERT_EQ(4096, feed(self->ds, msg, 4096, 1000));
	ASSERT_EQ(4081, self->t->len - self->t->seen);
	EXPECT_EQ(0, memcmp(msg + 16, self->t->bytes + self->t->seen + 1, 4080));
	EXPECT_EQ(2, self->t->data);
}

TEST_F(session, sends_data)
{
	char *longest = exact_space(1041);

	EXPECT_FALSE(drvio_ds_send_data(self->ds, "abc", 3));
	FEED(INIT_ACK);
	EXPECT_FALSE(drvio_ds_send_data(self->ds, "abc", 3));
	FEED(REG_ACK(HANDLE("\1")));
	self->t->seen = self->t->len;
	ASSERT_TRUE(drvio_ds_send_data(self->ds, "abc", 3));
	EXPECT_SENT(DATA(HANDLE("\1")));

	/* The longest response, and one byte more. */
	EXPECT_TRUE(drvio_ds_send_data(self->ds, longest, 1040));
	EXPECT_EQ(1 + 16 + 1040, self->t->len - self->t->seen);
	self->t->seen = self->t->len;
	EXPECT_FALSE(drvio_ds_send_data(self->ds, longest, 1041));
	EXPECT_NOTHING();
}

/* --- Framing --------------------------------------------------------------- */

TEST_F(session, takes_one_message_at_a_time)
{
	static const char two[] = INIT_ACK REG_ACK(HANDLE("\1"));

	EXPECT_EQ(10, drvio_ds_input(self->ds, two, sizeof(two) - 1));
	EXPECT_EQ(DRVIO_DS_REG_SENT, self->ds->state);
	EXPECT_EQ(24, drvio_ds_input(self->ds, two + 10, sizeof(two) - 1 - 10));
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
}

/* Everything that the engine answers, the long and the short. */
static const char talk[] =
	INIT_REQ INIT_ACK PING REG_ACK(HANDLE("\1")) REG_ACK(HANDLE("\2"))
	DATA(HANDLE("\2")) DATA(OTHER) HDR("\13", "\0") UNREG_REQ(OTHER)
	NACK(HANDLE("\2"), INV_HDL) REG_ACK(HANDLE("\3")) DATA(HANDLE("\3"))
	HDR("\3", "\x17") OTHER "\0\1\0\0" "md-update\0\0"
	INIT_REQ INIT_ACK REG_NACK(HANDLE("\4")) PING REG_ACK(HANDLE("\5"))
	UNREG_REQ(HANDLE("\5"));

TEST_F(session, does_the_same_whatever_the_pieces)
{
	static const char unfinished[] = HDR("\11", "\10") "\1\2";
	size_t piece;

	for (piece = 1; piece <= sizeof(talk); piece++) {
		struct drvio_ds *ds = calloc(1, sizeof(*ds));
		struct transcript *t = calloc(1, sizeof(*t));

		drvio_ds_start(ds, &ops, t, SALT);
		ASSERT_EQ(sizeof(talk) - 1, feed(ds, BYTES(talk), piece));
		ASSERT_EQ(DRVIO_DS_READY, ds->state);
		EXPECT_EQ(0, ds->fill);
		EXPECT_EQ(2, t->data);
		EXPECT_EQ(3, t->registered);
		EXPECT_EQ(1, t->restarts);
		/* The first one is what the others are compared with. */
		if (piece == 1)
			*self->t = *t;
		ASSERT_EQ(self->t->len, t->len);
		ASSERT_EQ(0, memcmp(self->t->bytes, t->bytes, t->len));

		EXPECT_EQ(10, feed(ds, BYTES(unfinished), piece));
		EXPECT_EQ(10, ds->fill);
		EXPECT_EQ(self->t->len, t->len);
		free(ds);
		free(t);
	}
}

TEST_F(session, ends_at_a_header_that_is_too_long)
{
	static const char long_hdr[] = "\0\0\0\11\0\0\x0f\xf9";

	REGISTER();
	EXPECT_EQ(7, drvio_ds_input(self->ds, long_hdr, 7));
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(0, drvio_ds_input(self->ds, long_hdr + 7, 1));
	EXPECT_CLOSED("message longer than 4096 bytes, or in the wrong byte order");
}

/* Known types that are shorter than their structure, or without a NUL. */
FIXTURE(malformed)
{
	struct drvio_ds *ds;
	struct transcript *t;
};

FIXTURE_VARIANT(malformed)
{
	const char *bytes;
	size_t len;
};

FIXTURE_SETUP(malformed)
{
	self->ds = calloc(1, sizeof(*self->ds));
	self->t = calloc(1, sizeof(*self->t));
	ASSERT_TRUE(self->ds && self->t);
	drvio_ds_start(self->ds, &ops, self->t, SALT);
}

FIXTURE_TEARDOWN(malformed)
{
	free(self->ds);
	free(self->t);
}

FIXTURE_VARIANT_ADD(malformed, init_req)
{
	BYTES(HDR("\0", "\3") "\0\1\0"),
};

FIXTURE_VARIANT_ADD(malformed, init_ack)
{
	BYTES(HDR("\1", "\1") "\0"),
};

FIXTURE_VARIANT_ADD(malformed, init_nack)
{
	BYTES(HDR("\2", "\0")),
};

FIXTURE_VARIANT_ADD(malformed, reg_req)
{
	BYTES(HDR("\3", "\14") CLIENT "\0\1\0\1"),
};

FIXTURE_VARIANT_ADD(malformed, reg_req_without_nul)
{
	BYTES(HDR("\3", "\x12") CLIENT "\0\1\0\1" "dr-vio"),
};

FIXTURE_VARIANT_ADD(malformed, reg_ack)
{
	BYTES(HDR("\4", "\11") HANDLE("\1") "\0"),
};

FIXTURE_VARIANT_ADD(malformed, reg_nack)
{
	BYTES(HDR("\5", "\x11") HANDLE("\1") "\0\0\0\0\0\0\0\1" "\0"),
};

FIXTURE_VARIANT_ADD(malformed, unreg_req)
{
	BYTES(HDR("\6", "\7") "\xf1\xf2\xf3\xf4\0\0\0"),
};

FIXTURE_VARIANT_ADD(malformed, no_data)
{
	BYTES(HDR("\11", "\7") "\xf1\xf2\xf3\xf4\0\0\0"),
};

FIXTURE_VARIANT_ADD(malformed, nack)
{
	BYTES(HDR("\12", "\17") HANDLE("\1") "\0\0\0\0\0\0\0"),
};

TEST_F(malformed, message_ends_the_session)
{
	REGISTER();
	ASSERT_EQ(variant->len - 1, feed(self->ds, variant->bytes, variant->len - 1, 64));
	EXPECT_EQ(DRVIO_DS_REGISTERED, self->ds->state);
	EXPECT_EQ(0, drvio_ds_input(self->ds, variant->bytes + variant->len - 1, 1));
	EXPECT_CLOSED("malformed message");
}

/* A peer that writes its integers little-endian is refused at once. */
TEST_F(session, refuses_a_little_endian_peer)
{
	static const char * const first[] = {
		"\0\0\0\0" "\4\0\0\0" "\1\0\0\0",		/* INIT_REQ {1,0} */
		"\1\0\0\0" "\2\0\0\0" "\0\0\0\0",		/* INIT_ACK */
		"\3\0\0\0" "\x13\0\0\0" "\5\0\0\x80",		/* REG_REQ */
		"\11\0\0\0" "\x30\0\0\0" "\0\0\0\0",		/* DATA */
	};
	unsigned int i;

	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		memset(self->ds, 0, sizeof(*self->ds));
		drvio_ds_start(self->ds, &ops, self->t, SALT);
		self->t->seen = self->t->len;
		EXPECT_EQ(0, feed(self->ds, first[i], 12, 12));
		EXPECT_CLOSED("message longer than 4096 bytes, or in the wrong byte order");
	}
}

/* --- Handles ---------------------------------------------------------------- */

/* A handle of the REG_REQ that a ping brings. */
static u64 ping(struct drvio_ds *ds)
{
	feed(ds, BYTES(PING), 64);
	return ds->handle;
}

TEST_F(session, never_uses_a_handle_twice)
{
	u64 last, handle;
	int i;

	REGISTER();
	last = self->ds->handle;
	for (i = 0; i < 200; i++) {
		handle = ping(self->ds);
		EXPECT_GT(handle, last);
		EXPECT_EQ(0, handle & 0xc0000000);
		last = handle;
	}
	/* Nor after the peer began anew. */
	FEED(HDR("\4", "\12") HANDLE("\xc9") "\0\1" INIT_REQ INIT_ACK);
	EXPECT_EQ(0xf1f2f3f4000000caULL, self->ds->handle);
}

/* 2^30 registrations on: neither bit 30 nor bit 31, not 0, nothing again. */
TEST_F(session, keeps_the_handle_rules_where_the_count_ends)
{
	u64 first;

	FEED(INIT_ACK);
	first = self->ds->handle;
	self->ds->seq = 0x3ffffffe;
	EXPECT_EQ(0xf1f2f3f43fffffffULL, ping(self->ds));
	EXPECT_EQ(0xf1f2f3f500000001ULL, ping(self->ds));
	EXPECT_NE(first, self->ds->handle);
}

TEST_F(session, keeps_the_handle_rules_whatever_the_salt)
{
	static const u32 salts[] = { 0, 1, 0x40000000, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < sizeof(salts) / sizeof(salts[0]); i++) {
		memset(self->ds, 0, sizeof(*self->ds));
		drvio_ds_start(self->ds, &ops, self->t, salts[i]);
		FEED(INIT_ACK);
		EXPECT_EQ((u64)salts[i] << 32 | 1, self->ds->handle);
	}
	/* Salt 0xffffffff: the count ends, and the salt with it. */
	self->ds->seq = 0x3fffffff;
	EXPECT_EQ(1, ping(self->ds));
}

TEST_HARNESS_MAIN
