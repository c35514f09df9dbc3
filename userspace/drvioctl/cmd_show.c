// SPDX-License-Identifier: GPL-2.0
/* drvioctl show: all of some devices, or of each. */
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "tree.h"

static enum exit_code show_run(struct ctl *ctl, int argc, char **argv)
{
	struct json_object *devices, *device;
	char name[DEVICE_NAME_MAX];
	enum exit_code code;

	code = tree_present(ctl);
	if (code)
		return code;
	if (!argc) {
		json_object_object_add(ctl->doc, "devices", tree_devices(ctl));
		return EXIT_CODE_OK;
	}
	devices = json_object_new_array();
	json_object_object_add(ctl->doc, "devices", devices);
	for (int i = 0; i < argc; i++) {
		code = tree_find(ctl, argv[i], name);
		if (code)
			return code;
		device = tree_device(ctl, name);
		if (!device)
			return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT, "%s: it has just gone", name);
		json_object_array_add(devices, device);
	}
	return EXIT_CODE_OK;
}

static void print_request(struct json_object *device)
{
	struct json_object *request = tree_member(device, "request");
	char *reason;

	if (!request)
		return;
	print_fact("request", request, "verb");
	print_fact("request number", request, "number");
	print_fact("request phase", request, "phase");
	print_fact("request cookie", request, "cookie");
	print_fact("request result", request, "result");
	print_fact("request status", request, "status");
	print_fact("request duration_us", request, "duration_us");
	reason = print_value(request, "reason");
	if (*reason) {
		puts("  request reason:");
		print_indented("    ", reason);
	}
	free(reason);
}

static void show_print(const struct ctl *ctl)
{
	struct json_object *devices = tree_member(ctl->doc, "devices"), *device, *resources;

	for (size_t i = 0; devices && i < json_object_array_length(devices); i++) {
		device = json_object_array_get_idx(devices, i);
		printf("%s%s\n", i ? "\n" : "", tree_text(device, "device"));
		print_fact("type", device, "type");
		print_fact("state", device, "state");
		print_fact("status", device, "status");
		print_fact("hold", device, "hold");
		print_fact("hold ends in ms", device, "hold_ms");
		print_fact("target", device, "targets.target");
		print_fact("driver", device, "targets.driver");
		print_fact("nodes", device, "nodes");
		resources = tree_member(device, "resources");
		json_object_object_foreach(resources, key, value) {
			(void)value;
			print_fact(key, resources, key);
		}
		print_request(device);
	}
}

const struct command show_command = {
	.name = "show",
	.arguments = "[DEV...]",
	.help = "all of a device, its last request too",
	.max = ARGUMENTS_ANY,
	.run = show_run,
	.print = show_print,
};
