// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/drvio: an open is a link and a session, and what goes wrong on one link
 * stays there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"
#include "raw.h"
#include "stream.h"
#include "wire.h"

/* As documented; limits.h. */
#define LINKS	8

static const struct dr_device nobody = { .name = "virtio-net", .dev_id = 1 };

/* Whether a link answers a STATUS. */
static bool works(struct session *s)
{
	struct session_answer answer;

	return ctl_call(s, DRVIO_STATUS, &nobody, &answer) &&
	       answer.status == DRVIO_NOT_PRESENT;
}

/* Whether reading comes to the end of the stream within the time. */
static bool has_ended(int fd)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char buf[DRVIO_DS_MSG_MAX];
	ssize_t n;

	do {
		n = stream_receive(fd, buf, sizeof(buf), &d);
	} while (n > 0);
	return n == 0;
}

/* The node of the link that a device carries.  Return: whether there is one. */
static bool find_link(const char *carrier, char *node, size_t size)
{
	char peer[ATTR_MAX];

	for (int i = 0; i < LINKS; i++) {
		if (attr_read(peer, sizeof(peer), CLASS_DIR "/link%d/peer", i) ||
		    strcmp(peer, carrier))
			continue;
		snprintf(node, size, "link%d", i);
		return true;
	}
	return false;
}

static const char *how_far(const char *node, char *text, size_t size)
{
	char state[ATTR_MAX] = "?", version[ATTR_MAX] = "?";

	attr_read(state, sizeof(state), CLASS_DIR "/%s/state", node);
	attr_read(version, sizeof(version), CLASS_DIR "/%s/version", node);
	snprintf(text, size, "%.15s, version '%.3s'", state, version);
	return text;
}

TEST(only_root_opens_it)
{
	EXPECT_EQ(0600, attr_mode("/dev/drvio"));
	/* Not even who was given the node, without the capability. */
	ASSERT_EQ(0, chown("/dev/drvio", 65534, 0));
	ASSERT_EQ(0, setresuid(65534, 65534, 0));
	EXPECT_EQ(-1, open("/dev/drvio", O_RDWR));
	EXPECT_TRUE(errno == EPERM || errno == EACCES);
	ASSERT_EQ(0, setresuid(0, 0, 0));
	ASSERT_EQ(0, chown("/dev/drvio", 0, 0));
}

TEST(an_open_shows_in_sysfs_while_it_lasts)
{
	struct drvio_carrier carrier = { "test carrier" };
	char text[ATTR_MAX], node[32];
	struct session s;

	ASSERT_TRUE(ctl_open(&s));
	strcpy(carrier.name, "selftest0");
	ASSERT_EQ(0, ioctl(s.fd, DRVIO_IOC_SET_CARRIER, &carrier));
	ASSERT_TRUE(find_link(carrier.name, node, sizeof(node)));
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/transport", node));
	EXPECT_STREQ("chardev", text);
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/state", node));
	EXPECT_STREQ("registered", text);
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/version", node));
	EXPECT_STREQ("1.1", text);

	EXPECT_TRUE(works(&s));
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/statistics/requests", node));
	EXPECT_STREQ("1", text);
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/statistics/answers", node));
	EXPECT_STREQ("1", text);

	session_close(&s);
	EXPECT_EQ(-ENOENT, attr_read(text, sizeof(text), CLASS_DIR "/%s/peer", node));
}

/* State and version in sysfs, from the open to the end of the session. */
TEST(a_link_shows_how_far_it_is)
{
	static const char garbage[] = "\0\0\0\11\x7f\xff\xff\xff";
	struct drvio_carrier carrier = { "selftest0" };
	struct drvio_ds_msg msg;
	char node[32], text[ATTR_MAX];
	struct raw r;

	ASSERT_TRUE(raw_open(&r));
	ASSERT_EQ(0, ioctl(r.fd, DRVIO_IOC_SET_CARRIER, &carrier));
	ASSERT_TRUE(find_link(carrier.name, node, sizeof(node)));
	EXPECT_STREQ("negotiating, version ''", how_far(node, text, sizeof(text)));
	ASSERT_TRUE(raw_send_msg(&r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_ACK }));
	ASSERT_TRUE(raw_receive_type(&r, DRVIO_DS_REG_REQ, &msg));
	EXPECT_STREQ("negotiating, version ''", how_far(node, text, sizeof(text)));

	/* The older version of the peer is agreed. */
	ASSERT_TRUE(raw_send_msg(&r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_ACK, .handle = msg.handle, .minor = 0 }));
	EXPECT_STREQ("registered, version '1.0'", how_far(node, text, sizeof(text)));
	ASSERT_TRUE(raw_send_msg(&r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = msg.handle }));
	EXPECT_STREQ("negotiating, version ''", how_far(node, text, sizeof(text)));

	ASSERT_TRUE(raw_send_msg(&r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 1,
		.major = DRVIO_MAJOR, .svc_id = DRVIO_SVC_ID }));
	ASSERT_TRUE(raw_receive_type(&r, DRVIO_DS_REG_REQ, &msg));
	ASSERT_TRUE(raw_send_msg(&r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_ACK, .handle = msg.handle, .minor = DRVIO_MINOR }));
	EXPECT_STREQ("registered, version '1.1'", how_far(node, text, sizeof(text)));

	/* Nothing is dropped as long as the link is there. */
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/statistics/dropped", node));
	EXPECT_STREQ("0", text);
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/statistics/errors", node));
	EXPECT_STREQ("0", text);
	ASSERT_TRUE(raw_send_data(&r, msg.handle + 1, "x", 1));
	ASSERT_TRUE(raw_receive_type(&r, DRVIO_DS_NACK, &msg));
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/statistics/errors", node));
	EXPECT_STREQ("1", text);

	raw_send(&r, garbage, sizeof(garbage) - 1);
	EXPECT_STREQ("down, version ''", how_far(node, text, sizeof(text)));
	raw_close(&r);
}

TEST(a_carrier_needs_a_name)
{
	struct drvio_carrier carrier = { "" };
	int fd = open("/dev/drvio", O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, ioctl(fd, DRVIO_IOC_SET_CARRIER, &carrier));
	EXPECT_EQ(EINVAL, errno);
	memset(carrier.name, 'x', sizeof(carrier.name));
	EXPECT_EQ(-1, ioctl(fd, DRVIO_IOC_SET_CARRIER, &carrier));
	EXPECT_EQ(EINVAL, errno);
	strcpy(carrier.name, "two\nlines");
	EXPECT_EQ(-1, ioctl(fd, DRVIO_IOC_SET_CARRIER, &carrier));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(fd, DRVIO_IOC_SET_CARRIER, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(fd, 0x1234, NULL));
	EXPECT_EQ(ENOTTY, errno);
	close(fd);
}

TEST(there_are_eight_links_and_no_ninth)
{
	int fds[LINKS + 1], opened = 0;

	/* Others may be open: the relay's. */
	while (opened <= LINKS) {
		fds[opened] = open("/dev/drvio", O_RDWR);
		if (fds[opened] < 0)
			break;
		opened++;
	}
	EXPECT_EQ(EUSERS, errno);
	EXPECT_GE(LINKS, opened);
	EXPECT_LT(0, opened);
	while (opened > 0)
		close(fds[--opened]);
	fds[0] = open("/dev/drvio", O_RDWR);
	EXPECT_LE(0, fds[0]);
	close(fds[0]);
}

TEST(garbage_ends_its_own_link_and_no_other)
{
	/* A length that no message has; a register request without a service. */
	static const char too_long[] = { 0, 0, 0, 9, 0x7f, 0, 0, 0 };
	static const char too_short[] = { 0, 0, 0, 3, 0, 0, 0, 2, 0, 0 };
	static const struct {
		const char *bytes;
		size_t len;
	} garbage[] = {
		{ too_long, sizeof(too_long) },
		{ too_short, sizeof(too_short) },
		{ "GET / HTTP/1.0\r\n\r\n", 18 },
	};
	struct session good, bad;

	ASSERT_TRUE(ctl_open(&good));
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		ASSERT_TRUE(ctl_open(&bad));
		/* Taken and found out, or found out at once. */
		EXPECT_TRUE(write(bad.fd, garbage[i].bytes, garbage[i].len) > 0 || errno == EPIPE);
		EXPECT_TRUE(has_ended(bad.fd));
		EXPECT_EQ(-1, write(bad.fd, "x", 1));
		EXPECT_EQ(EPIPE, errno);
		session_close(&bad);
		EXPECT_TRUE(works(&good));
		/* And the next session is as good as any. */
		ASSERT_TRUE(ctl_open(&bad));
		EXPECT_TRUE(works(&bad));
		session_close(&bad);
	}
	session_close(&good);
}

TEST(a_stream_has_no_message_boundaries)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	unsigned char wire[2 * 64], data[64];
	struct drvio_req req = { .verb = DRVIO_STATUS, .dev_id = 1, .name = "virtio-net" };
	struct session_answer answer;
	struct drvio_ds_msg msg = { .type = DRVIO_DS_DATA, .data = data };
	struct session s;
	size_t len = 0;

	ASSERT_TRUE(ctl_open(&s));
	for (int i = 0; i < 2; i++) {
		req.number = s.next_number++;
		msg.handle = s.handle;
		msg.data_len = drvio_req_encode(data, sizeof(data), &req);
		ASSERT_LT(0, msg.data_len);
		len += drvio_ds_encode(wire + len, sizeof(wire) - len, &msg);
	}
	/* Two requests, in pieces that end everywhere but where they do. */
	for (size_t at = 0; at < len; at++)
		ASSERT_EQ(1, write(s.fd, wire + at, 1));
	EXPECT_EQ(SESSION_OK, session_answer(&s, &answer, &d));
	EXPECT_EQ(SESSION_OK, session_answer(&s, &answer, &d));
	EXPECT_EQ(req.number, answer.number);
	session_close(&s);
}

TEST(nothing_to_read_is_no_end)
{
	struct pollfd p = { .events = POLLIN | POLLOUT };
	struct session s;
	char byte;

	ASSERT_TRUE(ctl_open(&s));
	EXPECT_EQ(-1, read(s.fd, &byte, 1));
	EXPECT_EQ(EAGAIN, errno);
	p.fd = s.fd;
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLOUT, p.revents);
	/* Nothing written is nothing said. */
	EXPECT_EQ(0, write(s.fd, &byte, 0));
	EXPECT_TRUE(works(&s));
	session_close(&s);
}

static void on_alarm(int sig)
{
}

/* A signal every 50 ms, which interrupts a system call that sleeps. */
static void alarm_often(bool on)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, on ? 50000 : 0 }, { 0, on ? 50000 : 0 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

TEST(who_reads_waits)
{
	char buf[DRVIO_DS_MSG_MAX];
	struct session s;
	ssize_t n;
	pid_t pid;

	ASSERT_TRUE(ctl_open(&s));
	set_nonblock(s.fd, false);
	alarm_often(true);
	EXPECT_EQ(-1, read(s.fd, buf, sizeof(buf)));
	EXPECT_EQ(EINTR, errno);
	alarm_often(false);

	/* Until there is something. */
	pid = fork();
	if (!pid) {
		usleep(100 * 1000);
		_exit(!ctl_send(&s, DRVIO_STATUS, &nobody));
	}
	n = read(s.fd, buf, sizeof(buf));
	EXPECT_LT(0, n);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	/* What it read was one answer, or its beginning. */
	EXPECT_EQ(0, read(s.fd, buf, 0));
	EXPECT_EQ(0, write(s.fd, buf, 0));
	session_close(&s);
}

TEST(who_does_not_read_waits_to_write)
{
	struct drvio_req req = { .dev_id = 1, .verb = DRVIO_STATUS, .name = "virtio-net" };
	struct drvio_ds_msg msg = { .type = DRVIO_DS_DATA };
	uint8_t data[64], buf[128], sink[DRVIO_DS_MSG_MAX];
	struct session s;
	size_t len;
	pid_t pid;
	int i;

	ASSERT_TRUE(ctl_open(&s));
	msg.handle = s.handle;
	msg.data = data;
	msg.data_len = drvio_req_encode(data, sizeof(data), &req);
	len = drvio_ds_encode(buf, sizeof(buf), &msg);
	ASSERT_LT(0, len);

	set_nonblock(s.fd, true);
	for (i = 0; i < 100000 && write(s.fd, buf, len) == len; i++)
		;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(64, i);
	set_nonblock(s.fd, false);
	alarm_often(true);
	EXPECT_EQ(-1, write(s.fd, buf, len));
	EXPECT_EQ(EINTR, errno);
	alarm_often(false);

	/* Until somebody has read. */
	pid = fork();
	if (!pid) {
		usleep(100 * 1000);
		_exit(read(s.fd, sink, sizeof(sink)) <= 0);
	}
	EXPECT_EQ((ssize_t)len, write(s.fd, buf, len));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	session_close(&s);
}

TEST(addresses_that_are_none)
{
	/* One that no process has; the compiler would know. */
	void *volatile nowhere = (void *)-4096L;
	long page = sysconf(_SC_PAGESIZE);
	struct session s;
	uint8_t *edge, byte;

	/* And one that a process could have: the last bytes ahead of it are ours. */
	edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)edge);
	edge += page;
	ASSERT_EQ(0, mprotect(edge, page, PROT_NONE));

	ASSERT_TRUE(ctl_open(&s));
	EXPECT_EQ(-1, write(s.fd, nowhere, 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write(s.fd, edge - 4, 8));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_TRUE(ctl_send(&s, DRVIO_STATUS, &nobody));
	EXPECT_EQ(-1, read(s.fd, nowhere, 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, read(s.fd, edge, 8));
	EXPECT_EQ(EFAULT, errno);
	/* Nothing was taken, and what can be delivered is: the type of the answer. */
	EXPECT_EQ(4, read(s.fd, edge - 4, 8));
	EXPECT_EQ(0, memcmp(edge - 4, "\0\0\0\x9", 4));
	/* Its length follows. */
	EXPECT_EQ(1, read(s.fd, &byte, 1));
	EXPECT_EQ(0, byte);
	session_close(&s);
	munmap(edge - page, 2 * page);
}

TEST_HARNESS_MAIN
