// SPDX-License-Identifier: GPL-2.0
/* Byte streams to other programs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <linux/drvio.h>

#include "stream.h"

union address {
	struct sockaddr sa;
	struct sockaddr_un un;
	struct sockaddr_vm vm;
};

/* A number up to @max that ends at @end or at the end of the text. */
static bool parse_number(const char **text, char end, unsigned long max,
			 unsigned long *number)
{
	char *rest;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoul(*text, &rest, 10);
	if (errno || *number > max || (*rest && *rest != end))
		return false;
	*text = *rest ? rest + 1 : rest;
	return true;
}

static socklen_t parse_vsock(const char *text, union address *a)
{
	unsigned long cid, port = DRVIO_VSOCK_PORT;

	if (!parse_number(&text, ':', UINT32_MAX, &cid) ||
	    (*text && !parse_number(&text, '\0', UINT32_MAX, &port))) {
		errno = EINVAL;
		return 0;
	}
	a->vm.svm_family = AF_VSOCK;
	a->vm.svm_cid = (unsigned int)cid;
	a->vm.svm_port = (unsigned int)port;
	return sizeof(a->vm);
}

static socklen_t parse_unix(const char *path, union address *a)
{
	size_t n = strlen(path);

	if (!n || n >= sizeof(a->un.sun_path)) {
		errno = n ? ENAMETOOLONG : EINVAL;
		return 0;
	}
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path, n + 1);
	return sizeof(a->un);
}

static int use_inherited(const char *text)
{
	unsigned long fd;
	int flags;

	if (!parse_number(&text, '\0', INT32_MAX, &fd)) {
		errno = EINVAL;
		return -1;
	}
	flags = fcntl((int)fd, F_GETFL);
	if (flags < 0 || fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
}

/* Waits for a connect() that is under way.  Return: 0, or -1 with errno. */
static int finish_connect(int fd, const struct deadline *d)
{
	socklen_t len = sizeof(int);
	int error = 0;
	int n;

	n = deadline_poll(d, fd, POLLOUT);
	if (n < 0)
		return -1;
	if (!n)
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return -1;
	errno = error;
	return error ? -1 : 0;
}

static int try_connect(int fd, const union address *a, socklen_t len,
		       const struct deadline *d)
{
	for (;;) {
		struct deadline pause;

		if (!connect(fd, &a->sa, len))
			return 0;
		if (errno == EINPROGRESS)
			return finish_connect(fd, d);
		/* A unix socket whose backlog is full says EAGAIN. */
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		pause = deadline_sooner(d, 50);
		if (deadline_poll(&pause, -1, 0) < 0)
			return -1;
		if (!deadline_left_ms(d)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

int stream_connect(const char *address, const struct deadline *d)
{
	union address a;
	socklen_t len;
	struct stat st;
	int fd, error;

	memset(&a, 0, sizeof(a));
	errno = EINVAL;
	if (!strncmp(address, "fd:", 3))
		return use_inherited(address + 3);
	if (!strncmp(address, "vsock:", 6))
		len = parse_vsock(address + 6, &a);
	else if (!stat(address, &st) && S_ISCHR(st.st_mode))
		return open(address, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	else
		len = parse_unix(address, &a);
	if (!len)
		return -1;

	fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (try_connect(fd, &a, len, d)) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Whether the call that failed is to be made again once @fd is ready. */
static bool wait_again(int fd, short events, const struct deadline *d)
{
	int n;

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	n = deadline_poll(d, fd, events);
	if (!n)
		errno = ETIMEDOUT;
	return n > 0;
}

int stream_send(int fd, const void *buf, size_t len, const struct deadline *d)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, p, len);
		if (n >= 0) {
			p += n;
			len -= (size_t)n;
		} else if (!wait_again(fd, POLLOUT, d)) {
			return -1;
		}
	}
	return 0;
}

ssize_t stream_receive(int fd, void *buf, size_t len, const struct deadline *d)
{
	ssize_t n;

	do {
		n = read(fd, buf, len);
	} while (n < 0 && wait_again(fd, POLLIN, d));
	return n;
}
