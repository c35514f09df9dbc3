/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of the QEMU Machine Protocol: commands, their answers, and the
 * events that tell how an unplug ended.
 */
#ifndef DRVIO_QMP_H
#define DRVIO_QMP_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "deadline.h"

struct qmp;

/**
 * qmp_open() - connect to a QMP socket and negotiate
 * @path: the socket
 * @d: until when at the most
 * @why: where to put what went wrong
 * @size: bytes there
 *
 * Return: the connection, or NULL.
 */
struct qmp *qmp_open(const char *path, const struct deadline *d, char *why, size_t size);

void qmp_close(struct qmp *q);

/**
 * qmp_call() - run a command
 * @q: the connection
 * @command: its name
 * @arguments: a JSON object, which this call takes over; NULL: none
 * @d: until when at the most
 *
 * Return: what the command returns, for json_object_put(); NULL on an error,
 * see qmp_why().
 */
struct json_object *qmp_call(struct qmp *q, const char *command,
			     struct json_object *arguments, const struct deadline *d);

/* Text of the last error, for people. */
const char *qmp_why(const struct qmp *q);

/*
 * Class of the last error: "GenericError", "DeviceNotFound", ...; "" when it
 * was not QEMU that refused but the connection that failed.
 */
const char *qmp_error_class(const struct qmp *q);

/**
 * enum qmp_unplug - how an unplug stands
 * @QMP_UNPLUG_PENDING: nothing was heard
 * @QMP_UNPLUG_DONE: DEVICE_DELETED
 * @QMP_UNPLUG_REFUSED: DEVICE_UNPLUG_GUEST_ERROR
 * @QMP_UNPLUG_ERROR: the connection failed, see qmp_why()
 */
enum qmp_unplug {
	QMP_UNPLUG_PENDING,
	QMP_UNPLUG_DONE,
	QMP_UNPLUG_REFUSED,
	QMP_UNPLUG_ERROR,
};

/**
 * qmp_watch_unplug() - forget what was heard of earlier unplugs of a device
 * @q: the connection
 * @id: the device; it must stay valid while the events are awaited
 *
 * To be called before device_del, whose event may come ahead of its answer.
 */
void qmp_watch_unplug(struct qmp *q, const char *id);

/* Wait until the device of qmp_watch_unplug() is gone, or @d has passed. */
enum qmp_unplug qmp_wait_unplug(struct qmp *q, const struct deadline *d);

#endif /* DRVIO_QMP_H */
