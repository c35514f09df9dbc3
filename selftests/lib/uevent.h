/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening to the kernel's uevents.
 */
#ifndef SELFTESTS_UEVENT_H
#define SELFTESTS_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct uevent - what the kernel sent
 * @len: bytes in @text
 * @text: NUL-terminated strings: action@path, then KEY=value
 */
struct uevent {
	size_t len;
	char text[4096];
};

/* Return: a socket that hears what comes from now on, or -1. */
int uevent_open(void);

/*
 * Waits for the next event of a device below /sys/class/drvio, or of any device
 * without a @node.  Return: whether one came in time.
 */
bool uevent_next(int fd, const char *node, struct uevent *event, int timeout_ms);

/* The value of a key, NULL when the event does not have it. */
const char *uevent_get(const struct uevent *event, const char *key);

/* Whether the next event of that device is the DRVIO_EVENT of that name. */
bool uevent_is_next(int fd, const char *node, const char *name);

#endif /* SELFTESTS_UEVENT_H */
