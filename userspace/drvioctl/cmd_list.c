// SPDX-License-Identifier: GPL-2.0
/* drvioctl list, types, links: tables of the tree. */
#include "print.h"
#include "tree.h"

static const struct column device_columns[] = {
	{ "device", "device", true },
	{ "state", "state", true },
	{ "target", "targets.target", true },
	{ "driver", "targets.driver", true },
	{ "nodes", "nodes", true },
	{ "hold", "hold", true },
	{ "name", "name", false },
	{ "dev_id", "dev_id", false },
	{ "type", "type", false },
	{ "status", "status", false },
	{ "verb", "request.verb", false },
	{ "phase", "request.phase", false },
	{ "result", "request.result", false },
	{ "reason", "request.reason", false },
};

static const struct column type_columns[] = {
	{ "type", "type", true },
	{ "device_api", "device_api", true },
	{ "version", "software_version", true },
	{ "available", "available_instances", true },
	{ "devices", "devices", true },
	{ "bus", "bus", false },
	{ "name", "name", false },
	{ "resources", "dynamic_resources", false },
	{ "description", "description", true },
};

static const struct column link_columns[] = {
	{ "link", "link", true },
	{ "transport", "transport", true },
	{ "state", "state", true },
	{ "version", "version", true },
	{ "peer", "peer", true },
	{ "requests", "statistics.requests", true },
	{ "answers", "statistics.answers", true },
	{ "dropped", "statistics.dropped", true },
	{ "errors", "statistics.errors", true },
};

#define SPEC(columns)	{ columns, sizeof(columns) / sizeof(columns[0]) }

/**
 * struct tree_table - a command that shows a list of the tree
 * @member: member of the document
 * @read: reads it
 * @spec: its columns
 */
static const struct tree_table {
	const char *member;
	struct json_object *(*read)(const struct ctl *ctl);
	struct table_spec spec;
} devices = { "devices", tree_devices, SPEC(device_columns) },
  types = { "types", tree_types, SPEC(type_columns) },
  links = { "links", tree_links, SPEC(link_columns) };

static enum exit_code run(struct ctl *ctl, const struct tree_table *table)
{
	struct json_object *rows;
	enum exit_code code;

	code = table_check(ctl, &table->spec);
	if (!code)
		code = tree_present(ctl);
	if (code)
		return code;
	rows = table->read(ctl);
	table_sort(ctl, &table->spec, rows);
	json_object_object_add(ctl->doc, table->member, rows);
	return EXIT_CODE_OK;
}

static void print(const struct ctl *ctl, const struct tree_table *table)
{
	struct json_object *rows = tree_member(ctl->doc, table->member);

	if (rows)
		print_table(ctl, &table->spec, rows);
}

static enum exit_code list_run(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(ctl, &devices);
}

static void list_print(const struct ctl *ctl)
{
	print(ctl, &devices);
}

static enum exit_code types_run(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(ctl, &types);
}

static void types_print(const struct ctl *ctl)
{
	print(ctl, &types);
}

static enum exit_code links_run(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return run(ctl, &links);
}

static void links_print(const struct ctl *ctl)
{
	print(ctl, &links);
}

const struct command list_command = {
	.name = "list",
	.arguments = "",
	.help = "the devices",
	.options = "cs",
	.run = list_run,
	.print = list_print,
};

const struct command types_command = {
	.name = "types",
	.arguments = "",
	.help = "the types of devices",
	.options = "cs",
	.run = types_run,
	.print = types_print,
};

const struct command links_command = {
	.name = "links",
	.arguments = "",
	.help = "the links to control domains",
	.options = "cs",
	.run = links_run,
	.print = links_print,
};
