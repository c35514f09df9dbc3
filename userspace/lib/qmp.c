// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the QEMU Machine Protocol.
 *
 * QEMU sends one JSON object a line: greeting, answers and events.  One command
 * is under way at a time; its id tells its answer from a late one to a command
 * that was given up.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qmp.h"
#include "stream.h"

enum {
	/* query-pci of a machine with hundreds of devices stays far below. */
	LINE_MAX_BYTES = 16 << 20,
	READ_BYTES = 4096,
};

/**
 * struct qmp - a connection
 * @fd: the socket
 * @buf: bytes that were received
 * @size: bytes allocated for @buf
 * @fill: bytes in @buf
 * @searched: bytes at the start of @buf that hold no newline
 * @id: of the last command
 * @device: whose unplug is watched, NULL: nobody's
 * @unplug: what was heard of it
 * @class: class of the last error
 * @why: text of the last error
 */
struct qmp {
	int fd;
	char *buf;
	size_t size;
	size_t fill;
	size_t searched;
	int id;
	const char *device;
	enum qmp_unplug unplug;
	char class[64];
	char why[512];
};

static void set_error(struct qmp *q, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void set_error(struct qmp *q, const char *class, const char *fmt, ...)
{
	va_list ap;

	snprintf(q->class, sizeof(q->class), "%s", class);
	va_start(ap, fmt);
	vsnprintf(q->why, sizeof(q->why), fmt, ap);
	va_end(ap);
}

const char *qmp_why(const struct qmp *q)
{
	return q->why;
}

const char *qmp_error_class(const struct qmp *q)
{
	return q->class;
}

static bool make_room(struct qmp *q)
{
	char *buf;

	if (q->size - q->fill >= READ_BYTES)
		return true;
	if (q->size >= LINE_MAX_BYTES) {
		set_error(q, "", "QEMU sent a line of more than %d bytes", LINE_MAX_BYTES);
		return false;
	}
	buf = realloc(q->buf, q->size + q->size / 2 + READ_BYTES);
	if (!buf) {
		set_error(q, "", "out of memory");
		return false;
	}
	q->buf = buf;
	q->size += q->size / 2 + READ_BYTES;
	return true;
}

/* The length of the first line in the buffer, received first if need be. */
static bool receive_line(struct qmp *q, size_t *len, const struct deadline *d)
{
	char *newline;
	ssize_t n;

	for (;;) {
		newline = q->fill > q->searched ?
			memchr(q->buf + q->searched, '\n', q->fill - q->searched) : NULL;
		if (newline) {
			*len = (size_t)(newline - q->buf);
			return true;
		}
		q->searched = q->fill;
		if (!make_room(q))
			return false;
		n = stream_receive(q->fd, q->buf + q->fill, q->size - q->fill, d);
		if (n <= 0) {
			set_error(q, "", "%s", !n ? "QEMU closed the connection" :
				  errno == ETIMEDOUT ? "QEMU did not answer in time" :
				  strerror(errno));
			return false;
		}
		q->fill += (size_t)n;
	}
}

static void drop_line(struct qmp *q, size_t len)
{
	q->fill -= len + 1;
	memmove(q->buf, q->buf + len + 1, q->fill);
	q->searched = 0;
}

/* The next JSON object that QEMU sends; NULL on an error. */
static struct json_object *receive_object(struct qmp *q, const struct deadline *d)
{
	struct json_object *object;
	struct json_tokener *tok;
	size_t len;

	if (!receive_line(q, &len, d))
		return NULL;
	tok = json_tokener_new();
	if (!tok) {
		set_error(q, "", "out of memory");
		return NULL;
	}
	object = json_tokener_parse_ex(tok, q->buf, (int)len);
	json_tokener_free(tok);
	drop_line(q, len);
	if (object && json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	set_error(q, "", "QEMU sent what is no JSON object");
	return NULL;
}

static const char *get_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static void note_event(struct qmp *q, const char *event, struct json_object *object)
{
	struct json_object *data;

	if (!q->device || !json_object_object_get_ex(object, "data", &data) ||
	    strcmp(get_string(data, "device"), q->device))
		return;
	if (!strcmp(event, "DEVICE_DELETED"))
		q->unplug = QMP_UNPLUG_DONE;
	else if (!strcmp(event, "DEVICE_UNPLUG_GUEST_ERROR"))
		q->unplug = QMP_UNPLUG_REFUSED;
}

/*
 * Takes one object.  An event is noted.  Return: the answer to the last command,
 * or NULL: something else came, or @failed.
 */
static struct json_object *receive_answer(struct qmp *q, const struct deadline *d,
					  bool *failed)
{
	struct json_object *object = receive_object(q, d);
	struct json_object *id;
	const char *event;

	*failed = !object;
	if (!object)
		return NULL;
	event = get_string(object, "event");
	if (*event)
		note_event(q, event, object);
	else if (json_object_object_get_ex(object, "id", &id) &&
		 json_object_get_int(id) == q->id)
		return object;
	json_object_put(object);
	return NULL;
}

/* What an answer returns; NULL, with the error set, where it is an error. */
static struct json_object *take_return(struct qmp *q, const char *command,
				       struct json_object *answer)
{
	struct json_object *value;

	if (json_object_object_get_ex(answer, "return", &value)) {
		json_object_get(value);
	} else if (json_object_object_get_ex(answer, "error", &value)) {
		set_error(q, get_string(value, "class"), "%s: %s", command,
			  get_string(value, "desc"));
		value = NULL;
	} else {
		set_error(q, "", "%s: QEMU sent no answer to it", command);
		value = NULL;
	}
	json_object_put(answer);
	return value;
}

struct json_object *qmp_call(struct qmp *q, const char *command,
			     struct json_object *arguments, const struct deadline *d)
{
	struct json_object *request = json_object_new_object();
	struct json_object *answer;
	const char *text;
	bool failed;
	int error;

	json_object_object_add(request, "execute", json_object_new_string(command));
	json_object_object_add(request, "id", json_object_new_int(++q->id));
	if (arguments)
		json_object_object_add(request, "arguments", arguments);
	text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	error = stream_send(q->fd, text, strlen(text), d) ? errno : 0;
	json_object_put(request);
	if (error) {
		set_error(q, "", "cannot send %s to QEMU: %s", command, strerror(error));
		return NULL;
	}
	do {
		answer = receive_answer(q, d, &failed);
	} while (!answer && !failed);
	return answer ? take_return(q, command, answer) : NULL;
}

void qmp_watch_unplug(struct qmp *q, const char *id)
{
	q->device = id;
	q->unplug = QMP_UNPLUG_PENDING;
}

enum qmp_unplug qmp_wait_unplug(struct qmp *q, const struct deadline *d)
{
	struct json_object *answer;
	bool failed;

	while (q->unplug == QMP_UNPLUG_PENDING) {
		answer = receive_answer(q, d, &failed);
		json_object_put(answer);
		if (failed)
			return deadline_left_ms(d) ? QMP_UNPLUG_ERROR : QMP_UNPLUG_PENDING;
	}
	return q->unplug;
}

/* The greeting, then out of capabilities negotiation. */
static bool negotiate(struct qmp *q, const struct deadline *d)
{
	struct json_object *object = receive_object(q, d);
	bool greeted, ready;

	if (!object)
		return false;
	greeted = json_object_object_get_ex(object, "QMP", NULL);
	json_object_put(object);
	if (!greeted) {
		set_error(q, "", "it does not greet as QMP does");
		return false;
	}
	object = qmp_call(q, "qmp_capabilities", NULL, d);
	ready = object != NULL;
	json_object_put(object);
	return ready;
}

struct qmp *qmp_open(const char *path, const struct deadline *d, char *why, size_t size)
{
	struct qmp *q = calloc(1, sizeof(*q));

	if (!q) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	q->fd = stream_connect(path, d);
	if (q->fd < 0) {
		snprintf(why, size, "cannot connect to QMP at %s: %s", path, strerror(errno));
		free(q);
		return NULL;
	}
	if (!negotiate(q, d)) {
		snprintf(why, size, "QMP at %s: %s%s", path, q->why,
			 deadline_left_ms(d) ? "" : ": is another program connected to it?");
		qmp_close(q);
		return NULL;
	}
	return q;
}

void qmp_close(struct qmp *q)
{
	if (!q)
		return;
	close(q->fd);
	free(q->buf);
	free(q);
}
