// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive DISK
 *
 * Opens a disk exclusively, as a mount does, for a moment and again and again,
 * until it goes away.  Exit status: 0 when it went while it was not open, 1
 * when it was taken away while it was, 2 for anything else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>

/*
 * The time between the look and the unbind is a fraction of a millisecond: short
 * enough to begin in it, and long enough to outlast it.
 */
#define HOLD_US		500
#define PAUSE_MAX_US	1000

int main(int argc, char **argv)
{
	uint64_t size;
	int fd;

	if (argc != 2)
		return 2;
	for (;;) {
		fd = open(argv[1], O_RDONLY | O_EXCL | O_CLOEXEC);
		if (fd < 0 && errno != EBUSY)
			return errno == ENXIO || errno == ENOENT ? 0 : 2;
		if (fd >= 0) {
			usleep(HOLD_US);
			/* A disk that is deleted has no size. */
			if (ioctl(fd, BLKGETSIZE64, &size) || !size) {
				fprintf(stderr, "%s was taken away while open\n", argv[1]);
				return 1;
			}
			close(fd);
		}
		usleep(rand() % PAUSE_MAX_US);
	}
}
