/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two-column table "Resource / Information" that says why a device is not
 * released: one row a user, with the remedy.
 */
#ifndef DRVIO_TABLE_H
#define DRVIO_TABLE_H

#include <stddef.h>

/**
 * struct table - rows in the order in which they were added
 * @n: how many rows
 * @rows: the rows
 */
struct table {
	size_t n;
	struct table_row {
		char *resource;
		char *information;
	} *rows;
};

/**
 * table_add() - add a row
 * @table: to which table
 * @resource: what is in use
 * @fmt: by whom, and what to do about it
 *
 * Bytes that are not printable ASCII become "?". A row that is there already
 * is not added again.
 */
void table_add(struct table *table, const char *resource, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * table_format() - the table as text, for an ack
 * @table: the table
 * @max: the text has no more bytes than this once it is escaped
 *
 * Rows that do not fit are left out whole, from the end; a last row tells how
 * many. Lines end with newlines, but for the last.
 *
 * Return: the text, to be freed.
 */
char *table_format(const struct table *table, size_t max);

void table_clear(struct table *table);

#endif /* DRVIO_TABLE_H */
