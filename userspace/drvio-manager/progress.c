// SPDX-License-Identifier: GPL-2.0
/* The progress line of drvio-manager. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "deadline.h"
#include "progress.h"

static char text[256];
static uint64_t since_ms;
static uint64_t shown_s;	/* 0: there is no line */

void progress_set(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	since_ms = deadline_now_ms();
}

void progress_tick(void *arg, unsigned int seconds)
{
	uint64_t waited = (deadline_now_ms() - since_ms) / 1000;

	(void)arg;
	(void)seconds;
	if (!waited || waited == shown_s || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[Kdrvio-manager: waiting for %s (%llu s)", text,
		(unsigned long long)waited);
	shown_s = waited;
}

void progress_clear(void)
{
	if (!shown_s)
		return;
	fputs("\r\033[K", stderr);
	shown_s = 0;
}
