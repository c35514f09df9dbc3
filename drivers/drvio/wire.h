/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The codec of Domain Services and dr-vio messages: bytes to values and back,
 * with every length and string checked.  No state, no allocation, no locks.
 *
 * Compiles in userspace as well: the control domain's tools, the fuzzers and
 * the tests use this very file.
 */
#ifndef _DRVIO_WIRE_H
#define _DRVIO_WIRE_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <uapi/linux/drvio.h>
#include "compat.h"
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/drvio.h>
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __u8 u8;

/* Of the kernel alone. */
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

/**
 * struct drvio_ds_msg - a decoded DS message
 * @type: enum drvio_ds_type, or a value that it does not know
 * @handle: handle; 0 where the message has none
 * @result: enum drvio_ds_result of REG_NACK and NACK
 * @major: version of INIT_REQ, INIT_NACK, REG_REQ, REG_NACK
 * @minor: version of INIT_REQ, INIT_ACK, REG_REQ, REG_ACK
 * @svc_id: service id of REG_REQ, NUL-terminated, inside the message
 * @data: service data of DATA, inside the message
 * @data_len: its length in bytes
 */
struct drvio_ds_msg {
	u32 type;
	u64 handle;
	u64 result;
	u16 major;
	u16 minor;
	const char *svc_id;
	const void *data;
	size_t data_len;
};

/**
 * struct drvio_req - a decoded dr-vio request
 * @number: req_num, chosen by the control domain
 * @dev_id: which device
 * @verb: enum drvio_verb, or a value that it does not know
 * @name: type of the device, NUL-terminated
 */
struct drvio_req {
	u64 number;
	u64 dev_id;
	u32 verb;
	char name[DRVIO_NAME_MAX];
};

/**
 * struct drvio_resp - a dr-vio response
 * @number: req_num of the request
 * @result: enum drvio_result
 * @status: enum drvio_status
 * @reason: NUL-terminated; "" when there is none.  Decoded: inside the message
 */
struct drvio_resp {
	u64 number;
	u32 result;
	u32 status;
	const char *reason;
};

/* Longest encoded response: DS header, handle, fixed fields, reason. */
#define DRVIO_RESP_WIRE_MAX	(sizeof(struct drvio_ds_hdr) + \
				 sizeof(struct drvio_ds_handle) + \
				 sizeof(struct drvio_msg_resp) + \
				 DRVIO_REASON_MAX)

/**
 * drvio_ds_msg_len() - how long a message is, by its header
 * @hdr: DRVIO_DS_HDR_LEN bytes
 *
 * Return: bytes of the whole message, header included; 0 when it is longer
 * than DRVIO_DS_MSG_MAX, so no message.
 */
size_t drvio_ds_msg_len(const void *hdr);

/**
 * drvio_ds_decode() - decode one message
 * @msg: the result; points into @buf
 * @buf: the message, header included
 * @len: its length in bytes, as drvio_ds_msg_len() gave it
 *
 * Messages longer than their structure are accepted, so are REG_ACK and
 * REG_NACK without their trailing padding.
 *
 * Return: true; false when a known type is shorter than its structure or its
 * service id is not terminated or too long.  An unknown type decodes, with
 * @msg->handle set where 8 bytes of payload came.
 */
bool drvio_ds_decode(struct drvio_ds_msg *msg, const void *buf, size_t len);

/**
 * drvio_ds_encode() - encode one message
 * @buf: where to
 * @size: bytes there
 * @msg: what; for DRVIO_DS_DATA also data and data_len
 *
 * Return: length in bytes; 0 when it does not fit, or is no known type.
 */
size_t drvio_ds_encode(void *buf, size_t size, const struct drvio_ds_msg *msg);

/**
 * drvio_req_decode() - decode a request from service data
 * @req: the result; @req->number is set even on an error where 8 bytes came,
 *	else it is 0
 * @data: service data
 * @len: its length in bytes
 *
 * Return: NULL, or what is wrong with it, for the reason of the answer.
 */
const char *drvio_req_decode(struct drvio_req *req, const void *data, size_t len);

/* Encodes a request.  Return: its length in bytes, 0 when it does not fit. */
size_t drvio_req_encode(void *buf, size_t size, const struct drvio_req *req);

/**
 * drvio_resp_decode() - decode a response from service data
 * @resp: the result; points into @data
 * @data: service data
 * @len: its length in bytes
 *
 * Return: false when it is short or its reason is not terminated.
 */
bool drvio_resp_decode(struct drvio_resp *resp, const void *data, size_t len);

/**
 * drvio_resp_encode() - encode a response as service data
 * @buf: where to
 * @size: bytes there
 * @resp: what; the reason is cut at DRVIO_REASON_MAX - 1 bytes
 *
 * Return: length in bytes, padded to DRVIO_RESP_MIN; 0 when it does not fit.
 */
size_t drvio_resp_encode(void *buf, size_t size, const struct drvio_resp *resp);

/* Words for people and sysfs; NULL for a value that has none. */
const char *drvio_verb_name(u32 verb);
const char *drvio_result_name(u32 result);
const char *drvio_status_name(u32 status);
const char *drvio_ds_type_name(u32 type);

#define DRVIO_DS_HDR_LEN	sizeof(struct drvio_ds_hdr)

#endif /* _DRVIO_WIRE_H */
