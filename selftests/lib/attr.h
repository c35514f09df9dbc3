/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing attributes of sysfs.
 */
#ifndef SELFTESTS_ATTR_H
#define SELFTESTS_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CLASS_DIR	"/sys/class/drvio"
#define SERVICE_DIR	CLASS_DIR "/service"

/* More than any attribute of drvio holds. */
#define ATTR_MAX	4096

/* Reads a file's text without its last newline.  Return: 0 or -errno. */
int attr_read(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes a file in one write().  Return: 0 or -errno. */
int attr_write(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Return: the permission bits of a file, or -errno. */
int attr_mode(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether the text is one of a list of words, separated by blanks. */
bool attr_is_one_of(const char *text, const char *words);

/*
 * Calls a function for the name of each DR device.  Return: how many there are,
 * or -errno.
 */
int attr_each_device(void (*fn)(const char *name, void *arg), void *arg);

#endif /* SELFTESTS_ATTR_H */
