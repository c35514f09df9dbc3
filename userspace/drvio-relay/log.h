/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log lines: to stderr, which a service manager collects, or to syslog once
 * the program has detached from it.
 */
#ifndef DRVIO_RELAY_LOG_H
#define DRVIO_RELAY_LOG_H

#include <syslog.h>

/* From now on to syslog. */
void log_to_syslog(void);

/* @priority: LOG_ERR, LOG_WARNING or LOG_INFO of <syslog.h>. */
void log_line(int priority, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
