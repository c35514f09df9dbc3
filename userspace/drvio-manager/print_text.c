// SPDX-License-Identifier: GPL-2.0
/* Outcomes as text for people. */
#include <stdio.h>
#include <string.h>

#include "device.h"

static const char * const host_text[] = {
	[HOST_ATTACHED] = "attached to",
	[HOST_DETACHED] = "taken away",
	[HOST_REMOVED_AGAIN] = "taken away again from",
};

static void print_device(FILE *to, const struct device *d)
{
	if (!*d->name)
		fprintf(to, "%s", d->id);
	else if (!*d->id)
		fprintf(to, DEVICE_FMT, DEVICE_ARGS(d));
	else
		fprintf(to, "%s (" DEVICE_FMT ")", d->id, DEVICE_ARGS(d));
}

/* A reason may be a table: each of its lines is indented. */
static void print_indented(const char *text)
{
	size_t n;

	while (*text) {
		n = strcspn(text, "\n");
		printf("    %.*s\n", (int)n, text);
		text += n;
		if (*text)
			text++;
	}
}

static void text_begin(const char *command)
{
	(void)command;
}

static void text_outcome(const struct outcome *o, bool quiet)
{
	if (!quiet || o->code) {
		if (o->answered) {
			print_device(stdout, &o->device);
			printf(": %s, %s\n", drvio_result_name(o->answer.result),
			       drvio_status_name(o->answer.status));
			print_indented(o->answer.reason);
		} else if (o->host) {
			print_device(stdout, &o->device);
			puts(":");
		}
		if (o->host)
			printf("    %s%s%s\n", host_text[o->host], *o->slot ? " " : "", o->slot);
		fflush(stdout);
	}
	if (*o->error) {
		fputs("drvio-manager: ", stderr);
		print_device(stderr, &o->device);
		fprintf(stderr, ": %s\n", o->error);
	}
}

static void text_end(enum exit_code code)
{
	(void)code;
}

const struct printer print_text = {
	.begin = text_begin,
	.outcome = text_outcome,
	.end = text_end,
};
