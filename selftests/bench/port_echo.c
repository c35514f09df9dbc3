// SPDX-License-Identifier: GPL-2.0
/*
 * port_echo: sends back what comes in on the control domain's port, the least
 * that anything behind that port can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/drvio.h>

int main(void)
{
	struct pollfd p = { .events = POLLIN };
	char buf[4096];

	p.fd = open("/dev/virtio-ports/" DRVIO_VIRTIO_PORT, O_RDWR | O_NONBLOCK);
	if (p.fd < 0) {
		fprintf(stderr, "port_echo: %s: %s\n", DRVIO_VIRTIO_PORT, strerror(errno));
		return 1;
	}
	for (;;) {
		ssize_t n = read(p.fd, buf, sizeof(buf));

		if (n > 0) {
			if (write(p.fd, buf, n) != n)
				return 1;
		} else if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, -1);
		} else {
			/* The host's end is closed: nothing wakes us until it is not. */
			usleep(1000);
		}
	}
}
