// SPDX-License-Identifier: GPL-2.0
/* What commands report, and how. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "drvioctl.h"
#include "mem.h"

enum exit_code ctl_fail(struct ctl *ctl, enum exit_code code, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	fprintf(stderr, "drvioctl: %s\n", text);
	json_object_object_add(ctl->doc, "error", json_object_new_string(text));
	free(text);
	return code;
}

enum exit_code ctl_usage(struct ctl *ctl, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	ctl_fail(ctl, EXIT_CODE_USAGE, "%s; see drvioctl --help", text);
	free(text);
	return EXIT_CODE_USAGE;
}

enum exit_code ctl_errno_code(int err)
{
	switch (err) {
	case 0:
		return EXIT_CODE_OK;
	case EACCES:
	case EPERM:
	case EROFS:
		return EXIT_CODE_PERMISSION;
	case ENOENT:
	case ENODEV:
		return EXIT_CODE_NOT_PRESENT;
	case EINVAL:
		return EXIT_CODE_USAGE;
	case ENOMEM:
		return EXIT_CODE_INTERNAL;
	default:
		return EXIT_CODE_FAILED;
	}
}

void ctl_print_json(struct json_object *object, bool one_line)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED;

	puts(json_object_to_json_string_ext(object, one_line ? flags :
					    flags | JSON_C_TO_STRING_PRETTY));
	fflush(stdout);
}

void ctl_add(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text && *text ? json_object_new_string(text) : NULL);
}
