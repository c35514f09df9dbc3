/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A control domain that sees every byte: Domain Services message by message, over
 * the device that $DRVIO_LINK names.  (ctl.h sees requests and answers.)
 */
#ifndef SELFTESTS_RAW_H
#define SELFTESTS_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"
#include "wire.h"

/**
 * struct raw - a stream of Domain Services messages
 * @fd: the device; -1 when closed
 * @buf: bytes that have arrived; a whole message once raw_receive() says so
 * @fill: how many
 * @handle: of dr-vio, once raw_register() has seen it
 */
struct raw {
	int fd;
	uint8_t buf[2 * DRVIO_DS_MSG_MAX];
	size_t fill;
	uint64_t handle;
};

bool raw_open(struct raw *r);
void raw_close(struct raw *r);

bool raw_send(struct raw *r, const void *bytes, size_t len);
bool raw_send_msg(struct raw *r, const struct drvio_ds_msg *msg);

/* Waits for the next message; @msg points into @r until the next call. */
bool raw_receive(struct raw *r, struct drvio_ds_msg *msg);
/* Waits for the next of a type; what comes before it is dropped. */
bool raw_receive_type(struct raw *r, uint32_t type, struct drvio_ds_msg *msg);

/*
 * Answers INIT_REQ and the REG_REQ of a service, refusing others.  Return: its
 * handle, or 0.
 */
uint64_t raw_register(struct raw *r, const char *svc_id);

/* Sends service data to dr-vio. */
bool raw_send_data(struct raw *r, uint64_t handle, const void *data, size_t len);

#endif /* SELFTESTS_RAW_H */
