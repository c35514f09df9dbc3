/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bounded buffer of bytes on their way from one file descriptor to another.
 */
#ifndef DRVIO_RELAY_BUFFER_H
#define DRVIO_RELAY_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Four of the longest Domain Services messages. */
#define BUFFER_SIZE	16384

/**
 * struct buffer - bytes in transit
 * @start: first byte that was not written yet
 * @end: behind the last byte that was read
 * @bytes: the bytes
 */
struct buffer {
	size_t start;
	size_t end;
	uint8_t bytes[BUFFER_SIZE];
};

static inline size_t buffer_used(const struct buffer *b)
{
	return b->end - b->start;
}

static inline void buffer_clear(struct buffer *b)
{
	b->start = b->end = 0;
}

/**
 * buffer_fill() - read once, as much as there is room for
 * @b: the buffer
 * @fd: where from
 *
 * Return: bytes read; 0 at the end of file; -1 with errno, EAGAIN also when
 * there is no room.
 */
ssize_t buffer_fill(struct buffer *b, int fd);

/**
 * buffer_drain() - write once, as much as @fd takes
 * @b: the buffer
 * @fd: where to
 *
 * Return: bytes written; -1 with errno, EAGAIN also when there is nothing to
 * write or @fd took none of it.
 */
ssize_t buffer_drain(struct buffer *b, int fd);

#endif
