// SPDX-License-Identifier: GPL-2.0
/* The table of a refusal, and its escapes: what fits, and what is left out. */
#include <stdlib.h>

#include "escape.h"
#include "table.h"
#include "tap.h"

static void test_escape(void)
{
	char text[] = "a\tb\xc3\xa4\n";
	char *out;

	out = escape("one\ntwo\\n", 100);
	is(out, "one\\ntwo\\\\n", "newlines and backslashes are escaped");
	ok(strlen(out) == escape_len("one\ntwo\\n"), "the length is told beforehand");
	free(out);

	out = escape("a\tb\x7f\xff", 100);
	is(out, "a?b??", "what is not printable is not sent");
	free(out);

	out = escape("ab\ncd", 3);
	is(out, "ab", "no escape is cut in two");
	free(out);
	out = escape("ab\ncd", 4);
	is(out, "ab\\n", "an escape that fits is whole");
	free(out);
	out = escape("", 10);
	is(out, "", "an empty text");
	free(out);
	is(escape_printable(text), "a?b???", "in place, newlines too");
}

static void test_format(void)
{
	struct table table = { 0 };
	char *text;

	table_add(&table, "/data", "file open: /data/f, by %s (pid %d)", "sleep", 12);
	table_add(&table, "/dev/vdb", "open in dd (pid 3)");
	table_add(&table, "/dev/vdb", "open in dd (pid 3)");
	text = table_format(&table, 1023);
	is(text,
	   "Resource  Information\n"
	   "--------  -----------\n"
	   "/data     file open: /data/f, by sleep (pid 12)\n"
	   "/dev/vdb  open in dd (pid 3)",
	   "two rows, none twice");
	free(text);

	table_add(&table, "/a/resource/of/some/length", "x\ny");
	text = table_format(&table, 1023);
	is(text,
	   "Resource                    Information\n"
	   "--------                    -----------\n"
	   "/data                       file open: /data/f, by sleep (pid 12)\n"
	   "/dev/vdb                    open in dd (pid 3)\n"
	   "/a/resource/of/some/length  x?y",
	   "the column is as wide as it has to be");
	free(text);
	table_clear(&table);
	ok(table.n == 0 && !table.rows, "an empty table again");
}

static void test_cut(void)
{
	struct table table = { 0 };
	char *text, *again, *escaped;
	size_t rows = 0, left = 0;

	for (int i = 0; i < 100; i++)
		table_add(&table, "/data", "file open: /data/file%d, by sleep (pid %d)", i, i);
	text = table_format(&table, 1023);
	again = table_format(&table, 1023);
	is(again, text, "the cut is the same each time");
	escaped = escape(text, 1023);
	ok(escape_len(text) <= 1023, "it fits");
	ok(strlen(escaped) == escape_len(text), "nothing of it is lost by escaping");
	ok(strstr(escaped, "more") == escaped + strlen(escaped) - 4,
	   "the last row tells of the others");
	for (char *p = strchr(text, '\n'); p; p = strchr(p + 1, '\n'))
		rows++;
	sscanf(strrchr(text, '\n'), "\n...%*[ ]%zu", &left);
	ok(left && rows - 2 + left == 100, "and how many they are");
	free(escaped);
	free(again);
	free(text);
	table_clear(&table);
}

static void test_long_cell(void)
{
	struct table table = { 0 };
	char path[4000], *text;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	table_add(&table, path, "open: %s: stop sleep (pid 9)", path);
	text = table_format(&table, 1023);
	ok(strstr(text, "/xxx"), "a row with a long path is there");
	ok(strstr(text, "stop sleep (pid 9)"), "with its remedy");
	ok(!strstr(text, "more"), "and is not left out");
	free(text);
	text = table_format(&table, 10);
	ok(strstr(text, "1 more"), "a limit that nothing fits into leaves the head");
	free(text);
	table_clear(&table);
}

int main(void)
{
	test_escape();
	test_format();
	test_cut();
	test_long_cell();
	return tap_done();
}
