// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-relay: joins a virtio-serial port to /dev/drvio, inside a guest.
 *
 * A kernel module cannot use the port's file descriptor, so a process carries
 * the bytes.  It neither reads nor changes them.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "log.h"
#include "port.h"
#include "relay.h"

enum { EXIT_USAGE = 2 };

static void usage(FILE *to)
{
	fprintf(to,
		"Usage: drvio-relay [--detach] [PORT-DEVICE]\n"
		"\n"
		"Joins a virtio-serial port to /dev/drvio until the port is unplugged.\n"
		"PORT-DEVICE is /dev/virtio-ports/" DRVIO_VIRTIO_PORT " when it is not given.\n"
		"\n"
		"  -d, --detach    go to the background once the port is open\n"
		"  -h, --help      show this\n"
		"  -V, --version   show the version\n");
}

static int open_failed(const char *path)
{
	switch (errno) {
	case EBUSY:
		log_err("%s: another process has the port open: is a drvio-relay running already?", path);
		break;
	case ENOTTY:
		log_err("%s: not a virtio-serial port", path);
		break;
	case EACCES:
		log_err("%s: %s: drvio-relay must run as root", path, strerror(errno));
		break;
	default:
		log_err("cannot open %s: %s", path, strerror(errno));
		break;
	}
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "detach", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	char found[PATH_MAX];
	const char *path;
	int detach = 0;
	int port, c;

	log_open("drvio-relay", false);
	while ((c = getopt_long(argc, argv, "dhV", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			detach = 1;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("drvio-relay " DRVIO_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1) {
		log_err("one port at a time: '%s' is one too many", argv[optind + 1]);
		return EXIT_USAGE;
	}
	path = argv[optind];
	if (!path) {
		if (!port_find(found, sizeof(found))) {
			log_err("no virtio-serial port is named " DRVIO_VIRTIO_PORT
				 ": add one to the guest (-device virtserialport,name=" DRVIO_VIRTIO_PORT ",...)");
			return EXIT_FAILURE;
		}
		path = found;
	}

	port = port_open(path);
	if (port < 0)
		return open_failed(path);
	if (detach) {
		if (daemon(0, 0)) {
			log_err("cannot detach: %s", strerror(errno));
			return EXIT_FAILURE;
		}
		log_detached();
	}
	c = relay_run(port, path);
	close(port);
	return c;
}
