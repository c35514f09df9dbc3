// SPDX-License-Identifier: GPL-2.0
/* drvioctl export: the whole tree, as JSON with or without --json. */
#include "tree.h"

static enum exit_code export_run(struct ctl *ctl, int argc, char **argv)
{
	enum exit_code code = tree_present(ctl);

	(void)argc;
	(void)argv;
	ctl->json = true;
	if (!code)
		tree_export(ctl, ctl->doc);
	return code;
}

const struct command export_command = {
	.name = "export",
	.arguments = "",
	.help = "the whole tree as JSON, for compat and for reports",
	.run = export_run,
};
