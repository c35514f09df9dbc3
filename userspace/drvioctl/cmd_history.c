// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl history: the requests that were answered, out of the kernel's log: the
 * service logs a line for each, and the log keeps them longer than any table of
 * the module would.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "mem.h"
#include "print.h"
#include "tree.h"

static const struct column columns[] = {
	{ "time", "time", true },
	{ "link", "link", true },
	{ "number", "number", false },
	{ "verb", "verb", true },
	{ "device", "device", true },
	{ "result", "result", true },
	{ "status", "status", true },
	{ "ms", "duration_ms", true },
	{ "reason", "reason", true },
};

static const struct table_spec spec = { columns, sizeof(columns) / sizeof(columns[0]) };

/*
 * All that the log has now.  A read of /dev/kmsg gives one record; EPIPE tells
 * of records that were overwritten meanwhile.
 */
static char *read_log(int fd)
{
	char *text = xcalloc(1, 1);
	size_t len = 0;
	ssize_t n;

	for (;;) {
		text = xreallocarray(text, len + 8193, 1);
		n = read(fd, text + len, 8192);
		if (n > 0)
			len += (size_t)n;
		else if (!n || (errno != EPIPE && errno != EINTR))
			break;
	}
	text[len] = '\0';
	return text;
}

/* The log's own escapes, \xNN, in place. */
static void decode(char *text)
{
	unsigned int c;
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3]) && sscanf(text + 2, "%2x", &c) == 1) {
			*to++ = (char)c;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/*
 * Cuts the text at @p before @delimiter, and puts @p behind it.  Return: what
 * is ahead of it, NULL when it is not there.
 */
static char *cut(char **p, const char *delimiter)
{
	char *text = *p, *end = *p ? strstr(*p, delimiter) : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*p = end + strlen(delimiter);
	return text;
}

/*
 * A record, "6,486,6933365,-;drvio: link0: request 7: unconfigure
 * virtio-blk@0x0102000800000000: blocked, configured in 12 ms: reason".
 */
static struct json_object *parse(char *line)
{
	char *head, *link, *number, *verb, *device, *result, *status, *ms, *p = line;
	struct json_object *row;
	unsigned long long us;
	char time[32];

	head = cut(&p, ";drvio: ");
	if (!head || sscanf(head, "%*u,%*u,%llu", &us) != 1)
		return NULL;
	decode(p);
	link = cut(&p, ": request ");
	number = cut(&p, ": ");
	/* "bad request" has no device worth the name, but the rest. */
	verb = !strncmp(p, "bad request ", 12) ? (p += 12, (char *)"bad request") : cut(&p, " ");
	device = cut(&p, ": ");
	result = cut(&p, ", ");
	status = cut(&p, " in ");
	ms = cut(&p, " ms");
	if (!link || !number || !verb || !device || !result || !status || !ms ||
	    (*p && strncmp(p, ": ", 2)))
		return NULL;
	row = json_object_new_object();
	snprintf(time, sizeof(time), "%llu.%06llu", us / 1000000, us % 1000000);
	ctl_add(row, "time", time);
	ctl_add(row, "link", link);
	json_object_object_add(row, "number",
			       json_object_new_uint64(strtoull(number, NULL, 10)));
	ctl_add(row, "verb", verb);
	ctl_add(row, "device", device);
	ctl_add(row, "result", result);
	ctl_add(row, "status", status);
	json_object_object_add(row, "duration_ms",
			       json_object_new_int64(strtoll(ms, NULL, 10)));
	ctl_add(row, "reason", *p ? unescape(p + 2) : p);
	return row;
}

/*
 * The service logs ten requests in five seconds; with the next one that it logs the
 * kernel says how many it has left out between.
 */
static unsigned long left_out(const char *line)
{
	unsigned long n;

	line = strchr(line, ';');
	return line && sscanf(line, ";request_log: %lu callbacks suppressed", &n) == 1 ? n : 0;
}

/* The last @count rows of @rows, all when it is 0. */
static struct json_object *last_rows(struct json_object *rows, unsigned long count)
{
	size_t n = json_object_array_length(rows);

	if (count && n > count)
		json_object_array_del_idx(rows, 0, n - count);
	return rows;
}

static enum exit_code history_run(struct ctl *ctl, int argc, char **argv)
{
	char device[DEVICE_NAME_MAX] = "", name[DEVICE_NAME_MAX];
	char *path, *text, *line, *save = NULL;
	struct json_object *rows, *row;
	enum exit_code code;
	uint64_t dev_id;
	unsigned long left = 0;
	int fd, err;

	code = table_check(ctl, &spec);
	/* A device that is no more has a history, too. */
	if (!code && argc && tree_parse(argv[0], name, sizeof(name), &dev_id))
		snprintf(device, sizeof(device), "%s", argv[0]);
	else if (!code && argc)
		code = tree_find(ctl, argv[0], device);
	if (code)
		return code;

	path = xasprintf("%s/dev/kmsg", ctl->root);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	err = errno;
	if (fd < 0) {
		ctl_fail(ctl, ctl_errno_code(err), "%s: %s", path, strerror(err));
		free(path);
		return ctl_errno_code(err);
	}
	free(path);
	text = read_log(fd);
	close(fd);

	rows = json_object_new_array();
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		left += left_out(line);
		row = parse(line);
		if (row && (!*device || !strcmp(device, tree_text(row, "device"))))
			json_object_array_add(rows, row);
		else
			json_object_put(row);
	}
	free(text);
	json_object_object_add(ctl->doc, "requests", last_rows(rows, ctl->count));
	json_object_object_add(ctl->doc, "left_out", json_object_new_uint64(left));
	table_sort(ctl, &spec, rows);
	return EXIT_CODE_OK;
}

static void history_print(const struct ctl *ctl)
{
	struct json_object *rows = tree_member(ctl->doc, "requests");
	struct json_object *left = json_object_object_get(ctl->doc, "left_out");

	if (rows)
		print_table(ctl, &spec, rows);
	if (json_object_get_uint64(left))
		printf("%s more were answered that the kernel did not log: they came too fast\n",
		       json_object_get_string(left));
}

const struct command history_command = {
	.name = "history",
	.arguments = "[DEV]",
	.help = "the requests that were answered, out of the kernel's log",
	.options = "csn",
	.max = 1,
	.run = history_run,
	.print = history_print,
};
