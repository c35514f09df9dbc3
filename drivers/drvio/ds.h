/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Domain Services engine of one link: cuts the byte stream into messages,
 * negotiates the protocol, registers "dr-vio", and hands service data on.
 *
 * It knows neither transports nor locks nor requests: the caller serialises
 * the calls and does the rest in the callbacks.  Compiles in userspace too,
 * for the fuzzer and the unit tests.
 */
#ifndef _DRVIO_DS_H
#define _DRVIO_DS_H

#include "wire.h"

/**
 * enum drvio_ds_state - how far a session is
 * @DRVIO_DS_CLOSED: ended for good; the stream must be opened anew
 * @DRVIO_DS_INIT_SENT: INIT_REQ sent, no INIT_ACK yet
 * @DRVIO_DS_READY: protocol agreed, dr-vio not registered and not asking
 * @DRVIO_DS_REG_SENT: REG_REQ sent, no REG_ACK yet
 * @DRVIO_DS_REGISTERED: requests may come
 */
enum drvio_ds_state {
	DRVIO_DS_CLOSED,
	DRVIO_DS_INIT_SENT,
	DRVIO_DS_READY,
	DRVIO_DS_REG_SENT,
	DRVIO_DS_REGISTERED,
};

/**
 * struct drvio_ds_ops - what the engine asks of its owner
 * @send: queue one message of @len bytes for the peer
 * @data: service data of a DATA message with a valid handle
 * @registered: the peer acknowledged dr-vio; data can be sent
 * @restart: the peer began a new session; what the old one asked for is void
 */
struct drvio_ds_ops {
	void (*send)(void *ctx, const void *msg, size_t len);
	void (*data)(void *ctx, const void *data, size_t len);
	void (*registered)(void *ctx);
	void (*restart)(void *ctx);
};

/**
 * struct drvio_ds - one session
 * @ops: callbacks
 * @ctx: handed to them
 * @state: how far it is
 * @minor: minor version of dr-vio that the peer agreed, while registered
 * @met: since our INIT_REQ the peer has taken or refused dr-vio
 * @handle: of our registration; 0 when there is none
 * @salt: high half of the handles; counts on once @seq has come around
 * @seq: low half of the last handle, so that none is used twice
 * @errors: messages that were NACKed or out of place
 * @error: why the session was closed, NULL while it is not
 * @fill: bytes in @buf
 * @buf: the message that is arriving
 */
struct drvio_ds {
	const struct drvio_ds_ops *ops;
	void *ctx;
	enum drvio_ds_state state;
	u16 minor;
	bool met;
	u64 handle;
	u32 salt;
	u32 seq;
	unsigned long errors;
	const char *error;
	size_t fill;
	u8 buf[DRVIO_DS_MSG_MAX];
};

/**
 * drvio_ds_start() - begin a session: the stream is up
 * @ds: zeroed memory
 * @ops: callbacks; called from within the functions below only
 * @ctx: handed to them
 * @salt: anything; makes the handles of one session unlike those of another
 */
void drvio_ds_start(struct drvio_ds *ds, const struct drvio_ds_ops *ops,
		    void *ctx, u32 salt);

/**
 * drvio_ds_start_registered() - begin a session of which another has spoken all
 *	but the service data
 * @ds: zeroed memory
 * @ops: as for drvio_ds_start()
 * @ctx: handed to them
 * @minor: minor version of dr-vio that the peer agreed
 *
 * There is no drvio_ds_input(): service data comes from elsewhere.  What is sent
 * is DATA messages.
 */
void drvio_ds_start_registered(struct drvio_ds *ds, const struct drvio_ds_ops *ops,
			       void *ctx, u16 minor);

/**
 * drvio_ds_input() - take bytes from the peer
 * @ds: the session
 * @buf: the bytes
 * @len: how many, at least 1
 *
 * Takes at most up to the end of one message, so that the caller can look at
 * its own limits between two.
 *
 * Return: how many bytes were taken; 0 when the session is closed, @ds->error
 * says why.
 */
size_t drvio_ds_input(struct drvio_ds *ds, const void *buf, size_t len);

/**
 * drvio_ds_send_data() - send service data
 * @ds: the session
 * @data: the data
 * @len: its length in bytes, at most that of the longest response
 *
 * Return: false when dr-vio is not registered or @len is too long.
 */
bool drvio_ds_send_data(struct drvio_ds *ds, const void *data, size_t len);

#endif /* _DRVIO_DS_H */
