// SPDX-License-Identifier: GPL-2.0
/*
 * A control domain that sees every byte.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "raw.h"
#include "stream.h"

bool raw_open(struct raw *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = open(getenv("DRVIO_LINK") ?: "/dev/drvio", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return r->fd >= 0;
}

void raw_close(struct raw *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

bool raw_send(struct raw *r, const void *bytes, size_t len)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	return stream_send(r->fd, bytes, len, &d) == 0;
}

bool raw_send_msg(struct raw *r, const struct drvio_ds_msg *msg)
{
	uint8_t buf[DRVIO_DS_MSG_MAX];
	size_t len = drvio_ds_encode(buf, sizeof(buf), msg);

	return len && raw_send(r, buf, len);
}

bool raw_send_data(struct raw *r, uint64_t handle, const void *data, size_t len)
{
	return raw_send_msg(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA, .handle = handle, .data = data, .data_len = len,
	});
}

bool raw_receive(struct raw *r, struct drvio_ds_msg *msg)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	static uint8_t whole[DRVIO_DS_MSG_MAX];
	size_t want = DRVIO_DS_HDR_LEN;
	ssize_t n;

	for (;;) {
		if (r->fill >= DRVIO_DS_HDR_LEN) {
			want = drvio_ds_msg_len(r->buf);
			if (!want)
				return false;
			if (r->fill >= want)
				break;
		}
		n = stream_receive(r->fd, r->buf + r->fill, sizeof(r->buf) - r->fill, &d);
		if (n <= 0)
			return false;
		r->fill += n;
	}
	memcpy(whole, r->buf, want);
	r->fill -= want;
	memmove(r->buf, r->buf + want, r->fill);
	return drvio_ds_decode(msg, whole, want);
}

bool raw_receive_type(struct raw *r, uint32_t type, struct drvio_ds_msg *msg)
{
	while (raw_receive(r, msg))
		if (msg->type == type)
			return true;
	return false;
}

uint64_t raw_register(struct raw *r, const char *svc_id)
{
	struct drvio_ds_msg msg;
	bool ours;

	while (raw_receive(r, &msg)) {
		switch (msg.type) {
		case DRVIO_DS_INIT_REQ:
			if (!raw_send_msg(r, &(struct drvio_ds_msg) {
					  .type = DRVIO_DS_INIT_ACK }))
				return 0;
			break;
		case DRVIO_DS_REG_REQ:
			ours = !strcmp(msg.svc_id, svc_id);
			if (!raw_send_msg(r, &(struct drvio_ds_msg) {
					  .type = ours ? DRVIO_DS_REG_ACK : DRVIO_DS_REG_NACK,
					  .handle = msg.handle,
					  .minor = ours ? msg.minor : 0,
					  .result = DRVIO_DS_REG_VER_NACK }))
				return 0;
			if (ours) {
				r->handle = msg.handle;
				return msg.handle;
			}
			break;
		}
	}
	return 0;
}
