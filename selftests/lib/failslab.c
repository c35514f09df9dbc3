// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "failslab.h"

#define FAILSLAB	"/sys/kernel/debug/failslab"
#define FAIL_ALLOC	"/sys/module/fail_alloc/parameters"

bool failslab_init(void)
{
	/* What was asked for is no news. */
	return !access("/proc/self/fail-nth", W_OK) &&
	       !attr_write("0", FAILSLAB "/verbose") &&
	       !attr_write("0", FAILSLAB "/ignore-gfp-wait") &&
	       !system("modprobe fail_alloc");
}

static int write_number(int n, const char *path)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	return attr_write(text, "%s", path);
}

void fail_nth(int n)
{
	write_number(n, "/proc/thread-self/fail-nth");
}

bool fail_nth_reached(void)
{
	char text[16];

	if (attr_read(text, sizeof(text), "/proc/thread-self/fail-nth"))
		return false;
	fail_nth(0);
	return !atoi(text);
}

bool fail_nth_of(const char *what, int skip, int n)
{
	return !attr_write(what, FAIL_ALLOC "/what") &&
	       !write_number(skip, FAIL_ALLOC "/skip") &&
	       !attr_write("0", FAIL_ALLOC "/reached") &&
	       !write_number(n, FAIL_ALLOC "/nth");
}

int fail_nth_of_reached(void)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char text[16];

	/* A work goes on for a moment after it has answered. */
	while (!attr_read(text, sizeof(text), FAIL_ALLOC "/running") && strcmp(text, "N")) {
		if (!deadline_left_ms(&d))
			return -1;
		usleep(1000);
	}
	attr_write("0", FAIL_ALLOC "/nth");
	return attr_read(text, sizeof(text), FAIL_ALLOC "/reached") ? -1 : *text == 'Y';
}
