// SPDX-License-Identifier: GPL-2.0
/* Messages to stderr, syslog or the kernel's log. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static const char *log_program = "drvio";
static bool log_verbose;
static bool log_levels;		/* stderr is the journal: it reads "<N>" */
static bool log_to_syslog;

void log_open(const char *program, bool verbose)
{
	log_program = program;
	log_verbose = verbose;
	log_levels = getenv("JOURNAL_STREAM") != NULL;
}

void log_detached(void)
{
	log_to_syslog = true;
	openlog(log_program, LOG_PID, LOG_DAEMON);
}

/* Before syslogd runs, and in small systems, /dev/kmsg is all there is. */
static void log_kmsg(int priority, const char *text)
{
	char line[1280];
	int fd, len;

	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return;
	len = snprintf(line, sizeof(line), "<%d>%s[%d]: %s\n",
		       LOG_DAEMON | priority, log_program, getpid(), text);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	if (write(fd, line, len) < 0)
		fprintf(stderr, "%s: %s\n", log_program, text);
	close(fd);
}

void log_msg(int priority, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	if (priority == LOG_DEBUG && !log_verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	if (log_to_syslog) {
		if (access("/dev/log", F_OK) == 0)
			syslog(priority, "%s", text);
		else
			log_kmsg(priority, text);
	} else if (log_levels) {
		fprintf(stderr, "<%d>%s\n", priority, text);
	} else {
		fprintf(stderr, "%s: %s\n", log_program, text);
	}
}
