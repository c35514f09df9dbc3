/* SPDX-License-Identifier: GPL-2.0 */
/* Documents as text: tables and values.  What a document holds is the commands'. */
#ifndef DRVIOCTL_PRINT_H
#define DRVIOCTL_PRINT_H

#include "drvioctl.h"

/**
 * struct column - a column of a table
 * @name: as --columns calls it, and its heading in capitals
 * @path: where its value is in a row: keys, separated by dots; in a list of
 *	objects the key of each
 * @usual: shown unless --columns says otherwise
 */
struct column {
	const char *name;
	const char *path;
	bool usual;
};

/**
 * struct table_spec - a table
 * @columns: its columns
 * @n: how many
 */
struct table_spec {
	const struct column *columns;
	size_t n;
};

/* Whether --columns and --sort name columns of a table; reports it where not. */
enum exit_code table_check(struct ctl *ctl, const struct table_spec *spec);

/* Sorts rows as --sort says. */
void table_sort(const struct ctl *ctl, const struct table_spec *spec,
		struct json_object *rows);

/* Prints the columns that --columns names, or those that are usual. */
void print_table(const struct ctl *ctl, const struct table_spec *spec,
		 struct json_object *rows);

/**
 * print_value() - a value in words
 * @object: the object that it is in
 * @path: where, as in struct column
 *
 * Return: the text, "" where there is no value; to be freed.
 */
char *print_value(struct json_object *object, const char *path);

/* A line "name:  value", unless there is no value. */
void print_fact(const char *name, struct json_object *object, const char *path);

/* A text of several lines, each behind @indent. */
void print_indented(const char *indent, const char *text);

#endif /* DRVIOCTL_PRINT_H */
