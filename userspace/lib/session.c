// SPDX-License-Identifier: GPL-2.0
/*
 * The control domain's end of a link.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "session.h"
#include "stream.h"

enum {
	/*
	 * The guest speaks first when the link comes up; so long we listen.  A
	 * reconnection may be so quick that the guest does not notice: then an
	 * INIT_REQ of ours begins anew, and one too many does no harm.
	 */
	SPEAK_MS = 100,
	/* And so long for its registration. */
	LISTEN_MS = 300,
	/* After that we ask, and ask again. */
	ASK_AGAIN_MS = 1000,
};

/* Handle of our pings: any number with bit 31 set. */
#define PING_HANDLE	(DRVIO_DS_HANDLE_PING | 1)

static enum session_error fail(struct session *s, enum session_error error,
			       const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static enum session_error fail(struct session *s, enum session_error error,
			       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	return error;
}

/*
 * Numbers grow from one session to the next as well, so that an answer meant
 * for an earlier client of the same link is known by its number.
 */
static uint64_t first_number(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

enum session_error session_open(struct session *s, const char *address,
				const struct deadline *d)
{
	memset(s, 0, sizeof(*s));
	s->first_number = first_number();
	s->next_number = s->first_number;
	s->fd = stream_connect(address, d);
	if (s->fd >= 0)
		return SESSION_OK;
	return fail(s, errno == ETIMEDOUT ? SESSION_TIMEOUT : SESSION_CONNECT,
		    "cannot connect to %s: %s", address, strerror(errno));
}

void session_close(struct session *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->registered = false;
}

enum session_error session_send_bytes(struct session *s, const void *bytes,
				      size_t len, const struct deadline *d)
{
	if (!stream_send(s->fd, bytes, len, d))
		return SESSION_OK;
	if (errno == ETIMEDOUT)
		return fail(s, SESSION_TIMEOUT, "the guest does not read from the link");
	if (errno == EPIPE || errno == ECONNRESET)
		return fail(s, SESSION_ENDED, "the link was closed");
	return fail(s, SESSION_SYSTEM, "cannot write to the link: %s", strerror(errno));
}

enum session_error session_send(struct session *s, const struct drvio_ds_msg *msg,
				const struct deadline *d)
{
	uint8_t buf[DRVIO_DS_MSG_MAX];
	size_t len;

	len = drvio_ds_encode(buf, sizeof(buf), msg);
	if (!len)
		return fail(s, SESSION_SYSTEM, "a message of type %#x cannot be encoded",
			    msg->type);
	return session_send_bytes(s, buf, len, d);
}

/* The length of the message at the start of the buffer, 0 while that is open. */
static enum session_error message_len(struct session *s, size_t *len)
{
	*len = 0;
	if (s->fill < DRVIO_DS_HDR_LEN)
		return SESSION_OK;
	*len = drvio_ds_msg_len(s->buf);
	if (!*len)
		return fail(s, SESSION_GARBAGE,
			    "the guest sent a message of more than %d bytes", DRVIO_DS_MSG_MAX);
	return SESSION_OK;
}

enum session_error session_receive(struct session *s, struct drvio_ds_msg *msg,
				   const struct deadline *d)
{
	enum session_error error;
	size_t len;
	ssize_t n;

	memmove(s->buf, s->buf + s->taken, s->fill - s->taken);
	s->fill -= s->taken;
	s->taken = 0;

	for (;;) {
		error = message_len(s, &len);
		if (error)
			return error;
		if (len && s->fill >= len)
			break;
		n = stream_receive(s->fd, s->buf + s->fill, sizeof(s->buf) - s->fill, d);
		if (n > 0)
			s->fill += (size_t)n;
		else if (!n || errno == ECONNRESET)
			return fail(s, SESSION_ENDED, "the link was closed");
		else if (errno == ETIMEDOUT)
			return fail(s, SESSION_TIMEOUT, "nothing came from the guest in time");
		else
			return fail(s, SESSION_SYSTEM, "cannot read from the link: %s",
				    strerror(errno));
	}
	s->taken = len;
	if (!drvio_ds_decode(msg, s->buf, len))
		return fail(s, SESSION_GARBAGE, "the guest sent a malformed %s message",
			    drvio_ds_type_name(msg->type) ? : "Domain Services");
	return SESSION_OK;
}

static enum session_error handle_init_req(struct session *s, const struct drvio_ds_msg *msg,
					  const struct deadline *d)
{
	if (s->registered)
		s->restarts++;
	s->registered = false;
	s->initialized = msg->major == DRVIO_DS_MAJOR;
	s->invited = s->initialized;
	if (!s->initialized)
		return session_send(s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_INIT_NACK,
			.major = DRVIO_DS_MAJOR,
		}, d);
	return session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_INIT_ACK,
		.minor = DRVIO_DS_MINOR,	/* 0: none is lower */
	}, d);
}

static enum session_error handle_reg_req(struct session *s, const struct drvio_ds_msg *msg,
					 const struct deadline *d)
{
	bool ours = !strcmp(msg->svc_id, DRVIO_SVC_ID) &&
		    !(msg->handle & DRVIO_DS_HANDLE_PING);
	enum session_error error;

	if (!ours || msg->major != DRVIO_MAJOR || !msg->handle)
		return session_send(s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_REG_NACK,
			.handle = msg->handle,
			.result = DRVIO_DS_REG_VER_NACK,
			.major = ours ? DRVIO_MAJOR : 0,
		}, d);

	s->minor = msg->minor < DRVIO_MINOR ? msg->minor : DRVIO_MINOR;
	error = session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_ACK,
		.handle = msg->handle,
		.minor = s->minor,
	}, d);
	if (error)
		return error;
	s->handle = msg->handle;
	s->registered = true;
	return SESSION_OK;
}

static enum session_error handle_unreg_req(struct session *s, const struct drvio_ds_msg *msg,
					   const struct deadline *d)
{
	bool ours = s->registered && msg->handle == s->handle;

	if (ours)
		s->registered = false;
	return session_send(s, &(struct drvio_ds_msg) {
		.type = ours ? DRVIO_DS_UNREG_ACK : DRVIO_DS_UNREG_NACK,
		.handle = msg->handle,
	}, d);
}

static enum session_error send_nack(struct session *s, uint64_t handle, uint64_t result,
				    const struct deadline *d)
{
	return session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_NACK,
		.handle = handle,
		.result = result,
	}, d);
}

enum session_error session_handle(struct session *s, const struct drvio_ds_msg *msg,
				  const struct deadline *d)
{
	enum session_error error;

	switch (msg->type) {
	case DRVIO_DS_INIT_REQ:
		return handle_init_req(s, msg, d);
	case DRVIO_DS_INIT_ACK:
		s->initialized = true;
		return SESSION_OK;
	case DRVIO_DS_INIT_NACK:
		return fail(s, SESSION_REFUSED,
			    "the guest does not speak Domain Services 1.0; it offers %u",
			    msg->major);
	case DRVIO_DS_REG_REQ:
		return handle_reg_req(s, msg, d);
	case DRVIO_DS_REG_ACK:
	case DRVIO_DS_REG_NACK:
		/* A guest that cannot serve our ping says so; no more to do. */
		return SESSION_OK;
	case DRVIO_DS_UNREG_REQ:
		return handle_unreg_req(s, msg, d);
	case DRVIO_DS_UNREG_ACK:
	case DRVIO_DS_UNREG_NACK:
		return SESSION_OK;
	case DRVIO_DS_NACK:
		if (msg->result == DRVIO_DS_INV_HDL) {
			s->nacked = msg->handle;
			if (s->registered && msg->handle == s->handle)
				s->registered = false;
		}
		return SESSION_OK;
	case DRVIO_DS_DATA:
		if (s->registered && msg->handle == s->handle)
			return SESSION_OK;
		error = send_nack(s, msg->handle, DRVIO_DS_INV_HDL, d);
		return error ? : fail(s, SESSION_GARBAGE,
				      "the guest sent data with the unknown handle %#llx",
				      (unsigned long long)msg->handle);
	default:
		return send_nack(s, msg->handle, DRVIO_DS_TYPE_UNKNOWN, d);
	}
}

/* We heard nothing: ask for what is missing. */
static enum session_error ask(struct session *s, const struct deadline *d)
{
	enum session_error error;

	if (!s->initialized)
		return session_send(s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_INIT_REQ,
			.major = DRVIO_DS_MAJOR,
			.minor = DRVIO_DS_MINOR,
		}, d);
	/*
	 * A guest whose INIT_REQ went to the client before us still waits for
	 * the answer, and would not hear a ping.
	 */
	if (!s->invited) {
		error = session_send(s, &(struct drvio_ds_msg) {
			.type = DRVIO_DS_INIT_ACK,
		}, d);
		if (error)
			return error;
	}
	return session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ,
		.handle = PING_HANDLE,
		.major = DRVIO_MAJOR,
		.minor = DRVIO_MINOR,
		.svc_id = DRVIO_SVC_ID,
	}, d);
}

enum session_error session_establish(struct session *s, const struct deadline *d)
{
	struct deadline pause = deadline_sooner(d, SPEAK_MS);
	enum session_error error;
	struct drvio_ds_msg msg;
	bool initialized;

	while (!s->registered) {
		initialized = s->initialized;
		error = session_receive(s, &msg, &pause);
		if (!error) {
			/* Data here answers what an earlier client asked. */
			if (msg.type == DRVIO_DS_DATA)
				continue;
			error = session_handle(s, &msg, d);
			if (error)
				return error;
			if (initialized != s->initialized)
				pause = deadline_sooner(d, LISTEN_MS);
			continue;
		}
		if (error != SESSION_TIMEOUT)
			return error;
		if (!deadline_left_ms(d))
			return fail(s, SESSION_TIMEOUT, s->initialized ?
				    "the guest does not offer the service " DRVIO_SVC_ID :
				    "the guest does not listen");
		error = ask(s, d);
		if (error)
			return error;
		pause = deadline_sooner(d, ASK_AGAIN_MS);
	}
	return SESSION_OK;
}

enum session_error session_request(struct session *s, enum drvio_verb verb,
				   const char *name, uint64_t dev_id,
				   const struct deadline *d, uint64_t *number)
{
	uint8_t data[sizeof(struct drvio_msg_req) + DRVIO_NAME_MAX];
	struct drvio_req req = {
		.number = s->next_number,
		.dev_id = dev_id,
		.verb = verb,
	};
	size_t len;

	if (!s->registered)
		return fail(s, SESSION_RESTARTED, "the guest has not registered " DRVIO_SVC_ID);
	if (strlen(name) >= sizeof(req.name))
		return fail(s, SESSION_SYSTEM, "a device name has at most %zu characters",
			    sizeof(req.name) - 1);
	strcpy(req.name, name);
	len = drvio_req_encode(data, sizeof(data), &req);
	if (number)
		*number = req.number;
	s->next_number++;
	s->asked = s->handle;
	s->nacked = 0;
	return session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA,
		.handle = s->handle,
		.data = data,
		.data_len = len,
	}, d);
}

/* What the guest says goes to terminals: no control characters. */
static void copy_reason(char *to, const char *from)
{
	for (; *from; from++)
		*to++ = (*from >= ' ' && *from <= '~') || *from == '\n' ? *from : '?';
	*to = '\0';
}

static enum session_error decode_answer(struct session *s, const struct drvio_ds_msg *msg,
					struct session_answer *answer)
{
	struct drvio_resp resp;

	if (!drvio_resp_decode(&resp, msg->data, msg->data_len))
		return fail(s, SESSION_GARBAGE, "the guest sent a malformed answer of %zu bytes",
			    msg->data_len);
	if (!drvio_result_name(resp.result) || !drvio_status_name(resp.status))
		return fail(s, SESSION_GARBAGE,
			    "the guest answered with the unknown result %u or status %u",
			    resp.result, resp.status);
	answer->number = resp.number;
	answer->result = resp.result;
	answer->status = resp.status;
	copy_reason(answer->reason, resp.reason);
	return SESSION_OK;
}

enum session_error session_answer(struct session *s, struct session_answer *answer,
				  const struct deadline *d)
{
	unsigned int restarts = s->restarts;
	enum session_error error;
	struct drvio_ds_msg msg;

	for (;;) {
		error = session_receive(s, &msg, d);
		if (!error)
			error = session_handle(s, &msg, d);
		if (error)
			return error;
		if (s->restarts != restarts || !s->registered ||
		    (s->nacked && s->nacked == s->asked))
			return fail(s, SESSION_RESTARTED,
				    "the guest began a new session before it answered");
		if (msg.type != DRVIO_DS_DATA)
			continue;
		error = decode_answer(s, &msg, answer);
		if (error)
			return error;
		if (answer->number < s->first_number) {
			s->stale++;
			continue;
		}
		if (answer->number >= s->next_number)
			return fail(s, SESSION_GARBAGE,
				    "the guest answered request %llu, which was never made",
				    (unsigned long long)answer->number);
		return SESSION_OK;
	}
}

enum session_error session_call(struct session *s, enum drvio_verb verb,
				const char *name, uint64_t dev_id,
				struct session_answer *answer,
				const struct deadline *d)
{
	enum session_error error;
	uint64_t number;
	int tries = 2;

	do {
		error = session_request(s, verb, name, dev_id, d, &number);
		if (!error)
			error = session_answer(s, answer, d);
		/*
		 * A guest that does not know the handle has not seen the
		 * request: register anew and ask again.
		 */
		if (error != SESSION_RESTARTED || s->nacked != s->asked || !--tries)
			break;
		error = session_establish(s, d);
	} while (!error);

	if (!error && answer->number != number)
		return fail(s, SESSION_GARBAGE,
			    "the guest answered request %llu instead of %llu",
			    (unsigned long long)answer->number, (unsigned long long)number);
	return error;
}
