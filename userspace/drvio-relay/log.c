// SPDX-License-Identifier: GPL-2.0
/*
 * Log lines of drvio-relay.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "log.h"

static bool use_syslog;

void log_to_syslog(void)
{
	openlog("drvio-relay", LOG_PID, LOG_DAEMON);
	use_syslog = true;
}

void log_line(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (use_syslog) {
		vsyslog(priority, fmt, ap);
	} else {
		fputs("drvio-relay: ", stderr);
		vfprintf(stderr, fmt, ap);
		fputc('\n', stderr);
	}
	va_end(ap);
}
