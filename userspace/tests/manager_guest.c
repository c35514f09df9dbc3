// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager and a guest: what it makes of answers, and of everything that
 * is none.
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "exit_code.h"
#include "rig.h"

#define DEV	"virtio-net@0x0102009000000000"

FIXTURE(manager)
{
	struct rig rig;
};

FIXTURE_SETUP(manager)
{
}

FIXTURE_TEARDOWN(manager)
{
}

TEST_F(manager, status_is_shown)
{
	struct rig *r = &self->rig;
	struct drvio_req req;

	rig_start(r, "status", DEV, NULL);
	guest_up(r);
	req = guest_request(r);
	EXPECT_EQ(DRVIO_STATUS, req.verb);
	EXPECT_STREQ("virtio-net", req.name);
	EXPECT_EQ(0x0102009000000000ULL, req.dev_id);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
	EXPECT_STREQ(DEV ": ok, configured\n", r->text);
	EXPECT_STREQ("", r->errors);
}

TEST_F(manager, several_devices_in_one_session)
{
	struct rig *r = &self->rig;
	uint64_t first;

	rig_start(r, "status", "a@1", "b@0x2", NULL);
	guest_up(r);
	first = guest_request(r).number;
	guest_answer(r, DRVIO_OK, DRVIO_NOT_PRESENT, "");
	EXPECT_EQ(first + 1, guest_request(r).number);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	/* The first that is no success is the exit code. */
	EXPECT_EQ(EXIT_CODE_NOT_PRESENT, rig_end(r));
	EXPECT_STREQ("a@0x0000000000000001: ok, not-present\n"
		     "b@0x0000000000000002: ok, unconfigured\n", r->text);
}

TEST_F(manager, a_table_is_indented)
{
	struct rig *r = &self->rig;

	rig_start(r, "unconfigure", DEV, NULL);
	guest_up(r);
	EXPECT_EQ(DRVIO_UNCONFIGURE, guest_request(r).verb);
	guest_answer(r, DRVIO_BLOCKED, DRVIO_CONFIGURED,
		     "Resource  Information\n/mnt      in use by tail(7)\n");
	EXPECT_EQ(EXIT_CODE_BLOCKED, rig_end(r));
	EXPECT_STREQ(DEV ": blocked, configured\n"
		     "    Resource  Information\n"
		     "    /mnt      in use by tail(7)\n", r->text);
}

TEST_F(manager, json_has_a_format)
{
	struct json_object *top, *format, *devices, *reason, *code;
	struct rig *r = &self->rig;

	rig_start(r, "-j", "unconfigure", "--force", DEV, NULL);
	guest_up(r);
	EXPECT_EQ(DRVIO_FORCE_UNCONFIG, guest_request(r).verb);
	guest_answer(r, DRVIO_FAILURE, DRVIO_CONFIGURED, "line \"one\"\nline two");
	EXPECT_EQ(EXIT_CODE_FAILED, rig_end(r));

	top = json_tokener_parse(r->text);
	ASSERT_TRUE(json_object_object_get_ex(top, "format", &format));
	EXPECT_EQ(1, json_object_get_int(format));
	ASSERT_TRUE(json_object_object_get_ex(top, "exit_code", &code));
	EXPECT_EQ(EXIT_CODE_FAILED, json_object_get_int(code));
	ASSERT_TRUE(json_object_object_get_ex(top, "devices", &devices));
	ASSERT_EQ(1, json_object_array_length(devices));
	ASSERT_TRUE(json_object_object_get_ex(json_object_array_get_idx(devices, 0),
					      "reason", &reason));
	EXPECT_STREQ("line \"one\"\nline two", json_object_get_string(reason));
	json_object_put(top);
}

TEST_F(manager, a_terminal_is_safe_from_reasons)
{
	struct rig *r = &self->rig;

	rig_start(r, "configure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_answer(r, DRVIO_BLOCKED, DRVIO_UNCONFIGURED, "\033[2Jbad\r\xff");
	EXPECT_EQ(EXIT_CODE_BLOCKED, rig_end(r));
	EXPECT_STREQ(DEV ": blocked, unconfigured\n    ?[2Jbad??\n", r->text);
}

/* --- Results and exit codes ---------------------------------------------- */

FIXTURE(exit_code)
{
	struct rig rig;
};

FIXTURE_VARIANT(exit_code)
{
	const char *command;
	uint32_t result;
	uint32_t status;
	enum exit_code code;
};

#define CODE(name, command, result, status, code) \
	FIXTURE_VARIANT_ADD(exit_code, name) { command, result, status, code }

CODE(configured, "configure", DRVIO_OK, DRVIO_CONFIGURED, EXIT_CODE_OK);
CODE(configure_not_in_md, "configure", DRVIO_NOT_IN_MD, DRVIO_NOT_PRESENT,
     EXIT_CODE_NOT_PRESENT);
CODE(configure_failed, "configure", DRVIO_FAILURE, DRVIO_UNCONFIGURED, EXIT_CODE_FAILED);
CODE(configure_contradicts, "configure", DRVIO_OK, DRVIO_UNCONFIGURED, EXIT_CODE_PROTOCOL);
CODE(unconfigured, "unconfigure", DRVIO_OK, DRVIO_UNCONFIGURED, EXIT_CODE_OK);
CODE(unconfigure_absent, "unconfigure", DRVIO_OK, DRVIO_NOT_PRESENT, EXIT_CODE_OK);
CODE(unconfigure_contradicts, "unconfigure", DRVIO_OK, DRVIO_CONFIGURED, EXIT_CODE_PROTOCOL);
CODE(status_failed, "status", DRVIO_FAILURE, DRVIO_CONFIGURED, EXIT_CODE_FAILED);
CODE(unknown_result, "status", 4, DRVIO_CONFIGURED, EXIT_CODE_PROTOCOL);
CODE(unknown_status, "status", DRVIO_OK, 3, EXIT_CODE_PROTOCOL);

FIXTURE_SETUP(exit_code)
{
}

FIXTURE_TEARDOWN(exit_code)
{
}

TEST_F(exit_code, follows_the_answer)
{
	struct rig *r = &self->rig;

	rig_start(r, variant->command, DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_answer(r, variant->result, variant->status, "");
	EXPECT_EQ(variant->code, rig_end(r));
}

/* --- Negotiation --------------------------------------------------------- */

TEST_F(manager, begins_where_the_guest_is_silent)
{
	struct rig *r = &self->rig;
	struct drvio_ds_msg msg;

	rig_start(r, "status", DEV, NULL);
	guest_expect(r, DRVIO_DS_INIT_REQ);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_ACK });
	/* Ours may have gone to the client before: it is answered, too. */
	guest_expect(r, DRVIO_DS_INIT_ACK);
	msg = guest_expect(r, DRVIO_DS_REG_REQ);
	EXPECT_TRUE(msg.handle & DRVIO_DS_HANDLE_PING);
	EXPECT_STREQ("dr-vio", msg.svc_id);
	guest_register(r, RIG_HANDLE);
	guest_request(r);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(manager, refuses_other_services_and_versions)
{
	struct rig *r = &self->rig;
	struct drvio_ds_msg msg;

	rig_start(r, "status", DEV, NULL);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 2 });
	EXPECT_EQ(1, guest_expect(r, DRVIO_DS_INIT_NACK).major);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	guest_expect(r, DRVIO_DS_INIT_ACK);
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = 7, .major = 1, .svc_id = "md-update" });
	msg = guest_expect(r, DRVIO_DS_REG_NACK);
	EXPECT_EQ(7, msg.handle);
	EXPECT_EQ(DRVIO_DS_REG_VER_NACK, msg.result);
	EXPECT_EQ(0, msg.major);
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = 8, .major = 2, .svc_id = "dr-vio" });
	EXPECT_EQ(1, guest_expect(r, DRVIO_DS_REG_NACK).major);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_UNREG_REQ, .handle = 9 });
	EXPECT_EQ(9, guest_expect(r, DRVIO_DS_UNREG_NACK).handle);
	guest_register(r, RIG_HANDLE);
	guest_request(r);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(manager, asks_again_where_its_handle_is_not_known)
{
	struct rig *r = &self->rig;
	uint64_t first;

	rig_start(r, "status", DEV, NULL);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	guest_expect(r, DRVIO_DS_INIT_ACK);
	guest_register(r, 5);
	first = guest_request(r).number;
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK, .handle = 5, .result = DRVIO_DS_INV_HDL });
	guest_register(r, RIG_HANDLE);
	EXPECT_LT(first, guest_request(r).number);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

/* As it is when a ping crosses a registration. */
TEST_F(manager, asks_again_where_it_was_registered_anew_meanwhile)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", DEV, NULL);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	guest_expect(r, DRVIO_DS_INIT_ACK);
	guest_register(r, 5);
	guest_request(r);
	guest_register(r, RIG_HANDLE);
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK, .handle = 5, .result = DRVIO_DS_INV_HDL });
	guest_request(r);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(manager, skips_answers_to_an_earlier_client)
{
	struct rig *r = &self->rig;
	uint64_t number;

	rig_start(r, "unconfigure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	number = r->number;
	r->number = 12;
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	r->number = number;
	guest_answer(r, DRVIO_BLOCKED, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_BLOCKED, rig_end(r));
}

/* --- Guests that do not answer ------------------------------------------- */

TEST_F(manager, guest_does_not_listen)
{
	struct rig *r = &self->rig;

	rig_start(r, "--timeout", "1.5", "status", DEV, NULL);
	guest_expect(r, DRVIO_DS_INIT_REQ);
	EXPECT_EQ(EXIT_CODE_NOT_LISTENING, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "drvio-relay"));
	EXPECT_STREQ("", r->text);
}

TEST_F(manager, guest_does_not_offer_the_service)
{
	struct rig *r = &self->rig;

	rig_start(r, "--timeout", "1.5", "status", DEV, NULL);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	guest_expect(r, DRVIO_DS_INIT_ACK);
	guest_expect(r, DRVIO_DS_REG_REQ);
	EXPECT_EQ(EXIT_CODE_NOT_LISTENING, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "does not offer"));
}

TEST_F(manager, guest_speaks_another_version)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", DEV, NULL);
	guest_expect(r, DRVIO_DS_INIT_REQ);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_NACK, .major = 2 });
	EXPECT_EQ(EXIT_CODE_NOT_LISTENING, rig_end(r));
}

TEST_F(manager, no_answer_in_time)
{
	struct rig *r = &self->rig;

	rig_start(r, "--timeout", "1.5", "configure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "status"));
}

TEST_F(manager, link_closed_before_the_answer)
{
	struct rig *r = &self->rig;

	rig_start(r, "configure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	close(r->guest);
	r->guest = -1;
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
}

TEST_F(manager, guest_begins_anew_before_the_answer)
{
	struct rig *r = &self->rig;

	rig_start(r, "configure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "new session"));
}

TEST_F(manager, guest_withdraws_the_service)
{
	struct rig *r = &self->rig;

	rig_start(r, "configure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = RIG_HANDLE });
	guest_expect(r, DRVIO_DS_UNREG_ACK);
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
}

/* --- Guests that lie ----------------------------------------------------- */

TEST_F(manager, answer_to_another_request)
{
	struct rig *r = &self->rig;

	rig_start(r, "unconfigure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	r->number++;
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_PROTOCOL, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "never made"));
}

TEST_F(manager, answer_with_a_wrong_handle)
{
	static const char data[24];
	struct rig *r = &self->rig;
	struct drvio_ds_msg msg;

	rig_start(r, "unconfigure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA, .handle = 99, .data = data, .data_len = sizeof(data) });
	msg = guest_expect(r, DRVIO_DS_NACK);
	EXPECT_EQ(99, msg.handle);
	EXPECT_EQ(DRVIO_DS_INV_HDL, msg.result);
	EXPECT_EQ(EXIT_CODE_PROTOCOL, rig_end(r));
}

FIXTURE(garbage)
{
	struct rig rig;
};

FIXTURE_VARIANT(garbage)
{
	const void *bytes;
	size_t len;
};

#define GARBAGE(name, literal) \
	FIXTURE_VARIANT_ADD(garbage, name) { literal, sizeof(literal) - 1 }
/* Header and handle of a DATA message with @payload bytes in all. */
#define DATA_HDR(payload)	"\0\0\0\x9\0\0\0" payload "\x12\x34\x56\x78\0\0\0\x1"

GARBAGE(text, "GET / HTTP/1.1\r\n\r\n");
GARBAGE(length_of_all_ones, "\0\0\0\x9\xff\xff\xff\xff");
GARBAGE(data_without_handle, "\0\0\0\x9\0\0\0\x4\0\0\0\0");
GARBAGE(empty_answer, DATA_HDR("\x8"));
GARBAGE(short_answer, DATA_HDR("\x10") "\0\0\0\0\0\0\0\1");
GARBAGE(reason_without_nul, DATA_HDR("\x20") "\0\0\0\0\0\0\0\1" "\0\0\0\0" "\0\0\0\1" "reason!!");
GARBAGE(registration_without_nul, "\0\0\0\x3\0\0\0\x10" "\0\0\0\0\0\0\0\1" "\0\1\0\1" "drvi");

FIXTURE_SETUP(garbage)
{
}

FIXTURE_TEARDOWN(garbage)
{
}

TEST_F(garbage, is_refused)
{
	struct rig *r = &self->rig;

	rig_start(r, "unconfigure", DEV, NULL);
	guest_up(r);
	guest_request(r);
	guest_send_bytes(r, variant->bytes, variant->len);
	EXPECT_EQ(EXIT_CODE_PROTOCOL, rig_end(r));
	EXPECT_STREQ("", r->text);
}

TEST_F(garbage, is_refused_in_the_negotiation)
{
	/* Data that is whole belongs to an earlier client: it is skipped. */
	bool data = variant->len >= sizeof(DATA_HDR("")) - 1 &&
		    !memcmp(variant->bytes, DATA_HDR(""), 4);
	struct rig *r = &self->rig;

	rig_start(r, "--timeout", "1.5", "status", DEV, NULL);
	guest_send_bytes(r, variant->bytes, variant->len);
	EXPECT_EQ(data ? EXIT_CODE_NOT_LISTENING : EXIT_CODE_PROTOCOL, rig_end(r));
}

/* --- The command line ---------------------------------------------------- */

FIXTURE(usage)
{
	struct rig rig;
};

FIXTURE_VARIANT(usage)
{
	const char *words[6];
	const char *names;
};

#define USAGE(name, names, ...) \
	FIXTURE_VARIANT_ADD(usage, name) { { __VA_ARGS__ }, names }

USAGE(no_such_command, "'frob'", "frob");
USAGE(no_device, "status", "status");
USAGE(two_devices, "configure", "configure", "a@1", "b@2");
USAGE(no_dev_id, "'x'", "status", "a@x");
USAGE(dev_id_too_long, "'0x10000000000000000'", "status", "a@0x10000000000000000");
USAGE(negative_dev_id, "'-1'", "status", "a@-1");
USAGE(no_type, "'@1'", "status", "@1");
USAGE(no_id, "'0disk'", "status", "0disk");
USAGE(no_timeout, "'soon'", "--timeout", "soon", "status", "a@1");
USAGE(negative_timeout, "'-1'", "--timeout", "-1", "status", "a@1");
USAGE(unknown_option, "--bad", "status", "--bad");
USAGE(attach_what, "'gpu'", "attach", "gpu", "x");
USAGE(attach_no_file, "--file", "attach", "blk", "x");
USAGE(attach_bad_mac, "'52:54'", "attach", "net", "x", "--mac=52:54");
USAGE(attach_bad_netdev, "'=x'", "attach", "net", "x", "--netdev=user,=x");
USAGE(attach_bad_serial, "'123456789012345678901'", "attach", "blk", "x", "--file=x",
      "--serial=123456789012345678901");
USAGE(detach_address, "'a@1'", "detach", "a@1");

FIXTURE_SETUP(usage)
{
}

FIXTURE_TEARDOWN(usage)
{
}

TEST_F(usage, error_names_what_is_wrong)
{
	const char * const *w = variant->words;
	struct rig *r = &self->rig;

	rig_start(r, w[0], w[1], w[2], w[3], w[4], w[5], NULL);
	EXPECT_EQ(EXIT_CODE_USAGE, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, variant->names)) {
		TH_LOG("stderr: %s", r->errors);
	}
}

TEST_HARNESS_MAIN
