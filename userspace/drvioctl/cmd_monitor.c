// SPDX-License-Identifier: GPL-2.0
/* drvioctl monitor: events as they come, a line each. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <linux/drvio.h>

#include "event.h"
#include "drvioctl.h"

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum exit_code watch(struct ctl *ctl, struct udev_monitor *monitor)
{
	struct pollfd fd = { .fd = udev_monitor_get_fd(monitor), .events = POLLIN };
	struct udev_device *event;
	struct json_object *doc;
	unsigned long seen = 0;

	while (!ctl->count || seen < ctl->count) {
		if (poll(&fd, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return ctl_fail(ctl, EXIT_CODE_INTERNAL, "poll: %s", strerror(errno));
		}
		event = udev_monitor_receive_device(monitor);
		if (!event)
			continue;
		doc = event_json(event, now_us());
		if (ctl->json)
			ctl_print_json(doc, true);
		else
			event_print(doc);
		json_object_put(doc);
		udev_device_unref(event);
		seen++;
	}
	return EXIT_CODE_OK;
}

static enum exit_code monitor_run(struct ctl *ctl, int argc, char **argv)
{
	enum exit_code code = EXIT_CODE_INTERNAL;
	struct udev_monitor *monitor = NULL;
	struct udev *udev = udev_new();

	(void)argc;
	(void)argv;
	/* The kernel's own: it does not depend on udevd, and is ahead of it. */
	if (udev)
		monitor = udev_monitor_new_from_netlink(udev, "kernel");
	if (!monitor ||
	    udev_monitor_filter_add_match_subsystem_devtype(monitor, DRVIO_CLASS, NULL) ||
	    udev_monitor_enable_receiving(monitor))
		ctl_fail(ctl, code, "cannot listen to uevents: %s", strerror(errno));
	else
		code = watch(ctl, monitor);
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return code;
}

const struct command monitor_command = {
	.name = "monitor",
	.arguments = "",
	.help = "print events as they come, with --json as lines of JSON",
	.options = "n",
	.run = monitor_run,
	.prints = true,
};
