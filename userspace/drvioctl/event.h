/* SPDX-License-Identifier: GPL-2.0 */
/* Uevents of the service, its links, buses and devices. */
#ifndef DRVIOCTL_EVENT_H
#define DRVIOCTL_EVENT_H

#include <json-c/json.h>
#include <libudev.h>

/**
 * event_json() - an event as a document of its own
 * @event: the event
 * @time_us: when it came, microseconds since 1970
 *
 * Return: the document, with a format version; see Documentation/schema.
 */
struct json_object *event_json(struct udev_device *event, long long time_us);

/* Prints the document as a line for people. */
void event_print(struct json_object *doc);

#endif /* DRVIOCTL_EVENT_H */
