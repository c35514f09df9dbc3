/* SPDX-License-Identifier: GPL-2.0 */
/* Reading and writing attributes of sysfs, and of procfs where alike. */
#ifndef DRVIO_SYSFS_H
#define DRVIO_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * sysfs_read() - read an attribute
 * @buf: gets the text, NUL-terminated, without its last newline
 * @size: of @buf; more text is cut
 * @fmt: path of the attribute
 *
 * Return: the text's length, or a negative errno; @buf is "" then.
 */
int sysfs_read(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * sysfs_read_file() - read a file of any length
 * @fmt: its path
 *
 * Return: its text, to be freed, or NULL with errno set.
 */
char *sysfs_read_file(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * sysfs_write() - write an attribute, in one write
 * @text: the text
 * @fmt: path of the attribute
 *
 * Return: 0 or a negative errno.
 */
int sysfs_write(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * sysfs_link_name() - last component of what a link points to
 * @buf: gets it
 * @size: of @buf
 * @fmt: path of the link
 *
 * Return: 0 or a negative errno; @buf is "" then.
 */
int sysfs_link_name(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether a path exists. */
bool sysfs_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* DRVIO_SYSFS_H */
