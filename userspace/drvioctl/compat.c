// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of compatibility.  A type of the target takes the devices of the
 * source's when
 *
 *	type		is the same; compatible_type is not used, as long as no type
 *			lists another
 *	device_api	is the same
 *	software_version  has the same major, and a minor that is not lower
 *	compatible_*	has all values that the source's has
 *	dynamic_resources lists the same names
 *
 * and a device goes on as one with the same name and dev_id when each attribute
 * that dynamic_resources lists has the same value.  One that is not configured has
 * no state to go on.  Where there is no such
 * device yet, one has to be claimed with these values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "drvioctl.h"
#include "mem.h"
#include "print.h"
#include "tree.h"

/* Two numbers, the lowest and the highest: the target's range contains it. */
#define RANGE_FIELD	"compatible_mtu"

/* How many rows got the verdict "incompatible". */
static unsigned int incompatible;

static void add_row(struct json_object *rows, const char *object, const char *attribute,
		    const char *source, const char *target, const char *verdict,
		    const char *why)
{
	struct json_object *row = json_object_new_object();

	ctl_add(row, "object", object);
	ctl_add(row, "attribute", attribute);
	ctl_add(row, "source", source);
	ctl_add(row, "target", target);
	ctl_add(row, "verdict", verdict);
	ctl_add(row, "why", why);
	json_object_array_add(rows, row);
	if (!strcmp(verdict, COMPAT_INCOMPATIBLE))
		incompatible++;
}

/* A row with what is at @path in both objects. */
static void judge(struct json_object *rows, const char *object, const char *path,
		  const char *attribute, struct json_object *source,
		  struct json_object *target, bool good, const char *why)
{
	char *left = print_value(source, path), *right = print_value(target, path);

	add_row(rows, object, attribute, left, right,
		good ? COMPAT_OK : COMPAT_INCOMPATIBLE, good ? "" : why);
	free(left);
	free(right);
}

static bool same(struct json_object *source, struct json_object *target, const char *path)
{
	char *left = print_value(source, path), *right = print_value(target, path);
	bool equal = !strcmp(left, right);

	free(left);
	free(right);
	return equal;
}

static bool has(struct json_object *list, const char *value)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (!strcmp(value, json_object_get_string(json_object_array_get_idx(list, i))))
			return true;
	return false;
}

/*
 * The values of @source that @target lacks, as the reason of a verdict; "" when
 * it has all of them.  To be freed.
 */
static char *lacking(struct json_object *source, struct json_object *target)
{
	char *text = xstrdup("");

	for (size_t i = 0; source && i < json_object_array_length(source); i++) {
		const char *value = json_object_get_string(json_object_array_get_idx(source, i));
		char *more;

		if (has(target, value))
			continue;
		more = xasprintf("%s%s%s", text, *text ? ", " : "the target lacks ", value);
		free(text);
		text = more;
	}
	return text;
}

/* Whether both lists have the same names, in any order. */
static bool same_names(struct json_object *a, struct json_object *b)
{
	char *less = lacking(a, b), *more = lacking(b, a);
	bool same_ones = !*less && !*more;

	free(less);
	free(more);
	return same_ones;
}

static bool read_range(struct json_object *list, long *low, long *high)
{
	if (!list || json_object_array_length(list) != 2)
		return false;
	*low = atol(json_object_get_string(json_object_array_get_idx(list, 0)));
	*high = atol(json_object_get_string(json_object_array_get_idx(list, 1)));
	return true;
}

static bool contains(struct json_object *source, struct json_object *target)
{
	long low, high, target_low, target_high;

	return read_range(source, &low, &high) &&
	       read_range(target, &target_low, &target_high) &&
	       target_low <= low && target_high >= high;
}

static bool version_follows(const char *source, const char *target)
{
	unsigned int major, minor, target_major, target_minor;

	return sscanf(source, "%u.%u", &major, &minor) == 2 &&
	       sscanf(target, "%u.%u", &target_major, &target_minor) == 2 &&
	       major == target_major && target_minor >= minor;
}

/* The object of a list whose @key is @value, NULL when there is none. */
static struct json_object *find(struct json_object *list, const char *key, const char *value)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *object = json_object_array_get_idx(list, i);

		if (!strcmp(value, tree_text(object, key)))
			return object;
	}
	return NULL;
}

static void compare_fields(struct json_object *source, struct json_object *target,
			   const char *name, struct json_object *rows)
{
	struct json_object *fields = tree_member(source, "compatible");
	struct json_object *target_fields = tree_member(target, "compatible");
	char *why;

	if (!fields)
		return;
	json_object_object_foreach(fields, key, value) {
		struct json_object *other = tree_member(target_fields, key);

		if (!strcmp(key, "compatible_type"))
			continue;
		if (!strcmp(key, RANGE_FIELD)) {
			judge(rows, name, key, key, fields, target_fields,
			      contains(value, other),
			      "the target's range must contain the source's");
			continue;
		}
		why = lacking(value, other);
		judge(rows, name, key, key, fields, target_fields, !*why, why);
		free(why);
	}
}

/* Return: the target's type, NULL when it has none. */
static struct json_object *compare_type(struct json_object *source,
					struct json_object *target_types,
					struct json_object *rows)
{
	const char *name = tree_text(source, "type");
	struct json_object *target = find(target_types, "type", name);

	if (!target) {
		add_row(rows, name, "type", name, "", COMPAT_INCOMPATIBLE,
			"the target has no such type");
		return NULL;
	}
	judge(rows, name, "type", "type", source, target, true, "");
	judge(rows, name, "device_api", "device_api", source, target,
	      same(source, target, "device_api"), "it must be the same");
	judge(rows, name, "software_version", "software_version", source, target,
	      version_follows(tree_text(source, "software_version"),
			      tree_text(target, "software_version")),
	      "the same major, and no lower minor");
	compare_fields(source, target, name, rows);
	judge(rows, name, "dynamic_resources", "dynamic_resources", source, target,
	      same_names(tree_member(source, "dynamic_resources"),
			 tree_member(target, "dynamic_resources")),
	      "it must list the same");
	return target;
}

static void compare_device(struct json_object *source, struct json_object *target,
			   struct json_object *rows)
{
	struct json_object *resources = tree_member(source, "resources");
	struct json_object *target_resources = tree_member(target, "resources");
	const char *name = tree_text(source, "device");

	/* What is not in use has no state that could go on. */
	if (!resources || strcmp(tree_text(source, "status"), "configured"))
		return;
	json_object_object_foreach(resources, key, value) {
		(void)value;
		if (!target)
			add_row(rows, name, key, tree_text(resources, key), "", COMPAT_CLAIM,
				"the device that is claimed must have this value");
		else
			judge(rows, name, key, key, resources, target_resources,
			      same(resources, target_resources, key), "it must be the same");
	}
}

bool compat_compare(struct json_object *source, struct json_object *target, bool all,
		    struct json_object *rows)
{
	struct json_object *types = tree_member(source, "types"), *type, *names, *device;
	struct json_object *devices = tree_member(source, "devices");
	struct json_object *target_devices = tree_member(target, "devices");

	incompatible = 0;
	for (size_t i = 0; types && i < json_object_array_length(types); i++) {
		type = json_object_array_get_idx(types, i);
		names = tree_member(type, "devices");
		if (!all && (!names || !json_object_array_length(names)))
			continue;
		if (!compare_type(type, tree_member(target, "types"), rows))
			continue;
		for (size_t n = 0; names && n < json_object_array_length(names); n++) {
			const char *name = json_object_get_string(json_object_array_get_idx(names, n));

			device = find(devices, "device", name);
			if (device)
				compare_device(device, find(target_devices, "device", name), rows);
		}
	}
	return !incompatible;
}
