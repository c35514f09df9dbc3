/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The request that a run of drvio-helper works on, as sysfs shows it: nothing
 * is taken from the uevent but the device's name and the cookie, so a late
 * start misses nothing.
 */
#ifndef DRVIO_HELPER_REQUEST_H
#define DRVIO_HELPER_REQUEST_H

#include <stdbool.h>

#include "mem.h"

enum verb {
	VERB_NONE,
	VERB_CONFIGURE,
	VERB_UNCONFIGURE,
	VERB_FORCE,
};

/**
 * struct request - a request on a DR device
 * @dev: the DR device, "virtio-blk@0x0102009000000000"
 * @type: its type, "virtio-blk"
 * @cookie: names the request in an ack
 * @verb: what is asked
 * @deadline_ms: milliseconds that were left when it was read
 * @targets: sysfs folders of the targets, and after them of @clients
 * @clients: of a service: the names of those who use it
 */
struct request {
	const char *dev;
	char type[256];
	char cookie[64];
	enum verb verb;
	unsigned int deadline_ms;
	struct strv targets;
	struct strv clients;
};

/**
 * request_read() - read the device, and its request where it has one
 * @req: gets it
 * @dev: the DR device
 *
 * Return: 0, or -1 when there is no such device; the log says so.
 */
int request_read(struct request *req, const char *dev);

/**
 * request_waits() - whether the kernel still waits for this request's ack
 * @req: the request
 */
bool request_waits(const struct request *req);

/**
 * request_ack() - answer the kernel
 * @req: the request
 * @word: DRVIO_ACK_OK and so on
 * @text: the reason; "" where there is none
 *
 * Return: 0, or -1 when the request is over or the ack was refused; the log
 * says so.
 */
int request_ack(const struct request *req, const char *word, const char *text);

/**
 * request_progress_begin() - a step follows that may take long
 * @req: the request
 * @what: the step, in words: what STATUS tells meanwhile
 *
 * From now on the deadline is extended from time to time, until
 * request_progress_end().
 */
void request_progress_begin(const struct request *req, const char *what);
void request_progress_end(void);

void request_free(struct request *req);

/* The word of a verb. */
const char *verb_name(enum verb verb);

#endif /* DRVIO_HELPER_REQUEST_H */
