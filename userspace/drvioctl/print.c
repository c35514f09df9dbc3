// SPDX-License-Identifier: GPL-2.0
/* Documents as text. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "print.h"

/* Facts are aligned to the longest usual name. */
#define FACT_WIDTH	22

static char *append(char *text, const char *more)
{
	char *both = xasprintf("%s%s%s", text, *text && *more ? "," : "", more);

	free(text);
	return both;
}

char *print_value(struct json_object *object, const char *path)
{
	size_t len = strcspn(path, ".");
	struct json_object *value = NULL;
	char *key, *text, *item;

	if (json_object_is_type(object, json_type_array)) {
		text = xstrdup("");
		for (size_t i = 0; i < json_object_array_length(object); i++) {
			item = print_value(json_object_array_get_idx(object, i), path);
			text = append(text, item);
			free(item);
		}
		return text;
	}
	if (!len)
		return xstrdup(object ? json_object_get_string(object) : "");
	if (!json_object_is_type(object, json_type_object))
		return xstrdup("");
	key = xasprintf("%.*s", (int)len, path);
	json_object_object_get_ex(object, key, &value);
	free(key);
	return print_value(value, path[len] ? path + len + 1 : "");
}

void print_fact(const char *name, struct json_object *object, const char *path)
{
	char *text = print_value(object, path);

	if (*text)
		printf("  %s:%*s %s\n", name,
		       strlen(name) < FACT_WIDTH ? (int)(FACT_WIDTH - strlen(name)) : 0,
		       "", text);
	free(text);
}

void print_indented(const char *indent, const char *text)
{
	size_t n;

	while (*text) {
		n = strcspn(text, "\n");
		printf("%s%.*s\n", indent, (int)n, text);
		text += n;
		if (*text)
			text++;
	}
}

/* --- Tables ---------------------------------------------------------------- */

static const struct column *find_column(const struct table_spec *spec, const char *name,
					size_t len)
{
	for (size_t i = 0; i < spec->n; i++)
		if (strlen(spec->columns[i].name) == len &&
		    !strncmp(spec->columns[i].name, name, len))
			return &spec->columns[i];
	return NULL;
}

static char *column_names(const struct table_spec *spec)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < spec->n; i++)
		text = append(text, spec->columns[i].name);
	return text;
}

static enum exit_code no_column(struct ctl *ctl, const struct table_spec *spec,
				const char *name, size_t len)
{
	char *names = column_names(spec);

	ctl_usage(ctl, "there is no column \"%.*s\", but %s", (int)len, name, names);
	free(names);
	return EXIT_CODE_USAGE;
}

enum exit_code table_check(struct ctl *ctl, const struct table_spec *spec)
{
	const char *p = ctl->columns;
	size_t len;

	if (ctl->sort && !find_column(spec, ctl->sort, strlen(ctl->sort)))
		return no_column(ctl, spec, ctl->sort, strlen(ctl->sort));
	while (p) {
		len = strcspn(p, ",");
		if (!find_column(spec, p, len))
			return no_column(ctl, spec, p, len);
		p = p[len] ? p + len + 1 : NULL;
	}
	return EXIT_CODE_OK;
}

/* qsort() hands no argument on. */
static const struct column *sort_columns[3];

static int compare_column(struct json_object *a, struct json_object *b,
			  const struct column *column)
{
	char *left = print_value(a, column->path), *right = print_value(b, column->path);
	int order = strverscmp(left, right);

	free(left);
	free(right);
	return order;
}

static int compare(const void *a, const void *b)
{
	int order = 0;

	for (size_t i = 0; !order && i < 3; i++)
		order = compare_column(*(struct json_object * const *)a,
				       *(struct json_object * const *)b, sort_columns[i]);
	return order;
}

/* Where two are alike the first columns tell, which name the row. */
void table_sort(const struct ctl *ctl, const struct table_spec *spec,
		struct json_object *rows)
{
	if (!ctl->sort)
		return;
	sort_columns[0] = find_column(spec, ctl->sort, strlen(ctl->sort));
	sort_columns[1] = &spec->columns[0];
	sort_columns[2] = &spec->columns[1];
	json_object_array_sort(rows, compare);
}

static char *heading(const struct column *column)
{
	char *text = xstrdup(column->name);

	for (char *p = text; *p; p++)
		*p = *p == '_' ? '-' : (char)toupper((unsigned char)*p);
	return text;
}

/* A value on one line; "-" where there is none. */
static char *cell(struct json_object *row, const struct column *column)
{
	char *text = print_value(row, column->path);

	if (!*text) {
		free(text);
		return xstrdup("-");
	}
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return text;
}

void print_table(const struct ctl *ctl, const struct table_spec *spec,
		 struct json_object *rows)
{
	size_t nrows = json_object_array_length(rows) + 1, n = 0, width;
	const struct column **columns = NULL;
	const char *p = ctl->columns;
	char **text;

	for (size_t i = 0; !p && i < spec->n; i++) {
		if (!spec->columns[i].usual)
			continue;
		columns = xreallocarray(columns, n + 1, sizeof(*columns));
		columns[n++] = &spec->columns[i];
	}
	while (p) {
		size_t len = strcspn(p, ",");

		columns = xreallocarray(columns, n + 1, sizeof(*columns));
		columns[n++] = find_column(spec, p, len);
		p = p[len] ? p + len + 1 : NULL;
	}

	/* A line for each row, to which a column after the other is added. */
	text = xcalloc(nrows, sizeof(*text));
	for (size_t r = 0; r < nrows; r++)
		text[r] = xstrdup("");
	for (size_t c = 0; c < n; c++) {
		char **cells = xcalloc(nrows, sizeof(*cells));

		width = 0;
		for (size_t r = 0; r < nrows; r++) {
			cells[r] = r ? cell(json_object_array_get_idx(rows, r - 1), columns[c]) :
				       heading(columns[c]);
			if (strlen(cells[r]) > width)
				width = strlen(cells[r]);
		}
		for (size_t r = 0; r < nrows; r++) {
			char *line = xasprintf("%s%s%-*s", text[r], c ? "  " : "",
					       c + 1 < n ? (int)width : 0, cells[r]);

			free(text[r]);
			free(cells[r]);
			text[r] = line;
		}
		free(cells);
	}
	for (size_t r = 0; r < nrows; r++) {
		puts(text[r]);
		free(text[r]);
	}
	free(text);
	free(columns);
}
