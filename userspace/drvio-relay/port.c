// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's end of a virtio-serial port.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "port.h"

#define SYS_PORTS	"/sys/class/virtio-ports"
#define UDEV_LINK	"/dev/virtio-ports/" DRVIO_VIRTIO_PORT

/* Whether the port @port of sysfs has the name that we look for. */
static bool port_is_ours(const char *port)
{
	char path[PATH_MAX], name[128];
	FILE *f;
	bool ours = false;

	snprintf(path, sizeof(path), SYS_PORTS "/%s/name", port);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(name, sizeof(name), f)) {
		name[strcspn(name, "\n")] = '\0';
		ours = !strcmp(name, DRVIO_VIRTIO_PORT);
	}
	fclose(f);
	return ours;
}

bool port_find(char *path, size_t size)
{
	struct dirent *e;
	bool found = false;
	DIR *dir;

	if (!access(UDEV_LINK, F_OK)) {
		snprintf(path, size, "%s", UDEV_LINK);
		return true;
	}
	dir = opendir(SYS_PORTS);
	if (!dir)
		return false;
	while (!found && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || !port_is_ours(e->d_name))
			continue;
		snprintf(path, size, "/dev/%s", e->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

/* The link "device" of a port's node in sysfs ends in the virtio device. */
static ssize_t read_device_link(int fd, char *link, size_t size)
{
	char path[64];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISCHR(st.st_mode)) {
		errno = ENOTTY;
		return -1;
	}
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device",
		 major(st.st_rdev), minor(st.st_rdev));
	n = readlink(path, link, size - 1);
	if (n >= 0)
		link[n] = '\0';
	return n;
}

int port_open(const char *path)
{
	char link[PATH_MAX];
	struct stat st;
	int fd;

	/* Never open for writing what is not a character device. */
	if (stat(path, &st))
		return -1;
	if (!S_ISCHR(st.st_mode)) {
		errno = ENOTTY;
		return -1;
	}
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -1;
	if (read_device_link(fd, link, sizeof(link)) < 0 || !strstr(link, "virtio")) {
		close(fd);
		errno = ENOTTY;
		return -1;
	}
	return fd;
}

bool port_host_closed(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

bool port_carrier(int fd, char *name, size_t size)
{
	char link[PATH_MAX];
	const char *base;

	if (read_device_link(fd, link, sizeof(link)) < 0)
		return false;
	base = strrchr(link, '/');
	base = base ? base + 1 : link;
	if (strlen(base) >= size) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(name, base);
	return true;
}
