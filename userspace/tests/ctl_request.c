// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl configure, unconfigure and status: the same words and exit codes as
 * drvio-manager for each answer, and for none.
 */
#include "kselftest_harness.h"

#include "exit_code.h"
#include "rig.h"

#define DEV	"virtio-blk@0x0102000800000000"

FIXTURE(ctl)
{
	struct rig rig;
};

FIXTURE_SETUP(ctl)
{
}

FIXTURE_TEARDOWN(ctl)
{
}

static const struct {
	const char *command;
	const char *option;
	enum drvio_verb verb;
	enum drvio_result result;
	enum drvio_status status;
	const char *reason;
	const char *text;
	enum exit_code code;
} answers[] = {
	{ "configure", NULL, DRVIO_CONFIGURE, DRVIO_OK, DRVIO_CONFIGURED, "",
	  DEV ": ok, configured\n", EXIT_CODE_OK },
	{ "configure", NULL, DRVIO_CONFIGURE, DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT, "add it first",
	  DEV ": not-in-md, not-present\n    add it first\n", EXIT_CODE_NOT_PRESENT },
	{ "unconfigure", NULL, DRVIO_UNCONFIGURE, DRVIO_OK, DRVIO_UNCONFIGURED, "",
	  DEV ": ok, unconfigured\n", EXIT_CODE_OK },
	{ "unconfigure", NULL, DRVIO_UNCONFIGURE, DRVIO_BLOCKED, DRVIO_CONFIGURED,
	  "Resource  Information\n/mnt      in use by tail(7)\n",
	  DEV ": blocked, configured\n    Resource  Information\n    /mnt      in use by tail(7)\n",
	  EXIT_CODE_BLOCKED },
	{ "unconfigure", "--force", DRVIO_FORCE_UNCONFIG, DRVIO_FAILURE, DRVIO_CONFIGURED, "the root",
	  DEV ": failure, configured\n    the root\n", EXIT_CODE_FAILED },
	{ "status", NULL, DRVIO_STATUS, DRVIO_OK, DRVIO_NOT_PRESENT, "",
	  DEV ": ok, not-present\n", EXIT_CODE_NOT_PRESENT },
	/* Nobody may act upon this one. */
	{ "unconfigure", NULL, DRVIO_UNCONFIGURE, DRVIO_OK, DRVIO_CONFIGURED, "",
	  DEV ": ok, configured\n", EXIT_CODE_PROTOCOL },
};

TEST_F(ctl, each_answer_as_drvio_manager_has_it)
{
	static void (* const starts[])(struct rig *r, const char *arguments, ...) = {
		rig_start_ctl, rig_start,
	};
	struct rig *r = &self->rig;
	struct drvio_req req;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (size_t s = 0; s < 2; s++) {
			starts[s](r, answers[i].command, DEV, answers[i].option, NULL);
			guest_up(r);
			req = guest_request(r);
			EXPECT_EQ(answers[i].verb, req.verb);
			EXPECT_STREQ("virtio-blk", req.name);
			EXPECT_EQ(0x0102000800000000ULL, req.dev_id);
			guest_answer(r, answers[i].result, answers[i].status, answers[i].reason);
			EXPECT_EQ(answers[i].code, rig_end(r));
			EXPECT_STREQ(answers[i].text, r->text);
		}
	}
}

TEST_F(ctl, several_devices_in_one_session)
{
	struct rig *r = &self->rig;

	rig_start_ctl(r, "status", "a@1", "b@0x2", NULL);
	guest_up(r);
	EXPECT_STREQ("a", guest_request(r).name);
	guest_answer(r, DRVIO_OK, DRVIO_NOT_PRESENT, "");
	EXPECT_STREQ("b", guest_request(r).name);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_NOT_PRESENT, rig_end(r));
	EXPECT_STREQ("a@0x0000000000000001: ok, not-present\n"
		     "b@0x0000000000000002: ok, unconfigured\n", r->text);
}

TEST_F(ctl, no_answer_in_time)
{
	struct rig *r = &self->rig;

	rig_start_ctl(r, "--timeout", "0.5", "unconfigure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
	EXPECT_STREQ("", r->text);
	EXPECT_NE(NULL, strstr(r->errors, DEV ": no answer in time; it is not known"));
}

TEST_F(ctl, nobody_listens)
{
	struct rig *r = &self->rig;

	rig_start_ctl(r, "--timeout", "0.3", "status", DEV, NULL);
	EXPECT_EQ(EXIT_CODE_NOT_LISTENING, rig_end(r));
}

TEST_HARNESS_MAIN
