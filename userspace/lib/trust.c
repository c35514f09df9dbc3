// SPDX-License-Identifier: GPL-2.0
/* Files that decide what root does. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "trust.h"

char *trust_fd(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st))
		return xasprintf("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return xasprintf("%s: refused: it is neither a file nor a folder",
				 path);
	if (st.st_uid)
		return xasprintf("%s: refused: it belongs to user %u, not to root: chown root %s",
				 path, st.st_uid, path);
	if (st.st_mode & 022)
		return xasprintf("%s: refused: others than its owner may write to it (mode %04o): chmod go-w %s",
				 path, st.st_mode & 07777, path);
	return NULL;
}

char *trust_read(const char *path, size_t max, char **why)
{
	size_t len = 0;
	ssize_t got;
	char *text;
	int fd;

	*why = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		if (errno != ENOENT)
			*why = xasprintf("%s: %s", path, strerror(errno));
		return NULL;
	}
	*why = trust_fd(fd, path);
	text = xcalloc(1, max + 1);
	while (!*why && len < max && (got = read(fd, text + len, max - len))) {
		if (got < 0)
			*why = xasprintf("%s: %s", path, strerror(errno));
		else
			len += got;
	}
	close(fd);
	if (!*why && len == max)
		*why = xasprintf("%s: refused: longer than %zu bytes", path, max);
	if (!*why && strlen(text) != len)
		*why = xasprintf("%s: refused: there is a NUL byte in it", path);
	if (!*why)
		return text;
	free(text);
	return NULL;
}
