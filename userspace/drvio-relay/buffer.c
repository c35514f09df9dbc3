// SPDX-License-Identifier: GPL-2.0
/*
 * A bounded buffer of bytes between two file descriptors.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"

ssize_t buffer_fill(struct buffer *b, int fd)
{
	ssize_t n;

	if (b->start) {
		memmove(b->bytes, b->bytes + b->start, buffer_used(b));
		b->end -= b->start;
		b->start = 0;
	}
	if (b->end == sizeof(b->bytes)) {
		errno = EAGAIN;
		return -1;
	}
	do {
		n = read(fd, b->bytes + b->end, sizeof(b->bytes) - b->end);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		b->end += (size_t)n;
	return n;
}

ssize_t buffer_drain(struct buffer *b, int fd)
{
	ssize_t n;

	if (!buffer_used(b)) {
		errno = EAGAIN;
		return -1;
	}
	do {
		n = write(fd, b->bytes + b->start, buffer_used(b));
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		b->start += (size_t)n;
		if (b->start == b->end)
			buffer_clear(b);
	} else if (!n) {
		/* A virtio-serial port says 0 when its queue has no room. */
		errno = EAGAIN;
		n = -1;
	}
	return n;
}
