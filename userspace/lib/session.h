/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control domain's end of a link: Domain Services as a client of "dr-vio",
 * and dr-vio requests.
 *
 * A guest may begin a new session at any time, when its relay or its module
 * was restarted; that is noticed in whatever message comes next.  The calls
 * that send and receive single messages are for tests: they let a program
 * break every rule.
 */
#ifndef DRVIO_SESSION_H
#define DRVIO_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deadline.h"
#include "wire.h"

/**
 * enum session_error - what can go wrong
 * @SESSION_OK: nothing
 * @SESSION_CONNECT: nobody is at the address
 * @SESSION_TIMEOUT: nothing came in time
 * @SESSION_ENDED: the other end closed the stream
 * @SESSION_RESTARTED: the guest began a new session: what was asked before has
 *	no answer, whether it was done is not known
 * @SESSION_GARBAGE: the guest said what it may not say
 * @SESSION_REFUSED: the guest does not speak this version
 * @SESSION_SYSTEM: a system call failed
 */
enum session_error {
	SESSION_OK,
	SESSION_CONNECT,
	SESSION_TIMEOUT,
	SESSION_ENDED,
	SESSION_RESTARTED,
	SESSION_GARBAGE,
	SESSION_REFUSED,
	SESSION_SYSTEM,
};

/**
 * struct session - the client's end of a link
 * @fd: the stream
 * @initialized: the guest's INIT_REQ or INIT_ACK came
 * @invited: its INIT_REQ did
 * @registered: the guest's registration of dr-vio was acknowledged
 * @handle: of that registration, valid while @registered
 * @minor: minor version of dr-vio that was agreed
 * @restarts: INIT_REQs that came while @registered
 * @asked: handle that the last request was sent with
 * @nacked: handle of the last NACK with result INV_HDL; 0: none came
 * @first_number: number of the first request of this session
 * @next_number: number of the next request
 * @stale: answers that came for requests before @first_number
 * @why: text of the last error, for people
 * @fill: bytes in @buf
 * @taken: bytes at the start of @buf that belong to the last message
 * @buf: what was received
 */
struct session {
	int fd;
	bool initialized;
	bool invited;
	bool registered;
	uint64_t handle;
	uint16_t minor;
	unsigned int restarts;
	uint64_t asked;
	uint64_t nacked;
	uint64_t first_number;
	uint64_t next_number;
	unsigned long stale;
	char why[256];
	size_t fill;
	size_t taken;
	uint8_t buf[2 * DRVIO_DS_MSG_MAX];
};

/**
 * struct session_answer - the answer to a request
 * @number: of the request
 * @result: enum drvio_result
 * @status: enum drvio_status
 * @reason: printable text with newlines; "" when there is none
 */
struct session_answer {
	uint64_t number;
	enum drvio_result result;
	enum drvio_status status;
	char reason[DRVIO_REASON_MAX];
};

/**
 * session_open() - connect to a guest
 * @s: what to fill in; session_close() it even after an error
 * @address: as stream_connect() takes it
 * @d: until when at the most
 *
 * Return: SESSION_OK, SESSION_CONNECT or SESSION_TIMEOUT.
 */
enum session_error session_open(struct session *s, const char *address,
				const struct deadline *d);

void session_close(struct session *s);

/**
 * session_establish() - wait until the guest has registered dr-vio
 * @s: the session
 * @d: until when at the most
 *
 * Begins the negotiation where the guest does not, and asks the guest to
 * register where it does not do so.  Returns at once while it is registered.
 *
 * Return: SESSION_OK or an error.
 */
enum session_error session_establish(struct session *s, const struct deadline *d);

/**
 * session_request() - send a request
 * @s: an established session
 * @verb: what to do
 * @name: type of the device
 * @dev_id: which device
 * @d: until when at the most
 * @number: where to put the number of the request; may be NULL
 *
 * Any number of requests may be sent before the answers are awaited.
 *
 * Return: SESSION_OK or an error.
 */
enum session_error session_request(struct session *s, enum drvio_verb verb,
				   const char *name, uint64_t dev_id,
				   const struct deadline *d, uint64_t *number);

/**
 * session_answer() - wait for the next answer
 * @s: an established session
 * @answer: what to fill in
 * @d: until when at the most
 *
 * Answers to requests of an earlier session on the same link are skipped.
 *
 * Return: SESSION_OK, or an error: SESSION_RESTARTED also when the guest
 * NACKed our handle, so that it never saw the request.
 */
enum session_error session_answer(struct session *s, struct session_answer *answer,
				  const struct deadline *d);

/**
 * session_call() - send a request and wait for its answer
 * @s: an established session
 * @verb: what to do
 * @name: type of the device
 * @dev_id: which device
 * @answer: what to fill in
 * @d: until when at the most
 *
 * Return: SESSION_OK, or an error: SESSION_GARBAGE when the answer is to a
 * request that was never made.
 */
enum session_error session_call(struct session *s, enum drvio_verb verb,
				const char *name, uint64_t dev_id,
				struct session_answer *answer,
				const struct deadline *d);

/* --- Single messages ------------------------------------------------------ */

/* Send any bytes. */
enum session_error session_send_bytes(struct session *s, const void *bytes,
				      size_t len, const struct deadline *d);

/* Encode and send a message. */
enum session_error session_send(struct session *s, const struct drvio_ds_msg *msg,
				const struct deadline *d);

/**
 * session_receive() - receive one message, and do nothing about it
 * @s: the session
 * @msg: what to fill in; valid until the next call
 * @d: until when at the most
 *
 * Return: SESSION_OK or an error.
 */
enum session_error session_receive(struct session *s, struct drvio_ds_msg *msg,
				   const struct deadline *d);

/**
 * session_handle() - do about a message what Domain Services ask
 * @s: the session
 * @msg: a message that was received
 * @d: until when an answer must be sent
 *
 * DATA for our handle is left to the caller.
 *
 * Return: SESSION_OK or an error.
 */
enum session_error session_handle(struct session *s, const struct drvio_ds_msg *msg,
				  const struct deadline *d);

#endif /* DRVIO_SESSION_H */
