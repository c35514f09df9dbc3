// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl check: would an unconfigure succeed?  What the kernel looks at first
 * is looked at here, in its order; who uses the device is found by drvio-helper,
 * which does the same look for a request.  Nothing is changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "print.h"
#include "run.h"
#include "tree.h"

/* The verdicts; their exit codes are those of an unconfigure. */
#define YES	"yes"
#define BLOCKED	"blocked"
#define NEVER	"never"

static enum exit_code verdict(struct ctl *ctl, enum exit_code code, const char *reason)
{
	const char *word = code == EXIT_CODE_OK ? YES :
			   code == EXIT_CODE_BLOCKED ? BLOCKED : NEVER;

	ctl_add(ctl->doc, "verdict", word);
	ctl_add(ctl->doc, "reason", reason);
	return code;
}

/*
 * Has drvio-helper look.  Return: its exit code, @text what it printed, to be
 * freed.
 */
static enum exit_code look(struct ctl *ctl, const char *device, char **text)
{
	static const char * const trees[][2] = {
		{ "--sysfs", "sys" }, { "--proc", "proc" }, { "--dev", "dev" },
		{ "--fstab", "etc/fstab" }, { "--config", "etc/drvio/drvio.conf" },
	};
	char *paths[sizeof(trees) / sizeof(trees[0])] = { NULL };
	const char *argv[16] = { ctl->helper };
	struct run run = {
		.argv = argv,
		.timeout_ms = (unsigned int)ctl->timeout_ms,
	};
	enum exit_code code;
	size_t n = 1;
	int status;

	for (size_t i = 0; *ctl->root && i < sizeof(trees) / sizeof(trees[0]); i++) {
		paths[i] = xasprintf("%s/%s", ctl->root, trees[i][1]);
		argv[n++] = trees[i][0];
		argv[n++] = paths[i];
	}
	argv[n++] = "look";
	argv[n++] = device;
	status = run_program(&run);
	/* Of a policy that is wrong each request is refused. */
	code = status == EXIT_CODE_USAGE ? EXIT_CODE_FAILED : (enum exit_code)status;
	*text = xstrdup(run.output ? run.output : "");
	/* A refusal has a table; a failure has none, and says on stderr what it is. */
	if (status < 0 || (status && !**text))
		code = ctl_fail(ctl, status > 0 ? code : EXIT_CODE_INTERNAL, "%s: %s: %s",
				device, ctl->helper, run.why ? run.why : "failed");
	run_free(&run);
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		free(paths[i]);
	return code;
}

/* Whether a link's bytes go through a target of the device. */
static bool carries(struct json_object *device, struct json_object *link)
{
	struct json_object *targets = tree_member(device, "targets");
	const char *peer = tree_text(link, "peer");

	/* vsock has one device, that of the host; CID 1 is this guest itself. */
	if (!strcmp(tree_text(link, "transport"), "vsock"))
		return !strcmp(tree_text(device, "name"), "virtio-vsock") &&
		       strncmp(peer, "1:", 2);
	for (size_t t = 0; t < json_object_array_length(targets); t++)
		if (!strcmp(peer, tree_text(json_object_array_get_idx(targets, t), "target")))
			return true;
	return false;
}

/* The name of the link that the device carries; "" for none; to be freed. */
static char *carried(const struct ctl *ctl, struct json_object *device)
{
	struct json_object *links = tree_links(ctl), *link;
	char *found = xstrdup("");

	for (size_t i = 0; i < json_object_array_length(links) && !*found; i++) {
		link = json_object_array_get_idx(links, i);
		if (!carries(device, link))
			continue;
		free(found);
		found = xstrdup(tree_text(link, "link"));
	}
	json_object_put(links);
	return found;
}

static enum exit_code check_device(struct ctl *ctl, struct json_object *device)
{
	const char *name = tree_text(device, "device"), *hold = tree_text(device, "hold");
	struct json_object *request = tree_member(device, "request");
	struct json_object *service;
	char *text, *link, *reason;
	enum exit_code code;

	if (request && strcmp(tree_text(request, "phase"), "done"))
		return verdict(ctl, EXIT_CODE_BLOCKED,
			       "another request is under way; try again when it is answered");
	if (!strcmp(tree_text(device, "status"), "unconfigured"))
		return verdict(ctl, EXIT_CODE_OK, "");
	link = carried(ctl, device);
	if (*link) {
		text = xasprintf("it carries %s, over which the control domain talks to this guest",
				 link);
		code = verdict(ctl, EXIT_CODE_FAILED, text);
		free(text);
		free(link);
		return code;
	}
	free(link);

	service = tree_service(ctl);
	text = xstrdup(tree_text(service, "helper"));
	json_object_put(service);
	if (!*text) {
		free(text);
		return verdict(ctl, EXIT_CODE_FAILED,
			       "no drvio-helper is registered: run \"drvio-helper register\"");
	}
	free(text);

	code = look(ctl, name, &text);
	if (code && !*text) {
		free(text);
		return code;
	}
	if (!code && *hold)
		code = EXIT_CODE_BLOCKED;
	reason = xasprintf("%s%s%s%s", *hold ? "held by the administrator: " : "", hold,
			   *hold && *text ? "\n" : "", text);
	code = verdict(ctl, code, reason);
	free(reason);
	free(text);
	return code;
}

static enum exit_code check_run(struct ctl *ctl, int argc, char **argv)
{
	struct json_object *device;
	char name[DEVICE_NAME_MAX];
	enum exit_code code;

	(void)argc;
	code = tree_find(ctl, argv[0], name);
	if (code)
		return code;
	json_object_object_add(ctl->doc, "device", json_object_new_string(name));
	device = tree_device(ctl, name);
	if (!device)
		return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT, "%s: it has just gone", name);
	code = check_device(ctl, device);
	json_object_put(device);
	return code;
}

static void check_print(const struct ctl *ctl)
{
	if (!*tree_text(ctl->doc, "verdict"))
		return;
	printf("%s: %s\n", tree_text(ctl->doc, "device"), tree_text(ctl->doc, "verdict"));
	print_indented("    ", tree_text(ctl->doc, "reason"));
}

const struct command check_command = {
	.name = "check",
	.arguments = "DEV",
	.help = "would an unconfigure succeed, and if not, why",
	.min = 1,
	.max = 1,
	.run = check_run,
	.print = check_print,
};
