// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl configure, unconfigure, status: plays the control domain over a link
 * of its own, so that who can only run programs in the guest (QEMU's guest
 * agent) gets the answers and exit codes of drvio-manager.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "print.h"
#include "session.h"
#include "tree.h"

/* The service answers at once where it is there. */
#define LISTEN_MS	10000

static enum exit_code connect(struct ctl *ctl, struct session *s, const struct deadline *d)
{
	struct deadline listen = deadline_sooner(d, LISTEN_MS);
	enum exit_code code = EXIT_CODE_NOT_LISTENING;
	enum session_error error;
	char path[4096];

	snprintf(path, sizeof(path), "%s/dev/drvio", ctl->root);
	if (ctl->link)
		snprintf(path, sizeof(path), "%s", ctl->link);
	error = session_open(s, path, &listen);
	if (error && (errno == EACCES || errno == EPERM))
		code = EXIT_CODE_PERMISSION;
	if (error)
		return ctl_fail(ctl, code, "%s%s", s->why,
				errno == ENOENT ? ": load the module drvio-virtio" :
				errno == EBUSY ? ": all links are in use; see \"drvioctl links\"" : "");
	error = session_establish(s, &listen);
	if (!error)
		return EXIT_CODE_OK;
	if (error == SESSION_GARBAGE)
		code = EXIT_CODE_PROTOCOL;
	return ctl_fail(ctl, code, "%s: %s", path, s->why);
}

static enum exit_code ask(struct ctl *ctl, struct session *s, const struct deadline *d,
			  enum drvio_verb verb, const char *name, uint64_t dev_id,
			  struct json_object *to)
{
	struct session_answer answer;
	enum session_error error;
	enum exit_code code;
	const char *hint;

	error = session_call(s, verb, name, dev_id, &answer, d);
	if (error) {
		code = answer_missing(error, &hint);
		return ctl_fail(ctl, code, "%s@" DRVIO_DEV_ID_FMT ": %s%s", name,
				(unsigned long long)dev_id,
				error == SESSION_TIMEOUT ? "no answer in time" : s->why, hint);
	}
	ctl_add(to, "result", drvio_result_name(answer.result));
	ctl_add(to, "status", drvio_status_name(answer.status));
	ctl_add(to, "reason", answer.reason);
	code = answer_code(verb, &answer);
	if (answer_contradicts(verb, &answer))
		return ctl_fail(ctl, EXIT_CODE_PROTOCOL,
				"%s@" DRVIO_DEV_ID_FMT ": the service contradicts itself: ok, but %s",
				name, (unsigned long long)dev_id,
				drvio_status_name(answer.status));
	return code;
}

/* A device need not be there to be asked about, where it is given by its name. */
static enum exit_code find(struct ctl *ctl, const char *word, char *name, size_t size,
			   uint64_t *dev_id)
{
	char device[DEVICE_NAME_MAX];
	enum exit_code code;

	if (tree_parse(word, name, size, dev_id))
		return EXIT_CODE_OK;
	code = tree_find(ctl, word, device);
	if (!code && !tree_parse(device, name, size, dev_id))
		code = ctl_fail(ctl, EXIT_CODE_FAILED, "%s: not <type>@<dev_id>", device);
	return code;
}

static enum exit_code request(struct ctl *ctl, enum drvio_verb verb, int argc, char **argv)
{
	struct deadline d = deadline_in_ms(ctl->timeout_ms);
	struct json_object *devices, *device;
	enum exit_code code, first = EXIT_CODE_OK;
	struct session s = { .fd = -1 };
	char name[DRVIO_NAME_MAX], id[32];
	uint64_t dev_id;

	devices = json_object_new_array();
	json_object_object_add(ctl->doc, "devices", devices);
	for (int i = 0; i < argc; i++) {
		code = find(ctl, argv[i], name, sizeof(name), &dev_id);
		if (!code && s.fd < 0)
			code = connect(ctl, &s, &d);
		if (code) {
			first = first ? first : code;
			break;
		}
		device = json_object_new_object();
		snprintf(id, sizeof(id), DRVIO_DEV_ID_FMT, (unsigned long long)dev_id);
		json_object_object_add(device, "name", json_object_new_string(name));
		json_object_object_add(device, "dev_id", json_object_new_string(id));
		json_object_array_add(devices, device);
		code = ask(ctl, &s, &d, verb, name, dev_id, device);
		json_object_object_add(device, "exit_code", json_object_new_int((int)code));
		first = first ? first : code;
		/* What is late would be taken for the answer to the next one. */
		if (code == EXIT_CODE_NO_ANSWER || code == EXIT_CODE_PROTOCOL)
			break;
	}
	session_close(&s);
	return first;
}

/* As drvio-manager does. */
static void print_answers(const struct ctl *ctl)
{
	struct json_object *devices = tree_member(ctl->doc, "devices"), *device;

	for (size_t i = 0; devices && i < json_object_array_length(devices); i++) {
		device = json_object_array_get_idx(devices, i);
		if (!*tree_text(device, "result"))
			continue;
		printf("%s@%s: %s, %s\n", tree_text(device, "name"),
		       tree_text(device, "dev_id"), tree_text(device, "result"),
		       tree_text(device, "status"));
		print_indented("    ", tree_text(device, "reason"));
	}
}

static enum exit_code configure_run(struct ctl *ctl, int argc, char **argv)
{
	return request(ctl, DRVIO_CONFIGURE, argc, argv);
}

static enum exit_code unconfigure_run(struct ctl *ctl, int argc, char **argv)
{
	return request(ctl, ctl->force ? DRVIO_FORCE_UNCONFIG : DRVIO_UNCONFIGURE, argc, argv);
}

static enum exit_code status_run(struct ctl *ctl, int argc, char **argv)
{
	return request(ctl, DRVIO_STATUS, argc, argv);
}

const struct command configure_command = {
	.name = "configure",
	.arguments = "DEV",
	.help = "take a device into use, as the control domain asks it",
	.min = 1,
	.max = 1,
	.run = configure_run,
	.print = print_answers,
};

const struct command unconfigure_command = {
	.name = "unconfigure",
	.arguments = "[--force] DEV",
	.help = "let go of a device, as the control domain asks it",
	.options = "f",
	.min = 1,
	.max = 1,
	.run = unconfigure_run,
	.print = print_answers,
};

const struct command status_command = {
	.name = "status",
	.arguments = "DEV...",
	.help = "what the control domain is told of devices",
	.min = 1,
	.max = ARGUMENTS_ANY,
	.run = status_run,
	.print = print_answers,
};
