// SPDX-License-Identifier: GPL-2.0
/*
 * The codec of Domain Services and dr-vio messages.
 *
 * Everything that comes in is read through memcpy or the unaligned accessors:
 * a peer may put a message at any address.
 */
#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#else
#include <endian.h>
#include <string.h>
#define be16_to_cpu(x)	be16toh(x)
#define be32_to_cpu(x)	be32toh(x)
#define be64_to_cpu(x)	be64toh(x)
#define cpu_to_be16(x)	htobe16(x)
#define cpu_to_be32(x)	htobe32(x)
#define cpu_to_be64(x)	htobe64(x)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#include "wire.h"

/* Least payload of each type that we know; the trailing padding may be missing. */
static const size_t ds_min_payload[] = {
	[DRVIO_DS_INIT_REQ] = sizeof(struct drvio_ds_init_req),
	[DRVIO_DS_INIT_ACK] = sizeof(struct drvio_ds_init_ack),
	[DRVIO_DS_INIT_NACK] = sizeof(struct drvio_ds_init_nack),
	[DRVIO_DS_REG_REQ] = sizeof(struct drvio_ds_reg_req) + 1,
	[DRVIO_DS_REG_ACK] = offsetof(struct drvio_ds_reg_ack, pad),
	[DRVIO_DS_REG_NACK] = offsetof(struct drvio_ds_reg_nack, pad),
	[DRVIO_DS_UNREG_REQ] = sizeof(struct drvio_ds_handle),
	[DRVIO_DS_UNREG_ACK] = sizeof(struct drvio_ds_handle),
	[DRVIO_DS_UNREG_NACK] = sizeof(struct drvio_ds_handle),
	[DRVIO_DS_DATA] = sizeof(struct drvio_ds_handle),
	[DRVIO_DS_NACK] = sizeof(struct drvio_ds_nack),
};

size_t drvio_ds_msg_len(const void *hdr)
{
	struct drvio_ds_hdr h;
	u32 len;

	memcpy(&h, hdr, sizeof(h));
	len = be32_to_cpu(h.len);
	if (len > DRVIO_DS_MSG_MAX - sizeof(h))
		return 0;
	return sizeof(h) + len;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_msg_len);

bool drvio_ds_decode(struct drvio_ds_msg *msg, const void *buf, size_t len)
{
	const u8 *payload = (const u8 *)buf + sizeof(struct drvio_ds_hdr);
	union {
		struct drvio_ds_hdr hdr;
		struct drvio_ds_init_req init_req;
		struct drvio_ds_init_ack init_ack;
		struct drvio_ds_init_nack init_nack;
		struct drvio_ds_reg_ack reg_ack;
		struct drvio_ds_reg_nack reg_nack;
		struct drvio_ds_nack nack;
		struct drvio_ds_handle handle;
		u8 bytes[sizeof(struct drvio_ds_reg_nack)];
	} u;
	size_t max;

	memset(msg, 0, sizeof(*msg));
	if (len < sizeof(struct drvio_ds_hdr))
		return false;
	memcpy(&u.hdr, buf, sizeof(u.hdr));
	msg->type = be32_to_cpu(u.hdr.type);
	len -= sizeof(struct drvio_ds_hdr);

	if (msg->type < ARRAY_SIZE(ds_min_payload) &&
	    len < ds_min_payload[msg->type])
		return false;

	memset(&u, 0, sizeof(u));
	memcpy(&u, payload, len < sizeof(u) ? len : sizeof(u));

	switch (msg->type) {
	case DRVIO_DS_INIT_REQ:
		msg->major = be16_to_cpu(u.init_req.major);
		msg->minor = be16_to_cpu(u.init_req.minor);
		return true;
	case DRVIO_DS_INIT_ACK:
		msg->minor = be16_to_cpu(u.init_ack.minor);
		return true;
	case DRVIO_DS_INIT_NACK:
		msg->major = be16_to_cpu(u.init_nack.major);
		return true;
	case DRVIO_DS_REG_REQ: {
		struct drvio_ds_reg_req reg;

		memcpy(&reg, payload, sizeof(reg));
		msg->handle = be64_to_cpu(reg.handle);
		msg->major = be16_to_cpu(reg.major);
		msg->minor = be16_to_cpu(reg.minor);
		msg->svc_id = (const char *)payload + sizeof(reg);
		max = len - sizeof(reg);
		if (max > DRVIO_DS_SVC_ID_MAX)
			max = DRVIO_DS_SVC_ID_MAX;
		return strnlen(msg->svc_id, max) < max;
	}
	case DRVIO_DS_REG_ACK:
		msg->handle = be64_to_cpu(u.reg_ack.handle);
		msg->minor = be16_to_cpu(u.reg_ack.minor);
		return true;
	case DRVIO_DS_REG_NACK:
		msg->handle = be64_to_cpu(u.reg_nack.handle);
		msg->result = be64_to_cpu(u.reg_nack.result);
		msg->major = be16_to_cpu(u.reg_nack.major);
		return true;
	case DRVIO_DS_NACK:
		msg->handle = be64_to_cpu(u.nack.handle);
		msg->result = be64_to_cpu(u.nack.result);
		return true;
	case DRVIO_DS_DATA:
		msg->data = payload + sizeof(struct drvio_ds_handle);
		msg->data_len = len - sizeof(struct drvio_ds_handle);
		msg->handle = be64_to_cpu(u.handle.handle);
		return true;
	default:
		/* An unknown type is NACKed with the handle, if it has one. */
		if (len >= sizeof(struct drvio_ds_handle))
			msg->handle = be64_to_cpu(u.handle.handle);
		return true;
	}
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_decode);

size_t drvio_ds_encode(void *buf, size_t size, const struct drvio_ds_msg *msg)
{
	u8 *payload = (u8 *)buf + sizeof(struct drvio_ds_hdr);
	struct drvio_ds_hdr hdr;
	union {
		struct drvio_ds_init_req init_req;
		struct drvio_ds_init_ack init_ack;
		struct drvio_ds_init_nack init_nack;
		struct drvio_ds_reg_req reg_req;
		struct drvio_ds_reg_ack reg_ack;
		struct drvio_ds_reg_nack reg_nack;
		struct drvio_ds_nack nack;
		struct drvio_ds_handle handle;
	} u;
	size_t tail_len = 0;
	const void *tail = "";
	size_t fixed;

	memset(&u, 0, sizeof(u));
	switch (msg->type) {
	case DRVIO_DS_INIT_REQ:
		u.init_req.major = cpu_to_be16(msg->major);
		u.init_req.minor = cpu_to_be16(msg->minor);
		fixed = sizeof(u.init_req);
		break;
	case DRVIO_DS_INIT_ACK:
		u.init_ack.minor = cpu_to_be16(msg->minor);
		fixed = sizeof(u.init_ack);
		break;
	case DRVIO_DS_INIT_NACK:
		u.init_nack.major = cpu_to_be16(msg->major);
		fixed = sizeof(u.init_nack);
		break;
	case DRVIO_DS_REG_REQ:
		u.reg_req.handle = cpu_to_be64(msg->handle);
		u.reg_req.major = cpu_to_be16(msg->major);
		u.reg_req.minor = cpu_to_be16(msg->minor);
		fixed = sizeof(u.reg_req);
		tail = msg->svc_id;
		tail_len = strlen(msg->svc_id) + 1;
		break;
	case DRVIO_DS_REG_ACK:
		u.reg_ack.handle = cpu_to_be64(msg->handle);
		u.reg_ack.minor = cpu_to_be16(msg->minor);
		fixed = sizeof(u.reg_ack);
		break;
	case DRVIO_DS_REG_NACK:
		u.reg_nack.handle = cpu_to_be64(msg->handle);
		u.reg_nack.result = cpu_to_be64(msg->result);
		u.reg_nack.major = cpu_to_be16(msg->major);
		fixed = sizeof(u.reg_nack);
		break;
	case DRVIO_DS_UNREG_REQ:
	case DRVIO_DS_UNREG_ACK:
	case DRVIO_DS_UNREG_NACK:
		u.handle.handle = cpu_to_be64(msg->handle);
		fixed = sizeof(u.handle);
		break;
	case DRVIO_DS_DATA:
		u.handle.handle = cpu_to_be64(msg->handle);
		fixed = sizeof(u.handle);
		tail = msg->data;
		tail_len = msg->data_len;
		break;
	case DRVIO_DS_NACK:
		u.nack.handle = cpu_to_be64(msg->handle);
		u.nack.result = cpu_to_be64(msg->result);
		fixed = sizeof(u.nack);
		break;
	default:
		return 0;
	}

	if (size > DRVIO_DS_MSG_MAX)
		size = DRVIO_DS_MSG_MAX;
	if (size < sizeof(hdr) + fixed || tail_len > size - sizeof(hdr) - fixed)
		return 0;
	hdr.type = cpu_to_be32(msg->type);
	hdr.len = cpu_to_be32((u32)(fixed + tail_len));
	memcpy(buf, &hdr, sizeof(hdr));
	memcpy(payload, &u, fixed);
	if (tail_len)
		memcpy(payload + fixed, tail, tail_len);
	return sizeof(hdr) + fixed + tail_len;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_encode);

const char *drvio_req_decode(struct drvio_req *req, const void *data, size_t len)
{
	struct drvio_msg_req m;
	size_t max, n;

	memset(req, 0, sizeof(*req));
	memset(&m, 0, sizeof(m));
	memcpy(&m, data, len < sizeof(m) ? len : sizeof(m));
	if (len >= sizeof(m.req_num))
		req->number = be64_to_cpu(m.req_num);
	if (len < DRVIO_REQ_MIN)
		return "the request is cut short";

	req->dev_id = be64_to_cpu(m.dev_id);
	req->verb = be32_to_cpu(m.msg_type);

	max = len - sizeof(m);
	if (max > DRVIO_NAME_MAX)
		max = DRVIO_NAME_MAX;
	n = strnlen((const char *)data + sizeof(m), max);
	if (n == max)
		return max == DRVIO_NAME_MAX ?
			"the device name of the request is too long" :
			"the device name of the request is not NUL-terminated";
	memcpy(req->name, (const char *)data + sizeof(m), n);

	if (!drvio_verb_name(req->verb))
		return "the request is of an unknown type";
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_req_decode);

size_t drvio_req_encode(void *buf, size_t size, const struct drvio_req *req)
{
	size_t n = strnlen(req->name, sizeof(req->name) - 1);
	struct drvio_msg_req m;

	if (size < sizeof(m) + n + 1)
		return 0;
	m.req_num = cpu_to_be64(req->number);
	m.dev_id = cpu_to_be64(req->dev_id);
	m.msg_type = cpu_to_be32(req->verb);
	memcpy(buf, &m, sizeof(m));
	memcpy((char *)buf + sizeof(m), req->name, n);
	((char *)buf)[sizeof(m) + n] = '\0';
	return sizeof(m) + n + 1;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_req_encode);

bool drvio_resp_decode(struct drvio_resp *resp, const void *data, size_t len)
{
	struct drvio_msg_resp m;
	size_t max;

	if (len < sizeof(m) + 1)
		return false;
	memcpy(&m, data, sizeof(m));
	resp->number = be64_to_cpu(m.req_num);
	resp->result = be32_to_cpu(m.result);
	resp->status = be32_to_cpu(m.status);
	resp->reason = (const char *)data + sizeof(m);
	max = len - sizeof(m);
	if (max > DRVIO_REASON_MAX)
		max = DRVIO_REASON_MAX;
	return strnlen(resp->reason, max) < max;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_resp_decode);

size_t drvio_resp_encode(void *buf, size_t size, const struct drvio_resp *resp)
{
	size_t n = strnlen(resp->reason, DRVIO_REASON_MAX - 1);
	struct drvio_msg_resp m;
	size_t len;

	len = sizeof(m) + n + 1;
	if (len < DRVIO_RESP_MIN)
		len = DRVIO_RESP_MIN;
	if (size < len)
		return 0;
	m.req_num = cpu_to_be64(resp->number);
	m.result = cpu_to_be32(resp->result);
	m.status = cpu_to_be32(resp->status);
	memset(buf, 0, len);
	memcpy(buf, &m, sizeof(m));
	memcpy((char *)buf + sizeof(m), resp->reason, n);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_resp_encode);

const char *drvio_verb_name(u32 verb)
{
	switch (verb) {
	case DRVIO_CONFIGURE:
		return DRVIO_VERB_CONFIGURE;
	case DRVIO_UNCONFIGURE:
		return DRVIO_VERB_UNCONFIGURE;
	case DRVIO_FORCE_UNCONFIG:
		return DRVIO_VERB_FORCE_UNCONFIG;
	case DRVIO_STATUS:
		return DRVIO_VERB_STATUS;
	default:
		return NULL;
	}
}

const char *drvio_result_name(u32 result)
{
	switch (result) {
	case DRVIO_OK:
		return DRVIO_RESULT_OK;
	case DRVIO_FAILURE:
		return DRVIO_RESULT_FAILURE;
	case DRVIO_BLOCKED:
		return DRVIO_RESULT_BLOCKED;
	case DRVIO_NOT_IN_MD:
		return DRVIO_RESULT_NOT_IN_MD;
	default:
		return NULL;
	}
}

const char *drvio_status_name(u32 status)
{
	switch (status) {
	case DRVIO_NOT_PRESENT:
		return DRVIO_STATUS_NOT_PRESENT;
	case DRVIO_UNCONFIGURED:
		return DRVIO_STATE_UNCONFIGURED;
	case DRVIO_CONFIGURED:
		return DRVIO_STATE_CONFIGURED;
	default:
		return NULL;
	}
}

static const char * const ds_type_names[] = {
	[DRVIO_DS_INIT_REQ] = "INIT_REQ",
	[DRVIO_DS_INIT_ACK] = "INIT_ACK",
	[DRVIO_DS_INIT_NACK] = "INIT_NACK",
	[DRVIO_DS_REG_REQ] = "REG_REQ",
	[DRVIO_DS_REG_ACK] = "REG_ACK",
	[DRVIO_DS_REG_NACK] = "REG_NACK",
	[DRVIO_DS_UNREG_REQ] = "UNREG_REQ",
	[DRVIO_DS_UNREG_ACK] = "UNREG_ACK",
	[DRVIO_DS_UNREG_NACK] = "UNREG_NACK",
	[DRVIO_DS_DATA] = "DATA",
	[DRVIO_DS_NACK] = "NACK",
};

const char *drvio_ds_type_name(u32 type)
{
	return type < ARRAY_SIZE(ds_type_names) ? ds_type_names[type] : NULL;
}
