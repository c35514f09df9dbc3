/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to people: to stderr, which is the journal in a systemd unit, or to
 * syslog (the kernel's log where no syslog runs) for a program that has
 * detached.
 */
#ifndef DRVIO_LOG_H
#define DRVIO_LOG_H

#include <stdbool.h>
#include <syslog.h>

/**
 * log_open() - before the first message; without it messages go to stderr
 * @program: name that messages begin with
 * @verbose: whether debug messages show
 */
void log_open(const char *program, bool verbose);

/* The program has detached: from now on messages go to syslog. */
void log_detached(void);

/**
 * log_field() - a field that all messages from now on carry in the journal
 * @key: its name, capitals and "_"
 * @value: its value
 *
 * Where no journald runs it is not to be seen.
 */
void log_field(const char *key, const char *value);

void log_msg(int priority, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_err(...)	log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_DEBUG, __VA_ARGS__)

#endif /* DRVIO_LOG_H */
