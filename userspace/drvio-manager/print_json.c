// SPDX-License-Identifier: GPL-2.0
/*
 * Outcomes as one JSON object.  "format" grows when something changes that a
 * reader could depend on; members may be added without.
 */
#include <stdio.h>

#include <json-c/json.h>

#include "device.h"

#define FORMAT	1

static struct json_object *top;
static struct json_object *devices;

static const char * const host_words[] = {
	[HOST_UNCHANGED] = "unchanged",
	[HOST_ATTACHED] = "attached",
	[HOST_DETACHED] = "detached",
	[HOST_REMOVED_AGAIN] = "removed-again",
};

static void add(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value && *value ?
			       json_object_new_string(value) : NULL);
}

static void json_begin(const char *command)
{
	top = json_object_new_object();
	devices = json_object_new_array();
	json_object_object_add(top, "format", json_object_new_int(FORMAT));
	add(top, "command", command);
}

static void json_outcome(const struct outcome *o, bool quiet)
{
	struct json_object *object = json_object_new_object();
	char dev_id[32];

	(void)quiet;
	snprintf(dev_id, sizeof(dev_id), DRVIO_DEV_ID_FMT,
		 (unsigned long long)o->device.dev_id);
	add(object, "id", o->device.id);
	add(object, "name", o->device.name);
	add(object, "dev_id", *o->device.name ? dev_id : NULL);
	add(object, "result", o->answered ? drvio_result_name(o->answer.result) : NULL);
	add(object, "status", o->answered ? drvio_status_name(o->answer.status) : NULL);
	add(object, "reason", o->answered ? o->answer.reason : NULL);
	add(object, "host", host_words[o->host]);
	add(object, "slot", o->slot);
	add(object, "error", o->error);
	json_object_object_add(object, "exit_code", json_object_new_int((int)o->code));
	json_object_array_add(devices, object);
}

static void json_end(enum exit_code code)
{
	json_object_object_add(top, "devices", devices);
	json_object_object_add(top, "exit_code", json_object_new_int((int)code));
	add(top, "exit_text", exit_code_text(code));
	puts(json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}

const struct printer print_json = {
	.begin = json_begin,
	.outcome = json_outcome,
	.end = json_end,
};
