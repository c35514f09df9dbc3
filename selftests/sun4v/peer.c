// SPDX-License-Identifier: GPL-2.0
/*
 * The control domain's end of a Domain Services channel, message by message: what
 * the patched ds.c answers, and a CONFIGURE that has to wait for an md-update,
 * which comes over the same channel and is worked on by the same thread.
 */
#include "../kselftest_harness.h"
#include "attr.h"
#include "helper.h"
#include "raw.h"

#define STAGE	"/sys/module/sun4v_stage/parameters"

FIXTURE(peer)
{
	struct raw r;
	struct drvio_ds_msg msg;
};

FIXTURE_SETUP(peer)
{
	ASSERT_EQ(0, helper_register("selftest"));
	ASSERT_TRUE(raw_open(&self->r));
}

FIXTURE_TEARDOWN(peer)
{
	raw_close(&self->r);
}

/* "dr-vio" is where the specification has it, and the handle is no ping. */
TEST_F(peer, services_are_registered_by_their_names)
{
	uint64_t handle = raw_register(&self->r, "md-update");

	EXPECT_NE(0, handle);
	EXPECT_EQ(0, handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD));
	handle = raw_register(&self->r, DRVIO_SVC_ID);
	EXPECT_NE(0, handle);
	EXPECT_EQ(0, handle & (DRVIO_DS_HANDLE_PING | DRVIO_DS_HANDLE_RSVD));
}

TEST_F(peer, what_nobody_can_use_is_nacked)
{
	static const uint8_t unknown[] = { 0, 0, 0, 0x2a, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7 };

	ASSERT_NE(0, raw_register(&self->r, DRVIO_SVC_ID));
	ASSERT_TRUE(raw_send(&self->r, unknown, sizeof(unknown)));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_NACK, &self->msg));
	EXPECT_EQ(DRVIO_DS_TYPE_UNKNOWN, self->msg.result);
	EXPECT_EQ(7, self->msg.handle);

	/* The index of our service, and another registration of it. */
	ASSERT_TRUE(raw_send_data(&self->r, self->r.handle ^ 0x1000, "x", 1));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_NACK, &self->msg));
	EXPECT_EQ(DRVIO_DS_INV_HDL, self->msg.result);
	EXPECT_EQ(self->r.handle ^ 0x1000, self->msg.handle);

	/* A NACK is not taken for a request. */
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK, .handle = self->r.handle,
		.result = DRVIO_DS_TYPE_UNKNOWN }));
	/* One that does not know our handle makes us register anew. */
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK, .handle = self->r.handle,
		.result = DRVIO_DS_INV_HDL }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_REG_REQ, &self->msg));
	EXPECT_STREQ(DRVIO_SVC_ID, self->msg.svc_id);
	EXPECT_NE(self->r.handle, self->msg.handle);
}

TEST_F(peer, pings_offers_and_ends_are_answered)
{
	uint64_t old;

	ASSERT_NE(0, raw_register(&self->r, DRVIO_SVC_ID));
	old = self->r.handle;

	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = 5, .major = 1, .svc_id = "coffee" }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_REG_NACK, &self->msg));
	EXPECT_EQ(DRVIO_DS_REG_VER_NACK, self->msg.result);
	EXPECT_EQ(0, self->msg.major);

	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = old }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_UNREG_ACK, &self->msg));
	EXPECT_EQ(old, self->msg.handle);
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_UNREG_REQ, .handle = old }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_UNREG_NACK, &self->msg));

	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ, .handle = DRVIO_DS_HANDLE_PING | 1, .major = 1,
		.svc_id = DRVIO_SVC_ID }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_REG_REQ, &self->msg));
	EXPECT_STREQ(DRVIO_SVC_ID, self->msg.svc_id);
	EXPECT_NE(old, self->msg.handle);
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_ACK, .handle = self->msg.handle, .minor = 1 }));

	/* A peer that has forgotten everything. */
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_REQ, .major = 1 }));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_INIT_ACK, &self->msg));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_INIT_REQ, &self->msg));
	ASSERT_TRUE(raw_send_msg(&self->r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_ACK }));
	EXPECT_NE(0, raw_register(&self->r, DRVIO_SVC_ID));
}

/* The thread that does the md-update is the one that dr-vio's requests come from. */
TEST_F(peer, configure_waits_for_the_md_update)
{
	static const uint8_t update[8] = { 0, 0, 0, 0, 0, 0, 0, 9 };
	static const struct dr_device net = {
		.node = "network@0x0000000000000021", .name = "network", .dev_id = 0x21,
	};
	uint8_t request[64];
	struct drvio_resp resp;
	uint64_t md;
	size_t len;

	md = raw_register(&self->r, "md-update");
	ASSERT_NE(0, md);
	ASSERT_NE(0, raw_register(&self->r, DRVIO_SVC_ID));
	ASSERT_EQ(0, attr_write("add vnet-port 33 0 network", STAGE "/staged"));
	ASSERT_EQ(0, attr_write("add vnet-port 33 1 network", STAGE "/staged"));

	len = drvio_req_encode(request, sizeof(request), &(struct drvio_req) {
		.number = 77, .dev_id = net.dev_id, .verb = DRVIO_CONFIGURE, .name = "network" });
	ASSERT_TRUE(raw_send_data(&self->r, self->r.handle, request, len));
	ASSERT_TRUE(raw_send_data(&self->r, md, update, sizeof(update)));
	/* The update is answered while the CONFIGURE still waits for userspace. */
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_DATA, &self->msg));
	EXPECT_EQ(md, self->msg.handle);
	EXPECT_EQ(0, memcmp(self->msg.data, update, sizeof(update)));

	ASSERT_EQ(0, helper_ack(&net, "ok", ""));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_DATA, &self->msg));
	EXPECT_EQ(self->r.handle, self->msg.handle);
	ASSERT_TRUE(drvio_resp_decode(&resp, self->msg.data, self->msg.data_len));
	EXPECT_EQ(77, resp.number);
	EXPECT_EQ(DRVIO_OK, resp.result);
	EXPECT_EQ(DRVIO_CONFIGURED, resp.status);

	/* And away again, by an update without a request. */
	ASSERT_EQ(0, attr_write("remove vnet-port 33 1 network", STAGE "/staged"));
	ASSERT_EQ(0, attr_write("remove vnet-port 33 0 network", STAGE "/staged"));
	ASSERT_TRUE(raw_send_data(&self->r, md, update, sizeof(update)));
	ASSERT_TRUE(raw_receive_type(&self->r, DRVIO_DS_DATA, &self->msg));
	EXPECT_NE(0, access(CLASS_DIR "/network@0x0000000000000021", F_OK));
}

TEST_HARNESS_MAIN
