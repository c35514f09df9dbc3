// SPDX-License-Identifier: GPL-2.0
/*
 * Listening to the kernel's uevents.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "ctl.h"
#include "deadline.h"
#include "uevent.h"

/* The kernel's own multicast group; udev's is 2. */
#define KERNEL_GROUP	1

int uevent_open(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = KERNEL_GROUP,
	};
	int room = 4 << 20;
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

bool uevent_next(int fd, const char *node, struct uevent *event, int timeout_ms)
{
	struct deadline d = deadline_in_ms(timeout_ms);
	const char *path;
	ssize_t len;

	while (deadline_poll(&d, fd, POLLIN) > 0) {
		len = recv(fd, event->text, sizeof(event->text) - 1, 0);
		if (len <= 0)
			return false;
		event->text[len] = '\0';
		event->len = len;
		path = uevent_get(event, "DEVPATH");
		path = path ? strrchr(path, '/') : NULL;
		if (path && (!node || !strcmp(path + 1, node)))
			return true;
	}
	return false;
}

const char *uevent_get(const struct uevent *event, const char *key)
{
	size_t len = strlen(key);
	const char *p;

	for (p = event->text; p < event->text + event->len; p += strlen(p) + 1)
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

bool uevent_is_next(int fd, const char *node, const char *name)
{
	struct uevent event;
	const char *got = NULL;

	if (uevent_next(fd, node, &event, CTL_WAIT_MS))
		got = uevent_get(&event, "DRVIO_EVENT") ?: uevent_get(&event, "ACTION");
	if (got && !strcmp(got, name))
		return true;
	fprintf(stderr, "# %s: expected event %s, got %s\n", node, name, got ?: "none");
	return false;
}
