// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of answers.  They are written down here, and this test runs on little-
 * and big-endian guests, over /dev/drvio and over the channel of a logical domain:
 * so all of them answer the same requests with the same bytes.
 */
#include <fcntl.h>

#include "../kselftest_harness.h"
#include "raw.h"
#include "sim_fixture.h"

#define NUMBER	"\x01\x02\x03\x04\x05\x06\x07\x08"
#define ID(_n)	"\0\0\0\0\0\0\0" _n

struct answer {
	const char *what;
	const char *request;
	size_t request_len;
	const char *answer;
	size_t answer_len;
};

#define ROW(_what, _request, _answer) \
	{ _what, _request, sizeof(_request), _answer, sizeof(_answer) }
/* Without the NUL that the compiler puts behind it. */
#define ROW_CUT(_what, _request, _answer) \
	{ _what, _request, sizeof(_request) - 1, _answer, sizeof(_answer) }

static const struct answer answers[] = {
	ROW("status, configured",
	    NUMBER ID("\x51") "\0IOS" "sim",
	    NUMBER "\0\0\0\0" "\0\0\0\x02" "\0\0\0\0\0\0\0"),
	ROW("status, absent",
	    NUMBER ID("\x52") "\0IOS" "sim",
	    NUMBER "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0\0\0"),
	ROW("unconfigure, absent",
	    NUMBER ID("\x52") "\0IOU" "sim",
	    NUMBER "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0\0\0"),
	ROW("configure, absent",
	    NUMBER ID("\x52") "\0IOC" "sim",
	    NUMBER "\0\0\0\x03" "\0\0\0\0"
	    "sim@0x0000000000000052 is on no bus of the guest and did not appear within 100 ms: add the device first"),
	ROW("configure, configured already",
	    NUMBER ID("\x51") "\0IOC" "sim",
	    NUMBER "\0\0\0\0" "\0\0\0\x02" "\0\0\0\0\0\0\0"),
	ROW("unknown type",
	    NUMBER ID("\x51") "\0IOX" "sim",
	    NUMBER "\0\0\0\x01" "\0\0\0\0" "the request is of an unknown type"),
	ROW_CUT("not terminated",
		NUMBER ID("\x51") "\0IOS" "sim",
		NUMBER "\0\0\0\x01" "\0\0\0\0"
		"the device name of the request is not NUL-terminated"),
	ROW_CUT("cut short",
		NUMBER "\0\0\0",
		NUMBER "\0\0\0\x01" "\0\0\0\0" "the request is cut short"),
	ROW("unconfigure, held",
	    NUMBER ID("\x51") "\0IOU" "sim",
	    NUMBER "\0\0\0\x02" "\0\0\0\x02"
	    "sim@0x0000000000000051 is held by the guest's administrator: a test; release it (drvioctl release sim@0x0000000000000051, or an empty line to its attribute hold)"),
};

TEST_F(sim, the_bytes_of_answers)
{
	struct drvio_ds_msg msg;
	struct raw r;

	SET_TIMEOUT("appear", "100");
	/* One channel, one peer. */
	session_close(&self->s);
	ASSERT_TRUE(raw_open(&r));
	ASSERT_NE(0, raw_register(&r, DRVIO_SVC_ID));
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		const struct answer *a = &answers[i];

		if (i == sizeof(answers) / sizeof(*answers) - 1)
			ASSERT_EQ(0, attr_write("a test\n", CLASS_DIR "/%s/hold", self->dev.node));
		ASSERT_TRUE(raw_send_data(&r, r.handle, a->request, a->request_len));
		ASSERT_TRUE(raw_receive_type(&r, DRVIO_DS_DATA, &msg)) {
			TH_LOG("%s: no answer", a->what);
		}
		EXPECT_EQ(r.handle, msg.handle);
		EXPECT_TRUE(msg.data_len == a->answer_len &&
			    !memcmp(msg.data, a->answer, msg.data_len)) {
			TH_LOG("%s: %zu bytes, not %zu: %s", a->what, msg.data_len,
			       a->answer_len, (const char *)msg.data + 16);
		}
	}
	EXPECT_EQ(0, attr_write("\n", CLASS_DIR "/%s/hold", self->dev.node));
	raw_close(&r);
	ASSERT_TRUE(ctl_open(&self->s));
}

/* A peer of the other byte order: nothing it says is taken for something else. */
TEST_F(sim, a_little_endian_peer_is_refused)
{
	/* INIT_ACK {0} and REG_ACK, as such a peer would put them. */
	static const uint8_t wrong[] = {
		1, 0, 0, 0, 2, 0, 0, 0, 0, 0,
		4, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	};
	char line[1024];
	struct raw r;
	bool said = false;
	ssize_t n;
	int log;

	session_close(&self->s);
	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, log);
	ASSERT_LE(0, lseek(log, 0, SEEK_END));
	ASSERT_TRUE(raw_open(&r));
	raw_send(&r, wrong, sizeof(wrong));
	/* dr-vio is never registered. */
	EXPECT_EQ(0, raw_register(&r, DRVIO_SVC_ID));
	raw_close(&r);
	while ((n = read(log, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		said |= !!strstr(line, "wrong byte order");
	}
	close(log);
	EXPECT_TRUE(said);

	/* The next one finds all as it was. */
	ASSERT_TRUE(ctl_open(&self->s));
	CALL(DRVIO_STATUS);
	EXPECT_ANSWER(DRVIO_OK, DRVIO_CONFIGURED);
}

TEST_HARNESS_MAIN
