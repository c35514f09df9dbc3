// SPDX-License-Identifier: GPL-2.0
/* Reading and writing attributes of sysfs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "sysfs.h"

static int vpath(char path[PATH_MAX], const char *fmt, va_list ap)
{
	int len = vsnprintf(path, PATH_MAX, fmt, ap);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int sysfs_read(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	ssize_t len = 0, got;
	va_list ap;
	int err, fd;

	buf[0] = '\0';
	va_start(ap, fmt);
	err = vpath(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while ((size_t)len < size - 1) {
		got = read(fd, buf + len, size - 1 - len);
		if (got < 0) {
			err = -errno;
			close(fd);
			buf[0] = '\0';
			return err;
		}
		if (!got)
			break;
		len += got;
	}
	close(fd);
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
}

char *sysfs_read_file(const char *fmt, ...)
{
	size_t size = 4096, len = 0;
	char path[PATH_MAX], *buf;
	va_list ap;
	ssize_t got;
	int err, fd;

	va_start(ap, fmt);
	err = vpath(path, fmt, ap);
	va_end(ap);
	if (err) {
		errno = -err;
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return NULL;
	buf = xreallocarray(NULL, size, 1);
	while ((got = read(fd, buf + len, size - 1 - len)) > 0) {
		len += got;
		if (len == size - 1) {
			size *= 2;
			buf = xreallocarray(buf, size, 1);
		}
	}
	err = errno;
	close(fd);
	if (got < 0) {
		free(buf);
		errno = err;
		return NULL;
	}
	buf[len] = '\0';
	return buf;
}

int sysfs_write(const char *text, const char *fmt, ...)
{
	char path[PATH_MAX];
	size_t len = strlen(text);
	ssize_t done;
	va_list ap;
	int err, fd;

	va_start(ap, fmt);
	err = vpath(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;

	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_TRUNC);
	if (fd < 0)
		return -errno;
	done = write(fd, text, len);
	if (done < 0)
		err = -errno;
	else if ((size_t)done < len)
		err = -EIO;
	close(fd);
	return err;
}

int sysfs_link_name(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], to[PATH_MAX];
	const char *name;
	va_list ap;
	ssize_t len;
	int err;

	buf[0] = '\0';
	va_start(ap, fmt);
	err = vpath(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;
	len = readlink(path, to, sizeof(to) - 1);
	if (len < 0)
		return -errno;
	to[len] = '\0';
	name = strrchr(to, '/');
	name = name ? name + 1 : to;
	if (strlen(name) >= size)
		return -ENAMETOOLONG;
	strcpy(buf, name);
	return 0;
}

bool sysfs_exists(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vpath(path, fmt, ap);
	va_end(ap);
	return !err && access(path, F_OK) == 0;
}
