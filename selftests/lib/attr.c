// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing attributes of sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attr.h"

int attr_read(char *text, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

int attr_write(const char *text, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	if (len < 0)
		len = -errno;
	else
		len = (size_t)len == strlen(text) ? 0 : -EIO;
	close(fd);
	return len;
}

int attr_mode(const char *fmt, ...)
{
	char path[PATH_MAX];
	struct stat st;
	va_list args;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	if (stat(path, &st))
		return -errno;
	return st.st_mode & 07777;
}

bool attr_is_one_of(const char *text, const char *words)
{
	size_t len = strlen(text);

	while (*words) {
		size_t word = strcspn(words, " ");

		if (word == len && !memcmp(words, text, len))
			return true;
		words += word;
		words += strspn(words, " ");
	}
	return false;
}

int attr_each_device(void (*fn)(const char *name, void *arg), void *arg)
{
	DIR *dir = opendir(CLASS_DIR);
	struct dirent *entry;
	int found = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (!strchr(entry->d_name, '@'))
			continue;
		found++;
		fn(entry->d_name, arg);
	}
	closedir(dir);
	return found;
}
