// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that die, sleep or are missing, devices that go away in the middle of
 * a request, and acks from those who may not or cannot.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "stage.h"

FIXTURE(helper)
{
	struct session s;
	struct session_answer a;
	struct target disk;
	struct deadline d;
};

FIXTURE_SETUP(helper)
{
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
	self->d = stage_soon();
}

FIXTURE_TEARDOWN(helper)
{
	session_close(&self->s);
	EXPECT_TRUE(restore(&self->disk));
	EXPECT_TRUE(guest_is_well(&self->disk));
}

static bool begin(struct session *s, enum drvio_verb verb, const struct target *t)
{
	struct deadline d = stage_soon();

	return !session_request(s, verb, t->name, t->dev_id, &d, NULL);
}

/*
 * A helper that is stopped in its work and killed: the request fails when its
 * time is up, nothing is unbound, and the next one works.
 */
TEST_F_TIMEOUT(helper, killed_in_the_middle, CASE_S)
{
	ASSERT_EQ(0, guest("echo 3000 > /sys/class/drvio/service/ack_timeout_ms"));
	/* A stand-in that starts as the real one does, and never gets anywhere. */
	ASSERT_EQ(0, guest("printf '#!/bin/sh\\necho $$ > /run/e2e.helper\\nexec sleep 1000\\n' > /run/e2e-helper && "
			   "chmod +x /run/e2e-helper && "
			   "mount --bind /run/e2e-helper /usr/lib/drvio/drvio-helper")) {
		TH_LOG("%s", stage_output);
	}
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->disk));
	EXPECT_TRUE(phase_is(&self->disk, "userspace"));
	EXPECT_EQ(0, guest("wait_for '[ -s /run/e2e.helper ]' && kill -9 $(cat /run/e2e.helper) && "
			   "umount /usr/lib/drvio/drvio-helper")) {
		TH_LOG("%s", stage_output);
	}
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_CONFIGURED);
	EXPECT_STRNE("", self->a.reason);
	EXPECT_EQ(0, guest("[ -b /dev/disk/by-id/virtio-e2e ]"));

	ASSERT_EQ(0, guest("echo 30000 > /sys/class/drvio/service/ack_timeout_ms"));
	ASSERT_TRUE(ask(&self->s, DRVIO_UNCONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
}

/* The real helper, killed while it works: as often as it can be caught. */
TEST_F_TIMEOUT(helper, real_one_killed, 2 * CASE_S)
{
	int i;

	ASSERT_EQ(0, guest("echo 2000 > /sys/class/drvio/service/ack_timeout_ms"));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, guest("(i=0; while [ $i -lt 300 ]; do "
				   "p=$(pidof drvio-helper) && kill -9 $p && break; i=$((i+1)); "
				   "done) > /dev/null 2>&1 &"));
		ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->disk));
		ASSERT_TRUE(hear(&self->s, &self->a));
		/* Killed in time, or not: never half of it. */
		if (self->a.result == DRVIO_OK) {
			EXPECT_EQ(DRVIO_UNCONFIGURED, self->a.status);
		} else {
			EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_CONFIGURED);
		}
		EXPECT_EQ(0, guest("sleep 1; [ \"$(cat /sys/class/drvio/%s/status)\" = %s ]",
				   self->disk.node, drvio_status_name(self->a.status)));
		ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
		ASSERT_EQ(DRVIO_CONFIGURED, self->a.status);
	}
}

/* Slow is not dead: "progress" buys time, silence does not. */
TEST_F_TIMEOUT(helper, slow, CASE_S)
{
	ASSERT_EQ(0, guest("echo 5000 > /sys/class/drvio/service/ack_timeout_ms"));
	ASSERT_TRUE(helper_off());
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->disk));
	EXPECT_TRUE(played_ack(&self->disk, "progress flushing"));
	EXPECT_EQ(0, guest("sleep 3"));
	EXPECT_TRUE(played_ack(&self->disk, "progress flushing on"));
	EXPECT_EQ(0, guest("sleep 3"));
	EXPECT_TRUE(played_ack(&self->disk, "ok"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);

	/* Nobody comes: the CONFIGURE is undone. */
	ASSERT_TRUE(ask(&self->s, DRVIO_CONFIGURE, &self->disk, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_UNCONFIGURED);
	EXPECT_STRNE("", self->a.reason);
}

/* --- The device goes away ------------------------------------------------- */

FIXTURE(pulled)
{
	struct session s;
	struct session_answer a;
	struct target spare;
};

FIXTURE_SETUP(pulled)
{
	char path[4096];

	snprintf(path, sizeof(path), "--file=%s", stage_path("spare"));
	ASSERT_EQ(0, manager("attach", "blk", "spare", path, NULL)) {
		TH_LOG("%s", stage_output);
	}
	ASSERT_TRUE(target_find(&self->spare, "spare"));
	ASSERT_TRUE(link_up(&self->s));
	ASSERT_TRUE(helper_off());
}

FIXTURE_TEARDOWN(pulled)
{
	session_close(&self->s);
	EXPECT_TRUE(helper_on());
	/* The device is gone; the backend that attach added is not. */
	EXPECT_EQ(0, manager("detach", "spare", NULL)) {
		TH_LOG("%s", stage_output);
	}
}

TEST_F_TIMEOUT(pulled, in_the_middle_of_unconfigure, CASE_S)
{
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->spare));
	ASSERT_TRUE(phase_is(&self->spare, "userspace"));
	ASSERT_TRUE(qmp("device_del", "id", "spare"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_NOT_PRESENT);
	EXPECT_STRNE("", self->a.reason);
	EXPECT_EQ(0, guest("[ ! -e /sys/class/drvio/%s ]", self->spare.node));
}

TEST_F_TIMEOUT(pulled, in_the_middle_of_configure, CASE_S)
{
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->spare));
	ASSERT_TRUE(played_ack(&self->spare, "ok"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	ASSERT_TRUE(begin(&self->s, DRVIO_CONFIGURE, &self->spare));
	ASSERT_TRUE(phase_is(&self->spare, "userspace"));
	ASSERT_TRUE(qmp("device_del", "id", "spare"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_FAILURE, DRVIO_NOT_PRESENT);
}

TEST_F_TIMEOUT(pulled, after_unconfigure, CASE_S)
{
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->spare));
	ASSERT_TRUE(played_ack(&self->spare, "ok"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);
	ASSERT_TRUE(qmp("device_del", "id", "spare"));
	EXPECT_EQ(0, guest("wait_for '[ ! -e /sys/class/drvio/%s ]'",
			   self->spare.node));
	ASSERT_TRUE(ask(&self->s, DRVIO_STATUS, &self->spare, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_NOT_PRESENT);
}

/* --- The ack --------------------------------------------------------------- */

FIXTURE(ack)
{
	struct session s;
	struct session_answer a;
	struct target disk;
};

FIXTURE_SETUP(ack)
{
	ASSERT_TRUE(target_find(&self->disk, "disk"));
	ASSERT_TRUE(restore(&self->disk));
	ASSERT_TRUE(link_up(&self->s));
	ASSERT_TRUE(helper_off());
	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->disk));
	ASSERT_TRUE(phase_is(&self->disk, "userspace"));
}

FIXTURE_TEARDOWN(ack)
{
	session_close(&self->s);
	EXPECT_TRUE(restore(&self->disk));
}

/* Each of these leaves the request pending; the last ack then ends it. */
#define STILL_PENDING()								\
	do {									\
		EXPECT_EQ(0, guest("[ $(cat /sys/class/drvio/%s/request/phase) = userspace ]", \
				   self->disk.node));				\
		EXPECT_TRUE(played_ack(&self->disk, "ok"));			\
		ASSERT_TRUE(hear(&self->s, &self->a));				\
		EXPECT_ANSWER(self->a, DRVIO_OK, DRVIO_UNCONFIGURED);		\
	} while (0)

TEST_F_TIMEOUT(ack, by_a_user_who_is_not_root, CASE_S)
{
	EXPECT_NE(0, guest("cd /sys/class/drvio/%s && c=$(cat request/cookie) && "
			   "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \"echo $c ok > ack\"",
			   self->disk.node));
	EXPECT_NE(NULL, strstr(stage_output, "ermission denied")) {
		TH_LOG("%s", stage_output);
	}
	STILL_PENDING();
}

TEST_F_TIMEOUT(ack, with_an_old_cookie, CASE_S)
{
	char old[64] = "";

	ASSERT_EQ(0, guest("cat /sys/class/drvio/%s/request/cookie", self->disk.node));
	snprintf(old, sizeof(old), "%.16s", stage_output);
	EXPECT_TRUE(played_ack(&self->disk, "blocked"));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_EQ(DRVIO_BLOCKED, self->a.result);
	/* Nothing is pending: ENOENT. */
	EXPECT_NE(0, guest("echo %s ok | dd of=/sys/class/drvio/%s/ack 2>&1", old, self->disk.node));
	EXPECT_NE(NULL, strstr(stage_output, "No such file"));

	ASSERT_TRUE(begin(&self->s, DRVIO_UNCONFIGURE, &self->disk));
	ASSERT_TRUE(phase_is(&self->disk, "userspace"));
	/* Something else is: ESTALE. */
	EXPECT_NE(0, guest("echo %s ok | dd of=/sys/class/drvio/%s/ack 2>&1", old, self->disk.node));
	EXPECT_NE(NULL, strstr(stage_output, "tale")) {
		TH_LOG("%s", stage_output);
	}
	STILL_PENDING();
}

TEST_F_TIMEOUT(ack, malformed, CASE_S)
{
	static const char * const lines[] = {
		"", "ok", "$c", "$c maybe", "$c okay", "zzzz ok", "$c ok\\001x", "-1 ok",
		"$c$c ok",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		EXPECT_NE(0, guest("cd /sys/class/drvio/%s; c=$(cat request/cookie); printf \"%s\\n\" > ack",
				   self->disk.node, lines[i])) {
			TH_LOG("taken: '%s'", lines[i]);
		}
	}
	STILL_PENDING();
}

/* sysfs hands on a page at a time: the first is an ack, the others are none. */
TEST_F_TIMEOUT(ack, with_100_kB_of_text, CASE_S)
{
	EXPECT_NE(0, guest("cd /sys/class/drvio/%s && c=$(cat request/cookie) && "
			   "{ printf '%%s blocked ' $c; head -c 102400 /dev/zero | tr '\\0' x; echo; } > /run/e2e.ack && "
			   "dd if=/run/e2e.ack of=ack bs=128k 2>&1",
	      self->disk.node));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_EQ(DRVIO_REASON_MAX - 1, strlen(self->a.reason));
	EXPECT_EQ(DRVIO_REASON_MAX - 1, strspn(self->a.reason, "x"));
}

TEST_F_TIMEOUT(ack, with_all_the_text_that_fits, CASE_S)
{
	EXPECT_EQ(0, guest("cd /sys/class/drvio/%s && c=$(cat request/cookie) && "
			   "t=$(head -c 2000 /dev/zero | tr '\\0' y) && echo \"$c blocked $t\" > ack",
			   self->disk.node));
	ASSERT_TRUE(hear(&self->s, &self->a));
	EXPECT_ANSWER(self->a, DRVIO_BLOCKED, DRVIO_CONFIGURED);
	EXPECT_EQ(DRVIO_REASON_MAX - 1, strlen(self->a.reason));
}

TEST_HARNESS_MAIN
