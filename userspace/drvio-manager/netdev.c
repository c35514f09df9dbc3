// SPDX-License-Identifier: GPL-2.0
/* Network backends as people write them. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "manager.h"
#include "mem.h"
#include "netdev.h"

static struct json_object *typed(const char *value)
{
	long long number;
	char *end;

	if (!strcmp(value, "on") || !strcmp(value, "off"))
		return json_object_new_boolean(!strcmp(value, "on"));
	errno = 0;
	number = strtoll(value, &end, 10);
	if (isdigit((unsigned char)*value) && !*end && !errno)
		return json_object_new_int64(number);
	return json_object_new_string(value);
}

static struct json_object *parse_json(const char *spec)
{
	struct json_object *object = json_tokener_parse(spec);

	if (json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	usage_error("--netdev '%s': no JSON object", spec);
	return NULL;
}

static struct json_object *parse_words(const char *spec)
{
	struct json_object *object = json_object_new_object();
	char *copy = xstrdup(spec);
	char *rest = copy, *word;
	bool first = true;

	while (object && (word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');

		if (first && !value && *word) {
			json_object_object_add(object, "type", json_object_new_string(word));
		} else if (!first && value && value != word) {
			*value++ = '\0';
			json_object_object_add(object, word, typed(value));
		} else {
			usage_error("--netdev '%s': '%s' is no %s", spec, word,
				    first ? "type of backend" : "KEY=VALUE");
			json_object_put(object);
			object = NULL;
		}
		first = false;
	}
	free(copy);
	return object;
}

struct json_object *netdev_arguments(const char *spec, const char *id)
{
	struct json_object *object = *spec == '{' ? parse_json(spec) : parse_words(spec);

	if (object)
		json_object_object_add(object, "id", json_object_new_string(id));
	return object;
}
