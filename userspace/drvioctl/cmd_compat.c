// SPDX-License-Identifier: GPL-2.0
/* drvioctl compat: compares an export with another, or with this guest. */
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "print.h"
#include "tree.h"

static const struct column columns[] = {
	{ "object", "object", true },
	{ "attribute", "attribute", true },
	{ "verdict", "verdict", true },
	{ "source", "source", false },
	{ "target", "target", false },
	{ "why", "why", true },
};

static const struct table_spec spec = { columns, sizeof(columns) / sizeof(columns[0]) };

static bool texts(struct json_object *list)
{
	if (!json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!json_object_is_type(json_object_array_get_idx(list, i), json_type_string))
			return false;
	return true;
}

static bool type_well_formed(struct json_object *type)
{
	struct json_object *fields = tree_member(type, "compatible");

	if (!*tree_text(type, "type") || !*tree_text(type, "device_api") ||
	    !*tree_text(type, "software_version") ||
	    !texts(tree_member(type, "dynamic_resources")) ||
	    !texts(tree_member(type, "devices")) ||
	    !json_object_is_type(fields, json_type_object))
		return false;
	json_object_object_foreach(fields, key, value) {
		(void)key;
		if (!texts(value))
			return false;
	}
	return true;
}

static bool device_well_formed(struct json_object *device)
{
	return *tree_text(device, "device") &&
	       json_object_is_type(tree_member(device, "resources"), json_type_object);
}

static bool each(struct json_object *list, bool (*well)(struct json_object *))
{
	if (!json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *object = json_object_array_get_idx(list, i);

		if (!json_object_is_type(object, json_type_object) || !well(object))
			return false;
	}
	return true;
}

/* Whether there is all that the rules look at: the file may come from anywhere. */
static bool well_formed(struct json_object *doc)
{
	return each(tree_member(doc, "types"), type_well_formed) &&
	       each(tree_member(doc, "devices"), device_well_formed);
}

static struct json_object *read_export(struct ctl *ctl, const char *path)
{
	struct json_object *doc = json_object_from_file(path), *format = NULL;

	if (!doc) {
		/* It ends with a newline, and names the file. */
		const char *why = json_util_get_last_err();

		ctl_fail(ctl, EXIT_CODE_FAILED, "%s: no export: %.*s", path,
			 (int)strcspn(why, "\n"), why);
		return NULL;
	}
	json_object_object_get_ex(doc, "format", &format);
	if (json_object_get_int(format) != FORMAT || strcmp(tree_text(doc, "command"), "export")) {
		ctl_fail(ctl, EXIT_CODE_FAILED,
			 "%s: not what \"drvioctl export\" of this version prints (format %d)",
			 path, FORMAT);
	} else if (!well_formed(doc)) {
		ctl_fail(ctl, EXIT_CODE_FAILED, "%s: an export with members missing or wrong", path);
	} else {
		return doc;
	}
	json_object_put(doc);
	return NULL;
}

static enum exit_code compat_run(struct ctl *ctl, int argc, char **argv)
{
	struct json_object *source, *target, *rows;
	enum exit_code code;
	bool compatible;

	code = table_check(ctl, &spec);
	if (!code && argc < 2)
		code = tree_present(ctl);
	if (code)
		return code;
	source = read_export(ctl, argv[0]);
	if (!source)
		return EXIT_CODE_FAILED;
	if (argc > 1) {
		target = read_export(ctl, argv[1]);
		if (!target) {
			json_object_put(source);
			return EXIT_CODE_FAILED;
		}
	} else {
		target = json_object_new_object();
		tree_export(ctl, target);
	}
	rows = json_object_new_array();
	compatible = compat_compare(source, target, ctl->all, rows);
	table_sort(ctl, &spec, rows);
	json_object_object_add(ctl->doc, "verdict", json_object_new_string(
			       compatible ? "compatible" : COMPAT_INCOMPATIBLE));
	json_object_object_add(ctl->doc, "attributes", rows);
	json_object_put(target);
	json_object_put(source);
	return compatible ? EXIT_CODE_OK : EXIT_CODE_INCOMPATIBLE;
}

static void compat_print(const struct ctl *ctl)
{
	struct json_object *rows = tree_member(ctl->doc, "attributes");

	if (!rows)
		return;
	print_table(ctl, &spec, rows);
	puts(tree_text(ctl->doc, "verdict"));
}

const struct command compat_command = {
	.name = "compat",
	.arguments = "SOURCE [TARGET]",
	.help = "can the devices of an export go on in another, or here",
	.options = "csa",
	.min = 1,
	.max = 2,
	.run = compat_run,
	.print = compat_print,
};
