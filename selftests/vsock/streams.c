// SPDX-License-Identifier: GPL-2.0
/*
 * The vsock link as a stream: what the peer sends too fast, leaves behind, or
 * should not have sent.  Needs drvio-virtio with vsock_peer_cid=1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "ctl.h"

#define LINKS		8	/* at once, as documented */
#define FLOOD		3000
#define LONG_NAME	250
#define PEERS		100

/* Seconds, also on a debug kernel. */
#define TIMEOUT		250

static bool try_open(struct session *s)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	return session_open(s, "vsock:1", &d) == SESSION_OK &&
	       session_establish(s, &d) == SESSION_OK;
}

/* A link that was just closed may still count. */
static bool open_soon(struct session *s)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	while (deadline_left_ms(&d)) {
		if (try_open(s))
			return true;
		session_close(s);
		usleep(10000);
	}
	return false;
}

static bool ask_nothing(struct session *s)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	struct session_answer answer;

	return session_call(s, DRVIO_STATUS, "virtio-none", 1, &answer, &d) == SESSION_OK &&
	       answer.status == DRVIO_NOT_PRESENT;
}

static int count_links(void)
{
	FILE *ls = popen("ls -d " CLASS_DIR "/link* 2>/dev/null | wc -l", "r");
	int n = -1;

	if (ls && fscanf(ls, "%d", &n) != 1)
		n = -1;
	if (ls)
		pclose(ls);
	return n;
}

FIXTURE(stream) { };

FIXTURE_SETUP(stream)
{
}

FIXTURE_TEARDOWN(stream)
{
}

TEST_F_TIMEOUT(stream, link_shows_in_sysfs, TIMEOUT)
{
	char transport[32], peer[64], state[32];
	bool found = false;
	struct session s;

	ASSERT_TRUE(open_soon(&s));
	ASSERT_TRUE(ask_nothing(&s));
	for (int i = 0; i < 100000 && !found; i++) {
		if (attr_read(transport, sizeof(transport), CLASS_DIR "/link%d/transport", i))
			continue;
		found = !strcmp(transport, "vsock");
		if (!found)
			continue;
		EXPECT_EQ(0, attr_read(peer, sizeof(peer), CLASS_DIR "/link%d/peer", i));
		EXPECT_EQ(0, strncmp(peer, "1:", 2));
		EXPECT_EQ(0, attr_read(state, sizeof(state), CLASS_DIR "/link%d/state", i));
		EXPECT_STREQ("registered", state);
	}
	EXPECT_TRUE(found);
	session_close(&s);
}

/* Requests without end from a peer that does not read, with long answers. */
TEST_F_TIMEOUT(stream, flood_is_held_back_and_answered_in_order, TIMEOUT)
{
	struct session_answer answer;
	char name[LONG_NAME + 1];
	struct session s;
	int status;
	pid_t pid;

	memset(name, 'x', LONG_NAME);
	name[LONG_NAME] = '\0';
	ASSERT_TRUE(open_soon(&s));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		for (int i = 0; i < FLOOD; i++) {
			struct deadline d = deadline_in_ms(CTL_WAIT_MS);

			if (session_request(&s, DRVIO_STATUS, name, i, &d, NULL) != SESSION_OK)
				_exit(1);
		}
		_exit(0);
	}
	/* What the other process sends is ours all the same. */
	s.next_number = s.first_number + FLOOD;
	usleep(500000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG)) {
		TH_LOG("all of the flood was taken in");
	}
	for (uint64_t i = 0; i < FLOOD; i++) {
		struct deadline d = deadline_in_ms(CTL_WAIT_MS);

		ASSERT_EQ(SESSION_OK, session_answer(&s, &answer, &d)) {
			TH_LOG("answer %llu: %s", (unsigned long long)i, s.why);
		}
		ASSERT_EQ(s.first_number + i, answer.number);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	session_close(&s);
}

TEST_F_TIMEOUT(stream, garbage_ends_the_connection_and_not_the_service, TIMEOUT)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	struct drvio_ds_msg msg;
	char garbage[5000];
	struct session s;

	memset(garbage, 0xff, sizeof(garbage));
	ASSERT_TRUE(open_soon(&s));
	session_send_bytes(&s, garbage, sizeof(garbage), &d);
	/* A reset is as good an end as any; that nothing comes is none. */
	EXPECT_NE(SESSION_OK, session_receive(&s, &msg, &d));
	EXPECT_LT(0, deadline_left_ms(&d));
	session_close(&s);

	ASSERT_TRUE(open_soon(&s));
	EXPECT_TRUE(ask_nothing(&s));
	session_close(&s);
}

TEST_F_TIMEOUT(stream, no_more_links_than_there_may_be, TIMEOUT)
{
	struct session s[LINKS], extra;
	int n = 0;

	while (n < LINKS && count_links() < LINKS) {
		ASSERT_TRUE(open_soon(&s[n]));
		n++;
	}
	ASSERT_LT(0, n);
	EXPECT_FALSE(try_open(&extra));
	session_close(&extra);
	for (int i = 0; i < n; i++)
		EXPECT_TRUE(ask_nothing(&s[i]));

	session_close(&s[0]);
	EXPECT_TRUE(open_soon(&s[0]));
	EXPECT_TRUE(ask_nothing(&s[0]));
	while (n)
		session_close(&s[--n]);
}

TEST_F_TIMEOUT(stream, peers_come_and_go, TIMEOUT)
{
	int links;

	for (int i = 0; i < PEERS; i++) {
		struct deadline d = deadline_in_ms(CTL_WAIT_MS);
		struct session s;

		if (i % 4) {
			ASSERT_TRUE(open_soon(&s));
			/* Leaves in the middle of a request, or before its answer. */
			if (i % 2)
				session_send_bytes(&s, "\0\0\0\x9", 3, &d);
			else
				session_request(&s, DRVIO_STATUS, "virtio-none", i, &d, NULL);
		} else {
			session_open(&s, "vsock:1", &d);
		}
		session_close(&s);
	}
	for (int i = 0; i < 200; i++) {
		links = count_links();
		if (!links)
			break;
		usleep(20000);
	}
	EXPECT_EQ(0, links);
}

#define TAKEN	4712

/* The module is of use without its vsock link. */
TEST_F_TIMEOUT(stream, a_port_that_is_taken, TIMEOUT)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = TAKEN,
	};
	char command[128];
	struct session s;
	int fd;

	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(fd, 1));
	snprintf(command, sizeof(command),
		 "modprobe -r drvio_virtio && modprobe drvio_virtio vsock_port=%d", TAKEN);
	ASSERT_EQ(0, system(command));
	snprintf(command, sizeof(command),
		 "dmesg | grep -q 'vsock: cannot listen on port %d.*vsock_port'", TAKEN);
	EXPECT_EQ(0, system(command));
	EXPECT_TRUE(ctl_open(&s));
	session_close(&s);
	close(fd);
	ASSERT_EQ(0, system("modprobe -r drvio_virtio && modprobe drvio_virtio vsock_peer_cid=1"));
	ASSERT_TRUE(open_soon(&s));
	EXPECT_TRUE(ask_nothing(&s));
	session_close(&s);
}

TEST_F_TIMEOUT(stream, module_leaves_under_a_connection, TIMEOUT)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	struct drvio_ds_msg msg;
	struct session s;

	ASSERT_TRUE(open_soon(&s));
	ASSERT_EQ(0, system("modprobe -r drvio_virtio"));
	EXPECT_NE(SESSION_OK, session_receive(&s, &msg, &d));
	EXPECT_LT(0, deadline_left_ms(&d));
	session_close(&s);
	ASSERT_EQ(0, system("modprobe drvio_virtio vsock_peer_cid=1"));
	ASSERT_TRUE(open_soon(&s));
	EXPECT_TRUE(ask_nothing(&s));
	session_close(&s);
}

TEST_HARNESS_MAIN
