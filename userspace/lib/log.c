// SPDX-License-Identifier: GPL-2.0
/* Messages to stderr, syslog or the kernel's log. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

static const char *log_program = "drvio";
static bool log_verbose;
static bool log_levels;		/* stderr is the journal: it reads "<N>" */
static bool log_to_syslog;
static char *log_fields;	/* as the journal's protocol has them, or NULL */
static int log_journal = -1;

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

/*
 * journald's own protocol, of which libsystemd makes no more for text without
 * newlines: a datagram with a line KEY=value a field. Loading that library
 * takes longer than all else that most runs do.
 */
void log_field(const char *key, const char *value)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	char *more;

	if (log_journal < 0) {
		log_journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (log_journal >= 0 &&
		    connect(log_journal, (struct sockaddr *)&to, sizeof(to))) {
			close(log_journal);
			log_journal = -1;
		}
	}
	if (log_journal < 0 || strchr(value, '\n'))
		return;
	more = xasprintf("%s%s=%s\n", log_fields ? log_fields : "", key, value);
	free(log_fields);
	log_fields = more;
}

/* Return: whether journald has got it. */
static bool log_to_journal(int priority, const char *text)
{
	char *datagram;
	ssize_t sent;

	if (!log_fields || strchr(text, '\n'))
		return false;
	datagram = xasprintf("MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n%s",
			     text, priority, log_program, log_fields);
	sent = send(log_journal, datagram, strlen(datagram), MSG_NOSIGNAL);
	free(datagram);
	return sent > 0;
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

	if ((log_to_syslog || log_levels) && log_to_journal(priority, text))
		return;
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
