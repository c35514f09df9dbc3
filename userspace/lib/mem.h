/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for programs that end on a shortage: what they have begun is put
 * right by the next start, so there is nothing better to do.
 */
#ifndef DRVIO_MEM_H
#define DRVIO_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* As calloc, realloc (of an array), strdup, asprintf, vasprintf; never NULL. */
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap);

/**
 * struct strv - a growing list of strings that it owns
 * @n: how many
 * @s: the strings
 */
struct strv {
	size_t n;
	char **s;
};

/* Appends a string that the list owns from now on. */
void strv_take(struct strv *v, char *s);
void strv_free(struct strv *v);

#endif /* DRVIO_MEM_H */
