// SPDX-License-Identifier: GPL-2.0
/* drvioctl ack: answers the kernel by hand, in place of drvio-helper. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "escape.h"
#include "mem.h"
#include "sysfs.h"
#include "tree.h"

static enum exit_code ack_run(struct ctl *ctl, int argc, char **argv)
{
	static const char * const words[] = {
		DRVIO_ACK_OK, DRVIO_ACK_BLOCKED, DRVIO_ACK_FAILED, DRVIO_ACK_PROGRESS,
	};
	char device[DEVICE_NAME_MAX], cookie[64];
	enum exit_code code;
	char *line, *text;
	size_t i;
	int err;

	for (i = 0; i < 4 && strcmp(argv[1], words[i]); i++)
		;
	if (i == 4)
		return ctl_usage(ctl, "\"%s\": an ack is ok, blocked, failed or progress", argv[1]);
	code = tree_find(ctl, argv[0], device);
	if (code)
		return code;
	sysfs_read(cookie, sizeof(cookie), "%s/sys/class/" DRVIO_CLASS "/%s/request/cookie",
		   ctl->root, device);
	if (ctl->cookie)
		snprintf(cookie, sizeof(cookie), "%s", ctl->cookie);
	if (!*cookie)
		return ctl_fail(ctl, EXIT_CODE_STALE, "%s: no request waits for an ack", device);

	text = escape(argc > 2 ? argv[2] : "", DRVIO_REASON_MAX - 1);
	line = xasprintf("%s %s%s%s\n", cookie, argv[1], *text ? " " : "", text);
	err = -sysfs_write(line, "%s/sys/class/" DRVIO_CLASS "/%s/ack", ctl->root, device);
	free(line);
	free(text);
	switch (err) {
	case 0:
		return EXIT_CODE_OK;
	case ENOENT:
		return ctl_fail(ctl, EXIT_CODE_STALE, "%s: no request waits for an ack", device);
	case ESTALE:
		return ctl_fail(ctl, EXIT_CODE_STALE,
				"%s: the request with the cookie %s is over; another one waits",
				device, cookie);
	default:
		return ctl_fail(ctl, ctl_errno_code(err), "%s: ack: %s", device, strerror(err));
	}
}

const struct command ack_command = {
	.name = "ack",
	.arguments = "DEV ok|blocked|failed|progress [TEXT]",
	.help = "answer the kernel by hand",
	.options = "k",
	.min = 2,
	.max = 3,
	.run = ack_run,
};
