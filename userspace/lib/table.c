// SPDX-License-Identifier: GPL-2.0
/* The two-column table "Resource / Information". */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "mem.h"
#include "table.h"

/* A longer resource pushes its information to the right, only in its row. */
#define RESOURCE_WIDTH_MAX	32

/* A row always fits into a reason, however long a path in it is. */
#define RESOURCE_LEN_MAX	200
#define INFORMATION_LEN_MAX	600

#define HEAD_RESOURCE		"Resource"
#define HEAD_INFORMATION	"Information"

/* Takes out of the middle what is too much: the remedy stands at the end. */
static void shorten(char *text, size_t max)
{
	static const char gap[] = "...";
	size_t len = strlen(text), head, tail;

	if (len <= max)
		return;
	tail = max / 2;
	head = max - tail - strlen(gap);
	memcpy(text + head, gap, strlen(gap));
	memmove(text + head + strlen(gap), text + len - tail, tail + 1);
}

void table_add(struct table *table, const char *resource, const char *fmt, ...)
{
	struct table_row row;
	va_list ap;

	row.resource = escape_printable(xstrdup(resource));
	va_start(ap, fmt);
	row.information = escape_printable(xvasprintf(fmt, ap));
	va_end(ap);
	shorten(row.resource, RESOURCE_LEN_MAX);
	shorten(row.information, INFORMATION_LEN_MAX);

	for (size_t i = 0; i < table->n; i++) {
		if (!strcmp(table->rows[i].resource, row.resource) &&
		    !strcmp(table->rows[i].information, row.information)) {
			free(row.resource);
			free(row.information);
			return;
		}
	}
	table->rows = xreallocarray(table->rows, table->n + 1, sizeof(row));
	table->rows[table->n++] = row;
}

/* The first @n rows, and a row that tells how many there are besides. */
static char *format_rows(const struct table *table, size_t n)
{
	size_t width = strlen(HEAD_RESOURCE);
	char *text, *more;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(table->rows[i].resource);

		if (len > width && len <= RESOURCE_WIDTH_MAX)
			width = len;
	}
	text = xasprintf("%-*s  %s\n%-*s  %s", (int)width, HEAD_RESOURCE,
			 HEAD_INFORMATION, (int)width, "--------", "-----------");
	for (size_t i = 0; i < n; i++) {
		more = xasprintf("%s\n%-*s  %s", text, (int)width,
				 table->rows[i].resource,
				 table->rows[i].information);
		free(text);
		text = more;
	}
	if (n < table->n) {
		more = xasprintf("%s\n%-*s  %zu more", text, (int)width, "...",
				 table->n - n);
		free(text);
		text = more;
	}
	return text;
}

char *table_format(const struct table *table, size_t max)
{
	size_t n = table->n;
	char *text;

	for (;;) {
		text = format_rows(table, n);
		if (escape_len(text) <= max || !n)
			return text;
		free(text);
		n--;
	}
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		free(table->rows[i].resource);
		free(table->rows[i].information);
	}
	free(table->rows);
	table->rows = NULL;
	table->n = 0;
}
