// SPDX-License-Identifier: GPL-2.0
/*
 * The Domain Services engine: framing, negotiation, registration of dr-vio.
 */
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include "ds.h"

/* INIT, REG and NACK messages are all shorter than this. */
#define DS_CONTROL_MAX	64

/* The lower minor version of both ends wins. */
static u16 lower(u16 a, u16 b)
{
	return a < b ? a : b;
}

static void ds_send(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	u8 buf[DS_CONTROL_MAX];
	size_t len;

	len = drvio_ds_encode(buf, sizeof(buf), msg);
	if (len)
		ds->ops->send(ds->ctx, buf, len);
}

static void ds_close(struct drvio_ds *ds, const char *why)
{
	ds->state = DRVIO_DS_CLOSED;
	ds->handle = 0;
	ds->error = why;
}

static void ds_send_init_req(struct drvio_ds *ds)
{
	ds->state = DRVIO_DS_INIT_SENT;
	ds->handle = 0;
	ds->met = false;
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_REQ,
		.major = DRVIO_DS_MAJOR,
		.minor = DRVIO_DS_MINOR,
	});
}

/* A new handle each time: none may come back before the link was down. */
static u64 ds_new_handle(struct drvio_ds *ds)
{
	ds->seq = (ds->seq + 1) & (DRVIO_DS_HANDLE_RSVD - 1);
	if (!ds->seq) {
		ds->seq = 1;
		ds->salt++;
	}
	return (u64)ds->salt << 32 | ds->seq;
}

static void ds_send_reg_req(struct drvio_ds *ds)
{
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ,
		.handle = ds->handle,
		.major = DRVIO_MAJOR,
		.minor = DRVIO_MINOR,
		.svc_id = DRVIO_SVC_ID,
	});
}

static void ds_register(struct drvio_ds *ds)
{
	ds->handle = ds_new_handle(ds);
	ds->state = DRVIO_DS_REG_SENT;
	ds_send_reg_req(ds);
}

static void ds_nack(struct drvio_ds *ds, u64 handle, u64 result)
{
	ds->errors++;
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK,
		.handle = handle,
		.result = result,
	});
}

/*
 * Both ends may send an INIT_REQ when the stream comes up, so one that arrives
 * before the peer has answered our first REG_REQ changes nothing.  But it may also be
 * that of a new peer, which has not seen our REG_REQ and would wait for it for ever:
 * it is said again, as it was.  Who has seen it already acks it twice, or refuses the
 * second, and neither counts.
 *
 * Once dr-vio was taken or refused it is a new peer's, or one that lost its state:
 * begin anew.
 */
static void ds_init_req(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	if (msg->major != DRVIO_DS_MAJOR) {
		ds->errors++;
		ds_send(ds, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_INIT_NACK,
			.major = DRVIO_DS_MAJOR,
		});
		return;
	}
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_ACK,
		.minor = lower(msg->minor, DRVIO_DS_MINOR),
	});
	if (ds->met) {
		ds->ops->restart(ds->ctx);
		ds_send_init_req(ds);
	} else if (ds->state == DRVIO_DS_REG_SENT) {
		ds_send_reg_req(ds);
	}
}

static void ds_init_ack(struct drvio_ds *ds)
{
	if (ds->state == DRVIO_DS_INIT_SENT)
		ds_register(ds);
	else
		ds->errors++;
}

static void ds_init_nack(struct drvio_ds *ds)
{
	if (ds->state == DRVIO_DS_INIT_SENT)
		ds_close(ds, "the peer does not speak Domain Services 1.0");
	else
		ds->errors++;
}

static void ds_reg_req(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	if ((msg->handle & DRVIO_DS_HANDLE_PING) &&
	    !strcmp(msg->svc_id, DRVIO_SVC_ID)) {
		/* Before the protocol is agreed ds_init_ack() registers anyhow. */
		if (ds->state != DRVIO_DS_INIT_SENT)
			ds_register(ds);
		return;
	}
	/* We are nobody's client: there is no version that we know. */
	ds->errors++;
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_NACK,
		.handle = msg->handle,
		.result = DRVIO_DS_REG_VER_NACK,
		.major = 0,
	});
}

static void ds_reg_ack(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	if (ds->state != DRVIO_DS_REG_SENT || msg->handle != ds->handle) {
		ds->errors++;
		return;
	}
	ds->minor = lower(msg->minor, DRVIO_MINOR);
	ds->state = DRVIO_DS_REGISTERED;
	ds->met = true;
	ds->ops->registered(ds->ctx);
}

/* Our registration is over, and the peer knows. */
static void ds_unregistered(struct drvio_ds *ds)
{
	ds->handle = 0;
	ds->state = DRVIO_DS_READY;
	ds->met = true;
}

/* Not asked for again until the peer pings or begins anew. */
static void ds_reg_nack(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	ds->errors++;
	if (ds->state == DRVIO_DS_REG_SENT && msg->handle == ds->handle)
		ds_unregistered(ds);
}

static void ds_unreg_req(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	bool ours = ds->handle && msg->handle == ds->handle;

	if (ours)
		ds_unregistered(ds);
	else
		ds->errors++;
	ds_send(ds, &(struct drvio_ds_msg) {
		.type = ours ? DRVIO_DS_UNREG_ACK : DRVIO_DS_UNREG_NACK,
		.handle = msg->handle,
	});
}

static void ds_peer_nack(struct drvio_ds *ds, const struct drvio_ds_msg *msg)
{
	ds->errors++;
	if (msg->result == DRVIO_DS_INV_HDL && ds->handle &&
	    msg->handle == ds->handle)
		ds_register(ds);
}

static void ds_message(struct drvio_ds *ds, const void *buf, size_t len)
{
	struct drvio_ds_msg msg;

	if (!drvio_ds_decode(&msg, buf, len)) {
		ds_close(ds, "malformed message");
		return;
	}
	switch (msg.type) {
	case DRVIO_DS_INIT_REQ:
		ds_init_req(ds, &msg);
		break;
	case DRVIO_DS_INIT_ACK:
		ds_init_ack(ds);
		break;
	case DRVIO_DS_INIT_NACK:
		ds_init_nack(ds);
		break;
	case DRVIO_DS_REG_REQ:
		ds_reg_req(ds, &msg);
		break;
	case DRVIO_DS_REG_ACK:
		ds_reg_ack(ds, &msg);
		break;
	case DRVIO_DS_REG_NACK:
		ds_reg_nack(ds, &msg);
		break;
	case DRVIO_DS_UNREG_REQ:
		ds_unreg_req(ds, &msg);
		break;
	case DRVIO_DS_UNREG_ACK:
	case DRVIO_DS_UNREG_NACK:
		/* Answers to an UNREG_REQ, which we never send. */
		ds->errors++;
		break;
	case DRVIO_DS_DATA:
		if (ds->state == DRVIO_DS_REGISTERED && msg.handle == ds->handle)
			ds->ops->data(ds->ctx, msg.data, msg.data_len);
		else
			ds_nack(ds, msg.handle, DRVIO_DS_INV_HDL);
		break;
	case DRVIO_DS_NACK:
		ds_peer_nack(ds, &msg);
		break;
	default:
		ds_nack(ds, msg.handle, DRVIO_DS_TYPE_UNKNOWN);
		break;
	}
}

/* Fills the buffer up to @want bytes.  Return: bytes taken. */
static size_t ds_fill(struct drvio_ds *ds, size_t want, const u8 *buf, size_t len)
{
	size_t n;

	if (ds->fill >= want)
		return 0;
	n = want - ds->fill;
	if (n > len)
		n = len;
	memcpy(ds->buf + ds->fill, buf, n);
	ds->fill += n;
	return n;
}

size_t drvio_ds_input(struct drvio_ds *ds, const void *buf, size_t len)
{
	size_t taken, want;

	if (ds->state == DRVIO_DS_CLOSED)
		return 0;

	taken = ds_fill(ds, DRVIO_DS_HDR_LEN, buf, len);
	if (ds->fill < DRVIO_DS_HDR_LEN)
		return taken;

	want = drvio_ds_msg_len(ds->buf);
	if (!want) {
		ds_close(ds, "message longer than 4096 bytes, or in the wrong byte order");
		return 0;
	}
	taken += ds_fill(ds, want, (const u8 *)buf + taken, len - taken);
	if (ds->fill < want)
		return taken;

	ds->fill = 0;
	ds_message(ds, ds->buf, want);
	return ds->state == DRVIO_DS_CLOSED ? 0 : taken;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_input);

bool drvio_ds_send_data(struct drvio_ds *ds, const void *data, size_t len)
{
	u8 buf[DRVIO_RESP_WIRE_MAX];
	size_t n;

	if (ds->state != DRVIO_DS_REGISTERED)
		return false;
	n = drvio_ds_encode(buf, sizeof(buf), &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA,
		.handle = ds->handle,
		.data = data,
		.data_len = len,
	});
	if (!n)
		return false;
	ds->ops->send(ds->ctx, buf, n);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_send_data);

void drvio_ds_start(struct drvio_ds *ds, const struct drvio_ds_ops *ops,
		    void *ctx, u32 salt)
{
	ds->ops = ops;
	ds->ctx = ctx;
	ds->salt = salt;
	ds_send_init_req(ds);
}
EXPORT_SYMBOL_IF_KUNIT(drvio_ds_start);

void drvio_ds_start_registered(struct drvio_ds *ds, const struct drvio_ds_ops *ops,
			       void *ctx, u16 minor)
{
	ds->ops = ops;
	ds->ctx = ctx;
	ds->handle = ds_new_handle(ds);
	ds->minor = lower(minor, DRVIO_MINOR);
	ds->state = DRVIO_DS_REGISTERED;
	ds->ops->registered(ds->ctx);
}
