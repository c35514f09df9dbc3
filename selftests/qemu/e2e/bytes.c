// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of answers, as the control domain sees them.  They are written down
 * here, and this test asks little- and big-endian guests, over the protocol of
 * drvio and over that of the kernel of a logical domain: so all of them answer the
 * same requests with the same bytes.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

FIXTURE(bytes)
{
	struct session s;
	struct drvio_ds_msg msg;
	struct target nic;
	struct target disk;
	char want[DRVIO_DS_MSG_MAX];
	size_t want_len;
};

FIXTURE_SETUP(bytes)
{
	ASSERT_TRUE(target_find(&self->nic, "nic"));
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->nic));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
}

FIXTURE_TEARDOWN(bytes)
{
	session_close(&self->s);
	EXPECT_TRUE(guest_is_well(&self->nic));
}

/* The next message, whole, which is to be @want. */
static bool next_is(struct session *s, const void *want, size_t len)
{
	struct deadline d = stage_soon();
	struct drvio_ds_msg msg;
	size_t i;

	if (session_receive(s, &msg, &d)) {
		fprintf(stderr, "# %s\n", s->why);
		return false;
	}
	if (s->taken == len && !memcmp(s->buf, want, len))
		return true;
	fprintf(stderr, "# %zu bytes, not %zu:", s->taken, len);
	for (i = 0; i < s->taken; i++)
		fprintf(stderr, " %02x", s->buf[i]);
	fprintf(stderr, "\n");
	return false;
}

static bool send_bytes(struct session *s, const void *bytes, size_t len)
{
	struct deadline d = stage_soon();

	return !session_send_bytes(s, bytes, len, &d);
}

#define SAYS(_bytes)	EXPECT_TRUE(next_is(&self->s, _bytes, sizeof(_bytes) - 1))
#define SAY(_bytes)	ASSERT_TRUE(send_bytes(&self->s, _bytes, sizeof(_bytes) - 1))

#define H8(_n)		"\0\0\0\0\0\0\0" _n

/* The guest begins: INIT_REQ of 1.0, then it registers dr-vio 1.1. */
TEST_F_TIMEOUT(bytes, of_a_beginning, CASE_S)
{
	static const char reg[] = "\0\1\0\1dr-vio";
	struct deadline d = stage_soon();
	struct deadline pause = deadline_in_ms(300);

	session_close(&self->s);
	/* The guest is to see that its peer has left. */
	deadline_poll(&pause, -1, 0);
	ASSERT_EQ(SESSION_OK, session_open(&self->s, stage_path("link.sock"), &d));
	SAYS("\0\0\0\0\0\0\0\4" "\0\1\0\0");
	SAY("\0\0\0\1\0\0\0\2" "\0\0");
	/* A kernel may register services of its own ahead of it. */
	do {
		ASSERT_EQ(SESSION_OK, session_receive(&self->s, &self->msg, &d));
		ASSERT_EQ(DRVIO_DS_REG_REQ, self->msg.type);
	} while (strcmp(self->msg.svc_id, "dr-vio"));
	/* What follows the NUL is padding, or nothing. */
	EXPECT_EQ(0, memcmp(self->s.buf, "\0\0\0\3\0\0\0", 7));
	EXPECT_EQ(0, memcmp(self->s.buf + 16, reg, sizeof(reg)));
	EXPECT_LE(27, self->s.taken);
	EXPECT_GE(30, self->s.taken);
	ASSERT_EQ(SESSION_OK, session_handle(&self->s, &self->msg, &d));
	ASSERT_EQ(SESSION_OK, session_establish(&self->s, &d));
}

/* What is no request of dr-vio. */
TEST_F_TIMEOUT(bytes, of_domain_services, CASE_S)
{
	struct deadline d = stage_soon();

	/* INIT_REQ of 2.0: INIT_NACK, 1 */
	SAY("\0\0\0\0\0\0\0\4" "\0\2\0\0");
	SAYS("\0\0\0\2\0\0\0\2" "\0\1");
	/* REG_REQ of a service that nobody knows: REG_NACK, a version, none */
	SAY("\0\0\0\3\0\0\0\x13" H8("\x4d") "\0\1\0\0" "coffee\0");
	SAYS("\0\0\0\5\0\0\0\x18" H8("\x4d") H8("\1") "\0\0" "\0\0\0\0\0\0");
	/* UNREG_REQ of what is not registered: UNREG_NACK */
	SAY("\0\0\0\6\0\0\0\x8" "\1\2\3\4\5\6\7\x8");
	SAYS("\0\0\0\x8\0\0\0\x8" "\1\2\3\4\5\6\7\x8");
	/* DATA with a handle of nobody: NACK, invalid handle */
	SAY("\0\0\0\x9\0\0\0\x10" "\0\0\0\0\x11\x22\x33\x44" "whatever");
	SAYS("\0\0\0\xa\0\0\0\x10" "\0\0\0\0\x11\x22\x33\x44" H8("\3"));
	/* A message of no type: NACK, unknown type */
	SAY("\0\0\0\x2a\0\0\0\x8" "\0\0\0\0\x55\x66\x77\x88");
	SAYS("\0\0\0\xa\0\0\0\x10" "\0\0\0\0\x55\x66\x77\x88" H8("\4"));
	/* UNREG_REQ of ours: UNREG_ACK */
	ASSERT_EQ(SESSION_OK, session_send(&self->s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = self->s.handle }, &d));
	memcpy(self->want, "\0\0\0\7\0\0\0\x8", 8);
	memcpy(self->want + 8, &(uint64_t) { htobe64(self->s.handle) }, 8);
	EXPECT_TRUE(next_is(&self->s, self->want, 16));
}

#define NUMBER	"\x01\x02\x03\x04\x05\x06\x07\x08"
#define ABSENT	"\x01\x02\xf8\x77\0\0\0\0"

/* Sends a request to the guest.  Return: whether @answer is what it answers. */
static bool answers(struct session *s, const void *request, size_t len,
		    const void *answer, size_t answer_len)
{
	char want[DRVIO_DS_MSG_MAX];

	/* DATA, the length, the handle */
	memcpy(want, "\0\0\0\x9", 4);
	memcpy(want + 4, &(uint32_t) { htobe32(8 + answer_len) }, 4);
	memcpy(want + 8, &(uint64_t) { htobe64(s->handle) }, 8);
	memcpy(want + 16, answer, answer_len);
	return send_data(s, request, len) && next_is(s, want, 16 + answer_len);
}

#define ANSWERS(_request, _answer) \
	EXPECT_TRUE(answers(&self->s, _request, sizeof(_request), _answer, sizeof(_answer)))
/* Without the NUL that the compiler puts behind it. */
#define ANSWERS_CUT(_request, _answer) \
	EXPECT_TRUE(answers(&self->s, _request, sizeof(_request) - 1, _answer, sizeof(_answer)))

TEST_F_TIMEOUT(bytes, of_requests_that_name_nothing, CASE_S)
{
	ANSWERS(NUMBER ABSENT "\0IOS" "virtio-net",
		NUMBER "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0\0\0");
	ANSWERS(NUMBER ABSENT "\0IOU" "virtio-net",
		NUMBER "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0\0\0");
	ANSWERS(NUMBER ABSENT "\0IOF" "virtio-net",
		NUMBER "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0\0\0");
	ANSWERS(NUMBER ABSENT "\0IOC" "virtio-net",
		NUMBER "\0\0\0\3" "\0\0\0\0"
		"virtio-net@0x0102f87700000000 is on no bus of the guest and did not appear within 2000 ms: add the device first");
	ANSWERS(NUMBER ABSENT "\0IOX" "virtio-net",
		NUMBER "\0\0\0\1" "\0\0\0\0" "the request is of an unknown type");
	ANSWERS_CUT(NUMBER ABSENT "\0IOS" "virtio-net",
		    NUMBER "\0\0\0\1" "\0\0\0\0"
		    "the device name of the request is not NUL-terminated");
	ANSWERS_CUT(NUMBER "\0\0\0",
		    NUMBER "\0\0\0\1" "\0\0\0\0" "the request is cut short");
	ANSWERS_CUT("\1\2\3",
		    "\0\0\0\0\0\0\0\0" "\0\0\0\1" "\0\0\0\0" "the request is cut short");
}

/* A request for a device that is there. */
static bool device_answers(struct session *s, const struct target *t, enum drvio_verb verb,
			   const char *answer, size_t answer_len)
{
	char request[24 + sizeof(t->name)] = NUMBER;

	memcpy(request + 8, &(uint64_t) { htobe64(t->dev_id) }, 8);
	memcpy(request + 16, &(uint32_t) { htobe32(verb) }, 4);
	strcpy(request + 20, t->name);
	return answers(s, request, 20 + strlen(t->name) + 1, answer, answer_len);
}

#define DEVICE_ANSWERS(_device, _verb, _answer) \
	EXPECT_TRUE(device_answers(&self->s, &self->_device, _verb, _answer, sizeof(_answer)))

TEST_F_TIMEOUT(bytes, of_requests_that_succeed, CASE_S)
{
	static const char configured[] = NUMBER "\0\0\0\0" "\0\0\0\2" "\0\0\0\0\0\0\0";
	static const char unconfigured[] = NUMBER "\0\0\0\0" "\0\0\0\1" "\0\0\0\0\0\0\0";

	DEVICE_ANSWERS(nic, DRVIO_STATUS, configured);
	DEVICE_ANSWERS(nic, DRVIO_CONFIGURE, configured);
	DEVICE_ANSWERS(nic, DRVIO_UNCONFIGURE, unconfigured);
	DEVICE_ANSWERS(nic, DRVIO_UNCONFIGURE, unconfigured);
	DEVICE_ANSWERS(nic, DRVIO_CONFIGURE, configured);
	DEVICE_ANSWERS(disk, DRVIO_FORCE_UNCONFIG, unconfigured);
	DEVICE_ANSWERS(disk, DRVIO_CONFIGURE, configured);
}

TEST_F_TIMEOUT(bytes, of_a_refusal, CASE_S)
{
	char answer[512] = NUMBER "\0\0\0\2" "\0\0\0\2";
	size_t len;

	ASSERT_EQ(0, guest("echo 'a test' > /sys/class/drvio/%s/hold", self->disk.node));
	len = 16 + sprintf(answer + 16,
			   "%s is held by the guest's administrator: a test; release it (drvioctl release %s, or an empty line to its attribute hold)",
			   self->disk.node, self->disk.node) + 1;
	EXPECT_TRUE(device_answers(&self->s, &self->disk, DRVIO_UNCONFIGURE, answer, len));
	EXPECT_EQ(0, guest("echo > /sys/class/drvio/%s/hold", self->disk.node));
}

/* Notes where the log of the guest's kernel is. */
static bool log_mark(int n)
{
	return !guest("echo 'e2e bytes %d.%d' > /dev/kmsg", getpid(), n);
}

/* Whether it says behind the mark, soon, that somebody has the wrong byte order. */
static bool log_tells(int n)
{
	return !guest("wait_for 'dmesg | sed -n \"/e2e bytes %d.%d/,\\$p\" | grep -q \"wrong byte order\"'",
		      getpid(), n);
}

/* A peer of the other byte order is refused, the log says why, and that is all. */
TEST_F_TIMEOUT(bytes, of_a_little_endian_peer, CASE_S)
{
	static const char handshake[] =
		"\1\0\0\0\2\0\0\0" "\0\0"
		"\4\0\0\0\x10\0\0\0" "\1\0\0\0\0\0\0\0" "\1\0\0\0\0\0\0\0";
	struct session_answer answer;
	uint32_t request[2];
	bool told = false;

	/*
	 * From the beginning, which is the guest's: what comes ahead of it the relay
	 * discards, as the rest of a peer that has left.  Again where it was lost: a
	 * guest that is short of time may not have seen yet that one has left.
	 */
	ASSERT_TRUE(log_mark(1));
	for (int i = 0; i < 3 && !told; i++) {
		struct deadline d = stage_soon(), first = deadline_in_ms(5000);

		link_down(&self->s);
		ASSERT_EQ(SESSION_OK, session_open(&self->s, stage_path("link.sock"), &d));
		session_receive(&self->s, &self->msg, &first);
		ASSERT_TRUE(send_bytes(&self->s, handshake, sizeof(handshake) - 1));
		told = log_tells(1);
	}
	EXPECT_TRUE(told);
	link_down(&self->s);
	EXPECT_TRUE(guest_is_well(&self->disk));

	/* And in the middle of a session: DATA, whose length is read as 402653184. */
	ASSERT_TRUE(link_up(&self->s));
	ASSERT_TRUE(log_mark(2));
	request[0] = htole32(DRVIO_DS_DATA);
	request[1] = htole32(24);
	ASSERT_TRUE(send_bytes(&self->s, request, sizeof(request)));
	EXPECT_TRUE(log_tells(2));
	link_down(&self->s);
	ASSERT_TRUE(link_up(&self->s));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->disk, &answer));
	EXPECT_ANSWER(answer, DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_HARNESS_MAIN
