// SPDX-License-Identifier: GPL-2.0
/* The event that ends a request, out of the kernel's hands. */
#include <libudev.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "config.h"
#include "deadline.h"
#include "mem.h"
#include "outcome.h"
#include "sysfs.h"

/* The kernel gives a driver bind_timeout_ms, and is a little late itself. */
#define SLACK_MS	2000

/* How often is looked where no event has come: it may not have been sent. */
#define LOOK_EVERY_MS	1000

struct outcome {
	struct udev *udev;
	struct udev_monitor *monitor;
};

void outcome_free(struct outcome *outcome)
{
	if (!outcome)
		return;
	udev_monitor_unref(outcome->monitor);
	udev_unref(outcome->udev);
	free(outcome);
}

struct outcome *outcome_watch(void)
{
	struct outcome *outcome;

	/* A recorded tree, or one that a test has made, has no events. */
	if (strcmp(config.sysfs, "/sys"))
		return NULL;
	outcome = xcalloc(1, sizeof(*outcome));
	outcome->udev = udev_new();
	if (outcome->udev)
		outcome->monitor = udev_monitor_new_from_netlink(outcome->udev, "kernel");
	if (outcome->monitor &&
	    udev_monitor_filter_add_match_subsystem_devtype(outcome->monitor, DRVIO_CLASS,
							    NULL) >= 0 &&
	    udev_monitor_enable_receiving(outcome->monitor) >= 0)
		return outcome;
	outcome_free(outcome);
	return NULL;
}

static bool has(struct udev_device *dev, const char *key, const char *value)
{
	const char *text = udev_device_get_property_value(dev, key);

	return text && !strcmp(text, value);
}

/* Return: whether the event is the last of the request; @event gets which. */
static bool ends(struct udev_device *dev, const struct request *req, const char **event)
{
	const char *action = udev_device_get_action(dev);

	if (strcmp(udev_device_get_sysname(dev), req->dev))
		return false;
	if (action && !strcmp(action, "remove"))
		return true;
	if (!has(dev, DRVIO_UEVENT_COOKIE, req->cookie))
		return false;
	if (has(dev, DRVIO_UEVENT_EVENT, DRVIO_EVENT_DONE))
		*event = DRVIO_EVENT_DONE;
	else if (has(dev, DRVIO_UEVENT_EVENT, DRVIO_EVENT_UNDO))
		*event = DRVIO_EVENT_UNDO;
	return *event || has(dev, DRVIO_UEVENT_EVENT, DRVIO_EVENT_LOST);
}

/* As ends(), from what the device tells itself. */
static bool has_ended(const struct request *req, const char **event)
{
	char text[32];

	sysfs_read(text, sizeof(text), "%s/class/" DRVIO_CLASS "/%s/request/cookie",
		   config.sysfs, req->dev);
	/* Who works on the next request begins with what this one has left. */
	if (strcmp(text, req->cookie))
		return true;
	sysfs_read(text, sizeof(text), "%s/class/" DRVIO_CLASS "/%s/request/phase",
		   config.sysfs, req->dev);
	if (*text && strcmp(text, "done"))
		return false;
	sysfs_read(text, sizeof(text), "%s/class/" DRVIO_CLASS "/%s/state", config.sysfs,
		   req->dev);
	if (!strcmp(text, "unconfigured"))
		*event = DRVIO_EVENT_DONE;
	else if (!strcmp(text, "configured"))
		*event = DRVIO_EVENT_UNDO;
	return true;
}

const char *outcome_wait(struct outcome *outcome, const struct request *req)
{
	struct deadline deadline, look;
	const char *event = NULL;
	struct udev_device *dev;
	bool ended = false;
	char text[32];

	if (!outcome)
		return NULL;
	sysfs_read(text, sizeof(text), "%s/class/" DRVIO_CLASS "/service/bind_timeout_ms",
		   config.sysfs);
	deadline = deadline_in_ms(strtoul(text, NULL, 10) + SLACK_MS);
	while (!ended && deadline_left_ms(&deadline)) {
		look = deadline_sooner(&deadline, LOOK_EVERY_MS);
		if (deadline_poll(&look, udev_monitor_get_fd(outcome->monitor), POLLIN) <= 0) {
			ended = has_ended(req, &event);
			continue;
		}
		dev = udev_monitor_receive_device(outcome->monitor);
		ended = dev && ends(dev, req, &event);
		udev_device_unref(dev);
	}
	outcome_free(outcome);
	return event;
}
