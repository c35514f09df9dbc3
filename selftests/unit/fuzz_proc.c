// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: what the kernel tells as text, with names in it that anybody
 * may choose: uevents, mountinfo; netlink messages out of a journal; and the
 * escapes of an ack, which must fit and be printable.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devtree.h"
#include "escape.h"
#include "mounts.h"
#include "netlink.h"
#include "table.h"

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "fuzz_proc.c:%d: does not hold: %s\n",	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

static void uevent(const char *text)
{
	char value[16];

	uevent_value(text, "DEVNAME", value, sizeof(value));
	CHECK(!strchr(value, '\n'));
	uevent_value(text, "D", value, 1);
	CHECK(!*value);
}

static void mountinfo(const char *text)
{
	struct mount mount;

	if (!mounts_parse_line(&mount, text)) {
		CHECK(mount.target && mount.root && mount.fstype && mount.source);
		mount_clear(&mount);
	}
}

static void hex(const char *text)
{
	struct nlmsghdr *msg = netlink_from_hex(text);
	char *again;

	if (!msg)
		return;
	CHECK(msg->nlmsg_len >= NLMSG_HDRLEN);
	again = netlink_to_hex(msg);
	CHECK(!strcmp(again, text));
	free(again);
	free(msg);
}

static void ack(const char *text)
{
	struct table table = { 0 };
	char *escaped, *rows;

	escaped = escape(text, 100);
	CHECK(strlen(escaped) <= 100);
	for (const char *p = escaped; *p; p++)
		CHECK(*p >= ' ' && *p <= '~');
	free(escaped);
	for (int i = 0; i < 3; i++) {
		table_add(&table, text, "%d %s", i, text);
		rows = table_format(&table, 200);
		CHECK(escape_len(rows) <= 200);
		free(rows);
	}
	table_clear(&table);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);

	memcpy(text, data, len);
	text[len] = '\0';
	uevent(text);
	mountinfo(text);
	hex(text);
	ack(text);
	free(text);
	return 0;
}
