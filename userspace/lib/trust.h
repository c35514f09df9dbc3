/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that decide what root does: they must belong to root, and nobody else
 * may write to them.
 */
#ifndef DRVIO_TRUST_H
#define DRVIO_TRUST_H

#include <stddef.h>

/**
 * trust_fd() - whether an open file or folder may be relied on
 * @fd: it
 * @path: its name, for the message
 *
 * Return: NULL when it may be, otherwise why not with what to do about it, to
 * be freed.
 */
char *trust_fd(int fd, const char *path);

/**
 * trust_read() - read a file that may be relied on
 * @path: the file
 * @max: it must be shorter than so many bytes
 * @why: gets, to be freed, why it was not read; NULL where there is no file
 *
 * Return: its text, to be freed, or NULL.
 */
char *trust_read(const char *path, size_t max, char **why);

#endif /* DRVIO_TRUST_H */
