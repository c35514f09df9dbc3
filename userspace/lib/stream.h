/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Byte streams to other programs: connecting to an address, and sending and
 * receiving with a deadline.
 */
#ifndef DRVIO_STREAM_H
#define DRVIO_STREAM_H

#include <stddef.h>
#include <sys/types.h>

#include "deadline.h"

/**
 * stream_connect() - connect to an address
 * @address: the path of a unix socket or of a device (/dev/drvio),
 *	"vsock:CID[:PORT]", or "fd:N" for a connected descriptor that the program
 *	inherited
 * @d: until when at the most
 *
 * Return: a non-blocking file descriptor, or -1 with errno: EINVAL for an
 * address that is none, ETIMEDOUT.
 */
int stream_connect(const char *address, const struct deadline *d);

/**
 * stream_send() - send all of a buffer
 * @fd: non-blocking
 * @buf: the bytes
 * @len: how many
 * @d: until when at the most
 *
 * Return: 0, or -1 with errno: ETIMEDOUT, EPIPE.
 */
int stream_send(int fd, const void *buf, size_t len, const struct deadline *d);

/**
 * stream_receive() - receive some bytes
 * @fd: non-blocking
 * @buf: where to
 * @len: how many at the most
 * @d: until when at the most
 *
 * Return: how many, 0 at the end of the stream, or -1 with errno: ETIMEDOUT.
 */
ssize_t stream_receive(int fd, void *buf, size_t len, const struct deadline *d);

#endif /* DRVIO_STREAM_H */
