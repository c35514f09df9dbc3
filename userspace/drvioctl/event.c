// SPDX-License-Identifier: GPL-2.0
/* Uevents of the service, its links, buses and devices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/drvio.h>

#include "drvioctl.h"
#include "event.h"
#include "print.h"
#include "tree.h"

static void add_number(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, text && *text ?
			       json_object_new_uint64(strtoull(text, NULL, 10)) : NULL);
}

struct json_object *event_json(struct udev_device *event, long long time_us)
{
	struct json_object *doc = json_object_new_object();

	json_object_object_add(doc, "format", json_object_new_int(FORMAT));
	json_object_object_add(doc, "time_us", json_object_new_int64(time_us));
	json_object_object_add(doc, "seqnum",
			       json_object_new_uint64(udev_device_get_seqnum(event)));
	ctl_add(doc, "action", udev_device_get_action(event));
	ctl_add(doc, "device", udev_device_get_sysname(event));
	ctl_add(doc, "devtype", udev_device_get_devtype(event));
	ctl_add(doc, "event", udev_device_get_property_value(event, DRVIO_UEVENT_EVENT));
	ctl_add(doc, "verb", udev_device_get_property_value(event, DRVIO_UEVENT_VERB));
	add_number(doc, "number", udev_device_get_property_value(event, DRVIO_UEVENT_REQ_NUM));
	ctl_add(doc, "cookie", udev_device_get_property_value(event, DRVIO_UEVENT_COOKIE));
	ctl_add(doc, "type", udev_device_get_property_value(event, DRVIO_UEVENT_TYPE));
	ctl_add(doc, "dev_id", udev_device_get_property_value(event, DRVIO_UEVENT_DEV_ID));
	ctl_add(doc, "targets", udev_device_get_property_value(event, DRVIO_UEVENT_TARGETS));
	add_number(doc, "deadline_ms",
		   udev_device_get_property_value(event, DRVIO_UEVENT_DEADLINE_MS));
	return doc;
}

void event_print(struct json_object *doc)
{
	struct json_object *us = NULL;
	const char *event = tree_text(doc, "event");
	long long time_us;
	char clock[32];
	struct tm tm;
	time_t s;

	json_object_object_get_ex(doc, "time_us", &us);
	time_us = json_object_get_int64(us);
	s = time_us / 1000000;
	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&s, &tm));
	printf("%s.%03lld  %s  %s", clock, time_us / 1000 % 1000, tree_text(doc, "device"),
	       *event ? event : tree_text(doc, "action"));
	if (*event) {
		char *number = print_value(doc, "number"), *ms = print_value(doc, "deadline_ms");

		printf(" %s, number %s, cookie %s%s%s%s", tree_text(doc, "verb"),
		       number, tree_text(doc, "cookie"),
		       *ms && strcmp(ms, "0") ? ", " : "",
		       *ms && strcmp(ms, "0") ? ms : "",
		       *ms && strcmp(ms, "0") ? " ms left" : "");
		free(number);
		free(ms);
	}
	putchar('\n');
	fflush(stdout);
}
