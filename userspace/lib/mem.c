// SPDX-License-Identifier: GPL-2.0
/* Memory for programs that end on a shortage, and lists of strings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "exit_code.h"
#include "log.h"
#include "mem.h"

static void *checked(void *p)
{
	if (!p) {
		log_err("out of memory");
		exit(EXIT_CODE_INTERNAL);
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n, size));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return checked(s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void strv_take(struct strv *v, char *s)
{
	v->s = xreallocarray(v->s, v->n + 1, sizeof(*v->s));
	v->s[v->n++] = s;
}

void strv_free(struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->s[i]);
	free(v->s);
	v->s = NULL;
	v->n = 0;
}
