// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl monitor: what becomes of an event.  With an argument it prints the
 * event of the environment as JSON, for ctl_schema.sh.
 */
#include <stdlib.h>

#include "drvioctl.h"
#include "event.h"
#include "tap.h"
#include "tree.h"

static void set_request(void)
{
	/* The last reading of it has cut it into pieces. */
	clearenv();
	setenv("ACTION", "change", 1);
	setenv("DEVPATH", "/devices/virtual/drvio/virtio-blk@0x0102000800000000", 1);
	setenv("SUBSYSTEM", "drvio", 1);
	setenv("DEVTYPE", "drvio_device", 1);
	setenv("SEQNUM", "1117", 1);
	setenv("DRVIO_EVENT", "request", 1);
	setenv("DRVIO_VERB", "unconfigure", 1);
	setenv("DRVIO_COOKIE", "c23b5f58ae5aea2d", 1);
	setenv("DRVIO_REQ_NUM", "7", 1);
	setenv("DRVIO_TYPE", "virtio-blk", 1);
	setenv("DRVIO_DEV_ID", "0x0102000800000000", 1);
	setenv("DRVIO_TARGETS", "/devices/pci0000:00/0000:00:01.0/0000:01:00.0/virtio1", 1);
	setenv("DRVIO_DEADLINE_MS", "30000", 1);
}

static struct json_object *from_environment(struct udev *udev)
{
	struct udev_device *event = udev_device_new_from_environment(udev);
	struct json_object *doc = event ? event_json(event, 1795211912773819LL) : NULL;

	udev_device_unref(event);
	return doc;
}

static const char *text(struct json_object *doc)
{
	return json_object_to_json_string_ext(doc, JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
}

int main(int argc, char **argv)
{
	struct udev *udev = udev_new();
	struct json_object *doc;

	(void)argv;
	set_request();
	doc = from_environment(udev);
	if (argc > 1) {
		puts(text(doc));
		json_object_put(doc);
		set_request();
		unsetenv("DRVIO_EVENT");
		setenv("ACTION", "add", 1);
		doc = from_environment(udev);
		puts(text(doc));
		json_object_put(doc);
		udev_unref(udev);
		return 0;
	}
	ok(doc, "an event of a request is read");
	is(text(doc),
	   "{ \"format\": 1, \"time_us\": 1795211912773819, \"seqnum\": 1117, "
	   "\"action\": \"change\", \"device\": \"virtio-blk@0x0102000800000000\", "
	   "\"devtype\": \"drvio_device\", \"event\": \"request\", "
	   "\"verb\": \"unconfigure\", \"number\": 7, \"cookie\": \"c23b5f58ae5aea2d\", "
	   "\"type\": \"virtio-blk\", \"dev_id\": \"0x0102000800000000\", "
	   "\"targets\": \"/devices/pci0000:00/0000:00:01.0/0000:01:00.0/virtio1\", "
	   "\"deadline_ms\": 30000 }", "as JSON on one line");
	json_object_put(doc);

	set_request();
	unsetenv("DRVIO_EVENT");
	unsetenv("DRVIO_VERB");
	unsetenv("DRVIO_REQ_NUM");
	setenv("ACTION", "add", 1);
	doc = from_environment(udev);
	is(tree_text(doc, "action"), "add", "a node that comes");
	ok(!json_object_object_get(doc, "event") && !json_object_object_get(doc, "number"),
	   "has no event and no request");
	json_object_put(doc);
	udev_unref(udev);
	return tap_done();
}
