// SPDX-License-Identifier: GPL-2.0
/* drvioctl diff: what devices have now against what they come up with. */
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "place.h"
#include "print.h"
#include "tree.h"

static const struct column columns[] = {
	{ "device", "device", true },
	{ "node", "node", true },
	{ "attribute", "attribute", true },
	{ "live", "live", true },
	{ "config", "config", true },
	{ "sync", "sync", true },
	{ "where", "where", true },
};

static const struct table_spec spec = { columns, sizeof(columns) / sizeof(columns[0]) };

static void add_row(const struct attr *attr, const struct place *p, void *rows)
{
	struct json_object *row;
	char *live, *config, *where = NULL;

	live = attr->live(p);
	config = attr->config(p, &where);
	/* Nothing here or there: most disks are no swap, and swap is no filesystem. */
	if (!place_has(attr, live, config))
		goto out;
	row = json_object_new_object();
	ctl_add(row, "device", p->device);
	ctl_add(row, "node", p->node);
	ctl_add(row, "attribute", attr->name);
	ctl_add(row, "live", live);
	ctl_add(row, "config", config);
	ctl_add(row, "where", where);
	ctl_add(row, "sync", !live || !config ? "unknown" : strcmp(live, config) ? "no" : "yes");
	json_object_array_add(rows, row);
out:
	free(where);
	free(config);
	free(live);
}

static enum exit_code diff_run(struct ctl *ctl, int argc, char **argv)
{
	struct json_object *rows;
	enum exit_code code;

	code = table_check(ctl, &spec);
	if (!code)
		code = tree_present(ctl);
	if (code)
		return code;
	rows = json_object_new_array();
	json_object_object_add(ctl->doc, "attributes", rows);
	code = place_each(ctl, argc ? argv[0] : NULL, add_row, rows);
	table_sort(ctl, &spec, rows);
	return code;
}

static void diff_print(const struct ctl *ctl)
{
	struct json_object *rows = tree_member(ctl->doc, "attributes");

	if (rows)
		print_table(ctl, &spec, rows);
}

const struct command diff_command = {
	.name = "diff",
	.arguments = "[DEV]",
	.help = "what a device has now against what it comes up with",
	.options = "cs",
	.max = 1,
	.run = diff_run,
	.print = diff_print,
};
